//! Reading a destination's answer: when to come back, and whether a 2xx means what it says.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

use super::client::Head;
use super::headers;
use crate::effect::Success;
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
    if success == Success::Status {
        return None;
    }
    let Ok(said) = serde_json::from_slice::<serde_json::Value>(body) else {
        return Some("its answer is not JSON".to_owned());
    };
    if said.get("ok").and_then(serde_json::Value::as_bool) == Some(true) {
        return None;
    }
    let mut word = match said.get("error").and_then(serde_json::Value::as_str) {
        Some(word) => word.to_owned(),
        None => "its answer has no `ok: true`".to_owned(),
    };
    word.truncate(word.floor_char_boundary(WORD_MAX_BYTES));
    Some(word)
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
