//! Carries out an HTTP effect: the request with its secrets, and the outcome without them.

use http::HeaderMap;
use ipnet::IpNet;
use tokio::time::Instant;
use url::Url;

use super::client::{Clients, Exchange, Request};
use super::shown::{Shown, window};
use super::{Ticket, address, answer, headers, sealed, without_answer};
use crate::delivery::{Answer, Outcome};
use crate::effect::{Auth, Http, Success, private_of};
use crate::limit;
use crate::secret::{REDACTED, Value, Vault};

/// An answer is judged by its JSON up to this length; Slack gives back the whole message.
const JUDGED_MAX_BYTES: usize = limit::JSON_TEXT_MAX_BYTES;

/// What a request becomes before it is sent.
struct Prepared {
    request: Request,
    allow_private: Vec<IpNet>,
    sent: String,
}

/// Sends the request and says what came back.
pub(super) async fn perform(clients: &Clients, effect: Http, vault: &Vault, ticket: &Ticket) -> Outcome {
    // A timeout too long for the clock is none of ours; the longest duration in a rules file is ten years.
    let now = Instant::now();
    let deadline = now.checked_add(effect.timeout).unwrap_or(now);
    let mut shown = Shown::new(vault);
    let Prepared { request, allow_private, sent } = match prepare(&effect, vault, ticket, &mut shown) {
        Ok(prepared) => prepared,
        Err(why) => return without_answer(Answer::Invalid(shown.text(&why, limit::SENT_MAX_BYTES)), ""),
    };
    let host = match effect.base {
        Value::Plain(_) => request.url.host_str().unwrap_or_default().to_owned(),
        Value::Secret(_) => REDACTED.to_owned(),
    };
    let body_max = match effect.success {
        Success::Status => window(limit::ANSWER_MAX_BYTES),
        Success::JsonOk | Success::Said(_) => JUDGED_MAX_BYTES,
    };
    let seen = clients.exchange(request, &allow_private, deadline, body_max).await;
    outcome(seen, &effect, &host, &shown, ticket, &sent)
}

/// What would be sent; the error says why nothing could be.
pub(super) fn rehearse(effect: &Http, vault: &Vault, ticket: &Ticket) -> Result<String, String> {
    let mut shown = Shown::new(vault);
    match prepare(effect, vault, ticket, &mut shown) {
        Ok(prepared) => Ok(prepared.sent),
        Err(why) => Err(shown.text(&why, limit::SENT_MAX_BYTES)),
    }
}

fn prepare(effect: &Http, vault: &Vault, ticket: &Ticket, shown: &mut Shown<'_>) -> Result<Prepared, String> {
    let mut allow_private = effect.allow_private.clone();
    let base = match &effect.base {
        Value::Plain(base) => base.as_str(),
        Value::Secret(reference) => {
            let secret = vault.get(reference).map_err(|missing| missing.to_string())?;
            let text = secret.expose_text().ok_or_else(|| format!("the secret `{reference}` is not text"))?;
            let base = address::base_url(text).map_err(|why| format!("the secret `{reference}`: {why}"))?;
            if effect.base_is_operators {
                allow_private.extend(private_of(&base));
            }
            hide(&base, shown);
            text
        }
    };
    let (path, body) = sealed::opened(effect, vault, shown)?;
    let url = address::join(base, &path, &effect.query)?;
    let told = if effect.sealed.is_empty() {
        url.clone()
    } else {
        address::join(base, &effect.path, &effect.query)?
    };
    let headers = headers::build(effect, vault, ticket, shown)?;
    let line = request_line(effect, &told);
    let sent = sent_text(&line, &headers, &effect.body, shown);
    let identity = match &effect.auth {
        Auth::Certificate(reference) => {
            Some(vault.get(reference).map_err(|missing| missing.to_string())?.clone())
        }
        _ => None,
    };
    let request = Request { method: effect.method.clone(), url, headers, body, identity };
    Ok(Prepared { request, allow_private, sent })
}

/// A destination may repeat parts of a secret URL: what it was asked for, or its host.
fn hide(base: &Url, shown: &mut Shown<'_>) {
    shown.hide(base.as_str());
    shown.hide(base.as_str().trim_end_matches('/'));
    shown.hide(base.path().trim_end_matches('/'));
    if let Some(query) = base.query() {
        shown.hide(query);
    }
}

fn request_line(effect: &Http, url: &Url) -> String {
    match &effect.base {
        Value::Plain(_) => format!("{} {url}", effect.method),
        Value::Secret(_) => {
            let slash = if effect.path.is_empty() || effect.path.starts_with('/') { "" } else { "/" };
            format!("{} {REDACTED}{slash}{}", effect.method, effect.path)
        }
    }
}

fn sent_text(line: &str, headers: &HeaderMap, body: &[u8], shown: &Shown<'_>) -> String {
    let head = format!("{line}\n{}\n", headers::lines(headers));
    let mut bytes = head.into_bytes();
    // No more of a large body is copied than could be shown.
    bytes.extend(body.iter().take(window(limit::SENT_MAX_BYTES)));
    shown.head(&bytes, limit::SENT_MAX_BYTES)
}

fn outcome(
    seen: Exchange,
    effect: &Http,
    host: &str,
    shown: &Shown<'_>,
    ticket: &Ticket,
    sent: &str,
) -> Outcome {
    let words = |text: &str| shown.text(text, limit::SENT_MAX_BYTES);
    let got_head = seen.head.as_ref().map(answer::head_text).unwrap_or_default();
    let answer = match (seen.failure, &seen.head) {
        (None, Some(head)) => Answer::Status {
            status: head.status.as_u16(),
            retry_after: answer::retry_after(&head.headers, ticket.now)
                .or_else(|| answer::wait(effect.success, &seen.body)),
            refused: refusal(effect.success, head.status.is_success(), &seen.body).map(|word| words(&word)),
        },
        (Some(Answer::Blocked(kind)), _) => Answer::Blocked(format!(
            "`{host}` is {kind}; if it is meant, name its network in `allow_private`"
        )),
        (Some(Answer::Unreachable(why)), _) => Answer::Unreachable(words(&why)),
        (Some(Answer::Tls(why)), _) => Answer::Tls(words(&why)),
        (Some(failure), _) => failure,
        (None, None) => Answer::Unreachable("nothing came back".to_owned()),
    };
    let got_body = shown.head(&seen.body, limit::ANSWER_MAX_BYTES);
    Outcome { got_head: words(&got_head), got_body, ..without_answer(answer, sent) }
}

/// Only a 2xx is asked what it means; any other status speaks for itself, if not in words.
fn refusal(success: Success, is_2xx: bool, body: &[u8]) -> Option<String> {
    match success {
        Success::Said(says) if !is_2xx => answer::why(says, body),
        _ if is_2xx => answer::refusal(success, body),
        _ => None,
    }
}
