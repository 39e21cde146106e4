//! A request from a file: raw HTTP (start line, headers, a blank line, the exact bytes of the body), or a payload alone.

use std::io::Read;

use bytes::Bytes;
use http::{HeaderMap, Method};

use super::End;
use crate::event::Request;
use crate::provider::Source;
use crate::rehearse;
use crate::time::Timestamp;

/// Bytes of a request that is read from a file; the largest body of a source, and a head.
const FILE_MAX_BYTES: u64 = 26 * 1024 * 1024;

/// The bytes of a file, or of standard input for `-`.
pub(super) fn bytes(file: &str) -> Result<Vec<u8>, End> {
    let unreadable = |why: std::io::Error| End::CouldNot(format!("cannot read `{file}`: {why}"));
    let mut all = Vec::new();
    if file == "-" {
        std::io::stdin().take(FILE_MAX_BYTES + 1).read_to_end(&mut all).map_err(unreadable)?;
    } else {
        let opened = std::fs::File::open(file).map_err(unreadable)?;
        opened.take(FILE_MAX_BYTES + 1).read_to_end(&mut all).map_err(unreadable)?;
    }
    match u64::try_from(all.len()) {
        Ok(length) if length <= FILE_MAX_BYTES => Ok(all),
        _ => Err(End::CouldNot(format!("`{file}` is larger than {FILE_MAX_BYTES} bytes"))),
    }
}

/// A request as it travels. Lines of the head end with LF or CRLF; what follows the blank line is the body.
pub(super) fn raw(all: &[u8], now: Timestamp) -> Result<Request, End> {
    rehearse::parse_http(all, now).map_err(|what| End::Usage(format!("this is no HTTP request: {what}")))
}

/// A payload as its source's sender would post it.
pub(super) fn payload(
    body: &[u8],
    source: &Source,
    extra: &[String],
    now: Timestamp,
) -> Result<Request, End> {
    let mut headers = HeaderMap::new();
    add_headers(&mut headers, extra)?;
    let pattern = source.pattern();
    let path = if pattern.is_literal() { pattern.text() } else { "/" };
    Ok(Request { headers, body: Bytes::copy_from_slice(body), ..Request::local(Method::POST, path, now) })
}

/// Adds headers as they are given on the command line.
pub(super) fn add_headers(headers: &mut HeaderMap, lines: &[String]) -> Result<(), End> {
    for line in lines {
        rehearse::add_header_line(headers, line)
            .ok_or_else(|| End::Usage(format!("--header: `{line}` is no header: write 'Name: value'")))?;
    }
    Ok(())
}
