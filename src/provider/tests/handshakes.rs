//! Questions that senders ask before they send, one row each: what is asked, and what is answered.

use http::Method;

use super::{NOW_SECONDS, armed_raw, event, preset, receive, request, seconds, secret, source};
use crate::event::Request;
use crate::id::EventId;
use crate::provider::sign::{Signed, Unsigned};
use crate::provider::{Around, Received};

const SECRET: &str = "a secret of thirty-two characters";

/// `Ok` with status and body, or the status of the refusal, or `Err(0)` when it is taken for an event.
type Answer<'a> = Result<(u16, &'a str), u16>;

struct Row {
    preset: &'static str,
    method: &'static str,
    headers: &'static [(&'static str, &'static str)],
    query: &'static str,
    body: &'static str,
    wanted: Answer<'static>,
}

const fn get(preset: &'static str, query: &'static str, wanted: Answer<'static>) -> Row {
    Row { preset, method: "GET", headers: &[], query, body: "", wanted }
}

const fn post(
    preset: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    wanted: Answer<'static>,
) -> Row {
    Row { preset, method: "POST", headers, query: "", body, wanted }
}

const OK: Answer<'static> = Ok((200, ""));
const UNPROVEN: Answer<'static> = Err(401);
const NO_METHOD: Answer<'static> = Err(405);

const ROWS: &[Row] = &[
    get(
        "x",
        "crc_token=uzwcfYtzr9",
        Ok((200, "{\"response_token\":\"sha256=+6Ox6e8wM+CelxExbn7fHLAAzVPTOnfLF/aCiiLruj8=\"}")),
    ),
    // Whoever may have any text signed could have a webhook signed.
    get("x", "crc_token={\"a\":1}", NO_METHOD),
    get("x", "crc_token=%7B%7D", NO_METHOD),
    get("x", "crc_token=1", NO_METHOD),
    get("x", "crc_token=-1.5e3", NO_METHOD),
    get("x", "crc_token=true", NO_METHOD),
    get("x", "crc_token=null", NO_METHOD),
    get("x", "crc_token=%22a%22", NO_METHOD),
    get("x", "crc_token=", NO_METHOD),
    get("x", "crc_token=a%0Ab", NO_METHOD),
    get("x", "crc_token=a&crc_token=b", NO_METHOD),
    get("x", "", NO_METHOD),
    get(
        "meta",
        "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=anything",
        Ok((200, "1158201444")),
    ),
    get("meta", "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=other", NO_METHOD),
    get("meta", "hub.mode=subscribe&hub.challenge=1158201444", NO_METHOD),
    get("meta", "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=anything", NO_METHOD),
    get("dropbox", "challenge=abc", Ok((200, "abc"))),
    get("mailchimp", "secret=a%20secret%20of%20thirty-two%20characters", Ok((200, "ok"))),
    get("mailchimp", "secret=other", UNPROVEN),
    get("mailchimp", "", UNPROVEN),
    get("github", "", NO_METHOD),
    Row { method: "HEAD", ..get("trello", "", OK) },
    Row { method: "HEAD", ..get("mandrill", "", OK) },
    Row { method: "HEAD", ..get("github", "", NO_METHOD) },
    Row {
        headers: &[("X-Okta-Verification-Challenge", "Ygg9sQV9nMWk")],
        ..get("okta", "", Ok((200, "{\"verification\":\"Ygg9sQV9nMWk\"}")))
    },
    Row {
        method: "OPTIONS",
        headers: &[("WebHook-Request-Origin", "anything")],
        ..get("cloudevents", "", OK)
    },
    Row {
        method: "OPTIONS",
        headers: &[("WebHook-Request-Origin", "evil.example")],
        ..get("cloudevents", "", NO_METHOD)
    },
    post("bitbucket-server", &[("X-Event-Key", "diagnostics:ping")], "{\"test\":true}", Ok((200, "ok"))),
    post("bitbucket-server", &[("X-Event-Key", "repo:refs_changed")], "{}", UNPROVEN),
    post("woocommerce", &[], "webhook_id=7", Ok((200, "ok"))),
    // What is signed is an event, whatever its text looks like as a form.
    post("woocommerce", &[("X-WC-Webhook-Signature", "AAAA")], "{\"x\":\"&webhook_id=7&\"}", UNPROVEN),
    post("monday", &[], "{\"challenge\":\"abc\"}", Ok((200, "{\"challenge\":\"abc\"}"))),
    post("monday", &[], "{\"challenge\":\"abc\",\"event\":{}}", UNPROVEN),
    post("asana", &[("X-Hook-Secret", "b537207f20cbfa02357cf448134da559")], "{}", UNPROVEN),
    post("asana", &[("X-Hook-Secret", "b537207f"), ("X-Hook-Signature", "00")], "{}", UNPROVEN),
    post("slack", &[], "{\"type\":\"url_verification\",\"challenge\":\"abc\"}", UNPROVEN),
    post("zoom", &[], "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"a\"}}", UNPROVEN),
    post("twitch", &[("Twitch-Eventsub-Message-Type", "webhook_callback_verification")], "{}", UNPROVEN),
    post("azure-event-grid", &[("aeg-event-type", "SubscriptionValidation")], "[]", UNPROVEN),
    post("notion", &[], "{\"verification_token\":\"abc\"}", UNPROVEN),
];

#[test]
fn questions_nobody_signs() {
    for row in ROWS {
        let armed = armed_raw(preset(row.preset), &[SECRET]);
        let sent = Request {
            method: Method::from_bytes(row.method.as_bytes()).unwrap(),
            ..request(row.headers, row.query, row.body.as_bytes())
        };
        let got = match receive(&armed, &sent) {
            Ok(Received::Answer(answer)) => {
                Ok((answer.status, String::from_utf8(answer.body.to_vec()).unwrap()))
            }
            Ok(_) => Err(0),
            Err(refusal) => Err(refusal.status),
        };
        let wanted = row.wanted.map(|(status, body)| (status, body.to_owned()));
        assert_eq!(got, wanted, "{} {} {} {}", row.preset, row.method, row.query, row.body);
    }
}

/// The question as its sender signs it.
fn signed(id: &str, headers: &[(&str, &str)], body: &str) -> Result<(u16, String), u16> {
    let source = preset(id);
    let unsigned = Unsigned {
        path: "/test",
        query: "",
        body: body.as_bytes(),
        event: "kind",
        id: "msg_1",
        now: seconds(NOW_SECONDS),
    };
    let Signed { headers: more, query, .. } = source.sign(&secret(SECRET), &unsigned).unwrap();
    let mut sent = request(headers, &query, body.as_bytes());
    sent.headers.extend(more);
    match receive(&armed_raw(source, &[SECRET]), &sent) {
        Ok(Received::Answer(answer)) => Ok((answer.status, String::from_utf8(answer.body.to_vec()).unwrap())),
        Ok(_) => Err(0),
        Err(refusal) => Err(refusal.status),
    }
}

/// What a sender hands out while somebody waits, and what is answered.
#[test]
fn a_secret_that_is_handed_out_is_taken_only_while_somebody_waits() {
    let asana = ("X-Hook-Secret", "b537207f20cbfa02357cf448134da559");
    let notion = "{\"verification_token\":\"secret_abc123_verification_token\"}";
    for (id, headers, body, wanted) in [
        ("asana", &[asana][..], "{}", Ok(asana.1)),
        ("asana", &[asana, ("X-Hook-Signature", "00")], "{}", Err(401)),
        ("asana", &[("X-Hook-Secret", "short")], "{}", Err(401)),
        ("notion", &[], notion, Ok("secret_abc123_verification_token")),
        (
            "notion",
            &[],
            "{\"verification_token\":\"secret_abc123_verification_token\",\"type\":\"x\"}",
            Err(401),
        ),
        ("github", &[asana], "{}", Err(401)),
    ] {
        for is_awaited in [true, false] {
            let around = Around { is_awaited, ..Around::at(seconds(NOW_SECONDS)) };
            let sent = request(headers, "", body.as_bytes());
            let got = match armed_raw(preset(id), &[SECRET]).receive(sent, EventId::new(0, [0; 10]), &around)
            {
                Ok(Received::Secret { secret, answer }) => {
                    assert_eq!(answer.status, 200, "{id}");
                    Ok(secret.expose_text().unwrap().to_owned())
                }
                Ok(other) => panic!("{id}: {other:?}"),
                Err(refusal) => Err(refusal.status),
            };
            let wanted = if is_awaited { wanted.map(str::to_owned) } else { Err(401) };
            assert_eq!(got, wanted, "{id} {is_awaited}");
        }
    }
}

#[test]
fn questions_that_are_signed() {
    let zoom =
        "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"qgg8vlvZRS6UYooatFL8Aw\"}}";
    for (id, headers, body, wanted) in [
        (
            "zoom",
            &[][..],
            zoom,
            "{\"encryptedToken\":\"62622c270b91bbcc52cb47e263ef880f638be223d8b9b76df22a2bd69e07bb70\",\"plainToken\":\"qgg8vlvZRS6UYooatFL8Aw\"}",
        ),
        (
            "twitch",
            &[("Twitch-Eventsub-Message-Type", "webhook_callback_verification")],
            "{\"challenge\":\"abc\"}",
            "abc",
        ),
        (
            "azure-event-grid",
            &[("aeg-event-type", "SubscriptionValidation")],
            "[{\"id\":\"1\",\"data\":{\"validationCode\":\"abc\"}}]",
            "{\"validationResponse\":\"abc\"}",
        ),
        ("mailchimp", &[], "", "ok"),
    ] {
        assert_eq!(signed(id, headers, body), Ok((200, wanted.to_owned())), "{id}");
    }
}

#[test]
fn an_answer_is_short() {
    let long = format!("challenge={}", "a".repeat(4097));
    let mut sent = request(&[], &long, b"");
    sent.method = Method::GET;
    assert_eq!(receive(&armed_raw(preset("dropbox"), &[SECRET]), &sent).unwrap_err().status, 405);
}

#[test]
fn answers_carry_their_headers() {
    let yaml = "verify: cloudevents\nsecret: { env: S }\nallowed_origin: a.example";
    let mut sent = request(&[("WebHook-Request-Origin", "a.example")], "", b"");
    sent.method = Method::OPTIONS;
    for (more, wanted) in [
        ("", vec![("Allow", "POST"), ("WebHook-Allowed-Origin", "a.example")]),
        (
            "\nallowed_rate: \"120\"",
            vec![("Allow", "POST"), ("WebHook-Allowed-Origin", "a.example"), ("WebHook-Allowed-Rate", "120")],
        ),
    ] {
        let armed = armed_raw(source(&format!("{yaml}{more}")), &[SECRET]);
        let Ok(Received::Answer(answer)) = receive(&armed, &sent) else { panic!() };
        let headers: Vec<_> = answer.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(headers, wanted);
    }
    let without = armed_raw(source("verify: cloudevents\nsecret: { env: S }"), &[SECRET]);
    assert_eq!(receive(&without, &sent).unwrap_err().status, 405, "nobody may, where nobody is named");
}

#[test]
fn a_preset_says_what_its_sender_wants_to_hear() {
    for (id, wanted) in [
        ("adyen", Some((200, "[accepted]"))),
        ("discord-events", Some((204, ""))),
        ("twilio", Some((200, "<Response/>"))),
        ("github", None),
    ] {
        let got = preset(id)
            .respond
            .map(|answer| (answer.status, String::from_utf8(answer.body.to_vec()).unwrap()));
        assert_eq!(got, wanted.map(|(status, body)| (status, body.to_owned())), "{id}");
    }
    let salesforce = preset("salesforce-outbound").respond.unwrap();
    assert!(salesforce.content_type.starts_with("text/xml"));
    assert!(String::from_utf8(salesforce.body.to_vec()).unwrap().contains("<Ack>true</Ack>"));
}

#[test]
fn discord_pings_and_commands_are_told_apart() {
    let (signing, checking) = super::secrets(&preset("discord").scheme).unwrap();
    for (body, wanted) in [("{\"type\":1,\"token\":\"x\"}", true), ("{\"type\":2,\"token\":\"x\"}", false)] {
        let source = preset("discord");
        let unsigned = Unsigned {
            path: "/test",
            query: "",
            body: body.as_bytes(),
            event: "",
            id: "",
            now: seconds(NOW_SECONDS),
        };
        let signed = source.sign(&secret(&signing), &unsigned).unwrap();
        let mut sent = request(&[], "", body.as_bytes());
        sent.headers = signed.headers;
        match receive(&armed_raw(source, &[&checking]), &sent) {
            Ok(Received::Answer(answer)) => assert!(wanted && *answer.body == *b"{\"type\":1}", "{body}"),
            other => assert!(!wanted && event(other).kind == "2", "{body}"),
        }
    }
}
