//! The presets: a row each with what a list shows, and the text of the file.

use std::fs;
use std::path::Path;

use crate::{Result, file};

/// Where their files are.
const FOLDER: &str = "src/provider/presets";

/// Writes the list.
pub(crate) fn list() -> Result<()> {
    let rows = file::of(FOLDER)?.iter().map(|file| row(file)).collect::<Result<String>>()?;
    file::write("presets.rs", &format!("&[\n{rows}]\n"))
}

/// One row: what a list of presets shows, and the text of the file.
fn row(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path)?;
    let id = file::id(path)?;
    let (name, summary) = (value(&text, "name", id)?, value(&text, "summary", id)?);
    Ok(format!(
        "    Preset {{ id: {id:?}, name: {name:?}, summary: {summary:?}, text: include_str!({:?}) }},\n",
        path.display().to_string()
    ))
}

/// The value of a key that stands in one line, in quotes or without.
fn value<'t>(text: &'t str, key: &str, id: &str) -> std::result::Result<&'t str, String> {
    let wanted = format!("{key}: ");
    let found = text.lines().find_map(|line| line.strip_prefix(wanted.as_str())).map(str::trim);
    let bare =
        found.map(|value| value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value));
    bare.filter(|value| !value.is_empty() && !value.contains(['"', '\\', '#']))
        .ok_or_else(|| format!("{FOLDER}/{id}.yaml: one line is to say `{key}: …`, plainly"))
}
