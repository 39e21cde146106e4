//! The files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// The YAML files of a folder below the root, in the order of their names.
pub(crate) fn of(folder: &str) -> Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={folder}");
    let root = std::env::var("CARGO_MANIFEST_DIR")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(Path::new(&root).join(folder))? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort_by_key(|file| file.file_stem().map(ToOwned::to_owned));
    Ok(files)
}

/// The name of a file without its end.
pub(crate) fn id(path: &Path) -> Result<&str> {
    Ok(path.file_stem().and_then(|stem| stem.to_str()).ok_or("a file has no name")?)
}

/// Writes a file that the sources include.
pub(crate) fn write(name: &str, text: &str) -> Result<()> {
    Ok(fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join(name), text)?)
}
