//! Of every vector that is genuine: with any one byte of its body, signature or moment changed, it is not.

use super::external::{armed, received, sent, text, vectors};
use super::{NOW_SECONDS, seconds};
use crate::event::Request;
use crate::provider::Around;
use crate::provider::part::Part;
use crate::provider::receive::Armed;
use crate::provider::scheme::Scheme;
use http::{HeaderName, HeaderValue};
use serde_json::Value;

/// Of longer bodies each byte of the head and the tail is tried, and every so many between.
const ENDS_BYTES: usize = 400;
const STEP_BYTES: usize = 13;

/// The bytes of a body that are tried.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..length).filter(move |at| *at < ENDS_BYTES || *at + ENDS_BYTES > length || at % STEP_BYTES == 0)
}

/// What is said of a request: nothing, when it becomes an event; else the status.
fn refused(vector: &Value, armed: &Armed, request: &Request) -> Option<u16> {
    let now = seconds(vector["now"].as_i64().unwrap_or(NOW_SECONDS));
    received(vector, armed, request.clone(), Around::at(now)).err().map(|refusal| refusal.status)
}

/// Whether a request is believed: what is proved and cannot be read (the body of a vector may be no JSON) is; what cannot
/// be read because it was changed need not come to its proof.
fn is_genuine(vector: &Value, armed: &Armed, (request, before): (&Request, &Request)) -> bool {
    match refused(vector, armed, request) {
        None => true,
        Some(status) => status != 401 && refused(vector, armed, before).is_some(),
    }
}

/// Whether every byte of the body is signed, by itself or by its digest.
fn signs_body(scheme: &Scheme) -> bool {
    match scheme {
        Scheme::Hmac(hmac) => hmac.message.signed.names(&Part::Body) || hmac.message.body_digest.is_some(),
        Scheme::Digest(digest) => digest.message.signed.names(&Part::Body),
        Scheme::Sig(sig) => sig.message.signed.names(&Part::Body) || sig.message.body_digest.is_some(),
        Scheme::Jwt(jwt) => jwt.body_digest.is_some(),
        Scheme::Either(_) | Scheme::None | Scheme::Internal | Scheme::Token(_) | Scheme::Basic(_) => false,
    }
}

/// Where the proof stands: signature, moment, token.
fn proofs(scheme: &Scheme) -> Vec<Part> {
    let of = |message: &crate::provider::message::Message| {
        message.signature.from.iter().cloned().chain(message.age.iter().map(|age| age.from.clone())).collect()
    };
    match scheme {
        Scheme::Hmac(hmac) => of(&hmac.message),
        Scheme::Digest(digest) => of(&digest.message),
        Scheme::Sig(sig) => of(&sig.message),
        Scheme::Jwt(jwt) => vec![jwt.from.clone()],
        Scheme::Token(token) => vec![token.from.clone()],
        Scheme::Basic(_) => vec![Part::parse("header:authorization").unwrap()],
        Scheme::Either(all) => all.iter().flat_map(|one| proofs(&one.scheme)).collect(),
        Scheme::None | Scheme::Internal => Vec::new(),
    }
}

/// Whether a place is in an item that nobody looks at, such as `v0=` of Stripe: without it, all is as genuine as with it.
fn is_loose(vector: &Value, armed: &Armed, before: &Request, (name, at): (&HeaderName, usize)) -> bool {
    let value = before.headers[name].to_str().unwrap();
    [',', ';', ' '].into_iter().filter(|sign| value.contains(*sign)).any(|sign| {
        let item = value.split_at(at).0.matches(sign).count();
        let kept = value.split(sign).enumerate().filter(|(index, _)| *index != item).map(|(_, item)| item);
        let mut less = before.clone();
        less.headers.insert(name, kept.collect::<Vec<_>>().join(&sign.to_string()).parse().unwrap());
        is_genuine(vector, armed, (&less, before))
    })
}

fn tried() -> impl Iterator<Item = (Value, Armed, Request)> {
    let all = ["vectors.json", "third-party-vectors.json"].into_iter().flat_map(vectors);
    all.filter(|vector| vector["valid"].as_bool().unwrap()).map(|vector| {
        let (armed, sent) = (armed(&vector, &vector), sent(&vector));
        assert_ne!(refused(&vector, &armed, &sent), Some(401), "{}", text(&vector, "id"));
        (vector, armed, sent)
    })
}

#[test]
fn each_byte_of_a_body_that_is_signed() {
    let mut count = 0;
    for (vector, armed, sent) in tried().filter(|(_, armed, _)| signs_body(&armed.source().scheme)) {
        for at in places(sent.body.len()) {
            let mut body = sent.body.to_vec();
            body[at] ^= 1;
            let changed = Request { body: body.into(), ..sent.clone() };
            assert!(!is_genuine(&vector, &armed, (&changed, &sent)), "{} at {at}", text(&vector, "id"));
        }
        count += 1;
    }
    println!("{count} vectors, each byte of their bodies");
}

#[test]
fn each_byte_of_signature_moment_and_token() {
    let mut count = 0;
    for (vector, armed, sent) in tried() {
        for part in proofs(&armed.source().scheme) {
            let Part::Header(name) = &part else { continue };
            let Some(value) = sent.headers.get(name).map(|value| value.as_bytes().to_vec()) else { continue };
            for at in 0..value.len() {
                let mut other = value.clone();
                other[at] ^= 1;
                let Ok(other) = HeaderValue::from_bytes(&other) else { continue };
                let mut changed = sent.clone();
                changed.headers.insert(name, other);
                let right = !is_genuine(&vector, &armed, (&changed, &sent))
                    || is_loose(&vector, &armed, &sent, (name, at));
                assert!(right, "{} {part} at {at}: {:?}", text(&vector, "id"), changed.headers.get(name));
                count += 1;
            }
        }
    }
    println!("{count} bytes of signatures, moments and tokens");
}

/// Where only some fields are signed, each byte of each of them counts.
#[test]
fn each_byte_of_a_field_that_is_signed() {
    let mut count = 0;
    for (vector, armed, sent) in tried().filter(|(_, armed, _)| !signs_body(&armed.source().scheme)) {
        let (Scheme::Hmac(_) | Scheme::Digest(_) | Scheme::Sig(_) | Scheme::Either(_)) =
            &armed.source().scheme
        else {
            continue;
        };
        let body: Value = serde_json::from_slice(&sent.body).unwrap_or_default();
        for part in armed.source().scheme.parts() {
            let Part::Json(path) = part else { continue };
            let Ok(Some(Value::String(value))) = path.first(&body) else { continue };
            let Some(start) = place(&sent.body, value) else { continue };
            for at in start..start + value.len() {
                let mut bytes = sent.body.to_vec();
                bytes[at] ^= 1;
                let changed = Request { body: bytes.into(), ..sent.clone() };
                assert!(
                    !is_genuine(&vector, &armed, (&changed, &sent)),
                    "{} {part} at {at}",
                    text(&vector, "id")
                );
                count += 1;
            }
        }
    }
    println!("{count} bytes of fields");
}

/// Where a text stands in a body, when it stands there once, as it is.
fn place(body: &[u8], value: &str) -> Option<usize> {
    let found = |at: &usize| body[*at..].starts_with(value.as_bytes());
    let mut places = (0..body.len()).filter(found);
    places.next().filter(|_| value.len() > 8 && places.next().is_none())
}
