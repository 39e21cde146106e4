//! Test files on the disk: `*.test.yaml` beside the rules, and the files that cases name.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{self, Error, find, is_test_file, read_one};
use super::{Mark, Permissions, marks};
use crate::diagnostic::Diagnostic;
use crate::rehearse::Case;
use crate::rule::File;

/// The folder of test files beside the rules that were looked for.
const FOLDER: &str = "tests";

/// Where rules are, and their tests.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// Rules files and directories.
    pub rules: Vec<PathBuf>,
    /// Test files.
    pub tests: Vec<PathBuf>,
}

impl Paths {
    /// Tells rules from tests. Beside a rules file `x.yaml` stands `x.test.yaml`; in a directory all `*.test.yaml` are
    /// tests. Where no rules are named they are looked for, with a folder `tests` beside them.
    ///
    /// # Errors
    /// When there are no rules, or a directory cannot be read.
    pub fn sort(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut sorted = Self::default();
        for path in paths {
            match is_test_file(path) {
                true => sorted.add(path.clone()),
                false => sorted.beside(path)?,
            }
        }
        if sorted.rules.is_empty() {
            for path in find()? {
                let folder = path.parent().unwrap_or(Path::new("")).join(FOLDER);
                if folder.is_dir() && paths.is_empty() {
                    list(&folder)?.into_iter().for_each(|path| sorted.add(path));
                }
                sorted.beside(&path)?;
            }
        }
        Ok(sorted)
    }

    fn beside(&mut self, path: &Path) -> Result<(), Error> {
        if path.is_dir() {
            let tests = list(path)?;
            // A directory with nothing but tests in it.
            if tests.is_empty() || !files::list(path)?.is_empty() {
                self.rules.push(path.to_path_buf());
            }
            tests.into_iter().for_each(|path| self.add(path));
            return Ok(());
        }
        self.rules.push(path.to_path_buf());
        for ending in ["test.yaml", "test.yml"] {
            let test = path.with_extension(ending);
            if test.is_file() {
                self.add(test);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) {
        if !self.tests.contains(&path) {
            self.tests.push(path);
        }
    }

    /// Reads the test files.
    ///
    /// # Errors
    /// When one is missing, too large, no text, or open to everybody.
    pub fn read_tests(&self, permissions: Permissions) -> Result<Vec<File>, Error> {
        self.tests.iter().map(|path| read_one(path, permissions)).collect()
    }

    /// The marks of all of them and of the files that cases name.
    pub fn marks(&self, cases: &[Case]) -> Vec<Mark> {
        let named = cases.iter().flat_map(Case::files).map(|(name, _)| PathBuf::from(name));
        let others: Vec<PathBuf> = self.tests.iter().cloned().chain(named).collect();
        let mut all = marks(&self.rules);
        all.extend(marks(&others));
        all
    }
}

fn list(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |why| Error::Unreadable { path: directory.to_path_buf(), why };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)?.take(files::FILES_MAX) {
        let path = entry.map_err(unreadable)?.path();
        if is_test_file(&path) && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Complaints about files that cases name and that cannot be read.
pub fn missing_files(cases: &[Case]) -> Vec<Diagnostic> {
    let lacking = |(name, place): (String, crate::diagnostic::Place)| {
        let why = fs::File::open(&name).err()?;
        let found = Diagnostic::error("E406", format!("`{name}` cannot be read: {why}"));
        let help =
            "name it as seen from this file; `doorbell events show ID --as json` writes a recorded event";
        Some(found.at(&place.file, place.span).help(help))
    };
    cases.iter().flat_map(Case::files).filter_map(lacking).collect()
}
