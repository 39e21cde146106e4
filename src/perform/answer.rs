//! Reading a destination's answer: when to come back, and whether a 2xx means what it says.

use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::client::Head;
use super::headers;
use crate::effect::{Says, Success};
use crate::time::Timestamp;

/// Bytes of a service's own error word.
const WORD_MAX_BYTES: usize = 200;
/// Bytes of a plain text in which its first line is looked for.
const LINE_MAX_BYTES: usize = 4096;

/// The status line and the headers as text.
pub(super) fn head_text(head: &Head) -> String {
    format!("{:?} {}\n{}", head.version, head.status, headers::lines(&head.headers))
}

/// How long a destination asks us to wait: `Retry-After` as seconds or as a date (RFC 9110, 10.2.3). What is neither,
/// or lies in the past, is `None`.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds is still "very late".
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let millis = date.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_millis();
    let wait = Timestamp::from_millis(i64::try_from(millis).ok()?).since(now);
    (!wait.is_zero()).then_some(wait)
}

/// The service's own word for a failure that it answered with a 2xx; `None` when it is content.
pub(super) fn refusal(success: Success, body: &[u8]) -> Option<String> {
    match success {
        Success::Status => None,
        Success::Said(says) => undone(says, body),
    }
}

/// What a 2xx lacks that says of itself whether it is done.
fn undone(says: &Says, body: &[u8]) -> Option<String> {
    if says.done.is_none() && says.fails.is_none() {
        return None;
    }
    let said: Value = match serde_json::from_slice(body) {
        Ok(said) => said,
        Err(_) => return says.done.as_ref().map(|_| "its answer is not JSON".to_owned()),
    };
    if let Some(pointer) = says.fails.as_ref().filter(|pointer| said.pointer(pointer).is_some()) {
        let there = || format!("its answer has `{}`", pointer.trim_start_matches('/'));
        return Some(why(says, body).unwrap_or_else(there));
    }
    let (pointer, wanted) = says.done.as_ref()?;
    if said.pointer(pointer) == Some(wanted) {
        return None;
    }
    Some(why(says, body).unwrap_or_else(|| lacks(pointer)))
}

/// The words for what an answer does not say.
pub(super) fn lacks(pointer: &str) -> String {
    format!("its answer does not say `{}`", pointer.trim_start_matches('/'))
}

/// The service's own words for a failure.
pub(super) fn why(says: &Says, body: &[u8]) -> Option<String> {
    let said = words(body);
    let found = says.why.iter().filter_map(|pointer| said.pointer(pointer)?.as_str());
    found.map(str::trim).find(|words| !words.is_empty()).map(|words| cut(words.to_owned()))
}

/// The JSON of an answer; the first line of one that is plain text, as a text.
fn words(body: &[u8]) -> Value {
    if let Ok(said) = serde_json::from_slice(body) {
        return said;
    }
    let text = String::from_utf8_lossy(body.get(..LINE_MAX_BYTES).unwrap_or(body));
    let line = text.trim().lines().next().unwrap_or_default();
    // A page for people is none.
    if line.starts_with('<') { Value::Null } else { Value::from(line) }
}

/// When a destination that did not do it is to be asked again, as far as its answer says so: nothing is no answer to
/// that, and no time at all leaves it to the retry policy.
pub(super) fn later(success: Success, head: &Head, body: &[u8], now: Timestamp) -> Option<Duration> {
    let asked = retry_after(&head.headers, now);
    let Success::Said(says) = success else { return asked };
    let is_for_now = is_for_now(success, head.status, body);
    let otherwise = || {
        let is_known = is_for_now || head.status == StatusCode::TOO_MANY_REQUESTS;
        let bound = || until(says, &head.headers, now).or(says.pause);
        is_known.then(bound).flatten().or(is_for_now.then_some(Duration::ZERO))
    };
    asked.or_else(|| wait(says, body)).or_else(otherwise)
}

/// Whether a service says of its failure that it is only for now.
pub(super) fn is_for_now(success: Success, status: StatusCode, body: &[u8]) -> bool {
    let Success::Said(Says { again, .. }) = success else { return false };
    let said = if again.is_empty() { Value::Null } else { words(body) };
    again.iter().any(|(place, signs)| {
        let text = said.pointer(place).and_then(Value::as_str).unwrap_or_default();
        place == status.as_str() || signs.iter().any(|sign| text.contains(sign.as_str()))
    })
}

/// How long a service's answer asks us to wait, where it says so in its body.
fn wait(says: &Says, body: &[u8]) -> Option<Duration> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let seconds = said.pointer(says.wait.as_ref()?)?.as_f64()?;
    Duration::try_from_secs_f64(seconds).ok().filter(|wait| !wait.is_zero())
}

/// How long it is until there are requests left, when there is none.
fn until(says: &Says, headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let (left, moment) = says.until.as_ref()?;
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let reset = number(moment).filter(|_| number(left) == Some(0))?;
    let wait = Timestamp::from_millis(reset.checked_mul(1000)?).since(now);
    (!wait.is_zero()).then_some(wait)
}

fn cut(mut word: String) -> String {
    word.truncate(word.floor_char_boundary(WORD_MAX_BYTES));
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        // 1994-11-06T08:49:30Z
        let now = Timestamp::from_millis(784_111_770_000);
        for (text, wanted) in [
            ("2", Some(2)),
            (" 120 ", Some(120)),
            ("0", Some(0)),
            ("999999999", Some(999_999_999)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(7)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(7)),
            ("Sun Nov  6 08:49:37 1994", Some(7)),
            ("Sun, 06 Nov 1994 08:49:20 GMT", None),
            ("-1", None),
            ("+1", None),
            ("1e9", None),
            ("1.5", None),
            ("abc", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), wanted.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    /// A service that says all that one can.
    fn says() -> Success {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Success::Said(Box::leak(Box::new(Says {
            done: Some(("/ok".to_owned(), true.into())),
            fails: None,
            why: texts(&["/errors/0", "/error", ""]),
            wait: Some("/wait".to_owned()),
            again: vec![
                ("/error".to_owned(), texts(&["busy"])),
                (String::new(), texts(&["slow down"])),
                ("423".to_owned(), Vec::new()),
            ],
            until: Some(("x-left".to_owned(), "x-reset".to_owned())),
            pause: Some(Duration::from_secs(60)),
        })))
    }

    #[test]
    fn a_service_may_refuse_with_a_2xx() {
        for (body, wanted) in [
            (r#"{"ok":true,"ts":"1.2"}"#, None),
            (r#"{"ok":false,"error":"channel_not_found"}"#, Some("channel_not_found")),
            (r#"{"ok":false}"#, Some("its answer does not say `ok`")),
            (r#"{"ok":"true"}"#, Some("its answer does not say `ok`")),
            ("[]", Some("its answer does not say `ok`")),
            ("ok", Some("its answer is not JSON")),
            ("", Some("its answer is not JSON")),
        ] {
            assert_eq!(refusal(says(), body.as_bytes()).as_deref(), wanted, "{body}");
            assert_eq!(refusal(Success::Status, body.as_bytes()), None);
        }
        let long = format!(r#"{{"ok":false,"error":"{}"}}"#, "é".repeat(10_000));
        assert_eq!(refusal(says(), long.as_bytes()).unwrap().len(), WORD_MAX_BYTES);
    }

    #[test]
    fn the_words_for_why_not_are_found() {
        let Success::Said(says) = says() else { panic!() };
        for (body, wanted) in [
            (r#"{"error":"no","errors":["name is missing"]}"#, Some("name is missing")),
            (r#"{"error":"no","errors":[""]}"#, Some("no")),
            (r#"{"error":{"code":7}}"#, None),
            ("\n invalid_payload \nmore", Some("invalid_payload")),
            (r#""closed""#, Some("closed")),
            ("<html><p>no</p></html>", None),
            ("42", None),
            ("", None),
        ] {
            assert_eq!(why(says, body.as_bytes()).as_deref(), wanted, "{body}");
        }
    }

    #[test]
    fn a_service_says_when_to_come_back() {
        let now = Timestamp::from_millis(784_111_770_000);
        let spent: &[(&str, &str)] = &[("x-left", "0"), ("x-reset", "784111780")];
        for (status, headers, body, wanted) in [
            (429, [("retry-after", "2"), ("x-left", "0")].as_slice(), r#"{"wait":5}"#, Some(2)),
            (429, &[], r#"{"wait":5}"#, Some(5)),
            (429, spent, "{}", Some(10)),
            (429, &[("x-left", "3"), ("x-reset", "784111780")], "{}", Some(60)),
            (429, &[("x-left", "0"), ("x-reset", "784111760")], "", Some(60)),
            (429, &[("x-left", "0"), ("x-reset", "soon")], "", Some(60)),
            (403, spent, "{}", None),
            (403, spent, r#"{"error":"too busy"}"#, Some(10)),
            (403, &[], r#"{"error":"too busy"}"#, Some(60)),
            (400, &[], "please slow down", Some(60)),
            (400, &[], "no", None),
            (423, &[], "", Some(60)),
            (200, &[], r#"{"ok":false,"error":"busy"}"#, Some(60)),
            (503, spent, "", None),
        ] {
            let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let status = StatusCode::from_u16(status).unwrap();
            let head = Head { version: http::Version::HTTP_11, status, headers: pairs.collect() };
            let got = later(says(), &head, body.as_bytes(), now);
            assert_eq!(got, wanted.map(Duration::from_secs), "{status} {headers:?} {body}");
        }
    }
}
