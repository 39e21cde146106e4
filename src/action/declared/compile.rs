//! An action of a service, checked: each setting is what it may be, and none that is needed is missing.

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Place};
use crate::template::{Escape, Template, Tree};
use crate::yaml::{Node, listed, nearest};

use super::super::options::Options;
use super::super::verb::Built;
use super::super::{address, field};
use super::post::Post;
use super::table::{Declared, Given, Setting};

/// A setting without its values.
#[derive(Debug)]
pub(super) enum Written {
    Text(Template),
    Json(Tree),
}

impl Written {
    /// The text, when no part of it comes from an event.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Text(template) => template.literal(),
            Self::Json(_) => None,
        }
    }
}

/// Reads an item of `do`.
pub(in crate::action) fn compile(
    declared: &'static Declared,
    item: &Node<'_>,
    options: &Options,
    problems: &mut Vec<Diagnostic>,
) -> Option<Built> {
    let node = item.get(&declared.verb)?;
    let named = address::connection(&node, problems);
    let before = problems.len();
    let mut written = Vec::new();
    for setting in &declared.settings {
        if let Some(entry) = item.get(&setting.name) {
            written.extend(read(setting, &entry, problems).map(|read| (setting.name.as_str(), read)));
        }
    }
    if problems.len() == before {
        check_choices(declared, item, &node, problems);
    }
    let defaults = declared.settings.iter().filter_map(default).collect();
    let post = Post { declared, named: named?, written, defaults, timeout: options.timeout };
    if problems.len() == before {
        for missing in post.missing() {
            let problem = node.key_error("E005", format!("`{}` has no `{missing}`", declared.verb));
            problems.push(problem.help(format!("write  {missing}: …  beside it")));
        }
    }
    let connection = Some(post.named.clone());
    (problems.len() == before).then(|| Built { action: Box::new(post), connection })
}

fn read(setting: &Setting<Given>, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Written> {
    let written = match setting.kind {
        Given::Template => field::template(node, Escape::None, problems).map(Written::Text),
        Given::List if !node.value().is_sequence() => {
            problems.push(node.unwanted("a list"));
            None
        }
        Given::Json | Given::List => field::tree(node, Escape::None, problems).map(Written::Json),
    }?;
    match written.literal() {
        Some(text) if !setting.cut && setting.max.is_some_and(|max| text.chars().count() > max) => {
            problems.push(node.error("E004", too_long(setting)));
            None
        }
        Some(text) if !fits(setting, text) => {
            let words = setting.one_of.iter().map(String::as_str);
            let near = nearest(text, words.clone())
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            let problem = node.error("E004", format!("`{}` cannot be `{text}`{near}", setting.name));
            problems.push(problem.help(format!("it is one of {}", listed(words))));
            None
        }
        _ => Some(written),
    }
}

/// Whether a setting may be this text.
pub(super) fn fits(setting: &Setting<Given>, text: &str) -> bool {
    setting.one_of.is_empty() || setting.one_of.iter().any(|word| word == text)
}

/// What is wrong with a value that has more than it may.
pub(super) fn too_long(setting: &Setting<Given>) -> String {
    let what = match setting.kind {
        Given::Template => "characters",
        Given::Json | Given::List => "entries",
    };
    format!("`{}` has more than {} {what}", setting.name, setting.max.unwrap_or_default())
}

/// What a setting is unless said. A test sees to it that each can be read.
fn default(setting: &'static Setting<Given>) -> Option<(&'static str, Written)> {
    let text = setting.default.as_deref()?;
    let written = match setting.kind {
        Given::Template => Written::Text(Template::compile(text, Escape::None).ok()?),
        Given::Json | Given::List => {
            Written::Json(Tree::compile(&Json::String(text.to_owned()), Escape::None, &[], &mut |_, _| ())?)
        }
    };
    Some((&setting.name, written))
}

fn check_choices(declared: &Declared, item: &Node<'_>, node: &Node<'_>, problems: &mut Vec<Diagnostic>) {
    let there = |keys: &[String]| keys.iter().filter_map(|key| item.get(key)).collect::<Vec<_>>();
    for keys in [&declared.exactly_one, &declared.at_least_one] {
        if !keys.is_empty() && there(keys).is_empty() {
            let wanted = listed(keys.iter().map(String::as_str));
            let problem =
                node.key_error("E005", format!("`{}` says nothing of what it is to do", declared.verb));
            problems.push(problem.help(format!("write one of {wanted} beside it")));
        }
    }
    if let [first, second, ..] = there(&declared.exactly_one).as_slice() {
        let (one, two) = (first.key().unwrap_or_default(), second.key().unwrap_or_default());
        let place = Place { file: first.file().clone(), span: first.key_span() };
        let problem = second.key_error("E004", format!("`{one}` and `{two}`: an action does one of them"));
        problems.push(problem.also(place, "the first one").help("make it two actions"));
    }
}
