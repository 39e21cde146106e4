//! Lists the presets: each file of `src/provider/presets` is one, so that adding a provider is adding its file.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Where their files are.
const FOLDER: &str = "src/provider/presets";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let root = std::env::var("CARGO_MANIFEST_DIR")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(Path::new(&root).join(FOLDER))? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort_by_key(|file| file.file_stem().map(ToOwned::to_owned));
    let rows = files.iter().map(|file| row(file)).collect::<Result<String, _>>()?;
    let list = PathBuf::from(std::env::var("OUT_DIR")?).join("presets.rs");
    fs::write(list, format!("&[\n{rows}]\n"))?;
    Ok(())
}

/// One row: what a list of presets shows, and the text of the file.
fn row(file: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let id = file.file_stem().and_then(|stem| stem.to_str()).ok_or("a preset's file has no name")?;
    let (name, summary) = (value(&text, "name", id)?, value(&text, "summary", id)?);
    Ok(format!(
        "    Preset {{ id: {id:?}, name: {name:?}, summary: {summary:?}, text: include_str!({:?}) }},\n",
        file.display().to_string()
    ))
}

/// The value of a key that stands in one line, in quotes or without.
fn value<'t>(text: &'t str, key: &str, id: &str) -> Result<&'t str, String> {
    let wanted = format!("{key}: ");
    let found = text.lines().find_map(|line| line.strip_prefix(wanted.as_str())).map(str::trim);
    let bare =
        found.map(|value| value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value));
    bare.filter(|value| !value.is_empty() && !value.contains(['"', '\\', '#']))
        .ok_or_else(|| format!("{FOLDER}/{id}.yaml: one line is to say `{key}: …`, plainly"))
}
