//! What people are shown of the history, as JSON: one shape for the admin interface and the command line.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::action::Connection;
use crate::delivery::State;
use crate::effect::{Auth, Effect, Http, Mail, Mailbox};
use crate::event::{Event, Parent};
use crate::feed::News;
use crate::meter::Circuit;
use crate::redact::{self, Redaction};
use crate::rehearse::{self, Reach};
use crate::rule::{self, Explained, Held};
use crate::secret;
use crate::store::{AttemptRow, DeliveryRow, EventRow, Pause, Rejection, Saying};
use crate::time::Timestamp;

/// An event in a list.
pub fn event_row(row: &EventRow) -> Value {
    let deliveries: serde_json::Map<String, Value> =
        row.deliveries.iter().map(|(state, count)| (state.clone(), json!(count))).collect();
    json!({
        "id": row.id,
        "source": row.source,
        "type": row.kind,
        "received_at": row.received_at,
        "body_bytes": row.body_bytes,
        "duplicates": row.duplicates,
        "id_conflict": row.conflict_with.is_some(),
        "conflict_with": row.conflict_with,
        "matched": row.matched,
        "delivery_states": deliveries,
    })
}

/// One event with its request, without what is hidden.
pub fn event(row: &EventRow, event: &Event, deliveries: &[DeliveryRow], redaction: Redaction<'_>) -> Value {
    let mut shown = event_row(row);
    let request = &event.request;
    if let Some(map) = shown.as_object_mut() {
        map.insert("verified".into(), json!(event.verified));
        map.insert("parent".into(), event.parent().map_or(Value::Null, parent));
        let hidden = redaction.texts(&event.payload);
        let text = |text: &str| redact::without(&redaction.text(text), &hidden);
        map.insert("dedupe_key".into(), json!(event.dedupe_key.as_deref().map(text)));
        map.insert("method".into(), json!(request.method.as_str()));
        map.insert("path".into(), json!(text(&request.path)));
        map.insert("query".into(), json!(text(&request.query)));
        map.insert("headers".into(), json!(redaction.headers(&request.headers)));
        map.insert("peer".into(), json!(request.peer.to_string()));
        let payload = redaction.payload(&event.payload);
        map.insert("redacted".into(), json!(payload.is_some()));
        map.insert("payload".into(), payload.unwrap_or_else(|| event.payload.clone()));
        map.insert("deliveries".into(), deliveries.iter().map(|row| delivery_row(row, &hidden)).collect());
    }
    shown
}

/// What an event was emitted for.
fn parent(parent: Parent) -> Value {
    json!({ "event": parent.event, "delivery": parent.delivery, "depth": parent.depth })
}

/// The body of an event: its exact bytes, or its payload as JSON where something of it is hidden.
pub fn body(event: &Event, redaction: Redaction<'_>) -> Bytes {
    let body = &event.request.body;
    if let Some(payload) = redaction.payload(&event.payload) {
        return Bytes::from(payload.to_string());
    }
    match std::str::from_utf8(body) {
        Ok(text) if redaction.text(text) != text => Bytes::from(redaction.text(text)),
        _ => Bytes::clone(body),
    }
}

/// A delivery in a list, without the texts that are hidden.
pub fn delivery_row(row: &DeliveryRow, hidden: &[String]) -> Value {
    let delivery = &row.delivery;
    let text = |text: &str| redact::without(text, hidden);
    let (due_at, reason) = match &delivery.state {
        State::Due { at } => (Some(*at), None),
        State::Dead { reason } | State::Cancelled { reason } => (None, Some(text(reason))),
        _ => (None, None),
    };
    let waits_for = match &delivery.state {
        State::Waiting { on } => Some(on.as_str()),
        _ => None,
    };
    json!({
        "id": delivery.id,
        "event": delivery.event,
        "rule": &*delivery.rule,
        "revision": crate::hex::hex(&delivery.revision),
        "action": delivery.action,
        "item": delivery.context.item,
        "replayed_at": delivery.context.replayed_at.map(Timestamp::from_millis),
        "waits_for": waits_for,
        "shadow": delivery.context.shadow,
        "verb": &*delivery.verb,
        "destination": &*delivery.destination,
        "mode": delivery.mode,
        "state": delivery.state.name(),
        "reason": reason,
        "due_at": due_at,
        "attempts_made": delivery.attempts,
        "accepted_at": delivery.accepted_at,
        "finished_at": row.finished_at,
        "last_error": row.last_error.as_deref().map(text),
    })
}

/// A delivery with its attempts and the one under way, without the texts that are hidden.
pub fn delivery(
    row: &DeliveryRow,
    attempts: &[AttemptRow],
    running: Option<&Saying>,
    hidden: &[String],
) -> Value {
    let mut shown = delivery_row(row, hidden);
    // What has ended since it was asked for runs no more.
    let has_ended = |saying: &&Saying| {
        attempts
            .iter()
            .any(|attempt| attempt.number == saying.attempt && attempt.started_at == saying.started_at)
    };
    let running = running.filter(|saying| !has_ended(saying));
    if let Some(map) = shown.as_object_mut() {
        map.insert("running".into(), running.map_or(Value::Null, |saying| self::running(saying, hidden)));
        map.insert("attempts".into(), attempts.iter().map(|row| attempt(row, hidden)).collect());
    }
    shown
}

/// An attempt under way, with what it has said so far.
fn running(saying: &Saying, hidden: &[String]) -> Value {
    let text = |text: &str| redact::without(text, hidden);
    json!({
        "number": saying.attempt,
        "started_at": saying.started_at,
        "at": saying.at,
        "sent": text(&saying.sent),
        "output": text(&saying.output),
    })
}

fn attempt(row: &AttemptRow, hidden: &[String]) -> Value {
    let text = |text: &str| redact::without(text, hidden);
    json!({
        "number": row.number,
        "started_at": row.started_at,
        "took_ms": u64::try_from(row.took.as_millis()).unwrap_or(u64::MAX),
        "outcome": row.kind,
        "words": row.words,
        "sent": text(&row.sent),
        "got_head": text(&row.got_head),
        "got_body": text(&row.got_body),
        "stale": row.stale,
    })
}

/// What happened: its name, and what is told of it.
pub fn news(news: &News) -> (&'static str, Value) {
    match news {
        News::Webhook { at, event, source, kind, outcome, verified, matched, .. } => {
            let matched: Vec<&str> = matched.iter().map(|rule| &**rule).collect();
            let told = json!({
                "at": at,
                "event": event,
                "source": &**source,
                "type": kind,
                "outcome": outcome,
                "verified": verified,
                "matched": matched,
            });
            ("event", told)
        }
        News::Refused { at, id, source, status, cause } => {
            let told = json!({ "at": at, "id": id, "source": source, "status": status, "cause": cause });
            ("refused", told)
        }
        News::Attempt { at, delivery, event, rule, verb, attempt, state, words, took_ms, .. } => {
            let told = json!({
                "at": at,
                "delivery": delivery,
                "event": event,
                "rule": &**rule,
                "verb": &**verb,
                "attempt": attempt,
                "state": state,
                "words": words,
                "took_ms": took_ms,
            });
            ("attempt", told)
        }
    }
}

/// A connection and how it stands. `circuit` is that of its breaker, when it has one.
pub fn connection(
    name: &str,
    connection: &Connection,
    circuit: Option<Circuit>,
    pause: Option<&Pause>,
) -> Value {
    let circuit = circuit.map(|circuit| match circuit {
        Circuit::Closed => "closed",
        Circuit::Open => "open",
    });
    json!({
        "name": name,
        "verb": connection.verb.name,
        "concurrency": connection.concurrency,
        "rate": connection.rate.map(|rate| rate.to_string()),
        "breaker": circuit,
        "paused": pause.map(|pause| json!({ "since": pause.since, "reason": pause.reason })),
    })
}

/// A refused request.
pub fn rejection(row: &Rejection) -> Value {
    json!({
        "id": row.id,
        "at": row.at,
        "source": row.source,
        "status": row.status,
        "cause": row.cause,
        "peer": row.peer,
    })
}

/// A refused request, with what was looked at in it.
pub fn rejection_explained(row: &Rejection) -> Value {
    let examined: Value =
        row.examined.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    json!({ "format_version": 1, "rejection": rejection(row), "examined": examined })
}

/// An effect as people read it: what would be done, secrets by the names of their references.
pub fn effect(effect: &Effect) -> Value {
    match effect {
        Effect::Http(http) => json!({ "http": http_effect(http) }),
        Effect::Command(command) => json!({ "command": {
            "argv": command.argv,
            "env": pairs(&command.env),
            "cwd": command.cwd,
            "stdin": bytes(&command.stdin),
            "timeout_ms": millis(command.timeout),
        } }),
        Effect::Mail(mail) => json!({ "mail": mail_effect(mail) }),
        Effect::Log(log) => json!({ "log": log.text }),
        Effect::Emit(emit) => json!({ "emit": {
            "source": emit.source,
            "type": emit.kind,
            "payload": bytes(&emit.payload),
            "depth": emit.depth,
        } }),
        Effect::Respond(respond) => json!({ "respond": {
            "status": respond.status,
            "headers": respond.headers,
            "content_type": respond.content_type,
            "body": bytes(&respond.body),
        } }),
    }
}

fn http_effect(http: &Http) -> Value {
    json!({
        "method": http.method.as_str(),
        "base": setting(&http.base),
        "path": http.path,
        "query": http.query,
        "headers": pairs(&http.headers),
        "auth": auth(&http.auth),
        "content_type": http.content_type,
        "body": bytes(&http.body),
        "timeout_ms": millis(http.timeout),
    })
}

fn mail_effect(mail: &Mail) -> Value {
    let all = |boxes: &[Mailbox]| boxes.iter().map(|one| json!(one.to_string())).collect::<Value>();
    json!({
        "server": format!("{}:{}", mail.host, mail.port),
        "from": mail.from.to_string(),
        "to": all(&mail.to),
        "cc": all(&mail.cc),
        "bcc": all(&mail.bcc),
        "reply_to": mail.reply_to.as_ref().map(ToString::to_string),
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "attachment": mail.attachment.as_ref().map(|file| json!([file.name, file.content_type, file.bytes.len()])),
        "timeout_ms": millis(mail.timeout),
    })
}

fn setting(value: &secret::Value) -> Value {
    match value {
        secret::Value::Plain(text) => json!(text),
        secret::Value::Secret(reference) => json!(format!("[{reference}]")),
    }
}

fn pairs(pairs: &[(String, secret::Value)]) -> Value {
    pairs.iter().map(|(name, value)| json!([name, setting(value)])).collect()
}

fn auth(auth: &Auth) -> Value {
    match auth {
        Auth::None => Value::Null,
        Auth::Bearer(reference) => json!({ "bearer": format!("[{reference}]") }),
        Auth::Certificate(reference) => json!({ "certificate": format!("[{reference}]") }),
        Auth::Basic { user, password } => json!({ "basic": [setting(user), format!("[{password}]")] }),
        Auth::Scheme { word, secret } => json!({ "scheme": [word, format!("[{secret}]")] }),
        Auth::Header { name, value } => json!({ "header": [name, format!("[{value}]")] }),
    }
}

/// A body as JSON where it is JSON, else as text.
fn bytes(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(bytes)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Why each rule matched an event or did not.
pub fn explained(event: &Event, rules: &[Explained<'_>]) -> Value {
    let list: Vec<Value> = rules.iter().map(|rule| explained_rule(rule, event)).collect();
    json!({
        "format_version": 1,
        "event": {
            "id": event.id,
            "source": &*event.source,
            "type": event.kind,
            "received_at": event.request.received_at,
            "verified": event.verified,
        },
        "rules": list,
    })
}

/// The same for the items of a batch, in their order.
pub fn batch(explained: &[Value]) -> Value {
    json!({ "format_version": 1, "batch": explained })
}

fn explained_rule(explained: &Explained<'_>, event: &Event) -> Value {
    let verdict = match &explained.verdict {
        rule::Verdict::Matched => "matched".to_owned(),
        rule::Verdict::Unmatched => "unmatched".to_owned(),
        rule::Verdict::Disabled => "disabled: its `enabled` is false".to_owned(),
        rule::Verdict::Stopped { by } => format!("stopped by `{by}`"),
        rule::Verdict::NotNeeded => "not needed: it is a fallback, and another rule matched".to_owned(),
        rule::Verdict::Unknown => "unknown: its conditions took too many steps".to_owned(),
    };
    json!({
        "name": &*explained.rule.name,
        "file": &*explained.rule.file,
        "line": explained.rule.line,
        "matched": explained.is_matched(),
        "shadow": explained.rule.shadow,
        "verdict": verdict,
        "from": held(&explained.from),
        "path": held(&explained.path),
        "event": held(&explained.event),
        "proof": explained.proof,
        "would_match_with": rehearse::reach(explained, event).map(|reach| would(&reach)),
    })
}

/// What would make a rule match: values by their places, and the event type where that is another.
fn would(reach: &Reach) -> Value {
    let values: serde_json::Map<String, Value> = reach.values.iter().cloned().collect();
    json!({ "event": reach.kind, "set": values })
}

fn held(held: &Held) -> Value {
    let part = |held: bool, wanted: &str, got: &str| json!({ "held": held, "wanted": wanted, "got": got });
    match held {
        Held::Unasked => Value::Null,
        Held::Yes { wanted, got } => part(true, wanted, got),
        Held::No { wanted, got } => part(false, wanted, got),
    }
}
