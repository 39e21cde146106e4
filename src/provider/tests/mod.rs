//! What every test of this module needs: a source from YAML, its lock, a request.

mod batch;
mod clear;
mod each_byte;
mod external;
mod flip;
mod handshakes;
mod inverse;
mod keys;
mod kinds;
mod own;
mod presets;
mod refused;
mod refused_schemes;
mod sends;
mod table;
mod tokens;
mod written;

use std::net::{IpAddr, Ipv4Addr};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::diagnostic::Diagnostic;
use crate::event::{Event, Request};
use crate::id::EventId;
use crate::secret::{Secret, SecretRef, Vault};
use crate::time::Timestamp;
use crate::yaml::Document;

use super::encoding::Encoding;
use super::jwt::Maker;
use super::key::Form;
use super::preset::Preset;
use super::public_key::{Algorithm, Writing};
use super::receive::{Armed, Around, Received};
use super::refusal::Refusal;
use super::scheme::{Lock, Scheme};
use super::source::Source;

/// 2026-08-01T16:00:00Z.
const NOW_SECONDS: i64 = 1_785_600_000;

fn compile(yaml: &str) -> Result<Source, Vec<Diagnostic>> {
    let document = Document::parse("test.yaml", yaml).unwrap_or_else(|why| panic!("{yaml}\n{why:?}"));
    let mut problems = Vec::new();
    let source = Source::compile("test", &document.root(), &mut problems);
    assert_eq!(source.is_none(), !problems.is_empty(), "{yaml}\n{problems:?}");
    if source.is_some() {
        crate::schema::tests::takes("source", &document.root().json());
    }
    source.ok_or(problems)
}

fn source(yaml: &str) -> Source {
    compile(yaml).unwrap_or_else(|problems| panic!("{yaml}\n{problems:#?}"))
}

/// A source of this preset, with whatever that wants to know.
fn preset(id: &str) -> Source {
    let mut yaml = format!("verify: {id}\nsecret: {{ env: S }}");
    for param in Preset::find(id).unwrap().profile().unwrap().all_params() {
        let value = if param.name == "public_url" { "https://hooks.example.com" } else { "anything" };
        yaml.push_str(&format!("\n{}: {value}", param.name));
    }
    source(&yaml)
}

/// A secret that this scheme signs with, and the one it checks with; `None` when only its sender can sign.
fn secrets(scheme: &Scheme) -> Option<(String, String)> {
    let same = |text: &str| Some((text.to_owned(), text.to_owned()));
    match scheme {
        Scheme::Basic(_) => same("robin:open:sesame"),
        Scheme::Hmac(hmac) if hmac.key.encoding == Encoding::Hex => {
            same("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        }
        Scheme::Either(all) => secrets(&all[0].scheme),
        Scheme::Sig(sig) => {
            let seed: Vec<u8> = (0..32).collect();
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
            let public = pair.public_key().as_ref().to_vec();
            let written = match (sig.algorithm, sig.key.writing) {
                (Algorithm::Ed25519, Writing::RawHex) => Encoding::Hex.encode(&public),
                (Algorithm::Ed25519, Writing::RawBase64) => Encoding::Base64.encode(&public),
                _ => return None,
            };
            Some((format!("seed:{}", Encoding::Hex.encode(&seed)), format!("{}{written}", sig.key.strip)))
        }
        Scheme::Jwt(jwt) if !matches!(jwt.maker, Maker::Secret(_)) => None,
        _ => same("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    }
}

/// Armed with secrets of any length.
fn armed_raw(source: Source, secrets: &[&str]) -> Armed {
    let lock = lock_raw(&source.scheme, secrets);
    Armed::new(source, lock)
}

fn lock_raw(scheme: &Scheme, secrets: &[&str]) -> Lock {
    let bytes =
        |form: &Form| secrets.iter().map(|text| form.decode(&secret(text)).unwrap()).collect::<Vec<_>>();
    match scheme {
        Scheme::None => Lock::None,
        Scheme::Internal => Lock::Internal,
        Scheme::Token(token) => Lock::Token(token.lock(bytes(&Form::default()))),
        Scheme::Basic(_) => Lock::Basic(super::basic::Basic::lock(bytes(&Form::default()))),
        Scheme::Hmac(hmac) => Lock::Hmac(Box::new(hmac.lock(&bytes(&hmac.key)))),
        Scheme::Digest(digest) => Lock::Digest(Box::new(digest.lock(bytes(&digest.key)))),
        Scheme::Sig(sig) => {
            let secrets: Vec<_> = secrets.iter().map(|text| secret(text)).collect();
            let reference = SecretRef::Env("S".into());
            let named: Vec<_> = secrets.iter().map(|secret| (&reference, secret)).collect();
            Lock::Sig(Box::new(sig.arm(&named).unwrap()))
        }
        Scheme::Jwt(jwt) => match &jwt.maker {
            Maker::Secret(form) => Lock::Jwt(Box::new(jwt.lock(&bytes(form)))),
            Maker::Key(..) | Maker::Shown(..) => Lock::Jwt(Box::new(jwt.arm(&[]).unwrap())),
        },
        Scheme::Either(all) => {
            Lock::Either(all.iter().map(|one| (one.when.clone(), lock_raw(&one.scheme, secrets))).collect())
        }
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes())
}

fn vault(secrets: &[(&str, &str)]) -> Vault {
    let mut vault = Vault::default();
    for (name, value) in secrets {
        vault.insert(SecretRef::Env((*name).to_owned()), secret(value));
    }
    vault
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn request(headers: &[(&str, &str)], query: &str, body: &[u8]) -> Request {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Request {
        method: Method::POST,
        path: "/test".into(),
        params: Vec::new(),
        query: query.into(),
        headers: map,
        body: Bytes::copy_from_slice(body),
        peer: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        received_at: seconds(NOW_SECONDS),
    }
}

fn receive_at(armed: &Armed, request: &Request, now: i64) -> Result<Received, Refusal> {
    armed.receive(request.clone(), EventId::new(0, [0; 10]), &Around::at(seconds(now)))
}

fn receive(armed: &Armed, request: &Request) -> Result<Received, Refusal> {
    receive_at(armed, request, NOW_SECONDS)
}

fn event(received: Result<Received, Refusal>) -> Event {
    match received {
        Ok(Received::Event { event, .. }) => *event,
        other => panic!("{other:?}"),
    }
}

/// All events of a request, whether it is a batch or not.
fn events(received: Result<Received, Refusal>) -> Vec<Event> {
    match received {
        Ok(Received::Event { event, .. }) => vec![*event],
        Ok(Received::Batch { events, .. }) => events,
        other => panic!("{other:?}"),
    }
}
