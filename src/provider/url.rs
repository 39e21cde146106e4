//! The URL as the sender knows it, which is seldom the one a server behind a proxy sees, and the spellings it may have.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use crate::event::Request;

/// The parameter in which a token may stand, which is no part of what is signed.
const TOKEN: &str = "jwt";
/// Whatever RFC 3986 does not leave as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A public URL without a path stands for every path of its source; the query is always the one sent.
pub(super) fn full(public: &str, request: &Request) -> String {
    let after_scheme = public.split_once("://").map_or(public, |(_, rest)| rest);
    let base = match after_scheme.split_once('/') {
        None => format!("{public}{}", request.path),
        Some((_, "")) => format!("{}{}", public.trim_end_matches('/'), request.path),
        Some(_) => public.to_owned(),
    };
    if request.query.is_empty() || base.contains('?') {
        return base;
    }
    format!("{base}?{}", request.query)
}

/// The same URL with and without its port, each also with `'` percent-encoded in its query: what Twilio may have signed.
pub(super) fn variants(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    all.extend(other_port(url));
    let encoded: Vec<_> = all.iter().filter_map(|url| quote_encoded(url)).collect();
    all.extend(encoded);
    all
}

fn other_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at_checked(end)?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.contains(']'));
    match (port, scheme) {
        (Some(port), _) => {
            let bare = authority.strip_suffix(port)?.strip_suffix(':')?;
            Some(format!("{scheme}://{bare}{after}"))
        }
        (None, "https") => Some(format!("{scheme}://{authority}:443{after}")),
        (None, _) => Some(format!("{scheme}://{authority}:80{after}")),
    }
}

fn quote_encoded(url: &str) -> Option<String> {
    let (base, query) = url.split_once('?')?;
    query.contains('\'').then(|| format!("{base}?{}", query.replace('\'', "%27")))
}

/// Method, path and sorted query, each value once more percent-encoded: what `qsh` is the digest of. The path is the one behind
/// that of the public URL; `None` when the request is not below it.
/// Source: <https://developer.atlassian.com/cloud/jira/platform/understanding-jwt-for-connect-apps/>
pub(super) fn canonical(public: &str, request: &Request) -> Option<String> {
    let after_scheme = public.split_once("://").map_or(public, |(_, rest)| rest);
    let base = after_scheme.split_once('/').map_or("", |(_, path)| path).trim_end_matches('/');
    let path = request.path.strip_prefix('/')?;
    let below =
        path.strip_prefix(base).filter(|rest| base.is_empty() || rest.is_empty() || rest.starts_with('/'))?;
    let inside = below.trim_start_matches('/').trim_end_matches('/').replace('&', "%26");
    let mut pairs: Vec<_> = form_urlencoded::parse(request.query.as_bytes())
        .filter(|(name, _)| name != TOKEN)
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .collect();
    pairs.sort_unstable();
    let mut query = String::new();
    let mut last = None;
    for (name, value) in &pairs {
        let between = if query.is_empty() { "" } else { "&" };
        match last == Some(name) {
            true => query.push_str(&format!(",{value}")),
            false => query.push_str(&format!("{between}{name}={value}")),
        }
        last = Some(name);
    }
    Some(format!("{}&/{inside}&{query}", request.method))
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_request_is_sorted_and_below_the_public_url() {
        let request = |path: &str, query: &str| Request {
            method: http::Method::POST,
            path: path.into(),
            params: Vec::new(),
            query: query.into(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            peer: [127, 0, 0, 1].into(),
            received_at: crate::time::Timestamp::from_millis(0),
        };
        for (public, path, query, wanted) in [
            ("https://a.example", "/jira", "", Some("POST&/jira&")),
            (
                "https://a.example/app",
                "/app/jira/",
                "b=2&a=x+y&a=%2B&jwt=z",
                Some("POST&/jira&a=%2B,x%20y&b=2"),
            ),
            ("https://a.example/app/", "/app", "k-_.~=*", Some("POST&/&k-_.~=%2A")),
            ("https://a.example/other", "/app", "", None),
            ("https://a.example/app", "/apple", "", None),
        ] {
            assert_eq!(canonical(public, &request(path, query)).as_deref(), wanted, "{public} {path}");
        }
    }

    #[test]
    fn the_port_comes_and_goes() {
        for (url, wanted) in [
            ("https://a.example/x?y=1", vec!["https://a.example:443/x?y=1"]),
            ("http://a.example", vec!["http://a.example:80"]),
            ("https://a.example:8443/x", vec!["https://a.example/x"]),
            ("https://u:p@a.example/x", vec!["https://u:p@a.example:443/x"]),
            ("https://u:p@a.example:1/x", vec!["https://u:p@a.example/x"]),
            ("https://[2001:db8::1]/x", vec!["https://[2001:db8::1]:443/x"]),
            ("https://[2001:db8::1]:1/x", vec!["https://[2001:db8::1]/x"]),
            (
                "http://a.example?q='",
                vec!["http://a.example:80?q='", "http://a.example?q=%27", "http://a.example:80?q=%27"],
            ),
        ] {
            let all = variants(url);
            assert_eq!(
                (all[0].as_str(), all[1..].to_vec()),
                (url, wanted.into_iter().map(str::to_owned).collect())
            );
        }
    }
}
