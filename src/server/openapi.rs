//! This interface as programs read about it: `docs/openapi.json`, with the version of this program in it. A test holds the
//! document against what is answered.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;

use super::body::bytes_answer;

/// OpenAPI 3.1.
const DOCUMENT: &str = include_str!("../../docs/openapi.json");
/// What stands in the document for the version.
const VERSION: &str = "\"VERSION\"";

/// The document.
pub(super) async fn describe() -> Response<Body> {
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    bytes_answer(StatusCode::OK, "application/json", Bytes::from(DOCUMENT.replacen(VERSION, &version, 1)))
}
