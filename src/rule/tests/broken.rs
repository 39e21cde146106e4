//! Broken rules files and everything that is said about them, word for word. The cases stand in `broken.txt`.

use super::stage::file;
use crate::draw::{self, Style, Texts};
use crate::rule::{File, load};

const CASES: &str = include_str!("broken.txt");
/// Starts a case; its name follows.
const CASE: &str = "#### ";
/// Starts another file of the case; its name follows.
const NEXT_FILE: &str = "## file ";
/// Ends the files; what is drawn follows.
const SAYS: &str = "## says\n";

struct Case {
    name: String,
    files: Vec<File>,
    says: String,
}

fn cases() -> Vec<Case> {
    let read = |part: &str| {
        let (name, rest) = part.split_once('\n').unwrap();
        let (files, says) = rest.split_once(SAYS).unwrap();
        let mut texts = files.split(NEXT_FILE);
        let mut all = vec![file("a.yaml", texts.next().unwrap())];
        all.extend(texts.map(|part| part.split_once('\n').unwrap()).map(|(name, text)| file(name, text)));
        Case { name: name.to_owned(), files: all, says: says.trim_end().to_owned() }
    };
    CASES.split(CASE).skip(1).map(read).collect()
}

fn drawn(files: &[File]) -> String {
    let texts: Texts<'_> = files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    draw::diagnostics(&load(files).problems, &texts, Style::Plain)
}

#[test]
fn every_complaint_is_told_word_for_word() {
    let cases = cases();
    assert!(cases.len() >= 40, "{}", cases.len());
    for case in cases {
        let got = drawn(&case.files);
        assert_eq!(got.trim_end(), case.says, "{}:\n{got}", case.name);
    }
}

#[test]
fn an_error_leaves_no_set_and_a_warning_does() {
    for case in cases() {
        let loaded = load(&case.files);
        assert_eq!(loaded.set.is_none(), case.says.contains("error["), "{}", case.name);
    }
}
