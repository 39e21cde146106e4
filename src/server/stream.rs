//! What happens as server-sent events (the WHATWG's HTML standard, 9.2): one event a thing, a comment while nothing does.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::Frame;
use serde::Deserialize;

use super::admin::Admin;
use super::history::wrong;
use crate::feed::{Heard, News, Onlooker};
use crate::stop::Stop;
use crate::view;

/// A line that says nothing, so that a connection that is dead is found out.
const QUIET: Duration = Duration::from_secs(15);

/// What an onlooker wants to see.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamQuery {
    source: Option<String>,
    rule: Option<String>,
}

/// Tells what happens until the onlooker goes, or the program ends.
pub(super) async fn stream(
    State(admin): State<Admin>,
    query: Result<Query<StreamQuery>, QueryRejection>,
) -> Response {
    let wanted = match query {
        Ok(Query(wanted)) => wanted,
        Err(why) => return wrong(&why.body_text()).into_response(),
    };
    let watching = Watching { onlooker: admin.feed.watch(), stop: admin.stop, wanted };
    // Something is said at once, so that whoever looks on knows that nothing is missed from here.
    let first = Box::pin(async move { Some((Bytes::from_static(b": watching\n\n"), watching)) });
    let mut response = Response::new(Body::new(Told(first)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

struct Watching {
    onlooker: Onlooker,
    stop: Stop,
    wanted: StreamQuery,
}

/// The next piece, and who makes the one behind it; `None` at the end.
type Next = Pin<Box<dyn Future<Output = Option<(Bytes, Watching)>> + Send>>;

/// A body that is told piece by piece.
struct Told(Next);

impl http_body::Body for Told {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let told = self.0.as_mut().poll(context);
        told.map(|told| {
            let (bytes, watching) = told?;
            self.0 = Box::pin(watching.next());
            Some(Ok(Frame::data(bytes)))
        })
    }
}

impl Watching {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            let heard = tokio::select! {
                heard = self.onlooker.next() => heard?,
                () = tokio::time::sleep(QUIET) => return Some((Bytes::from_static(b": quiet\n\n"), self)),
                () = self.stop.asked() => return None,
            };
            let text = match heard {
                Heard::Missed(count) => format!("event: missed\ndata: {{\"count\":{count}}}\n\n"),
                Heard::News(news) if self.wanted.wants(&news) => {
                    let (name, data) = view::news(&news);
                    format!("event: {name}\ndata: {data}\n\n")
                }
                Heard::News(_) => continue,
            };
            return Some((Bytes::from(text), self));
        }
    }
}

impl StreamQuery {
    fn wants(&self, news: &News) -> bool {
        let is = |wanted: &Option<String>, got: &str| wanted.as_deref().is_none_or(|wanted| wanted == got);
        match news {
            News::Webhook { source, matched, .. } => {
                is(&self.source, source)
                    && self.rule.as_ref().is_none_or(|rule| matched.iter().any(|one| **one == **rule))
            }
            News::Refused { source, .. } => is(&self.source, source) && self.rule.is_none(),
            // An attempt does not say its source.
            News::Attempt { rule, .. } => is(&self.rule, rule) && self.source.is_none(),
        }
    }
}
