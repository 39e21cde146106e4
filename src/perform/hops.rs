//! Redirects: what an answer leads on to is asked here, one request a hop, each of them judged by the guard as the first
//! was; the client itself follows none. Nothing is followed unless the effect says so.

use http::Method;
use http::header::LOCATION;
use ipnet::IpNet;
use tokio::time::Instant;
use url::Url;

use super::client::{Clients, Exchange, Head, Request};
use super::shown::Shown;
use super::{Ticket, headers};
use crate::delivery::{Answer, Outcome};
use crate::effect::{Http, Landing};
use crate::limit;
use crate::secret::{REDACTED, Value};

/// Statuses that lead on.
const LEADING: &[u16] = &[301, 302, 303, 307, 308];
/// Those of them that keep method and body (RFC 9110, sections 15.4.8 and 15.4.9).
const KEEPING: &[u16] = &[307, 308];
/// Methods that all of them keep: the others would become a `GET` without a body.
const KEPT: &[Method] = &[Method::GET, Method::HEAD];

/// How an effect's requests are made, beside what each of them is.
pub(super) struct Course<'c> {
    pub(super) clients: &'c Clients,
    pub(super) effect: &'c Http,
    pub(super) ticket: &'c Ticket,
    /// Private networks of the first request, and of those that stay with its scheme, host and port.
    pub(super) allow_private: &'c [IpNet],
    /// For all hops together.
    pub(super) deadline: Instant,
    pub(super) body_max: usize,
}

/// What a request came to.
pub(super) struct Reached {
    /// The last exchange.
    pub(super) seen: Exchange,
    /// The host that it was with, in the words for people.
    pub(super) host: String,
    /// One line for each redirect that was followed.
    trail: Vec<String>,
    /// Why the last one was not.
    refused: Option<String>,
}

impl Reached {
    /// An outcome of the last exchange, with the way there.
    pub(super) fn complete(self, outcome: Outcome, shown: &Shown<'_>) -> Outcome {
        let words = |text: &str| shown.text(text, limit::SENT_MAX_BYTES);
        let lines = self.trail.iter().map(|line| format!("\n{}", words(line)));
        let got_head = std::iter::once(outcome.got_head).chain(lines).collect();
        let answer = match self.refused {
            Some(why) => Answer::Invalid(words(&why)),
            None => outcome.answer,
        };
        Outcome { answer, got_head, ..outcome }
    }
}

impl Course<'_> {
    /// Sends a request, and then whatever its answers lead on to.
    pub(super) async fn go(&self, request: Request, shown: &mut Shown<'_>) -> Reached {
        let home = request.url.origin();
        let (mut request, mut trail) = (request, Vec::new());
        loop {
            let host = self.told(request.url.host_str().unwrap_or_default());
            let is_home = request.url.origin() == home;
            let networks =
                if is_home { self.allow_private } else { self.effect.redirects.allow_private.as_slice() };
            let asked = (self.effect.redirects.most > 0).then(|| request.clone());
            let seen = self.clients.exchange(request, networks, self.deadline, self.body_max).await;
            let leading = match &seen {
                Exchange { head: Some(head), failure: None, .. } => {
                    asked.filter(|_| leads(head)).zip(Some(head))
                }
                _ => None,
            };
            let refused = match leading.map(|(asked, head)| self.next(asked, head, trail.len(), shown)) {
                Some(Ok((next, line))) => {
                    trail.push(line);
                    request = next;
                    continue;
                }
                Some(Err(why)) => Some(why),
                None => None,
            };
            return Reached { seen, host, trail, refused };
        }
    }

    /// The request that an answer leads on to, and what is said of it; the error says why it is not made.
    fn next(
        &self,
        asked: Request,
        head: &Head,
        followed: usize,
        shown: &mut Shown<'_>,
    ) -> Result<(Request, String), String> {
        self.hush(&asked.url, head, shown);
        let (status, most) = (head.status.as_u16(), self.effect.redirects.most);
        let refused = |why: String| format!("status {status}, which is not followed: {why}");
        if !KEEPING.contains(&status) && !KEPT.contains(&asked.method) {
            return Err(refused(format!(
                "a {} would become a GET without its body; write the URL that it leads to, or have the destination answer 307 or 308",
                asked.method
            )));
        }
        if followed >= most {
            return Err(refused(format!("{most} were, and `redirects: {most}` is the bound")));
        }
        let url = target(&asked.url, head).map_err(refused)?;
        let line = |beside| {
            let (from, to) = (self.told(&place(&asked.url)), self.told(&place(&url)));
            format!("`{from}` answered {status}: on to `{to}`{beside}\n")
        };
        if url.origin() == asked.url.origin() {
            let line = line("");
            return Ok((Request { url, ..asked }, line));
        }
        if self.effect.sealed.iter().any(|sealed| sealed.place != Landing::Path) {
            return Err(refused("a secret is in the body, and it leads to another host or port".to_owned()));
        }
        let line = line(", without the headers and credentials of the rule");
        let headers = headers::elsewhere(&asked.headers, self.ticket)?;
        Ok((Request { url, headers, identity: None, ..asked }, line))
    }

    /// Where the base is a secret, or has one in it, so is what it leads to.
    fn hush(&self, asked: &Url, head: &Head, shown: &mut Shown<'_>) {
        if matches!(self.effect.base, Value::Plain(_)) && self.effect.sealed.is_empty() {
            return;
        }
        let locations = head.headers.get_all(LOCATION).iter();
        for text in locations.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok()) {
            shown.hide(text);
            if let Ok(url) = asked.join(text) {
                shown.hide_url(&url);
            }
        }
    }

    /// A host in the words for people.
    fn told(&self, host: &str) -> String {
        match self.effect.base {
            Value::Plain(_) => host.to_owned(),
            Value::Secret(_) => REDACTED.to_owned(),
        }
    }
}

fn leads(head: &Head) -> bool {
    LEADING.contains(&head.status.as_u16())
}

fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The URL that an answer names; the error says what is wrong with it, and not what it is.
fn target(asked: &Url, head: &Head) -> Result<Url, String> {
    let mut named = head.headers.get_all(LOCATION).iter();
    let text = match (named.next(), named.next()) {
        (None, _) => return Err("there is no `Location`".to_owned()),
        (Some(_), Some(_)) => return Err("there is more than one `Location`".to_owned()),
        (Some(one), None) => std::str::from_utf8(one.as_bytes()).map_err(|_| "its `Location` is no text")?,
    };
    if text.len() > limit::URI_MAX_BYTES {
        return Err(format!("its `Location` is longer than {} bytes", limit::URI_MAX_BYTES));
    }
    let mut url = asked.join(text).map_err(|why| format!("its `Location` is no URL: {why}"))?;
    match (asked.scheme(), url.scheme()) {
        ("https", "http") => return Err("it leads from https to http".to_owned()),
        (_, "http" | "https") => {}
        (_, other) => return Err(format!("its `Location` begins with `{other}:`, not with `https:`")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("its `Location` has a user in it (`user:password@host`)".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode, Version};

    use super::*;

    /// What was asked, what its answer names, and the URL or a part of why not.
    const TARGETS: &[(&str, &[&str], Result<&str, &str>)] = &[
        ("https://a.example/x/y?k=1", &["/z"], Ok("https://a.example/z")),
        ("https://a.example/x/y", &["z?q=2#part"], Ok("https://a.example/x/z?q=2")),
        ("https://a.example/x", &["//b.example/y"], Ok("https://b.example/y")),
        ("https://a.example/x", &[r"\\b.example\y"], Ok("https://b.example/y")),
        ("https://a.example/x", &["HTTPS:b"], Ok("https://a.example/b")),
        ("https://a.example/x", &[""], Ok("https://a.example/x")),
        ("http://a.example/x", &["https://A.example/x"], Ok("https://a.example/x")),
        ("http://a.example/x", &["http://0x7f.1:8/"], Ok("http://127.0.0.1:8/")),
        ("http://a.example/x", &["http://127。0。0。1/é"], Ok("http://127.0.0.1/%C3%A9")),
        ("https://a.example/x", &["http://a.example/x"], Err("from https to http")),
        ("https://a.example/x", &["http://127.0.0.1/"], Err("from https to http")),
        ("https://a.example/x", &["ftp://a.example/x"], Err("begins with `ftp:`")),
        ("https://a.example/x", &["file:///etc/passwd"], Err("begins with `file:`")),
        ("https://a.example/x", &["javascript:alert(1)"], Err("begins with `javascript:`")),
        ("https://a.example/x", &["data:text/plain,x"], Err("begins with `data:`")),
        ("https://a.example/x", &["https://me:pass@b.example/"], Err("has a user in it")),
        ("https://a.example/x", &["https://me@b.example/"], Err("has a user in it")),
        ("https://a.example/x", &["//:pass@b.example/"], Err("has a user in it")),
        ("https://a.example/x", &["https://"], Err("is no URL")),
        ("https://a.example/x", &["https://b.example:99999/"], Err("is no URL")),
        ("https://a.example/x", &["https://[::1/"], Err("is no URL")),
        ("https://a.example/x", &["https://a b.example/"], Err("is no URL")),
        ("https://a.example/x", &[], Err("there is no `Location`")),
        ("https://a.example/x", &["/y", "/y"], Err("more than one `Location`")),
    ];

    fn head(locations: &[&[u8]]) -> Head {
        let mut headers = HeaderMap::new();
        for text in locations {
            headers.append(LOCATION, HeaderValue::from_bytes(text).unwrap());
        }
        Head { version: Version::HTTP_11, status: StatusCode::PERMANENT_REDIRECT, headers }
    }

    fn check(asked: &str, locations: &[&[u8]], wanted: Result<&str, &str>) {
        let got = target(&Url::parse(asked).unwrap(), &head(locations));
        match (&got, wanted) {
            (Ok(url), Ok(wanted)) => assert_eq!(url.as_str(), wanted),
            (Err(why), Err(part)) => assert!(why.contains(part), "{part}: {why}"),
            _ => panic!("{asked} {locations:?}: {got:?}"),
        }
    }

    #[test]
    fn a_redirect_leads_where_its_location_says_or_nowhere() {
        for (asked, locations, wanted) in TARGETS {
            let locations: Vec<&[u8]> = locations.iter().map(|text| text.as_bytes()).collect();
            check(asked, &locations, *wanted);
        }
        check("http://a.example", &[b"/\xff"], Err("no text"));
        check("http://a.example", &[&[b'/'; 10_000]], Err("longer than 8192 bytes"));
    }
}
