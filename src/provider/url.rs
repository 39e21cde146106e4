//! The URL as the sender knows it, which is seldom the one a server behind a proxy sees, and the spellings it may have.

use crate::event::Request;

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

#[cfg(test)]
mod tests {
    use super::*;

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
