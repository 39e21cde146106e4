//! Broken rules files and everything that is said about them, word for word. The cases stand in `broken/*.txt`; with
//! `DOORBELL_UPDATE=1` what is drawn today is written into them, for a person to read and judge.

use std::fs;
use std::path::{Path, PathBuf};

use super::stage::file;
use crate::draw::{self, Style, Texts};
use crate::rule::{File, load};

/// The fewest cases of all.
const CASES_MIN: usize = 200;
/// Starts a case; its name follows.
const CASE: &str = "#### ";
/// Starts another file of the case; its name follows.
const NEXT_FILE: &str = "## file ";
/// Ends the files; what is drawn follows.
const SAYS: &str = "## says\n";

struct Case {
    name: String,
    /// The files as they are written in the case.
    written: String,
    files: Vec<File>,
    says: String,
}

/// The files of cases, by name.
fn tables() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rule/tests/broken");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn cases(path: &Path) -> Vec<Case> {
    let read = |part: &str| {
        let (name, rest) = part.split_once('\n').unwrap();
        let (written, says) = rest.split_once(SAYS).unwrap_or_else(|| panic!("{name}: no `{}`", SAYS.trim()));
        let mut texts = written.split(NEXT_FILE);
        let mut files = vec![file("a.yaml", texts.next().unwrap())];
        files.extend(texts.map(|part| part.split_once('\n').unwrap()).map(|(name, text)| file(name, text)));
        Case { name: name.to_owned(), written: written.to_owned(), files, says: says.trim_end().to_owned() }
    };
    let text = fs::read_to_string(path).unwrap();
    text.split(CASE).skip(1).map(read).collect()
}

fn drawn(files: &[File]) -> String {
    let texts: Texts<'_> = files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    draw::diagnostics(&load(files).problems, &texts, Style::Plain).trim_end().to_owned()
}

fn rewrite(path: &Path, cases: &[Case]) {
    let one = |case: &Case| {
        let says = drawn(&case.files);
        format!(
            "{CASE}{}\n{}{SAYS}{says}{}\n",
            case.name,
            case.written,
            if says.is_empty() { "" } else { "\n" }
        )
    };
    fs::write(path, cases.iter().map(one).collect::<String>()).unwrap();
}

#[test]
fn every_complaint_is_told_word_for_word() {
    let is_update = std::env::var_os("DOORBELL_UPDATE").is_some();
    let mut names: Vec<String> = Vec::new();
    for path in tables() {
        let cases = cases(&path);
        if is_update {
            rewrite(&path, &cases);
            continue;
        }
        for case in cases {
            let got = drawn(&case.files);
            assert_eq!(got, case.says, "{}, {}:\n{got}", path.display(), case.name);
            names.push(case.name);
        }
    }
    let all = names.len();
    assert!(is_update || all >= CASES_MIN, "{all}");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), if is_update { 0 } else { all }, "a name stands twice");
}

#[test]
fn an_error_leaves_no_set_and_a_warning_does() {
    for case in tables().iter().flat_map(|path| cases(path)) {
        let loaded = load(&case.files);
        assert_eq!(loaded.set.is_none(), case.says.contains("error["), "{}", case.name);
    }
}
