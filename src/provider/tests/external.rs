//! Vectors: ours, for all providers, and those that providers publish, which are kept outside of this repository.
//!
//! `DOORBELL_PROVIDER_VECTORS` names the folder of the latter; without it, `../shared/providers` beside the checkout.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use super::super::preset::{PRESETS, Preset};
use super::{NOW_SECONDS, armed_raw, request, seconds, source};
use crate::event::Request;
use crate::id::EventId;
use crate::provider::receive::Armed;
use crate::provider::{Around, Fetched, Received, Refusal};

/// Any secret, where a vector has none.
const SECRET: &str = "a secret of thirty-two characters";

fn folder() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/providers");
    std::env::var_os("DOORBELL_PROVIDER_VECTORS").map_or_else(|| beside.into(), PathBuf::from)
}

/// Our own vectors and questions.
const OURS: &str = include_str!("vectors.json");

fn read(file: &str) -> Option<Value> {
    if file == "vectors.json" {
        return Some(serde_json::from_str(OURS).unwrap());
    }
    let path = folder().join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(why) => {
            println!("skipped: {}: {why}", path.display());
            None
        }
    }
}

pub(super) fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
    vector[key].as_str().unwrap_or_default()
}

/// The preset that a vector is for: we have one for each SignatureVersion.
pub(super) fn id(vector: &Value) -> &str {
    match text(vector, "preset") {
        "aws-sns" if text(vector, "body").contains("\"SignatureVersion\": \"1\"") => "aws-sns-sha1",
        id => id,
    }
}

/// A value that the vector gives for a key of the source, else anything that is one.
pub(super) fn value(vector: &Value, name: &str, address: &str) -> String {
    match (vector["config"][name].as_str(), name) {
        (Some(value), _) => value.to_owned(),
        (None, "public_url") => address.to_owned(),
        (None, "topic_arn") => vector["config"]["topic_arns"][0].as_str().unwrap().to_owned(),
        _ => "anything".to_owned(),
    }
}

/// The secrets of a vector; none when its keys are at a URL.
pub(super) fn secrets(vector: &Value) -> Vec<&str> {
    match (&vector["secrets"], &vector["secret"]) {
        (Value::Array(list), _) => list.iter().map(|secret| secret.as_str().unwrap()).collect(),
        (_, Value::String(secret)) => vec![secret],
        _ if is_shown(vector) => Vec::new(),
        _ => vec![SECRET],
    }
}

/// Whether the sender shows its keys at a URL.
fn is_shown(vector: &Value) -> bool {
    ["certs", "jwks"].iter().any(|name| !vector["config"][name].is_null())
}

/// What is at the URL of a key, in the world of a vector.
fn shown(vector: &Value, url: &str) -> Option<Bytes> {
    let config = &vector["config"];
    let certificate = config["certs"][url].as_str().map(|pem| Bytes::copy_from_slice(pem.as_bytes()));
    certificate.or_else(|| Some(Bytes::from(Some(&config["jwks"]).filter(|set| !set.is_null())?.to_string())))
}

/// What comes of a request, when every key that it needs is opened.
pub(super) fn received(
    vector: &Value,
    armed: &Armed,
    request: Request,
    around: Around<'_>,
) -> Result<Received, Refusal> {
    let received = armed.receive(request, EventId::new(0, [0; 10]), &around)?;
    let Received::NeedsKey { wanted, request } = received else { return Ok(received) };
    match shown(vector, &wanted.url) {
        Some(bytes) => {
            let fetched = Fetched { url: wanted.url, bytes, is_latest: true };
            armed.receive(*request, EventId::new(0, [0; 10]), &Around { fetched: Some(&fetched), ..around })
        }
        None => panic!("{}: {}", text(vector, "id"), wanted.url),
    }
}

/// The source that a vector is sent to: its preset, with what that needs, behind the URL its sender knows.
pub(super) fn armed(vector: &Value, sent: &Value) -> Armed {
    let preset = Preset::find(id(vector)).unwrap();
    let address = text(sent, "url").split('?').next().unwrap();
    let mut yaml = format!("verify: {}\nsecret: {{ env: S }}\nmethods: [POST, GET]", preset.id);
    for param in preset.profile().unwrap().all_params() {
        yaml.push_str(&format!("\n{}: \"{}\"", param.name, value(vector, &param.name, address)));
    }
    armed_raw(source(&yaml), &secrets(vector))
}

pub(super) fn sent(vector: &Value) -> Request {
    let headers = vector["headers"].as_object().unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect();
    let query = text(vector, "url").split_once('?').map_or("", |(_, query)| query);
    let method = Method::from_bytes(text(vector, "method").as_bytes()).unwrap();
    Request { method, ..request(&headers, query, text(vector, "body").as_bytes()) }
}

/// What happened to a vector, in words, when it was not what should have.
fn judge(vector: &Value) -> Option<String> {
    let now = vector["now"].as_i64().unwrap_or(NOW_SECONDS);
    let got = received(vector, &armed(vector, vector), sent(vector), Around::at(seconds(now)));
    let unproven = got.as_ref().is_err_and(|refusal| refusal.status == 401);
    let wanted = vector["valid"].as_bool().unwrap();
    (unproven == wanted).then(|| format!("{}: {got:?}", text(vector, "id")))
}

pub(super) fn vectors(file: &str) -> Vec<Value> {
    let Some(mut all) = read(file) else { return Vec::new() };
    let Value::Array(all) = all["vectors"].take() else { panic!("{file}") };
    all.into_iter().collect()
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
    check("vectors.json", 77);
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
    for vector in all["handshakes"].as_array().unwrap() {
        let question = &vector["request"];
        let now = vector["now"].as_i64().unwrap_or(NOW_SECONDS);
        let around = Around { is_awaited: true, ..Around::at(seconds(now)) };
        let got = received(vector, &armed(vector, question), sent(question), around);
        let wanted = &vector["expect"];
        match got {
            Ok(Received::Secret { secret, answer }) => {
                assert_eq!(u64::from(answer.status), wanted["status"], "{vector}");
                assert_eq!(secret.expose_text(), wanted["capture"].as_str(), "{vector}");
            }
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
