//! A destination for outgoing requests: keeps what came, and can be told how to answer.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Requests that may wait to be looked at.
const QUEUE_MAX: usize = 100_000;

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
    /// The body as it came.
    pub bytes: bytes::Bytes,
}

/// How it answers next; the last one stays.
pub type Answers = Arc<Mutex<Vec<(u16, &'static str)>>>;

/// A listening destination.
pub struct Receiver {
    pub address: String,
    pub answers: Answers,
    got: mpsc::Receiver<Got>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Desk {
    got: mpsc::Sender<Got>,
    answers: Answers,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (sender, got) = mpsc::channel(QUEUE_MAX);
        let answers: Answers = Arc::new(Mutex::new(vec![(200, "ok")]));
        let desk = Desk { got: sender, answers: Arc::clone(&answers) };
        let router = Router::new().fallback(take).with_state(desk);
        let task = tokio::spawn(async move { serve(listener, router).await });
        Self { address, answers, got, task }
    }

    /// The next request; fails the test when none comes.
    pub async fn next(&mut self) -> Got {
        tokio::time::timeout(super::program::PATIENCE, self.got.recv())
            .await
            .expect("a request was wanted")
            .unwrap()
    }

    /// What has come and was not looked at.
    pub fn rest(&mut self) -> Vec<Got> {
        std::iter::from_fn(|| self.got.try_recv().ok()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(desk): State<Desk>, request: Request) -> impl IntoResponse {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 4 * 1024 * 1024).await.unwrap_or_default();
    let got = Got {
        path: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        bytes: body,
    };
    let _ = desk.got.try_send(got);
    let mut answers = desk.answers.lock().unwrap();
    let (status, text) = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
    (StatusCode::from_u16(status).unwrap(), text)
}

/// axum's own `serve` is not compiled in: one hyper connection a task is all that is needed.
pub async fn serve(listener: TcpListener, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let router = router.clone();
        tokio::spawn(async move {
            let service = hyper_util::service::TowerToHyperService::new(router);
            let stream = hyper_util::rt::TokioIo::new(stream);
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
        });
    }
}
