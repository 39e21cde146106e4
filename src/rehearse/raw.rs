//! A request as it travels, in a file: start line, headers, a blank line, the exact bytes of the body.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::event::Request;
use crate::time::Timestamp;

/// Reads it. Lines of the head end with LF or CRLF; what follows the blank line is the body.
///
/// # Errors
/// In words, what it lacks.
pub fn parse(all: &[u8], now: Timestamp) -> Result<Request, String> {
    let (head, body) = split(all).ok_or("no blank line ends its head")?;
    let head = std::str::from_utf8(head).map_err(|_| "its head is not text")?;
    let mut lines = head.lines();
    let mut start = lines.next().unwrap_or_default().split_whitespace();
    let (Some(method), Some(target)) = (start.next(), start.next()) else {
        return Err("its first line is not `POST /path HTTP/1.1`".to_owned());
    };
    let method: Method = method.parse().map_err(|_| "its method is none")?;
    let target = target.find("://").map_or(target, |scheme| {
        let rest = target.get(scheme + 3..).unwrap_or_default();
        rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
    });
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    for line in lines {
        add_line(&mut headers, line).ok_or_else(|| format!("`{line}` is no header"))?;
    }
    Ok(Request {
        query: query.to_owned(),
        headers,
        body: Bytes::copy_from_slice(body),
        ..Request::local(method, path, now)
    })
}

/// Adds a header as it stands in a head, `Name: value`; `None` when it is none.
pub fn add_line(headers: &mut HeaderMap, line: &str) -> Option<()> {
    let (name, value) = line.split_once(':')?;
    add(headers, name, value)
}

/// Adds a header; `None` when it is none.
pub(super) fn add(headers: &mut HeaderMap, name: &str, value: &str) -> Option<()> {
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
            let request = parse(text.as_bytes(), Timestamp::default()).unwrap();
            assert_eq!((request.path.as_str(), request.query.as_str()), ("/a", "b=c"));
            assert_eq!(request.headers.get_all("x-a").iter().count(), 2);
            assert_eq!(&*request.body, b"{}\n");
        }
        for text in ["", "POST\n\n", "POST /a HTTP/1.1\n", "POST /a\nno header\n\n"] {
            assert!(parse(text.as_bytes(), Timestamp::default()).is_err(), "{text}");
        }
    }
}
