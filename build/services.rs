//! The verbs of services as Rust: for each file a row of the table of verbs, and a row of what its verb does.

use std::path::Path;

use serde_yaml::Value;

use crate::file::{self, Map};
use crate::{Result, request};

/// Where their files are.
const FOLDER: &str = "src/action/services";
const KEYS: &[&str] = &[
    "summary",
    "docs",
    "example",
    "connection",
    "settings",
    "exactly_one",
    "at_least_one",
    "request",
    "answer",
];
const SETTING: &[&str] = &["kind", "about", "needed", "default", "one_of", "only_with"];

/// What stands behind a setting of a connection, and its shape.
const HELD: &[(&str, &str, &str)] = &[
    ("url", "Url", "TextOrSecret"),
    ("secret", "Secret", "Secret"),
    ("text", "Text", "Text"),
    ("text or secret", "TextOrSecret", "TextOrSecret"),
];
/// What stands behind a setting of an action, and its shape.
const GIVEN: &[(&str, &str, &str)] =
    &[("template", "Template", "Template"), ("json", "Json", "Json"), ("list", "List", "List")];

/// Writes the rows.
pub(crate) fn list() -> Result<()> {
    let (mut rows, mut verbs) = (String::new(), String::new());
    for path in file::of(FOLDER)? {
        let (row, verb) = service(&path)?;
        rows.push_str(&row);
        verbs.push_str(&verb);
    }
    file::write("services.rs", &rows)?;
    file::write(
        "verbs.rs",
        &format!(
            "macro_rules! with_services {{\n([$($before:expr),*], [$($behind:expr),*]) => {{ &[$($before,)*\n{verbs}$($behind,)*] }};\n}}\n"
        ),
    )
}

fn service(path: &Path) -> Result<(String, String)> {
    let id = file::id(path)?;
    let place = format!("{FOLDER}/{id}.yaml");
    let root: Value = serde_yaml::from_str(&std::fs::read_to_string(path)?)?;
    let map = Map::new(&root, &place, KEYS)?;
    let connection =
        Map::new(map.get("connection").ok_or("`connection` is missing")?, &place, &["example", "settings"])?;
    let (held, held_keys, mut names) = settings(&connection, &place, "Held", HELD)?;
    let (given, given_keys, given_names) = settings(&map, &place, "Given", GIVEN)?;
    names.extend(given_names);
    let requests = match map.get("request").ok_or("`request` is missing")? {
        Value::Sequence(list) => {
            list.iter().map(|one| request::rust(one, &place, &names)).collect::<Result<String>>()?
        }
        one => request::rust(one, &place, &names)?,
    };
    let (exactly, least) = (map.texts("exactly_one")?, map.texts("at_least_one")?);
    let choice = |name: &str, keys: &[&str]| match keys {
        [] => String::new(),
        keys => format!("Choice::{name}(&{keys:?}), "),
    };
    let choices = choice("ExactlyOne", &exactly) + &choice("AtLeastOne", &least);
    let constant = id.to_uppercase().replace('-', "_");
    let row = format!(
        "pub(in crate::action) static {constant}: Declared = Declared {{ verb: {id:?}, held: &[{held}], settings: &[{given}], exactly_one: &{exactly:?}, at_least_one: &{least:?}, requests: &[{requests}], says: {} }};\n",
        says(&map, &place)?
    );
    let verb = format!(
        "Verb {{ name: {id:?}, summary: {:?}, page: Some({:?}), example: {:?}, keys: &[Key::new({id:?}, Shape::Connection, \"a connection\"), {given_keys}], choices: &[{choices}], service: Some(Service {{ example: {:?}, keys: &[{held_keys}], choices: &[], compile: |node, problems| declared::account(&declared::rows::{constant}, node, problems) }}), mode: Mode::AtLeastOnce, attempts: Attempts::Table, reaches_command: false, compile: |item, options, problems| declared::compile(&declared::rows::{constant}, item, options, problems) }},\n",
        map.needed("summary")?,
        map.needed("docs")?,
        map.needed("example")?.trim_end(),
        connection.needed("example")?.trim_end(),
    );
    Ok((row, verb))
}

/// Settings as rows of what they are, as rows of keys, and their names.
fn settings<'v>(
    of: &Map<'v>,
    place: &str,
    kind: &str,
    kinds: &[(&str, &str, &str)],
) -> Result<(String, String, Vec<&'v str>)> {
    let (mut rows, mut keys, mut names) = (String::new(), String::new(), Vec::new());
    for (name, value) in of.entries("settings")? {
        let map = Map::new(value, &format!("{place}: {name}"), SETTING)?;
        let wanted = map.text("kind")?.unwrap_or("template");
        let (_, ours, shape) = kinds
            .iter()
            .find(|(known, _, _)| *known == wanted)
            .ok_or_else(|| format!("{place}: `{name}` cannot be a `{wanted}` here"))?;
        let (words, needed, default) = (map.texts("one_of")?, map.says("needed"), map.text("default")?);
        let only = map.entries("only_with")?;
        let only = match only.first() {
            Some((key, Value::Sequence(list))) => {
                let list: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                format!("Some(({key:?}, &{list:?}))")
            }
            Some(_) => {
                return Err(format!("{place}: {name}: `only_with` is a map of a name to a list").into());
            }
            None => "None".to_owned(),
        };
        rows.push_str(&format!(
            "Setting {{ name: {name:?}, kind: {kind}::{ours}, needed: {needed}, default: {default:?}, one_of: &{words:?}, only_with: {only} }}, "
        ));
        let mut about = map.needed("about")?.to_owned();
        if !words.is_empty() {
            about.push_str(&format!(": `{}`", words.join("`, `")));
        }
        if let Some(default) = default {
            about.push_str(&format!("; `{default}` unless said"));
        }
        let make = if needed && only == "None" && kind == "Held" { "needed" } else { "new" };
        keys.push_str(&format!("Key::{make}({name:?}, Shape::{shape}, {about:?}), "));
        names.push(name);
    }
    Ok((rows, keys, names))
}

/// What an answer says of itself.
fn says(service: &Map<'_>, place: &str) -> Result<String> {
    let empty = Value::Mapping(serde_yaml::Mapping::new());
    let map = Map::new(service.get("answer").unwrap_or(&empty), place, &["done", "why", "wait"])?;
    let done = match map.entries("done")?.first() {
        Some((pointer, Value::String(text))) => format!("Some(({pointer:?}, {:?}))", format!("{text:?}")),
        Some((pointer, value)) => format!("Some(({pointer:?}, {:?}))", serde_yaml::to_string(value)?.trim()),
        None => "None".to_owned(),
    };
    Ok(format!("Says {{ done: {done}, why: &{:?}, wait: {:?} }}", map.texts("why")?, map.text("wait")?))
}
