//! Definitions as rows of the table of verbs: the program's own from the files of `services/`, and those of rules files.

use std::iter;

use crate::delivery::Mode;
use crate::yaml::Document;

use super::super::verb::{Attempts, Choice, Compile, Connect, Key, Service, Shape, Verb};
use super::read;
use super::table::{Declared, Given, Held, Setting};

/// The names and the texts of the files, which `build.rs` lists.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// The rows of all files. A test sees to it that each can be read.
pub(in crate::action) fn rows() -> Vec<Verb> {
    let read = |(verb, text): &(&str, &str)| {
        let document = Document::parse(&format!("{verb}.yaml"), text).ok()?;
        let declared = read::read(verb, &document.root(), &mut Vec::new())?;
        Some(row(Box::leak(Box::new(declared))))
    };
    FILES.iter().filter_map(read).collect()
}

/// The row of one.
pub(super) fn row(declared: &'static Declared) -> Verb {
    let own = Key::new(&declared.verb, Shape::Connection, "a connection");
    let keys: Vec<Key> = iter::once(own).chain(declared.settings.iter().map(given)).collect();
    let held: Vec<Key> = declared.held.iter().map(held).collect();
    let mut choices = Vec::new();
    if !declared.exactly_one.is_empty() {
        choices.push(Choice::ExactlyOne(names(&declared.exactly_one)));
    }
    if !declared.at_least_one.is_empty() {
        choices.push(Choice::AtLeastOne(names(&declared.at_least_one)));
    }
    Verb {
        name: &declared.verb,
        summary: &declared.summary,
        page: declared.page.as_deref(),
        example: &declared.example,
        keys: keys.leak(),
        choices: choices.leak(),
        service: Some(Service {
            example: &declared.connection_example,
            keys: held.leak(),
            choices: &[],
            compile: Connect::Declared(declared),
        }),
        mode: Mode::AtLeastOnce,
        attempts: Attempts::Table,
        reaches_command: false,
        compile: Compile::Declared(declared),
    }
}

fn names(names: &'static [String]) -> &'static [&'static str] {
    names.iter().map(String::as_str).collect::<Vec<_>>().leak()
}

fn held(setting: &'static Setting<Held>) -> Key {
    let shape = match setting.kind {
        Held::Url | Held::TextOrSecret => Shape::TextOrSecret,
        Held::Secret => Shape::Secret,
        Held::Text => Shape::Text,
    };
    Key { name: &setting.name, shape, about: about(setting).leak(), is_needed: setting.needed }
}

fn given(setting: &'static Setting<Given>) -> Key {
    let shape = match setting.kind {
        Given::Template => Shape::Template,
        Given::Json => Shape::Json,
        Given::List => Shape::List,
    };
    let mut about = about(setting);
    if let Some(max) = setting.max {
        let bound = match (setting.kind, setting.cut) {
            (Given::Template, true) => format!("; up to {max} characters, a longer one is cut"),
            (Given::Template, false) => format!("; up to {max} characters"),
            (Given::Json | Given::List, _) => format!("; up to {max} entries"),
        };
        about.push_str(&bound);
    }
    Key::new(&setting.name, shape, about.leak())
}

/// What it is about, with its words and what it is unless said.
fn about<K>(setting: &'static Setting<K>) -> String {
    let mut about = setting.about.clone();
    if !setting.one_of.is_empty() {
        about.push_str(&format!(": `{}`", setting.one_of.join("`, `")));
    }
    if let Some(default) = &setting.default {
        about.push_str(&format!("; `{default}` unless said"));
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_without_a_complaint() {
        for (verb, text) in FILES {
            let document = Document::parse(&format!("{verb}.yaml"), text).unwrap();
            let mut problems = Vec::new();
            let declared = read::read(verb, &document.root(), &mut problems);
            assert!(declared.is_some() && problems.is_empty(), "{verb}: {problems:#?}");
            let declared = declared.unwrap();
            assert!(!declared.example.is_empty() && !declared.connection_example.is_empty(), "{verb}");
            let is_verb = |name: &str| super::super::super::VERBS.iter().any(|verb| verb.name == name);
            let taken = declared.settings.iter().find(|setting| is_verb(&setting.name));
            assert!(taken.is_none(), "{verb}: {taken:?} is a verb");
        }
        assert_eq!(rows().len(), FILES.len());
    }
}
