//! Vectors kept outside of this repository: the published examples of providers, and ours for all that are planned.
//!
//! `DOORBELL_PROVIDER_VECTORS` names their folder; without it, `../shared/providers` beside the checkout.

use std::path::PathBuf;

use serde_json::Value;

use super::super::preset::Preset;
use super::{NOW_SECONDS, armed_raw, preset, receive_at, request};

fn folder() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/providers");
    std::env::var_os("DOORBELL_PROVIDER_VECTORS").map_or_else(|| beside.into(), PathBuf::from)
}

fn read(file: &str) -> Option<Value> {
    let path = folder().join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(why) => {
            println!("skipped: {}: {why}", path.display());
            None
        }
    }
}

fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
    vector[key].as_str().unwrap_or_default()
}

/// What happened to a vector, in words, when it was not what should have.
fn judge(vector: &Value) -> Option<String> {
    let headers: Vec<_> =
        vector["headers"].as_object().unwrap().iter().map(|(k, v)| (&**k, v.as_str().unwrap())).collect();
    let query = text(vector, "url").split_once('?').map_or("", |(_, query)| query);
    let secrets: Vec<_> = match &vector["secrets"] {
        Value::Array(list) => list.iter().map(|secret| secret.as_str().unwrap()).collect(),
        _ => vec![text(vector, "secret")],
    };
    let armed = armed_raw(preset(text(vector, "preset")), &secrets);
    let now = vector["now"].as_i64().unwrap_or(NOW_SECONDS);
    let got = receive_at(&armed, &request(&headers, query, text(vector, "body").as_bytes()), now);
    let unproven = got.as_ref().is_err_and(|refusal| refusal.status == 401);
    let wanted = vector["valid"].as_bool().unwrap();
    (unproven == wanted).then(|| format!("{}: {got:?}", text(vector, "id")))
}

fn check(file: &str, at_least: usize) {
    let Some(all) = read(file) else { return };
    let known = |vector: &&Value| Preset::find(text(vector, "preset")).is_some();
    let vectors: Vec<_> = all["vectors"].as_array().unwrap().iter().filter(known).collect();
    let wrong: Vec<_> = vectors.iter().filter_map(|vector| judge(vector)).collect();
    println!("{file}: {} vectors of known presets", vectors.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(vectors.len() >= at_least, "{}", vectors.len());
}

#[test]
fn our_vectors() {
    check("vectors.json", 10);
}

#[test]
fn vectors_published_by_providers() {
    check("third-party-vectors.json", 59);
}

#[test]
fn handshakes() {
    let Some(all) = read("vectors.json") else { return };
    for vector in all["handshakes"].as_array().unwrap() {
        if Preset::find(text(vector, "preset")).is_none() {
            continue;
        }
        let sent = &vector["request"];
        let headers: Vec<_> =
            sent["headers"].as_object().unwrap().iter().map(|(k, v)| (&**k, v.as_str().unwrap())).collect();
        let armed = armed_raw(preset(text(vector, "preset")), &[text(vector, "secret")]);
        let got = receive_at(
            &armed,
            &request(&headers, "", text(sent, "body").as_bytes()),
            vector["now"].as_i64().unwrap(),
        );
        let wanted = &vector["expect"];
        match got {
            Ok(super::Received::Answer(answer)) => {
                assert_eq!(u64::from(answer.status), wanted["status"], "{vector}");
                assert_eq!(
                    serde_json::from_slice::<Value>(&answer.body).unwrap(),
                    wanted["json"],
                    "{vector}"
                );
            }
            Ok(other) => panic!("{vector}: {other:?}"),
            Err(refusal) => assert_eq!(u64::from(refusal.status), wanted["status"], "{vector}"),
        }
    }
}
