//! Talking to a running doorbell over its admin listener.

use std::time::Duration;

use serde_json::Value;

use super::{ADMIN_DEFAULT, End};
use crate::server::Address;

/// Time for one answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Where the running doorbell is.
#[derive(clap::Args, Debug)]
pub(super) struct Admin {
    /// The admin address of the running doorbell, or the `unix:PATH` of its socket
    #[arg(long, env = "DOORBELL_ADMIN", default_value = ADMIN_DEFAULT, value_name = "ADDR")]
    admin: String,
    /// Its token, when it asks for one
    #[arg(long, env = "DOORBELL_ADMIN_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    admin_token: Option<String>,
}

impl Admin {
    /// Asks for a path with a query, and reads the answer as JSON.
    pub(super) fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, End> {
        self.call(reqwest::Method::GET, path, query)
    }

    /// Wants something done.
    pub(super) fn post(&self, path: &str) -> Result<Value, End> {
        self.post_with(path, &[])
    }

    /// Asks for a path, and takes the answer's bytes as they are.
    pub(super) fn bytes(&self, path: &str) -> Result<Vec<u8>, End> {
        self.answer(reqwest::Method::GET, path, &[])
    }

    /// The same, with a query.
    pub(super) fn post_with(&self, path: &str, query: &[(&str, String)]) -> Result<Value, End> {
        self.call(reqwest::Method::POST, path, query)
    }

    /// Wants something gone.
    pub(super) fn delete(&self, path: &str) -> Result<Value, End> {
        self.call(reqwest::Method::DELETE, path, &[])
    }

    /// Reads an answer line by line for as long as it comes and `told` wants more; whether `told` had enough.
    pub(super) fn lines(
        &self,
        path: &str,
        query: &[(&str, String)],
        mut told: impl FnMut(&str) -> bool,
    ) -> Result<bool, End> {
        super::block_on(async {
            let mut answer = self.send(reqwest::Method::GET, path, query, None).await?;
            let mut rest = Vec::new();
            while let Ok(Some(piece)) = answer.chunk().await {
                rest.extend_from_slice(&piece);
                while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = rest.drain(..=end).collect();
                    if !told(String::from_utf8_lossy(&line).trim_end()) {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        })?
    }

    fn call(&self, method: reqwest::Method, path: &str, query: &[(&str, String)]) -> Result<Value, End> {
        Ok(serde_json::from_slice(&self.answer(method, path, query)?).unwrap_or(Value::Null))
    }

    fn answer(&self, method: reqwest::Method, path: &str, query: &[(&str, String)]) -> Result<Vec<u8>, End> {
        super::block_on(async {
            let answer = self.send(method, path, query, Some(TIMEOUT)).await?;
            let bytes = answer.bytes().await.map_err(|why| self.unreachable(&why))?;
            Ok(bytes.to_vec())
        })?
    }

    /// Sends a request; an answer that is no success is the end.
    async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        query: &[(&str, String)],
        timeout: Option<Duration>,
    ) -> Result<reqwest::Response, End> {
        let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let client = reqwest::Client::builder().no_proxy().connect_timeout(TIMEOUT);
        let (client, host) = match Address::socket(&self.admin) {
            Some(socket) => (client.unix_socket(socket), "localhost"),
            None => (client, self.admin.as_str()),
        };
        let address = format!("http://{host}{path}?{query}");
        let client = timeout.into_iter().fold(client, reqwest::ClientBuilder::timeout).build();
        let client = client.map_err(|why| End::CouldNot(why.to_string()))?;
        let mut request = client.request(method, address.trim_end_matches('?'));
        if let Some(token) = &self.admin_token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.map_err(|why| self.unreachable(&why))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.map_err(|why| self.unreachable(&why))?;
        Err(refused(path, status, &serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    fn unreachable(&self, why: &reqwest::Error) -> End {
        let kind = if why.is_connect() { "no doorbell answers" } else { "the answer did not come" };
        End::CouldNot(format!(
            "{kind} at `{}`: start one with `doorbell serve`, or name its address with --admin",
            self.admin
        ))
    }
}

fn refused(path: &str, status: u16, value: &Value) -> End {
    let why =
        value.get("why").or_else(|| value.get("error")).and_then(Value::as_str).unwrap_or("no reason given");
    match status {
        401 => End::CouldNot("the admin listener asks for a token: set DOORBELL_ADMIN_TOKEN".to_owned()),
        403 => End::CouldNot(format!("not allowed: {why}")),
        404 if why.contains('`') => End::CouldNot(why.to_owned()),
        404 => End::CouldNot(format!(
            "there is no such thing: {}",
            path.rsplit('/').find(|part| part.contains('_')).unwrap_or(path)
        )),
        400 => End::Usage(why.to_owned()),
        422 => {
            super::tell(why);
            End::No
        }
        _ => End::CouldNot(format!("not done: {why}")),
    }
}
