//! The URL of an outgoing request: a base, a path and a query, where neither path nor query can change the host.

use url::{ParseError, Url};

/// Joins a base, a path (already percent-encoded, one slash between them) and query parameters (not yet encoded).
///
/// # Errors
/// Says what is wrong and the mend, without the base itself, which may be a secret.
pub(super) fn join(base: &str, path: &str, query: &[(String, String)]) -> Result<Url, String> {
    let base = base_url(base)?;
    let mut url = base.clone();
    if !path.is_empty() {
        check_path(path)?;
        let joined = format!("{}/{}", base.path().trim_end_matches('/'), path.trim_start_matches('/'));
        url.set_path(&joined);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    if url.origin() == base.origin() && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(format!("the path `{path}` leads to another host; a path begins behind the base's own"))
    }
}

/// Reads a base.
///
/// # Errors
/// As `join`.
pub(super) fn base_url(base: &str) -> Result<Url, String> {
    let mut url = Url::parse(base).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase => {
            "the base is not a URL: write it whole, `https://host/path`".to_owned()
        }
        error => format!("the base is not a URL ({error}): write it as `https://host/path`"),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "`{}` is not spoken here: a base begins with `https://` or `http://`",
            url.scheme()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the base has a user in it (`user:password@host`): say who we are with `auth`".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

/// Refuses what a URL parser would read as something else than a path.
fn check_path(path: &str) -> Result<(), String> {
    if let Some(wrong) = path.chars().find(|letter| matches!(letter, '?' | '#' | '\\') || letter.is_control())
    {
        return Err(format!(
            "the path `{}` has `{}` in it: percent-encode it, and give parameters in `query`",
            path.escape_debug(),
            wrong.escape_debug()
        ));
    }
    let climbs = path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    });
    if climbs {
        return Err(format!("the path `{path}` has the segment `.` or `..`, which would leave its place"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, path: &str, query: &[(&str, &str)], wanted: &str) {
        let query: Vec<_> = query.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        assert_eq!(join(base, path, &query).map(String::from).as_deref(), Ok(wanted), "{base} {path}");
    }

    #[test]
    fn joins_base_path_and_query() {
        check("https://a.example", "", &[], "https://a.example/");
        check("https://a.example/api/", "/alarms", &[], "https://a.example/api/alarms");
        check("https://a.example/api", "alarms/", &[], "https://a.example/api/alarms/");
        check(
            "https://a.example/api?key=1",
            "x",
            &[("q", "a b&c=é")],
            "https://a.example/api/x?key=1&q=a+b%26c%3D%C3%A9",
        );
        check("https://a.example/x#y", "a%2Fb", &[], "https://a.example/x/a%2Fb");
        check("http://a.example:8080", "//evil.example/x", &[], "http://a.example:8080/evil.example/x");
        check("http://a.example", "@evil.example", &[], "http://a.example/@evil.example");
        check("http://a.example", "http://evil.example", &[], "http://a.example/http://evil.example");
        check("http://127。0。0。1", "", &[], "http://127.0.0.1/");
    }

    #[test]
    fn refuses_what_would_lead_elsewhere() {
        for (base, path, wanted) in [
            ("/relative", "", "write it whole"),
            ("", "", "write it whole"),
            ("https://", "", "not a URL"),
            ("file:///etc/passwd", "", "`file` is not spoken here"),
            ("ftp://a.example", "", "`ftp`"),
            ("gopher://a.example", "", "`gopher`"),
            ("data:text/plain,x", "", "`data`"),
            ("unix:/run/x.sock", "", "`unix`"),
            ("https://u:p@a.example", "", "has a user in it"),
            ("https://u@a.example", "", "has a user in it"),
            ("https://a.example/b", "../c", "the segment"),
            ("https://a.example/b", "x/%2E%2e/c", "the segment"),
            ("https://a.example/b", ".", "the segment"),
            ("https://a.example/b", "x?y=1", "has `?` in it"),
            ("https://a.example/b", "x#y", "has `#` in it"),
            ("https://a.example/b", "\\\\evil.example", "has `\\\\` in it"),
            ("https://a.example/b", "x\r\ny", "has `\\r` in it"),
        ] {
            let error = join(base, path, &[]).unwrap_err();
            assert!(error.contains(wanted), "{base} {path}: {error}");
        }
    }
}
