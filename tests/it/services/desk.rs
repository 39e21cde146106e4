//! A stand-in for any service: it goes through a talk that is written down, insists on what each request has to be, and answers
//! as it is told to. What one answer gives (a crumb, a token, a cookie), a later request has to show.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::receiver;

/// One request and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// Method, path and query.
    pub line: &'static str,
    /// Headers that it has to have, `-` for one that it may not have.
    pub headers: &'static [(&'static str, &'static str)],
    /// JSON, by what it says; anything else, byte for byte.
    pub body: &'static str,
    pub answer: Answer,
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: &'static [(&'static str, &'static str)],
    pub body: &'static str,
}

#[derive(Default)]
struct Script {
    talk: VecDeque<Exchange>,
    wrong: Vec<String>,
}

/// A listening stand-in.
pub struct Desk {
    pub address: String,
    script: Arc<Mutex<Script>>,
    task: tokio::task::JoinHandle<()>,
}

impl Desk {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let script: Arc<Mutex<Script>> = Arc::default();
        let router = Router::new().fallback(take).with_state(Arc::clone(&script));
        let task = tokio::spawn(async move { receiver::serve(listener, router).await });
        Self { address, script, task }
    }

    /// What is to be said next.
    pub fn expect(&self, talk: &[Exchange]) {
        self.script.lock().unwrap().talk = talk.iter().copied().collect();
    }

    /// What was not as it had to be, and what was never asked.
    pub fn wrong(&self) -> Vec<String> {
        let mut script = self.script.lock().unwrap();
        let mut wrong = std::mem::take(&mut script.wrong);
        wrong.extend(script.talk.drain(..).map(|left| format!("never asked: {}", left.line)));
        wrong
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1024 * 1024).await.unwrap_or_default();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let line = format!("{} {target}", head.method);
    let mut script = script.lock().unwrap();
    let Some(wanted) = script.talk.pop_front() else {
        script.wrong.push(format!("not expected: {line}"));
        return StatusCode::NOT_IMPLEMENTED.into_response();
    };
    script.wrong.extend(differences(&wanted, &line, &head.headers, &body));
    let Answer { status, headers, body } = wanted.answer;
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    response.headers_mut().remove("content-type");
    for (name, value) in headers {
        response.headers_mut().append(*name, value.parse().unwrap());
    }
    response
}

fn differences(wanted: &Exchange, line: &str, headers: &HeaderMap, body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if wanted.line != line {
        found.push(format!("wanted {}\ngot    {line}", wanted.line));
    }
    for (name, value) in wanted.headers {
        let got = headers.get(*name).and_then(|value| value.to_str().ok());
        if got.unwrap_or("-") != *value {
            found.push(format!("{line}: wanted {name}: {value}\ngot    {got:?}"));
        }
    }
    let text = String::from_utf8_lossy(body);
    let is_same = match serde_json::from_str::<Value>(wanted.body) {
        Ok(json) => serde_json::from_slice::<Value>(body).ok() == Some(json),
        Err(_) => wanted.body == text,
    };
    if !is_same {
        found.push(format!("{line}: wanted {}\ngot    {text}", wanted.body));
    }
    found
}
