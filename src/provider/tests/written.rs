//! A scheme that a user writes does what a preset of the same words does: all vectors, judged by both.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::external::{armed, id, received, secrets, sent, text, value, vectors};
use super::{NOW_SECONDS, armed_raw, seconds, source};
use crate::provider::params::PUBLIC_URL;
use crate::provider::preset::Preset;
use crate::provider::receive::Armed;
use crate::provider::{Around, Received};
use crate::yaml::Document;

/// What a preset's file and a source of a user's own have in common.
const SHARED: &[&str] = &["verify", "event", "id", "format"];

/// The source of a vector, written out as a user would.
fn written(vector: &Value) -> Armed {
    let id = id(vector);
    let file = format!("{}/src/provider/presets/{id}.yaml", env!("CARGO_MANIFEST_DIR"));
    let document = Document::parse(&file, &std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut keys = json!({ "secret": { "env": "S" }, "methods": ["POST", "GET"] });
    for key in SHARED {
        if let Some(node) = document.root().get(key) {
            keys[*key] = node.json();
        }
    }
    let address = text(vector, "url").split('?').next().unwrap();
    for param in Preset::find(id).unwrap().profile().unwrap().all_params() {
        // Handshakes are a preset's own, and so is what they alone name.
        if keys.to_string().contains(&format!("{{config:{}}}", param.name)) || param.name == PUBLIC_URL {
            keys[&param.name] = value(vector, &param.name, address).into();
        }
    }
    armed_raw(source(&keys.to_string()), &secrets(vector))
}

#[test]
fn a_scheme_of_ones_own_does_what_a_preset_does() {
    let mut presets = BTreeSet::new();
    for vector in ["vectors.json", "third-party-vectors.json"].into_iter().flat_map(vectors) {
        let around = Around::at(seconds(vector["now"].as_i64().unwrap_or(NOW_SECONDS)));
        let judged = |armed: &Armed| match received(&vector, armed, sent(&vector), around) {
            Ok(Received::Event { event, .. }) => Ok(Some((event.kind, event.dedupe_key, event.verified))),
            Ok(_) => Ok(None),
            Err(refusal) => Err(refusal),
        };
        let preset = judged(&armed(&vector, &vector));
        if preset == Ok(None) {
            continue;
        }
        assert_eq!(judged(&written(&vector)), preset, "{}", text(&vector, "id"));
        presets.insert(id(&vector).to_owned());
    }
    println!("{} presets written out", presets.len());
    assert!(presets.len() >= 10, "{presets:?}");
}
