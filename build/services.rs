//! The verbs of services: the name and the text of each file, read when the program runs.

use crate::{Result, file};

/// Where their files are.
const FOLDER: &str = "src/action/services";

/// Writes the list.
pub(crate) fn list() -> Result<()> {
    let mut rows = String::new();
    for path in file::of(FOLDER)? {
        rows.push_str(&format!(
            "({:?}, include_str!({:?})),\n",
            file::id(&path)?,
            path.display().to_string()
        ));
    }
    file::write("services.rs", &format!("&[\n{rows}]\n"))
}
