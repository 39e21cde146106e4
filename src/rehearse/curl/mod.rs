//! A curl command as browsers, documentation and `--as curl` write it, read as the request that it would send.

mod options;
mod words;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use self::options::{Data, Does, find};
use self::words::words;
use super::{Read, raw};
use crate::event::Request;
use crate::time::Timestamp;

/// The type of data when nothing is said.
const FORM: &str = "application/x-www-form-urlencoded";
/// The type that `--json` means.
const JSON: &str = "application/json";
/// How the name of the program may stand at the start.
const PROGRAMS: &[&str] = &["curl", "curl.exe"];

/// Whether a text is a curl command, perhaps behind the prompt of a shell.
pub fn is_curl(text: &str) -> bool {
    let text = text.trim_start();
    let text = text.strip_prefix("$ ").unwrap_or(text);
    PROGRAMS.iter().any(|program| {
        text.strip_prefix(program)
            .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_whitespace()))
    })
}

/// Reads it. Headers that curl adds by itself are left out, but those of its data; where the request goes to is only
/// looked at for its path and query.
///
/// # Errors
/// In words, what cannot be followed.
pub fn parse(text: &str, now: Timestamp, read: Read<'_>) -> Result<Request, String> {
    let text = text.trim_start();
    let mut words = words(text.strip_prefix("$ ").unwrap_or(text))?.into_iter();
    let program = words.next().unwrap_or_default();
    if !PROGRAMS.iter().any(|known| known.as_bytes() == program) {
        return Err("it does not begin with `curl`".to_owned());
    }
    let mut call = Call::default();
    while let Some(word) = words.next() {
        let word = utf8(word)?;
        match word.as_str() {
            "--" => {}
            long if long.starts_with("--") => {
                let does = find(long)?;
                call.option(long, does, || words.next(), read)?;
            }
            short if short.starts_with('-') && short.len() > 1 => {
                cluster(&mut call, short, &mut words, read)?;
            }
            url => call.url(url)?,
        }
    }
    call.request(now)
}

/// Several one-letter options in one word: `-sSX POST`, `-XPOST`.
fn cluster(
    call: &mut Call,
    word: &str,
    words: &mut impl Iterator<Item = Vec<u8>>,
    read: Read<'_>,
) -> Result<(), String> {
    let mut rest = word.get(1..).unwrap_or_default();
    while let Some(letter) = rest.chars().next() {
        let name = format!("-{letter}");
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        let does = find(&name)?;
        let attached = if does.has_value() { std::mem::take(&mut rest) } else { "" };
        let value = || if attached.is_empty() { words.next() } else { Some(attached.as_bytes().to_vec()) };
        call.option(&name, does, value, read)?;
    }
    Ok(())
}

/// What the options have said so far.
#[derive(Default)]
struct Call {
    method: Option<Method>,
    url: Option<String>,
    headers: HeaderMap,
    /// Headers that are not to be sent.
    without: Vec<HeaderName>,
    data: Option<Vec<u8>>,
    is_json: bool,
    is_get: bool,
    is_head: bool,
}

impl Call {
    fn option(
        &mut self,
        name: &str,
        does: Does,
        value: impl FnOnce() -> Option<Vec<u8>>,
        read: Read<'_>,
    ) -> Result<(), String> {
        match does {
            Does::Get => self.is_get = true,
            Does::Head => self.is_head = true,
            Does::Nothing => {}
            Does::Refused(why) => return Err(format!("`{name}`: {why}")),
            _ => {
                let value = value().ok_or_else(|| format!("`{name}` has no value behind it"))?;
                self.valued(name, does, value, read)?;
            }
        }
        Ok(())
    }

    fn valued(&mut self, name: &str, does: Does, value: Vec<u8>, read: Read<'_>) -> Result<(), String> {
        if let Does::Data(kind) = does {
            return self.add(name, kind, value, read);
        }
        let value = utf8(value)?;
        match does {
            Does::Method => {
                let method = value.parse().map_err(|_| format!("`{value}` is not a method"))?;
                self.method = Some(method);
            }
            Does::Header => self.header(&value)?,
            Does::User => self.set(&AUTHORIZATION, &format!("Basic {}", STANDARD.encode(value)))?,
            Does::Bearer => self.set(&AUTHORIZATION, &format!("Bearer {value}"))?,
            Does::Named(header) => self.set(header, &value)?,
            // Without `=` it is the name of a file.
            Does::Cookie if value.contains('=') => self.set(&COOKIE, &value)?,
            Does::Url => self.url(&value)?,
            _ => {}
        }
        Ok(())
    }

    fn header(&mut self, line: &str) -> Result<(), String> {
        let none = || format!("-H: `{line}` is no header: write 'Name: value'");
        let emptied = line.strip_suffix(';').filter(|name| !name.contains(':'));
        match (emptied, line.split_once(':')) {
            (Some(name), _) => raw::add(&mut self.headers, name, "").ok_or_else(none),
            (None, Some((name, value))) if value.trim().is_empty() => {
                self.without.push(HeaderName::try_from(name.trim()).map_err(|_| none())?);
                Ok(())
            }
            _ => raw::add_line(&mut self.headers, line).ok_or_else(none),
        }
    }

    fn set(&mut self, name: &HeaderName, value: &str) -> Result<(), String> {
        let value =
            HeaderValue::from_str(value).map_err(|_| format!("`{value}` cannot stand in a header"))?;
        self.headers.insert(name.clone(), value);
        Ok(())
    }

    fn url(&mut self, url: &str) -> Result<(), String> {
        if self.url.replace(url.to_owned()).is_some() {
            return Err(format!("`{url}` is a second URL: {}", options::SEVERAL));
        }
        Ok(())
    }

    /// Adds data behind the data that is there.
    fn add(&mut self, name: &str, kind: Data, value: Vec<u8>, read: Read<'_>) -> Result<(), String> {
        let file = value.strip_prefix(b"@").filter(|_| kind != Data::Raw);
        let value = match (file, kind) {
            (None, Data::Encoded) => encoded(&value)?,
            (None, _) => value,
            (Some(b"-"), _) => {
                return Err(format!("`{name} @-` reads what comes through a pipe: write it behind {name}"));
            }
            (Some(file), Data::Text) => {
                let mut all = read(&utf8(file.to_vec())?)?;
                all.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
                all
            }
            (Some(file), Data::Encoded) => percent(&read(&utf8(file.to_vec())?)?).into_bytes(),
            (Some(file), _) => read(&utf8(file.to_vec())?)?,
        };
        self.is_json |= kind == Data::Json;
        match &mut self.data {
            None => self.data = Some(value),
            Some(data) => {
                if kind != Data::Json {
                    data.push(b'&');
                }
                data.extend(value);
            }
        }
        Ok(())
    }

    fn request(mut self, now: Timestamp) -> Result<Request, String> {
        let url = self.url.take().ok_or("it names no URL")?;
        let (host, path, query) = parted(&url);
        let mut query = query.to_owned();
        let data = self.data.take();
        let body = match data {
            Some(data) if self.is_get => {
                let mark = if query.is_empty() { "" } else { "&" };
                query.push_str(&format!("{mark}{}", utf8(data)?));
                None
            }
            other => other,
        };
        self.typed(body.is_some(), host)?;
        let usual = match (&body, self.is_head) {
            (_, true) => Method::HEAD,
            (Some(_), false) => Method::POST,
            (None, false) => Method::GET,
        };
        Ok(Request {
            query,
            headers: self.headers,
            body: Bytes::from(body.unwrap_or_default()),
            ..Request::local(self.method.unwrap_or(usual), path, now)
        })
    }

    /// The headers that curl adds for data, and the host.
    fn typed(&mut self, has_body: bool, host: &str) -> Result<(), String> {
        let kind = if self.is_json { JSON } else { FORM };
        let added = [(HOST, host, true), (CONTENT_TYPE, kind, has_body), (ACCEPT, JSON, self.is_json)];
        for (name, value, _) in added.iter().filter(|(.., applies)| *applies) {
            if !self.headers.contains_key(name) {
                self.set(name, value)?;
            }
        }
        for name in &self.without {
            self.headers.remove(name);
        }
        Ok(())
    }
}

/// Host, path and query of a URL; its scheme may be left out.
fn parted(url: &str) -> (&str, &str, &str) {
    let url = url.split('#').next().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let start = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(start).unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    (host, if path.is_empty() { "/" } else { path }, query)
}

/// `name=content`, `=content` or `content`: the content percent-encoded.
fn encoded(value: &[u8]) -> Result<Vec<u8>, String> {
    let text = utf8(value.to_vec())?;
    Ok(match text.split_once('=') {
        None => percent(text.as_bytes()),
        Some(("", content)) => percent(content.as_bytes()),
        Some((name, content)) => format!("{name}={}", percent(content.as_bytes())),
    }
    .into_bytes())
}

fn percent(bytes: &[u8]) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    bytes
        .iter()
        .map(|byte| if is_plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn utf8(word: Vec<u8>) -> Result<String, String> {
    String::from_utf8(word).map_err(|_| "what stands there is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Request, String> {
        let read = |name: &str| match name {
            "body.json" => Ok(b"{\r\n \"a\": 1\r\n}\n".to_vec()),
            other => Err(format!("`{other}` cannot be read")),
        };
        parse(text, Timestamp::default(), &read)
    }

    /// Method, path and query, some headers, body.
    fn check(text: &str, line: &str, headers: &[(&str, &str)], body: &str) {
        let request = parsed(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        let mark = if request.query.is_empty() { "" } else { "?" };
        let there = format!("{} {}{mark}{}", request.method, request.path, request.query);
        assert_eq!(there, line, "{text}");
        for (name, value) in headers {
            assert_eq!(request.header(name).unwrap_or("-"), *value, "{name} of {text}");
        }
        assert_eq!(std::str::from_utf8(&request.body).unwrap(), body, "{text}");
    }

    #[test]
    fn a_command_is_the_request_it_would_send() {
        let form = ("content-type", FORM);
        let json = ("content-type", JSON);
        check("curl http://h", "GET /", &[("host", "h"), ("content-type", "-")], "");
        check("$ curl h:80/a?b=c#d", "GET /a?b=c", &[("host", "h:80")], "");
        check("curl -d a=1 -d b=2 u:p@h/x", "POST /x", &[form, ("host", "h")], "a=1&b=2");
        check("curl --json '{\"a\":' --json 1} h/x", "POST /x", &[json, ("accept", JSON)], "{\"a\":1}");
        check("curl -XPUT -d'{}' -H'Content-Type: application/json' h/x", "PUT /x", &[json], "{}");
        check("curl -sSX POST --url h/x -H 'X-A;' -H 'Host:'", "POST /x", &[("x-a", ""), ("host", "-")], "");
        check("curl h/x -d @body.json", "POST /x", &[form], "{ \"a\": 1}");
        check("curl h/x --data-binary @body.json", "POST /x", &[form], "{\r\n \"a\": 1\r\n}\n");
        check("curl h/x --data-raw @body.json", "POST /x", &[form], "@body.json");
        check("curl -G -d a=1 --data-urlencode 'b=c d' 'h/x?z=0'", "GET /x?z=0&a=1&b=c%20d", &[], "");
        check("curl -u me:pw h/x", "GET /x", &[("authorization", "Basic bWU6cHc=")], "");
        check("curl -I h/x", "HEAD /x", &[], "");
        check(
            "curl 'http://h/github' \\\n  -H 'X-GitHub-Event: push' \\\n  --compressed \\\n  --data-raw $'{\"a\":\"it\\'s\"}'",
            "POST /github",
            &[("x-github-event", "push"), form],
            "{\"a\":\"it's\"}",
        );
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        for (text, wanted) in [
            ("wget h", "does not begin with `curl`"),
            ("curl", "names no URL"),
            ("curl -X", "`-X` has no value"),
            ("curl -H nothing h", "`nothing` is no header"),
            ("curl --frobnicate h", "`--frobnicate` is no option"),
            ("curl -F a=@b h", "multipart"),
            ("curl h/a h/b", "second URL"),
            ("curl -d @- h", "through a pipe"),
            ("curl -d @missing h", "`missing` cannot be read"),
            ("curl -d 'a h", "has no other"),
            ("curl -X 'A B' h", "is not a method"),
        ] {
            let why = parsed(text).unwrap_err();
            assert!(why.contains(wanted), "{text}: {why}");
        }
        assert!(is_curl("\n  $ curl -X POST") && is_curl("curl\\\n".replace('\\', " ").as_str()));
        assert!(!is_curl("{\"curl\": 1}") && !is_curl("curly") && !is_curl("curl"));
    }
}
