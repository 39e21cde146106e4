//! The files of a folder, and the maps in them: a key that nobody knows ends the build.

use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

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

/// A map of which all keys are known, and where it stands.
pub(crate) struct Map<'v> {
    value: &'v Value,
    place: String,
}

impl<'v> Map<'v> {
    /// Takes a value for a map that has no other keys than these.
    pub(crate) fn new(value: &'v Value, place: &str, keys: &[&str]) -> Result<Self> {
        for (key, _) in entries(value, place)? {
            if !keys.contains(&key) {
                return Err(format!("{place}: `{key}` is none of {keys:?}").into());
            }
        }
        Ok(Self { value, place: place.to_owned() })
    }

    /// What stands behind a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'v Value> {
        self.value.get(key)
    }

    /// The text behind a key.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'v str>> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => {
                Ok(Some(value.as_str().ok_or_else(|| format!("{}: `{key}` is to be a text", self.place))?))
            }
        }
    }

    /// The text behind a key that must be there.
    pub(crate) fn needed(&self, key: &str) -> Result<&'v str> {
        let found = self.text(key)?.filter(|text| !text.is_empty());
        Ok(found.ok_or_else(|| format!("{}: `{key}` is missing", self.place))?)
    }

    /// The texts behind a key; none when it is not there.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<&'v str>> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let wrong = || format!("{}: `{key}` is to be a list of texts", self.place);
        let items = value.as_sequence().ok_or_else(wrong)?;
        Ok(items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect::<std::result::Result<_, _>>()?)
    }

    /// Whether a key says `true`.
    pub(crate) fn says(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The entries behind a key; none when it is not there.
    pub(crate) fn entries(&self, key: &str) -> Result<Vec<(&'v str, &'v Value)>> {
        match self.get(key) {
            Some(value) => entries(value, &format!("{}: {key}", self.place)),
            None => Ok(Vec::new()),
        }
    }
}

/// The entries of a map, in order.
pub(crate) fn entries<'v>(value: &'v Value, place: &str) -> Result<Vec<(&'v str, &'v Value)>> {
    let map = value.as_mapping().ok_or_else(|| format!("{place}: a map is wanted"))?;
    map.iter()
        .map(|(key, value)| Ok((key.as_str().ok_or_else(|| format!("{place}: a key is no text"))?, value)))
        .collect()
}
