//! What every test of this module needs: a source from YAML, its lock, a request.

mod clear;
mod external;
mod flip;
mod known;
mod own;
mod presets;
mod refused;
mod table;

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::diagnostic::Diagnostic;
use crate::event::{Event, Request};
use crate::id::EventId;
use crate::secret::{Secret, SecretRef, Vault};
use crate::time::Timestamp;
use crate::yaml::Document;

use super::key::Form;
use super::receive::{Armed, Received};
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
    source.ok_or(problems)
}

fn source(yaml: &str) -> Source {
    compile(yaml).unwrap_or_else(|problems| panic!("{yaml}\n{problems:#?}"))
}

fn preset(id: &str) -> Source {
    source(&format!("verify: {id}\nsecret: {{ env: S }}"))
}

/// Armed with secrets of any length.
fn armed_raw(source: Source, secrets: &[&str]) -> Armed {
    let bytes =
        |form: &Form| secrets.iter().map(|text| form.decode(&secret(text)).unwrap()).collect::<Vec<_>>();
    let lock = match &source.scheme {
        Scheme::None => Lock::None,
        Scheme::Token(token) => Lock::Token(token.lock(bytes(&Form::default()))),
        Scheme::Basic(_) => Lock::Basic(super::basic::Basic::lock(bytes(&Form::default()))),
        Scheme::Hmac(hmac) => Lock::Hmac(Box::new(hmac.lock(&bytes(&hmac.key)))),
    };
    Armed::new(source, lock)
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
    armed.receive(request.clone(), EventId::new(0, [0; 10]), seconds(now))
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
