//! The headers of an outgoing request. Secrets enter here; which headers are shown, and how, stands here too.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::header::{AUTHORIZATION, CONTENT_TYPE, Entry, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use super::Ticket;
use super::shown::Shown;
use crate::effect::{Auth, Http, Sign};
use crate::redact;
use crate::secret::{REDACTED, SecretRef, Value, Vault};
use crate::trace::TRACEPARENT;

/// Headers that frame the message or steer the connection; they are the client's own.
const FRAMING: &[&str] = &[
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Who we say we are.
const AGENT: &str = concat!("doorbell/", env!("CARGO_PKG_VERSION"));
/// By which a destination knows a repeat.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The headers of Standard Webhooks:
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// All headers of a request but those of its framing.
///
/// # Errors
/// Names the header that cannot be sent, or the secret that is missing.
pub(super) fn build(
    effect: &Http,
    vault: &Vault,
    ticket: &Ticket,
    shown: &mut Shown<'_>,
) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &effect.headers {
        headers.append(header_name(name)?, header_value(name, value, vault)?);
    }
    authorise(&effect.auth, vault, shown, &mut headers)?;
    if let Some(kind) = &effect.content_type
        && !headers.contains_key(CONTENT_TYPE)
    {
        headers.insert(CONTENT_TYPE, plain_value("content-type", kind)?);
    }
    add_ours(ticket, &mut headers)?;
    Ok(headers)
}

/// What goes along to another scheme, host or port that a redirect names: what the body is, and what says that it is from
/// us. Nothing of the rule, its connection, or who we are to the destination that was meant.
///
/// # Errors
/// As `build`.
pub(super) fn elsewhere(meant: &HeaderMap, ticket: &Ticket) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let kind = meant.get(CONTENT_TYPE).filter(|kind| !kind.is_sensitive());
    headers.extend(kind.map(|kind| (CONTENT_TYPE, kind.clone())));
    add_ours(ticket, &mut headers)?;
    Ok(headers)
}

/// Adds the headers that every request has, where they are not there yet.
fn add_ours(ticket: &Ticket, headers: &mut HeaderMap) -> Result<(), String> {
    if let Entry::Vacant(place) = headers.entry(IDEMPOTENCY_KEY) {
        place.insert(plain_value("idempotency-key", &ticket.idempotency_key)?);
    }
    if let (Some(trace), Entry::Vacant(place)) = (&ticket.traceparent, headers.entry(TRACEPARENT)) {
        place.insert(plain_value(TRACEPARENT, trace)?);
    }
    if let Entry::Vacant(place) = headers.entry(USER_AGENT) {
        place.insert(HeaderValue::from_static(AGENT));
    }
    Ok(())
}

/// Adds what shows that a request is ours and whole, over its body as it is sent. The moment is that of the attempt.
///
/// # Errors
/// Names the secret that is missing or cannot sign.
pub(super) fn sign(
    sign: &Sign,
    body: &[u8],
    vault: &Vault,
    ticket: &Ticket,
    headers: &mut HeaderMap,
) -> Result<(), String> {
    let Sign::StandardWebhooks(reference) = sign;
    let text = vault.get(reference).map_err(|missing| missing.to_string())?.expose_text();
    let text = text.map(|text| text.strip_prefix("whsec_").unwrap_or(text).trim_end_matches('='));
    let secret = text.and_then(|text| STANDARD_NO_PAD.decode(text).ok()).filter(|secret| !secret.is_empty());
    let secret = secret.ok_or_else(|| {
        format!("the secret `{reference}` cannot sign: write `whsec_` and base64 behind it")
    })?;
    let id = &ticket.idempotency_key;
    let moment = ticket.now.millis().div_euclid(1000).to_string();
    let signed = [id.as_bytes(), b".", moment.as_bytes(), b".", body].concat();
    let digest = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), &signed);
    let signature = format!("v1,{}", STANDARD.encode(digest));
    headers.insert(WEBHOOK_ID, plain_value("webhook-id", id)?);
    headers.insert(WEBHOOK_TIMESTAMP, plain_value("webhook-timestamp", &moment)?);
    headers.insert(WEBHOOK_SIGNATURE, secret_value("webhook-signature", signature.as_bytes())?);
    Ok(())
}

/// Headers as lines, the secret ones as `[secret]`.
pub(super) fn lines(headers: &HeaderMap) -> String {
    let mut lines = String::new();
    for (name, value) in headers {
        let hidden = value.is_sensitive() || redact::is_hidden(name.as_str());
        let value = if hidden { REDACTED.into() } else { String::from_utf8_lossy(value.as_bytes()) };
        lines.extend([name.as_str(), ": ", &value, "\n"]);
    }
    lines
}

fn authorise(
    auth: &Auth,
    vault: &Vault,
    shown: &mut Shown<'_>,
    headers: &mut HeaderMap,
) -> Result<(), String> {
    let (name, value) = match auth {
        // A certificate is shown before any header.
        Auth::None | Auth::Certificate(_) => return Ok(()),
        Auth::Bearer(token) => {
            let token = exposed(token, vault)?;
            (AUTHORIZATION, secret_value("authorization", &[b"Bearer ", token].concat())?)
        }
        Auth::Basic { user, password } => {
            let user = match user {
                Value::Plain(user) => user.as_bytes(),
                Value::Secret(user) => exposed(user, vault)?,
            };
            let encoded = STANDARD.encode([user, b":", exposed(password, vault)?].concat());
            let value = secret_value("authorization", format!("Basic {encoded}").as_bytes())?;
            shown.hide(encoded);
            (AUTHORIZATION, value)
        }
        Auth::Scheme { word, secret } => {
            let value = [word.as_bytes(), b" ", exposed(secret, vault)?].concat();
            (AUTHORIZATION, secret_value("authorization", &value)?)
        }
        Auth::Header { name, value } => (header_name(name)?, secret_value(name, exposed(value, vault)?)?),
    };
    headers.insert(name, value);
    Ok(())
}

fn exposed<'v>(reference: &SecretRef, vault: &'v Vault) -> Result<&'v [u8], String> {
    vault.get(reference).map(crate::secret::Secret::expose).map_err(|missing| missing.to_string())
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        format!("`{}` is not a header's name: letters, digits and `-` only", name.escape_debug())
    })?;
    if FRAMING.contains(&parsed.as_str()) {
        return Err(format!("the header `{name}` is set by the client itself; leave it out"));
    }
    Ok(parsed)
}

fn header_value(name: &str, value: &Value, vault: &Vault) -> Result<HeaderValue, String> {
    match value {
        Value::Plain(text) => plain_value(name, text),
        Value::Secret(reference) => secret_value(name, exposed(reference, vault)?),
    }
}

fn plain_value(name: &str, text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| refused(name))
}

fn secret_value(name: &str, bytes: &[u8]) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_bytes(bytes).map_err(|_| refused(name))?;
    value.set_sensitive(true);
    Ok(value)
}

fn refused(name: &str) -> String {
    format!("the header `{name}` has a line break or another control character in its value; remove it")
}
