//! A request from a file: raw HTTP (start line, headers, a blank line, the exact bytes of the body), or a payload alone.

use std::io::Read;
use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::End;
use crate::event::Request;
use crate::provider::Source;
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
    let wrong = |what: &str| End::Usage(format!("this is no HTTP request: {what}"));
    let (head, body) = split(all).ok_or_else(|| wrong("no blank line ends its head"))?;
    let head = std::str::from_utf8(head).map_err(|_| wrong("its head is not text"))?;
    let mut lines = head.lines();
    let mut start = lines.next().unwrap_or_default().split_whitespace();
    let (Some(method), Some(target)) = (start.next(), start.next()) else {
        return Err(wrong("its first line is not `POST /path HTTP/1.1`"));
    };
    let method: Method = method.parse().map_err(|_| wrong("its method is none"))?;
    let target = target.find("://").map_or(target, |scheme| {
        let rest = target.get(scheme + 3..).unwrap_or_default();
        rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
    });
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(|| wrong(&format!("`{line}` is no header")))?;
        add(&mut headers, name, value).ok_or_else(|| wrong(&format!("`{line}` is no header")))?;
    }
    Ok(request(method, path, query, headers, body, now))
}

/// A payload as its source's sender would post it.
pub(super) fn payload(
    body: &[u8],
    source: &Source,
    extra: &[String],
    now: Timestamp,
) -> Result<Request, End> {
    let mut headers = HeaderMap::new();
    for line in extra {
        let added = line.split_once(':').and_then(|(name, value)| add(&mut headers, name, value));
        added.ok_or_else(|| End::Usage(format!("--header: `{line}` is no header: write 'Name: value'")))?;
    }
    let pattern = source.pattern();
    let path = if pattern.is_literal() { pattern.text() } else { "/" };
    Ok(request(Method::POST, path, "", headers, body, now))
}

fn request(
    method: Method,
    path: &str,
    query: &str,
    headers: HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Request {
    Request {
        method,
        path: path.to_owned(),
        params: Vec::new(),
        query: query.to_owned(),
        headers,
        body: Bytes::copy_from_slice(body),
        peer: IpAddr::from([127, 0, 0, 1]),
        received_at: now,
    }
}

fn add(headers: &mut HeaderMap, name: &str, value: &str) -> Option<()> {
    let name = HeaderName::try_from(name.trim()).ok()?;
    headers.append(name, HeaderValue::try_from(value.trim()).ok()?);
    Some(())
}

/// Head and body, around the first blank line.
fn split(all: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = |blank: &[u8]| {
        all.windows(blank.len()).position(|here| here == blank).map(|start| (start, blank.len()))
    };
    let (start, length) = match (at(b"\r\n\r\n"), at(b"\n\n")) {
        (Some(crlf), Some(lf)) => crlf.min(lf),
        (found, other) => found.or(other)?,
    };
    Some((all.get(..start)?, all.get(start + length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_requests_as_they_travel() {
        for text in [
            "POST /a?b=c HTTP/1.1\nX-A: 1\nX-A: 2\n\n{}\n",
            "POST http://h/a?b=c HTTP/1.1\r\nX-A: 1\r\nX-A: 2\r\n\r\n{}\n",
        ] {
            let request = raw(text.as_bytes(), Timestamp::default()).unwrap();
            assert_eq!((request.path.as_str(), request.query.as_str()), ("/a", "b=c"));
            assert_eq!(request.headers.get_all("x-a").iter().count(), 2);
            assert_eq!(&*request.body, b"{}\n");
        }
        for text in ["", "POST\n\n", "POST /a HTTP/1.1\n", "POST /a\nno header\n\n"] {
            assert!(raw(text.as_bytes(), Timestamp::default()).is_err(), "{text}");
        }
    }
}
