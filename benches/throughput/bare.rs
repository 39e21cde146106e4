//! The two limits without a store: an axum handler that reads the body, and one that proves and parses it too.

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde_json::Value;

use crate::push::{PATH, SECRET};
use crate::serve::as_process;

/// Larger than any body that is sent here.
pub(crate) const BODY_MAX_BYTES: usize = 1024 * 1024;
/// As long as doorbell's own answer.
const ANSWER: &str = r#"{"id":"evt_00000000000000000000000000"}"#;

/// How much the handler does.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Reads the body.
    Read,
    /// Reads it, checks GitHub's signature, and parses it.
    ProveAndParse,
}

/// The process behind `serve-body` and `serve-proof`.
pub(crate) fn run(work: Work) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let handler = move |request: Request| {
        let key = key.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, BODY_MAX_BYTES).await.unwrap();
            match work {
                Work::Read => accepted(),
                Work::ProveAndParse => prove(&key, &head.headers, &body),
            }
        }
    };
    as_process(Router::new().route(PATH, post(handler)));
}

fn prove(key: &hmac::Key, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    let proven = signature(headers).is_some_and(|signature| hmac::verify(key, body, &signature).is_ok());
    let status = if proven { StatusCode::BAD_REQUEST } else { StatusCode::UNAUTHORIZED };
    match serde_json::from_slice::<Value>(body) {
        // The value is used, so that the parse is not left out.
        Ok(payload) if proven && payload["ref"] == "refs/heads/main" => accepted(),
        _ => answer(status, ""),
    }
}

fn signature(headers: &HeaderMap) -> Option<Vec<u8>> {
    let digits = headers.get("x-hub-signature-256")?.to_str().ok()?.strip_prefix("sha256=")?;
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// 202 with an id.
pub(crate) fn accepted() -> Response<Body> {
    answer(StatusCode::ACCEPTED, ANSWER)
}

fn answer(status: StatusCode, body: &'static str) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}
