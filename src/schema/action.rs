//! Actions and connections: one map a verb, so that behind `slack:` only what `slack` takes is offered.

use serde_json::{Value, json};

use crate::action::{CONNECTION_OPTIONS, Key, OPTIONS, Service, Shape, Verb, Verbs};

use super::{Parts, map, part};

/// The parts that others name.
pub(super) fn parts(all: &Verbs) -> Parts {
    let connected = || all.iter().filter_map(|verb| Some((verb, verb.service.as_ref()?)));
    let mut parts: Parts = all.iter().map(|verb| (format!("action-{}", verb.name), action(verb))).collect();
    parts.extend(
        connected().map(|(verb, service)| (format!("connection-{}", verb.name), connection(verb, service))),
    );
    let verbs: Vec<&str> = all.iter().map(|verb| verb.name).collect();
    let services: Vec<&str> = connected().map(|(verb, _)| verb.name).collect();
    parts.push(("action".to_owned(), by_verb("action", &verbs, OPTIONS)));
    parts.push(("connection".to_owned(), by_verb("connection", &services, CONNECTION_OPTIONS)));
    parts
}

/// A map whose verb says what else may stand in it. While it has none, verbs and options are offered.
fn by_verb(kind: &str, verbs: &[&str], options: &[Key]) -> Value {
    let name = |verb: &str| format!("{kind}-{verb}");
    let mut begun = map::of(options);
    if let Some(Value::Object(properties)) = begun.get_mut("properties") {
        let at = |verb: &str| json!({ "$ref": format!("#/$defs/{}/properties/{verb}", name(verb)) });
        properties.extend(verbs.iter().map(|verb| ((*verb).to_owned(), at(verb))));
    }
    map::put(&mut begun, "allOf", json!([map::present(verbs)]));
    let mut all: Vec<Value> = verbs.iter().map(|verb| map::with(verb, &part(&name(verb)))).collect();
    let has_verb = json!({ "type": "object", "allOf": [map::present(verbs)] });
    all.push(json!({ "if": { "not": has_verb }, "then": begun }));
    json!({ "allOf": all })
}

/// An item of `do` with this verb.
fn action(verb: &Verb) -> Value {
    let keys: Vec<Key> = verb.keys.iter().chain(OPTIONS).map(|key| needed(verb, key)).collect();
    let about = verb.keys.first().map_or("", |key| key.about);
    let mut action = map::chosen(map::of(&keys), verb.choices);
    map::put(&mut action, "description", json!(verb.summary));
    describe(&mut action, verb.name, &words(verb.summary, about, verb.example));
    action
}

/// The verb itself must be there.
fn needed(verb: &Verb, key: &Key) -> Key {
    Key { is_needed: key.is_needed || key.name == verb.name, ..*key }
}

/// A connection for this verb.
fn connection(verb: &Verb, service: &Service) -> Value {
    let mut keys = vec![Key::needed(verb.name, Shape::Json, "")];
    keys.extend(CONNECTION_OPTIONS);
    let mut connection = map::of(&keys);
    let under = map::chosen(map::of(service.keys), service.choices);
    if let Some(place) = connection.pointer_mut(&format!("/properties/{}", verb.name)) {
        *place = under;
    }
    let summary = format!("where `{}` goes", verb.name);
    map::put(&mut connection, "description", json!(summary));
    describe(&mut connection, verb.name, &words(&summary, "", service.example));
    connection
}

/// Says more about one key of a map.
fn describe(schema: &mut Value, key: &str, words: &str) {
    if let Some(property) = schema.pointer_mut(&format!("/properties/{key}")) {
        map::put(property, "description", json!(words));
    }
}

fn words(summary: &str, about: &str, example: &str) -> String {
    let about = if about.is_empty() { String::new() } else { format!("\n\nHere: {about}.") };
    let example: String = example.lines().map(|line| format!("\n    {line}")).collect();
    format!("{summary}{about}\n\nExample:\n{example}")
}
