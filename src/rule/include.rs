//! `include`: the other files that a rules file names. Which files these are is found where there is a disk; here is
//! what is written.

use super::File;
use crate::diagnostic::{Diagnostic, Place};
use crate::settings;
use crate::yaml::{Document, Node};

/// The key.
const KEY: &str = "include";

/// One line of `include`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// A path, relative to the file it stands in; `*` and `?` stand for parts of one name.
    pub pattern: String,
    /// Where it stands.
    pub place: Place,
}

/// What a file includes. Of a file that cannot be read, nothing: what is wrong with it is told when it is loaded.
pub fn includes(file: &File) -> Vec<Include> {
    if !file.text.contains(KEY) {
        return Vec::new();
    }
    let Ok(document) = Document::parse(&file.name, &file.text) else { return Vec::new() };
    let Some(node) = document.root().get(KEY) else { return Vec::new() };
    read(&node, &mut Vec::new())
}

/// Complains about what cannot stand behind `include`.
pub(super) fn check(node: &Node<'_>, problems: &mut Vec<Diagnostic>) {
    read(node, problems);
}

fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Include> {
    settings::one_or_many(node).iter().filter_map(|item| one(item, problems)).collect()
}

fn one(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Include> {
    let pattern = settings::text(node, problems)?;
    let wrong = if pattern.trim().is_empty() {
        Some(("an `include` of no file", "write a path such as `teams/sales.yaml` or `teams/*.yaml`"))
    } else if pattern.contains("**") {
        Some(("`**` is not used here", "`*` stands for a part of one name: write a line for each depth"))
    } else if pattern.contains("{{") {
        Some(("a template in `include`, where none is filled", "write the path down"))
    } else if pattern.ends_with('/') {
        Some(("a directory in `include`", "write `*.yaml` behind it"))
    } else {
        None
    };
    if let Some((message, help)) = wrong {
        problems.push(node.error("E004", message).help(help));
        return None;
    }
    Some(Include { pattern: pattern.to_owned(), place: node.place() })
}
