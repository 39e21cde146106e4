//! Vectors kept outside of this repository: the published examples of providers, and ours for all that are planned.
//!
//! `DOORBELL_PROVIDER_VECTORS` names their folder; without it, `../shared/providers` beside the checkout.

use std::collections::BTreeMap;
use std::path::PathBuf;

use http::Method;
use serde_json::Value;

use super::super::preset::{PRESETS, Preset};
use super::{NOW_SECONDS, armed_raw, receive_at, request, source};
use crate::event::Request;
use crate::provider::Received;
use crate::provider::receive::Armed;

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

/// Vectors that a scheme with a certificate of the operator's own has no use for: it never looks at that URL.
const BESIDE_THE_POINT: &[&str] = &["aws-sns/http-cert", "aws-sns/evil-cert-host"];

/// The preset that a vector is for: we have one for each SignatureVersion.
fn id(vector: &Value) -> &str {
    match text(vector, "preset") {
        "aws-sns" if text(vector, "body").contains("\"SignatureVersion\": \"1\"") => "aws-sns-sha1",
        id => id,
    }
}

/// A value that the vector gives for a key of the source, else anything that is one.
fn value(vector: &Value, name: &str, address: &str) -> String {
    match (vector["config"][name].as_str(), name) {
        (Some(value), _) => value.to_owned(),
        (None, "public_url") => address.to_owned(),
        (None, "topic_arn") => vector["config"]["topic_arns"][0].as_str().unwrap().to_owned(),
        _ => "anything".to_owned(),
    }
}

/// The secrets of a vector; a certificate that its URL names is one.
fn secrets(vector: &Value) -> Vec<&str> {
    let certificates = vector["config"]["certs"].as_object();
    match (&vector["secrets"], certificates) {
        (Value::Array(list), _) => list.iter().map(|secret| secret.as_str().unwrap()).collect(),
        (_, Some(by_url)) => by_url.values().map(|pem| pem.as_str().unwrap()).collect(),
        _ => vec![text(vector, "secret")],
    }
}

/// The source that a vector is sent to: its preset, with what that needs, behind the URL its sender knows.
fn armed(vector: &Value, sent: &Value) -> Armed {
    let preset = Preset::find(id(vector)).unwrap();
    let address = text(sent, "url").split('?').next().unwrap();
    let mut yaml = format!("verify: {}\nsecret: {{ env: S }}\nmethods: [POST, GET]", preset.id);
    for param in preset.profile().unwrap().all_params() {
        yaml.push_str(&format!("\n{}: \"{}\"", param.name, value(vector, &param.name, address)));
    }
    armed_raw(source(&yaml), &secrets(vector))
}

fn sent(vector: &Value) -> Request {
    let headers = vector["headers"].as_object().unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect();
    let query = text(vector, "url").split_once('?').map_or("", |(_, query)| query);
    let method = Method::from_bytes(text(vector, "method").as_bytes()).unwrap();
    Request { method, ..request(&headers, query, text(vector, "body").as_bytes()) }
}

/// What happened to a vector, in words, when it was not what should have.
fn judge(vector: &Value) -> Option<String> {
    let now = vector["now"].as_i64().unwrap_or(NOW_SECONDS);
    let got = receive_at(&armed(vector, vector), &sent(vector), now);
    let unproven = got.as_ref().is_err_and(|refusal| refusal.status == 401);
    let wanted = vector["valid"].as_bool().unwrap();
    (unproven == wanted).then(|| format!("{}: {got:?}", text(vector, "id")))
}

fn vectors(file: &str) -> Vec<Value> {
    let Some(mut all) = read(file) else { return Vec::new() };
    let Value::Array(all) = all["vectors"].take() else { panic!("{file}") };
    let fits = |vector: &Value| {
        Preset::find(id(vector)).is_some() && !BESIDE_THE_POINT.contains(&text(vector, "id"))
    };
    all.into_iter().filter(fits).collect()
}

fn check(file: &str, at_least: usize) {
    let vectors = vectors(file);
    let wrong: Vec<_> = vectors.iter().filter_map(judge).collect();
    println!("{file}: {} vectors of known presets", vectors.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(vectors.is_empty() || vectors.len() >= at_least, "{}", vectors.len());
}

#[test]
fn our_vectors() {
    check("vectors.json", 71);
}

#[test]
fn vectors_published_by_providers() {
    check("third-party-vectors.json", 178);
}

/// How many vectors each preset was tried with, and which with none.
#[test]
fn what_is_tried() {
    let mut counts: BTreeMap<_, _> = PRESETS.iter().map(|preset| (preset.id, (0, 0))).collect();
    for vector in ["vectors.json", "third-party-vectors.json"].into_iter().flat_map(vectors) {
        let count = counts.get_mut(id(&vector)).unwrap();
        match vector["valid"].as_bool().unwrap() {
            true => count.0 += 1,
            false => count.1 += 1,
        }
    }
    for (id, (valid, invalid)) in &counts {
        println!("{id}: {valid} to accept, {invalid} to refuse");
    }
    let none: Vec<_> = counts.iter().filter(|(_, count)| **count == (0, 0)).map(|(id, _)| *id).collect();
    println!("{} presets, {} without vectors: {}", counts.len(), none.len(), none.join(" "));
}

#[test]
fn handshakes() {
    let Some(all) = read("vectors.json") else { return };
    let known = |vector: &&Value| Preset::find(id(vector)).is_some();
    for vector in all["handshakes"].as_array().unwrap().iter().filter(known) {
        if vector["secret"].is_null() {
            println!("not tried, for want of a secret: {}", text(vector, "id"));
            continue;
        }
        let question = &vector["request"];
        let now = vector["now"].as_i64().unwrap_or(NOW_SECONDS);
        let got = receive_at(&armed(vector, question), &sent(question), now);
        let wanted = &vector["expect"];
        match got {
            Ok(Received::Answer(answer)) => {
                assert_eq!(u64::from(answer.status), wanted["status"], "{vector}");
                if let Some(text) = wanted["text"].as_str() {
                    assert_eq!(answer.body, text, "{vector}");
                }
                if !wanted["json"].is_null() {
                    let json = serde_json::from_slice::<Value>(&answer.body).unwrap();
                    assert_eq!(json, wanted["json"], "{vector}");
                }
                if let Some([name, value]) = wanted["header"].as_array().map(Vec::as_slice) {
                    let pair = (name.as_str().unwrap().to_owned(), value.as_str().unwrap().to_owned());
                    assert!(answer.headers.contains(&pair), "{vector}");
                }
            }
            Ok(other) => panic!("{vector}: {other:?}"),
            Err(refusal) if wanted.is_null() => assert!([401, 405].contains(&refusal.status), "{vector}"),
            Err(refusal) => assert_eq!(u64::from(refusal.status), wanted["status"], "{vector}"),
        }
    }
}
