//! Carries out an HTTP effect: the request with its secrets, and the outcome without them.

use http::HeaderMap;
use ipnet::IpNet;
use tokio::time::Instant;
use url::Url;

use super::client::{Clients, Exchange, Request};
use super::first::{self, Asked, Cache, Taken};
use super::hops::Course;
use super::shown::{Shown, window};
use super::{Ticket, address, answer, headers, sealed, without_answer};
use crate::delivery::{Answer, Outcome};
use crate::effect::{Auth, First, Http, Success, private_of};
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
pub(super) async fn perform(
    clients: &Clients,
    firsts: &Cache,
    effect: Http,
    vault: &Vault,
    ticket: &Ticket,
) -> Outcome {
    // A timeout too long for the clock is none of ours; the longest duration in a rules file is ten years.
    let now = Instant::now();
    let deadline = now.checked_add(effect.timeout).unwrap_or(now);
    let call = Call { clients, firsts, vault, ticket, deadline };
    let (outcome, is_stale) = call.make(&effect).await;
    if is_stale {
        // What was kept for it is good no longer, and was forgotten: it is asked for anew, once.
        return call.make(&effect).await.0;
    }
    outcome
}

/// One attempt, with all that it needs.
struct Call<'c> {
    clients: &'c Clients,
    firsts: &'c Cache,
    vault: &'c Vault,
    ticket: &'c Ticket,
    deadline: Instant,
}

impl Call<'_> {
    /// Makes the request, and the one before it; whether it was refused for something that was kept.
    async fn make(&self, effect: &Http) -> (Outcome, bool) {
        let mut shown = Shown::new(self.vault);
        let invalid = |why: &str, shown: &Shown<'_>| {
            without_answer(Answer::Invalid(shown.text(why, limit::SENT_MAX_BYTES)), "")
        };
        let mut prepared = match prepare(effect, self.vault, self.ticket, &mut shown) {
            Ok(prepared) => prepared,
            Err(why) => return (invalid(&why, &shown), false),
        };
        let mut kept = None;
        if let Some(first) = &effect.first {
            match self.ask(first, effect.success, &mut shown).await {
                Ok((asked, taken)) => {
                    if let Err(why) = first::put(first, &taken, &mut shown, &mut prepared.request.headers) {
                        return (invalid(&why, &shown), false);
                    }
                    kept = taken.was_kept.then_some(asked);
                }
                Err(outcome) => return (*outcome, false),
            }
        }
        let Prepared { request, allow_private, sent } = prepared;
        let body_max = match effect.success {
            Success::Status => window(limit::ANSWER_MAX_BYTES),
            Success::Said(_) => JUDGED_MAX_BYTES,
        };
        let Self { clients, ticket, deadline, .. } = *self;
        let course = Course { clients, effect, ticket, allow_private: &allow_private, deadline, body_max };
        let mut reached = course.go(request, &mut shown).await;
        let status = reached.seen.head.as_ref().map(|head| head.status);
        let is_for_now = |status| answer::is_for_now(effect.success, status, &reached.seen.body);
        let is_stale = match (kept, status) {
            (Some(asked), Some(status)) if matches!(status.as_u16(), 401 | 403) && !is_for_now(status) => {
                self.firsts.forget(&asked);
                true
            }
            _ => false,
        };
        let seen = std::mem::take(&mut reached.seen);
        let came = outcome(seen, effect, &reached.host, &shown, ticket, &sent);
        (reached.complete(came, &shown), is_stale)
    }

    /// What is asked for before; the error is what the attempt comes to.
    async fn ask(
        &self,
        first: &First,
        success: Success,
        shown: &mut Shown<'_>,
    ) -> Result<(Asked, Taken), Box<Outcome>> {
        let prepared = prepare(&first.http, self.vault, self.ticket, shown);
        let Prepared { request, allow_private, sent } = prepared.map_err(|why| {
            Box::new(without_answer(Answer::Invalid(shown.text(&why, limit::SENT_MAX_BYTES)), ""))
        })?;
        let asked = first::asked(&request);
        if let Some(taken) = self.firsts.get(&asked) {
            return Ok((asked, taken));
        }
        let host = host(&first.http, &request);
        let seen = self.clients.exchange(request, &allow_private, self.deadline, JUDGED_MAX_BYTES).await;
        match first::taken(first, success, &seen, self.ticket.now, shown) {
            Ok(taken) => {
                if let Some(keep) = first.keep {
                    self.firsts.put(asked, &taken, keep);
                }
                Ok((asked, taken))
            }
            Err(answer) => {
                let plain = Http { success: Success::Status, ..first.http.clone() };
                let came = outcome(seen, &plain, &host, shown, self.ticket, &sent);
                let answer = match answer {
                    Answer::Status { status, retry_after, refused } => Answer::Status {
                        status,
                        retry_after,
                        refused: refused.map(|word| shown.text(&word, limit::SENT_MAX_BYTES)),
                    },
                    _ => came.answer,
                };
                Err(Box::new(Outcome { answer, ..came }))
            }
        }
    }
}

/// The host in the words for people.
fn host(effect: &Http, request: &Request) -> String {
    match effect.base {
        Value::Plain(_) => request.url.host_str().unwrap_or_default().to_owned(),
        Value::Secret(_) => REDACTED.to_owned(),
    }
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
            shown.hide_url(&base);
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
    let mut headers = headers::build(effect, vault, ticket, shown)?;
    if let Some(sign) = &effect.sign {
        headers::sign(sign, &body, vault, ticket, &mut headers)?;
    }
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
            retry_after: answer::later(effect.success, head, &seen.body, ticket.now),
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
