//! Reading a destination's answer: when to come back, and whether a 2xx means what it says.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde_json::Value;

use super::client::Head;
use super::headers;
use crate::effect::{Says, Success};
use crate::time::Timestamp;

/// Bytes of a service's own error word.
const WORD_MAX_BYTES: usize = 200;

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
        Success::Status => return None,
        Success::Said(says) => return undone(says, body),
        Success::JsonOk => {}
    }
    let Ok(said) = serde_json::from_slice::<Value>(body) else {
        return Some("its answer is not JSON".to_owned());
    };
    if said.get("ok").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let word = match said.get("error").and_then(Value::as_str) {
        Some(word) => word.to_owned(),
        None => "its answer has no `ok: true`".to_owned(),
    };
    Some(cut(word))
}

/// What a 2xx lacks that says of itself whether it is done.
fn undone(says: &Says, body: &[u8]) -> Option<String> {
    if says.done.is_none() && says.fails.is_none() {
        return None;
    }
    let said: Value = match serde_json::from_slice(body) {
        Ok(said) => said,
        Err(_) => return Some("its answer is not JSON".to_owned()),
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
    let said: Value = serde_json::from_slice(body).ok()?;
    let words = says.why.iter().find_map(|pointer| said.pointer(pointer)?.as_str());
    words.filter(|words| !words.is_empty()).map(|words| cut(words.to_owned()))
}

/// How long a service's answer asks us to wait, where it says so in its body.
pub(super) fn wait(success: Success, body: &[u8]) -> Option<Duration> {
    let Success::Said(Says { wait: Some(pointer), .. }) = success else { return None };
    let said: Value = serde_json::from_slice(body).ok()?;
    let seconds = said.pointer(pointer)?.as_f64()?;
    Duration::try_from_secs_f64(seconds).ok().filter(|wait| !wait.is_zero())
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

    #[test]
    fn a_service_may_refuse_with_a_2xx() {
        for (body, wanted) in [
            (r#"{"ok":true,"ts":"1.2"}"#, None),
            (r#"{"ok":false,"error":"channel_not_found"}"#, Some("channel_not_found")),
            (r#"{"ok":false}"#, Some("its answer has no `ok: true`")),
            (r#"{"ok":"true"}"#, Some("its answer has no `ok: true`")),
            ("[]", Some("its answer has no `ok: true`")),
            ("ok", Some("its answer is not JSON")),
            ("", Some("its answer is not JSON")),
        ] {
            assert_eq!(refusal(Success::JsonOk, body.as_bytes()).as_deref(), wanted, "{body}");
            assert_eq!(refusal(Success::Status, body.as_bytes()), None);
        }
        let long = format!(r#"{{"ok":false,"error":"{}"}}"#, "é".repeat(10_000));
        assert_eq!(refusal(Success::JsonOk, long.as_bytes()).unwrap().len(), WORD_MAX_BYTES);
    }
}
