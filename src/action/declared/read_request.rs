//! Reads the requests of a service: texts with `{setting}` in them become pieces, and every name in them is known.

use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::yaml::{Node, listed};

use super::read::Reader;
use super::table::{Body, Fields, First, Part, Piece, Request, Show};

const KEYS: &[&str] = &[
    "with", "method", "base", "path", "query", "headers", "bearer", "basic", "header", "scheme", "json",
    "form",
];
const FIRST: &[&str] = &[
    "method", "base", "path", "query", "headers", "bearer", "basic", "header", "scheme", "json", "form",
    "take", "keep", "cookies", "absent",
];
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The names that may stand in texts.
#[derive(Clone, Copy)]
struct Names<'n> {
    known: &'n [&'n str],
    taken: &'n [&'n str],
}

/// Reads a request.
pub(super) fn request(
    node: &Node<'_>,
    known: &[&str],
    taken: &[&str],
    reader: &mut Reader<'_>,
) -> Option<Request> {
    reader.map(node, KEYS)?;
    read(node, Names { known, taken }, reader)
}

/// Reads what is asked for before a request.
pub(super) fn first(node: &Node<'_>, known: &[&str], reader: &mut Reader<'_>) -> Option<First> {
    reader.map(node, FIRST)?;
    let request = read(node, Names { known, taken: &[] }, reader)?;
    let take = reader.needed(node, "take")?;
    let mut taken = Vec::new();
    for (name, entry) in take.entries() {
        taken.extend(reader.text(&entry).map(|pointer| (name.to_owned(), pointer)));
    }
    let absent = node.get("absent").map_or_else(Vec::new, |node| settings::one_or_many(&node));
    Some(First {
        request,
        take: taken,
        keep: node.get("keep").and_then(|node| settings::duration(&node, reader.problems)),
        cookies: reader.truth(node.get("cookies").as_ref()),
        absent: absent
            .iter()
            .filter_map(|item| settings::count(item, 400, 499, reader.problems))
            .filter_map(|status| u16::try_from(status).ok())
            .collect(),
    })
}

fn read(node: &Node<'_>, names: Names<'_>, reader: &mut Reader<'_>) -> Option<Request> {
    let with = node.get("with").and_then(|node| setting(&node, names, reader));
    let method = reader.needed(node, "method")?;
    let word = reader.text(&method)?;
    if !METHODS.contains(&word.as_str()) {
        let problem = method.error("E004", format!("`{word}` is not a method that can be sent"));
        reader.says(problem.help(format!("the methods are {}", listed(METHODS.iter().copied()))));
        return None;
    }
    let base = reader.needed(node, "base").and_then(|node| setting(&node, names, reader));
    let path = node.get("path").map_or_else(Vec::new, |node| text(&node, names, reader));
    let (query, headers) = (fields(node, "query", names, reader), fields(node, "headers", names, reader));
    let (show, body) = (show(node, names, reader), body(node, names, reader));
    Some(Request { with, method: word.parse().ok()?, base: base?, path, query, headers, show, body })
}

/// The name of a setting.
fn setting(node: &Node<'_>, names: Names<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let name = reader.text(node)?;
    if names.known.contains(&name.as_str()) {
        return Some(name);
    }
    reader.says(unknown(node, &name, names));
    None
}

fn unknown(node: &Node<'_>, name: &str, names: Names<'_>) -> Diagnostic {
    let all = names.known.iter().chain(names.taken).copied();
    node.error("E004", format!("there is no setting `{name}`"))
        .help(format!("the settings are {}", listed(all)))
}

fn fields(node: &Node<'_>, key: &str, names: Names<'_>, reader: &mut Reader<'_>) -> Fields {
    let Some(node) = node.get(key) else { return Vec::new() };
    if !node.value().is_mapping() {
        reader.says(node.unwanted("a map of names to texts"));
    }
    node.entries().into_iter().map(|(name, entry)| (name.to_owned(), text(&entry, names, reader))).collect()
}

fn show(node: &Node<'_>, names: Names<'_>, reader: &mut Reader<'_>) -> Show {
    let keys = ["bearer", "basic", "header", "scheme"];
    let mut given = keys.iter().filter_map(|key| node.get(key));
    let Some(one) = given.next() else { return Show::Nothing };
    if let Some(other) = given.next() {
        reader.says(other.key_error("E004", format!("one of {} is enough", listed(keys))));
    }
    if one.key() == Some("bearer") {
        return setting(&one, names, reader).map_or(Show::Nothing, Show::Bearer);
    }
    let items = one.items();
    let [first, second] = items.as_slice() else {
        reader.says(one.unwanted("a list of two"));
        return Show::Nothing;
    };
    let secret = setting(second, names, reader);
    let word = match one.key() {
        Some("basic") => setting(first, names, reader),
        _ => reader.text(first),
    };
    match (one.key(), word.zip(secret)) {
        (Some("basic"), Some((user, password))) => Show::Basic(user, password),
        (Some("header"), Some((name, secret))) => Show::Header(name, secret),
        (Some("scheme"), Some((word, secret))) => Show::Scheme(word, secret),
        _ => Show::Nothing,
    }
}

fn body(node: &Node<'_>, names: Names<'_>, reader: &mut Reader<'_>) -> Body {
    match (node.get("json"), node.get("form")) {
        (Some(_), Some(form)) => {
            reader.says(form.key_error("E004", "`json` and `form`: there is one body"));
            Body::None
        }
        (Some(json), None) => Body::Json(part(&json, names, reader)),
        (None, Some(form)) if form.value().is_mapping() => Body::Form(fields(node, "form", names, reader)),
        (None, Some(form)) => match text(&form, names, reader).as_slice() {
            [Piece::Setting(name)] => Body::Entries(name.clone()),
            _ => {
                reader.says(form.unwanted("a map, or one setting that is a map"));
                Body::None
            }
        },
        (None, None) => Body::None,
    }
}

/// A part of a JSON body.
fn part(node: &Node<'_>, names: Names<'_>, reader: &mut Reader<'_>) -> Part {
    if node.value().is_mapping() {
        let entries = node.entries().into_iter();
        return Part::Object(
            entries.map(|(key, node)| (key.to_owned(), part(&node, names, reader))).collect(),
        );
    }
    if node.value().is_sequence() {
        return Part::List(node.items().iter().map(|item| part(item, names, reader)).collect());
    }
    match node.text() {
        Some(_) => Part::Text(text(node, names, reader)),
        None => Part::Plain(node.json().to_string()),
    }
}

/// A text with `{setting}`; `{+setting}` for one whose `/` part segments of a path, `{+setting|/job/}` with something else
/// between these; `{md5:setting}`.
fn text(node: &Node<'_>, names: Names<'_>, reader: &mut Reader<'_>) -> Vec<Piece> {
    let Some(text) = reader.text(node) else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((inside, after)) = behind.split_once('}') else {
            reader.says(node.error("E004", format!("`{text}`: `{{` without `}}`")));
            return found;
        };
        if !before.is_empty() {
            found.push(Piece::Plain(before.to_owned()));
        }
        let piece = piece(inside);
        let name = match &piece {
            Piece::Setting(name) | Piece::Segments(name, _) | Piece::Md5(name) => name.clone(),
            Piece::Plain(_) | Piece::Taken(_) => String::new(),
        };
        match piece {
            Piece::Setting(name) if names.taken.contains(&name.as_str()) => found.push(Piece::Taken(name)),
            _ if !names.known.contains(&name.as_str()) => reader.says(unknown(node, &name, names)),
            piece => found.push(piece),
        }
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Plain(rest.to_owned()));
    }
    found
}

fn piece(inside: &str) -> Piece {
    match (inside.strip_prefix('+'), inside.strip_prefix("md5:")) {
        (Some(segments), _) => {
            let (name, between) = segments.split_once('|').unwrap_or((segments, "/"));
            Piece::Segments(name.to_owned(), between.to_owned())
        }
        (_, Some(name)) => Piece::Md5(name.to_owned()),
        _ => Piece::Setting(inside.to_owned()),
    }
}
