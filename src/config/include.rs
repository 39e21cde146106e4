//! All files of a rule set: those that were named, and those that they include.

use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::Permissions;
use super::files::{Error, at, list, read_one};
use crate::diagnostic::Diagnostic;
use crate::glob::Glob;
use crate::rule::{self, File, Include};

/// What was read.
#[derive(Debug)]
pub struct Gathered {
    /// The files, each once: an including one before those it includes.
    pub files: Vec<File>,
    /// What is wrong with `include` lines.
    pub problems: Vec<Diagnostic>,
    /// Files and directories of which a change may change the rules.
    pub watched: Vec<PathBuf>,
}

/// Reads files, of directories all `*.yaml` and `*.yml`, and whatever they include.
///
/// # Errors
/// When one is missing, too large, no text, or open to everybody.
pub fn gather(paths: &[PathBuf], permissions: Permissions) -> Result<Gathered, Error> {
    let mut reader = Reader {
        permissions,
        seen: HashSet::new(),
        chain: Vec::new(),
        gathered: Gathered { files: Vec::new(), problems: Vec::new(), watched: paths.to_vec() },
    };
    for path in paths {
        for file in at(path)? {
            reader.take(&file)?;
        }
    }
    Ok(reader.gathered)
}

struct Reader {
    permissions: Permissions,
    /// What was read, by the one name that every way to it leads to.
    seen: HashSet<PathBuf>,
    /// The files that include each other down to the one being read.
    chain: Vec<(PathBuf, String)>,
    gathered: Gathered,
}

impl Reader {
    fn take(&mut self, path: &Path) -> Result<(), Error> {
        let one = one_name(path);
        if !self.seen.insert(one.clone()) {
            return Ok(());
        }
        let file = read_one(path, self.permissions)?;
        let includes = rule::includes(&file);
        self.chain.push((one, file.name.clone()));
        self.gathered.files.push(file);
        for include in includes {
            self.include(path, &include)?;
        }
        self.chain.pop();
        Ok(())
    }

    fn include(&mut self, from: &Path, include: &Include) -> Result<(), Error> {
        let base = from.parent().unwrap_or_else(|| Path::new(""));
        if !include.pattern.contains(['*', '?']) {
            return self.include_one(&base.join(&include.pattern), include);
        }
        let found = self.expand(base, &include.pattern)?;
        let own = one_name(from);
        if found.is_empty() {
            let message = format!("`{}` finds no rules file", include.pattern);
            let warning =
                Diagnostic::warning("W311", message).at(&include.place.file, include.place.span.clone());
            self.gathered.problems.push(warning.help("it is relative to the file it stands in"));
        }
        // A pattern that finds the file it stands in means the others.
        for path in found.iter().filter(|path| one_name(path) != own) {
            self.include_one(path, include)?;
        }
        Ok(())
    }

    fn include_one(&mut self, path: &Path, include: &Include) -> Result<(), Error> {
        self.gathered.watched.push(path.to_path_buf());
        let complaint = if path.is_dir() {
            Some((
                format!("`{}` is a directory", include.pattern),
                format!("write `{}/*.yaml`", include.pattern),
            ))
        } else if !path.exists() {
            let help =
                format!("it is relative to the file it stands in: `{}` was looked for", path.display());
            Some((format!("there is no file `{}`", include.pattern), help))
        } else {
            self.circle(path).map(|files| {
                let help = "a file may be included by several, but not by one that it includes itself";
                (format!("these files include each other: {files}"), help.to_owned())
            })
        };
        match complaint {
            None => self.take(path),
            Some((message, help)) => {
                let problem = Diagnostic::error("E010", message);
                let problem = problem.at(&include.place.file, include.place.span.clone()).help(help);
                self.gathered.problems.push(problem);
                Ok(())
            }
        }
    }

    /// The files that include each other in a circle, when this one closes it.
    fn circle(&self, path: &Path) -> Option<String> {
        let one = one_name(path);
        let start = self.chain.iter().position(|(known, _)| *known == one)?;
        let ring = self.chain.iter().skip(start).chain(self.chain.get(start));
        let names: Vec<String> = ring.map(|(_, name)| format!("`{name}`")).collect();
        Some(names.join(", "))
    }

    /// The files that a pattern finds, by name.
    fn expand(&mut self, base: &Path, pattern: &str) -> Result<Vec<PathBuf>, Error> {
        let mut found = vec![base.to_path_buf()];
        let parts: Vec<Component<'_>> = Path::new(pattern).components().collect();
        let last = parts.len().saturating_sub(1);
        for (index, part) in parts.iter().enumerate() {
            let text = part.as_os_str().to_string_lossy();
            if !text.contains(['*', '?']) {
                found.iter_mut().for_each(|path| path.push(part));
                found.retain(|path| path.exists());
                continue;
            }
            let glob = Glob::new(&text);
            let mut next = Vec::new();
            for directory in &found {
                let inside = if index == last { list(here(directory))? } else { directories(directory) };
                next.extend(inside.into_iter().filter(|path| is_named(path, &glob)));
            }
            self.gathered.watched.append(&mut found);
            found = next;
        }
        Ok(found.into_iter().filter(|path| path.is_file()).collect())
    }
}

/// The working directory has no name of its own.
fn here(directory: &Path) -> &Path {
    if directory.as_os_str().is_empty() { Path::new(".") } else { directory }
}

fn is_named(path: &Path, glob: &Glob) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| glob.matches(name))
}

/// The directories in a directory, by name; hidden ones are left out.
fn directories(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(here(directory)) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir() && !is_named(path, &Glob::new(".*")))
        .collect();
    found.sort();
    found
}

/// The one name that every way to a file leads to.
fn one_name(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes files, reads the first, and tells names and complaints.
    fn check(files: &[(&str, &str)], wanted: &[&str]) {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let root = format!("{}/", place.path().display());
        let first = place.path().join(files[0].0);
        let gathered = gather(&[first], Permissions::Loose).unwrap();
        let names = gathered.files.into_iter().map(|file| file.name);
        let told =
            gathered.problems.into_iter().map(|problem| format!("{} {}", problem.code, problem.message));
        let got: Vec<String> = names.chain(told).map(|text| text.replace(&root, "")).collect();
        assert_eq!(got, wanted, "{files:?}");
    }

    #[test]
    fn files_are_included_once_and_never_in_a_circle() {
        check(&[("a.yaml", "rules: []")], &["a.yaml"]);
        check(&[("a.yaml", "include: b.yaml"), ("b.yaml", "rules: []")], &["a.yaml", "b.yaml"]);
        check(
            &[
                ("a.yaml", "include: [t/*.yaml]"),
                ("t/2.yaml", ""),
                ("t/1.yaml", "include: ../b.yaml"),
                ("b.yaml", ""),
                ("t/x.txt", ""),
                ("t/y.test.yaml", ""),
            ],
            &["a.yaml", "t/1.yaml", "t/../b.yaml", "t/2.yaml"],
        );
        check(
            &[("a.yaml", "include: '*/r?.yaml'"), ("s/r1.yaml", ""), ("t/r2.yaml", "")],
            &["a.yaml", "s/r1.yaml", "t/r2.yaml"],
        );
        check(
            &[("a.yaml", "include: [b.yaml, c.yaml]"), ("b.yaml", "include: c.yaml"), ("c.yaml", "")],
            &["a.yaml", "b.yaml", "c.yaml"],
        );
        check(&[("a.yaml", "include: '*.yaml'"), ("b.yaml", "")], &["a.yaml", "b.yaml"]);
        check(
            &[("a.yaml", "include: b.yaml"), ("b.yaml", "include: ./a.yaml")],
            &["a.yaml", "b.yaml", "E010 these files include each other: `a.yaml`, `b.yaml`, `a.yaml`"],
        );
        check(
            &[("a.yaml", "include: a.yaml")],
            &["a.yaml", "E010 these files include each other: `a.yaml`, `a.yaml`"],
        );
        check(&[("a.yaml", "include: no.yaml")], &["a.yaml", "E010 there is no file `no.yaml`"]);
        check(&[("a.yaml", "include: t"), ("t/b.yaml", "")], &["a.yaml", "E010 `t` is a directory"]);
        check(&[("a.yaml", "include: t/*.yaml")], &["a.yaml", "W311 `t/*.yaml` finds no rules file"]);
    }
}
