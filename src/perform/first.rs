//! What is asked for before a request: a token that is good for many, a crumb that is good for one.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::time::Instant;

use super::answer;
use super::client::{Exchange, Request};
use super::shown::Shown;
use crate::delivery::Answer;
use crate::effect::{First, Success};
use crate::time::Timestamp;

/// Answers that are kept; the oldest goes for a new one.
const KEPT_MAX: usize = 256;

/// Headers that are others in each attempt.
const OF_ATTEMPT: &[&str] = &["idempotency-key", "traceparent", "tracestate"];

/// What was asked, as a digest: it holds secrets.
pub(super) type Asked = [u8; 32];

/// What was taken of an answer.
#[derive(Clone, Default)]
pub(super) struct Taken {
    values: Vec<(String, String)>,
    cookies: Vec<String>,
    /// It was there already.
    pub(super) was_kept: bool,
}

impl fmt::Debug for Taken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}

/// Answers that are good for a while.
#[derive(Default)]
pub(super) struct Cache(Mutex<Vec<(Asked, Taken, Instant)>>);

impl Cache {
    pub(super) fn get(&self, asked: &Asked) -> Option<Taken> {
        let now = Instant::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(_, _, until)| *until > now);
        let found = kept.iter().find(|(known, _, _)| known == asked)?;
        Some(Taken { was_kept: true, ..found.1.clone() })
    }

    pub(super) fn put(&self, asked: Asked, taken: &Taken, keep: Duration) {
        let Some(until) = Instant::now().checked_add(keep) else { return };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _, _)| *known != asked);
        if kept.len() >= KEPT_MAX {
            kept.remove(0);
        }
        kept.push((asked, taken.clone(), until));
    }

    /// It is good no longer.
    pub(super) fn forget(&self, asked: &Asked) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _, _)| known != asked);
    }
}

/// By what a question is known again.
pub(super) fn asked(request: &Request) -> Asked {
    let mut bytes = format!("{} {}\n", request.method, request.url).into_bytes();
    let own = request.headers.iter().filter(|(name, _)| !OF_ATTEMPT.contains(&name.as_str()));
    for (name, value) in own {
        bytes.extend([name.as_str().as_bytes(), b":", value.as_bytes(), b"\n"].concat());
    }
    bytes.extend(&*request.body);
    let mut found = [0; 32];
    found.copy_from_slice(digest(&SHA256, &bytes).as_ref());
    found
}

/// What an answer gives, or what the attempt comes to without it.
pub(super) fn taken(
    first: &First,
    success: Success,
    seen: &Exchange,
    now: Timestamp,
    shown: &mut Shown<'_>,
) -> Result<Taken, Answer> {
    if let Some(failure) = &seen.failure {
        return Err(failure.clone());
    }
    let Some(head) = &seen.head else { return Err(Answer::Unreachable("nothing came back".to_owned())) };
    let status = head.status.as_u16();
    if first.absent.contains(&status) {
        return Ok(Taken::default());
    }
    let refused = |refused: Option<String>| Answer::Status {
        status,
        retry_after: answer::later(success, head, &seen.body, now),
        refused,
    };
    if !head.status.is_success() {
        let words = match success {
            Success::Said(says) => answer::why(says, &seen.body),
            Success::Status => None,
        };
        return Err(refused(words));
    }
    let said: Value =
        serde_json::from_slice(&seen.body).map_err(|_| refused(Some("its answer is not JSON".to_owned())))?;
    let mut taken = Taken::default();
    for (name, pointer) in &first.take {
        let value = said.pointer(pointer).and_then(Value::as_str).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| refused(Some(answer::lacks(pointer))))?;
        shown.hide(value);
        taken.values.push((name.clone(), value.to_owned()));
    }
    if first.cookies {
        taken.cookies = cookies(&head.headers);
        taken.cookies.iter().for_each(|cookie| shown.hide(cookie.as_str()));
    }
    Ok(taken)
}

/// Names and values of the cookies that an answer gives.
fn cookies(headers: &HeaderMap) -> Vec<String> {
    let given = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    given.filter_map(|cookie| cookie.split(';').next()).map(|pair| pair.trim().to_owned()).collect()
}

/// Puts what was taken into the headers of a request.
///
/// # Errors
/// Names the header that it cannot stand in.
pub(super) fn put(
    first: &First,
    taken: &Taken,
    shown: &mut Shown<'_>,
    headers: &mut HeaderMap,
) -> Result<(), String> {
    let refused = |name: &str| format!("what was asked for first cannot stand in the header `{name}`");
    let secret = |name: &str, text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| refused(name))?;
        value.set_sensitive(true);
        Ok::<_, String>(value)
    };
    for one in &first.puts {
        let Some((_, value)) = taken.values.iter().find(|(name, _)| *name == one.name) else { continue };
        shown.hide(value.as_str());
        let name = HeaderName::from_bytes(one.header.as_bytes()).map_err(|_| refused(&one.header))?;
        headers.insert(name, secret(&one.header, &format!("{}{value}", one.before))?);
    }
    if !taken.cookies.is_empty() {
        headers.insert(COOKIE, secret("cookie", &taken.cookies.join("; "))?);
    }
    Ok(())
}
