//! A signed webhook on its way out: sent, or printed as a curl line or as JSON.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{End, output};

/// Time for the answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What goes out.
pub(super) struct Letter {
    pub(super) method: http::Method,
    pub(super) url: String,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Letter {
    /// The request as a line for a shell: every part in single quotes.
    pub(super) fn curl(&self) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let mut line = format!("curl -i -X {} {}", self.method, quoted(&self.url));
        for (name, value) in &self.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
        match std::str::from_utf8(&self.body) {
            Ok(body) => line + &format!(" --data-binary {}", quoted(body)),
            // What is no text comes through a pipe.
            Err(_) => format!(
                "printf %s {} | base64 -d | {line} --data-binary @-",
                quoted(&STANDARD.encode(&self.body))
            ),
        }
    }

    /// The request for programs; `body` is there when it is text, `body_base64` always.
    pub(super) fn json(&self) -> Value {
        let text = |value: &http::HeaderValue| Value::from(String::from_utf8_lossy(value.as_bytes()));
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        json!({
            "format_version": 1,
            "method": self.method.as_str(),
            "url": self.url,
            "headers": headers,
            "body": std::str::from_utf8(&self.body).ok(),
            "body_base64": STANDARD.encode(&self.body),
        })
    }

    /// Sends it and prints what is answered.
    pub(super) fn send(self) -> Result<End, End> {
        super::block_on(async {
            let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build();
            let client = client.map_err(|why| End::CouldNot(why.to_string()))?;
            let url = self.url.clone();
            let request =
                client.request(self.method, self.url).headers(self.headers).body(Bytes::from(self.body));
            let answer = request.send().await.map_err(|why| {
                let kind = if why.is_connect() { "nobody answers" } else { "no answer came" };
                End::CouldNot(format!(
                    "{kind} at `{url}`: start one with `doorbell serve`, or name another address with --to"
                ))
            })?;
            let status = answer.status();
            let body = answer.text().await.unwrap_or_default();
            output::line(&format!("{}  {}", status.as_u16(), crate::telemetry::escape(&body)));
            Ok(if status.is_success() { End::Ok } else { End::No })
        })?
    }
}
