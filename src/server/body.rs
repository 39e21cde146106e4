//! Reading a request's body within its bounds, and the small bodies of our answers.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::limit;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    /// Larger than allowed.
    #[error("a body that is too large")]
    TooLarge,
    /// It did not come in time.
    #[error("a body that did not come in time")]
    Slow,
    /// The connection broke, or its framing did.
    #[error("a body that broke off")]
    Broken,
}

impl Unread {
    /// The status of the answer.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads at most `most` bytes within `time`.
pub(crate) async fn read(body: Body, most: usize, time: Duration) -> Result<Bytes, Unread> {
    tokio::time::timeout(time, collect(body, most)).await.unwrap_or(Err(Unread::Slow))
}

async fn collect(mut body: Body, most: usize) -> Result<Bytes, Unread> {
    let mut first = Bytes::new();
    let mut rest: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        let so_far = rest.as_ref().map_or(first.len(), BytesMut::len);
        if so_far + frame.len() > most {
            return Err(Unread::TooLarge);
        }
        match &mut rest {
            Some(rest) => rest.extend_from_slice(&frame),
            // Most bodies come in one piece; that piece is kept as it is.
            None if first.is_empty() => first = frame,
            None => {
                let mut joined = BytesMut::with_capacity(first.len() + frame.len());
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&frame);
                rest = Some(joined);
            }
        }
    }
    Ok(rest.map_or(first, BytesMut::freeze))
}

/// A JSON answer.
pub(crate) fn json_answer(status: StatusCode, value: &Value) -> Response<Body> {
    bytes_answer(status, "application/json", Bytes::from(value.to_string()))
}

/// An answer with these bytes.
pub(crate) fn bytes_answer(status: StatusCode, content_type: &str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A refusal: the status, its name, and nothing else.
pub(crate) fn refusal(status: StatusCode) -> Response<Body> {
    json_answer(status, &json!({ "error": status.canonical_reason().unwrap_or("refused") }))
}

/// "Not now": 503 with the time to wait.
pub(crate) fn busy() -> Response<Body> {
    let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(limit::RETRY_AFTER_SECONDS));
    response
}
