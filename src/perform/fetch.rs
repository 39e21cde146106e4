//! Opens a URL that a sender names: the keys by which it signs, or the question whether we want its webhooks. The guard
//! judges it as any other destination, nothing is sent along, and no redirect is followed.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::time::Instant;
use url::Url;

use super::Performer;
use super::client::{Exchange, Request};
use crate::delivery::Answer;
use crate::limit;

/// Why nothing was found at a URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfetched {
    /// What is there says no: asking again soon is of no use.
    #[error("{0}")]
    Refused(String),
    /// It could not be asked, or not to the end: it may go well a little later.
    #[error("{0}")]
    Failed(String),
}

/// What opening a URL gives, in time.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Bytes, Unfetched>> + Send + 'a>>;

/// Who opens URLs.
pub trait Fetch: Send + Sync + 'static {
    /// The body of what is there, at most `limit::FETCH_MAX_BYTES`, within `limit::FETCH_TIMEOUT`.
    fn fetch<'a>(&'a self, url: &'a str) -> Fetching<'a>;
}

impl Fetch for Performer {
    fn fetch<'a>(&'a self, url: &'a str) -> Fetching<'a> {
        Box::pin(async move {
            let parsed =
                Url::parse(url).map_err(|why| Unfetched::Refused(format!("`{url}` is no URL: {why}")))?;
            let request = Request {
                method: Method::GET,
                url: parsed,
                headers: HeaderMap::new(),
                body: Bytes::new(),
                identity: None,
            };
            let deadline = Instant::now() + limit::FETCH_TIMEOUT;
            // One byte more than may come tells that there is more.
            let seen = self.0.clients.exchange(request, &[], deadline, limit::FETCH_MAX_BYTES + 1).await;
            judged(url, seen)
        })
    }
}

fn judged(url: &str, seen: Exchange) -> Result<Bytes, Unfetched> {
    if let Some(failure) = seen.failure {
        let why = match failure {
            Answer::Blocked(kind) => return Err(Unfetched::Refused(format!("`{url}` is {kind}"))),
            Answer::TimedOut => "it takes too long".to_owned(),
            Answer::Unreachable(why) | Answer::Tls(why) | Answer::Invalid(why) => why,
            other => format!("{other:?}"),
        };
        return Err(Unfetched::Failed(format!("`{url}` cannot be opened: {why}")));
    }
    let status = seen.head.map(|head| head.status).unwrap_or_default();
    if status.is_client_error() || status.is_redirection() {
        return Err(Unfetched::Refused(format!("`{url}` answers {}", status.as_u16())));
    }
    if !status.is_success() {
        return Err(Unfetched::Failed(format!("`{url}` answers {}", status.as_u16())));
    }
    if seen.body.len() > limit::FETCH_MAX_BYTES {
        return Err(Unfetched::Refused(format!("`{url}` holds more than {} bytes", limit::FETCH_MAX_BYTES)));
    }
    Ok(Bytes::from(seen.body))
}
