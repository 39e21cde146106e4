//! What `sign` makes of a preset's own sample, `receive` takes for genuine and understands; another body under the same
//! signature it refuses.

use http::Method;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use super::{NOW_SECONDS, armed_raw, events, preset, receive, request, seconds, secret, secrets};
use crate::event::{Event, Request};
use crate::provider::part::Part;
use crate::provider::receive::Armed;
use crate::provider::scheme::Scheme;
use crate::provider::sign::{Signed, Unsigned};
use crate::provider::{PRESETS, Preset};

/// Presets whose signature leaves out the body, or part of it, because their senders do.
const BODY_IS_OPEN: &[&str] = &["adyen", "generic-jwt", "jira-connect", "mailgun", "mailgun-route", "monday"];

/// The sample of a preset as its sender sends it; unsigned where only its sender can sign.
fn sent(id: &str, payload: &Value) -> (Armed, Request) {
    let mut source = preset(id);
    let about = Preset::find(id).unwrap().about().unwrap();
    let (signing, checking) = secrets(&source.scheme).unwrap_or_else(|| {
        source.scheme = Scheme::None;
        (String::new(), String::new())
    });
    let body = source.body(payload);
    let unsigned = Unsigned {
        path: "/test",
        query: "",
        body: &body,
        event: &about.event,
        id: "msg_1",
        now: seconds(NOW_SECONDS),
    };
    let Signed { method, headers, query, body } =
        source.sign(&secret(&signing), &unsigned).unwrap_or_else(|why| panic!("{id}: {why}"));
    let sent = Request { method, headers, query, body, ..request(&[], "", b"") };
    (armed_raw(source, &[&checking]), sent)
}

/// Whether another body must be refused.
fn is_bound(id: &str) -> bool {
    let scheme = preset(id).scheme;
    let tokens = matches!(scheme, Scheme::Token(_) | Scheme::Basic(_) | Scheme::None);
    !tokens && secrets(&scheme).is_some() && !BODY_IS_OPEN.contains(&id)
}

#[test]
fn each_preset_understands_its_own_sample() {
    for Preset { id, .. } in PRESETS {
        let about = Preset::find(id).unwrap().about().unwrap();
        let (armed, request) = sent(id, &about.payload);
        let got = events(receive(&armed, &request));
        assert_eq!(got[0].kind, about.event, "{id}");
        let stamped = armed.source().body(&about.payload) != *request.body;
        let items = armed.source().batch.as_ref().and_then(|batch| batch.items(&about.payload));
        let wanted = items.unwrap_or(std::slice::from_ref(&about.payload));
        assert!(stamped || got.iter().map(|event| &event.payload).eq(wanted), "{id}: {got:?}");
        let has_id = preset(id).id.is_some();
        let has_one = |event: &Event| event.dedupe_key.as_ref().is_some_and(|key| !key.is_empty());
        assert!(got.iter().all(|event| has_one(event) == has_id), "{id}: {got:?}");
    }
}

#[test]
fn another_bit_of_any_body_is_refused() {
    for Preset { id, .. } in PRESETS.iter().filter(|preset| is_bound(preset.id)) {
        let about = Preset::find(id).unwrap().about().unwrap();
        let (armed, request) = sent(id, &about.payload);
        // In a form that is signed by its fields, a `+` may stand for `%20`; its letters are tried below.
        let fields = armed.source().scheme.parts().contains(&&Part::Pairs);
        for at in (0..request.body.len()).filter(|_| !fields) {
            let mut body = request.body.to_vec();
            body[at] ^= 1;
            let changed = Request { body: body.into(), ..request.clone() };
            let got = receive(&armed, &changed);
            assert!(got.is_err(), "{id}: {}", String::from_utf8_lossy(&changed.body));
        }
    }
}

#[test]
fn without_a_signature_or_with_anothers_secret_nothing_passes() {
    for Preset { id, .. } in PRESETS {
        let about = Preset::find(id).unwrap().about().unwrap();
        let (armed, mut request) = sent(id, &about.payload);
        if armed.source().is_open() {
            continue;
        }
        let other = receive(&armed_raw(preset(id), &[&stranger(id)]), &request);
        assert_eq!(other.unwrap_err().status, 401, "{id}");
        request.headers.clear();
        request.query.clear();
        request.method = Method::POST;
        request.body = armed.source().body(&about.payload).into();
        let got = receive(&armed, &request).map(|_| ()).unwrap_err();
        assert_eq!(got.status, 401, "{id}: {got}");
    }
}

/// A secret of the right form that is another.
fn stranger(id: &str) -> String {
    let (signing, checking) = secrets(&preset(id).scheme).unwrap();
    if signing != checking {
        // Another point of the curve: the public half of the seed of all ones.
        return checking_of_ones(id);
    }
    checking.replace("AAEC", "BBEC").replace("0001", "1001").replace("sesame", "barley")
}

fn checking_of_ones(id: &str) -> String {
    use crate::provider::encoding::Encoding;
    use crate::provider::public_key::Writing;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let Scheme::Sig(sig) = preset(id).scheme else { panic!("{id}") };
    let public = pair.public_key().as_ref();
    match sig.key.writing {
        Writing::RawHex => Encoding::Hex.encode(public),
        _ => Encoding::Base64.encode(public),
    }
}

/// The cases are the same in every run.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: SEED, ..ProptestConfig::with_cases(8) })]
    #[test]
    fn any_text_in_a_payload_is_signed_and_proven(text in "\\PC{0,40}", other in "[a-z]{1,8}") {
        for Preset { id, .. } in PRESETS {
            let mut payload = Preset::find(id).unwrap().about().unwrap().payload;
            let place = if payload.is_array() { &mut payload[0] } else { &mut payload };
            let before = place.clone();
            let Some(map) = place.as_object_mut() else { continue };
            map.insert("zz_note".into(), Value::from(text.as_str()));
            let (armed, request) = sent(id, &payload);
            events(receive(&armed, &request));
            if is_bound(id) {
                let place = if payload.is_array() { &mut payload[0] } else { &mut payload };
                *place = before;
                place["zz_note"] = Value::from(format!("{text}{other}"));
                let body = armed.source().body(&payload).into();
                let changed = Request { body, ..request };
                prop_assert!(receive(&armed, &changed).is_err(), "{}", id);
            }
        }
    }
}
