//! The webhook listener answers a status of the contract to whatever comes, and the admin listener lets in whom it should.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::program::{PATIENCE, Place, Program, text};

/// At most two webhooks of `paced` in a day, for whoever knows its token; `net` for one network alone.
const PACED: &str = "sources:
  paced: { verify: { kind: token, from: \"header:X-Token\" }, secret: { env: TOKEN }, rate: 2/d }
  net: { verify: none, allow_from: [192.0.2.0/24] }
";

const RULES: &str = "sources:\n  open: { verify: none }\n  place: { path: \"/s/{site}\", verify: none, body_max: 1KiB }\n  net: { verify: none, allow_from: [192.0.2.0/24] }\n";

/// Sends raw bytes and reads until the connection ends or an answer is whole; the status, and all that came.
pub fn raw(program: &Program, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(program.address.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The server may close before all is written; what it said counts.
    let _ = stream.write_all(request);
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count) = stream.read(&mut piece) {
        all.extend_from_slice(&piece[..count]);
        if count == 0 || all.windows(4).any(|four| four == b"\r\n\r\n") {
            break;
        }
    }
    let text = String::from_utf8_lossy(&all).into_owned();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    (status, text.to_ascii_lowercase())
}

pub fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
        .into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_gets_a_status_of_the_contract() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let json = "content-type: application/json\r\n";
    let rows: Vec<(&str, Vec<u8>, u16)> = vec![
        ("json", post("/open", json, "{}"), 202),
        ("no type", post("/open", "", "[1]"), 202),
        ("form", post("/open", "content-type: application/x-www-form-urlencoded\r\n", "a=1"), 202),
        ("a parameter", post("/s/berlin", json, "{}"), 202),
        ("broken json", post("/open", json, "{"), 400),
        ("empty", post("/open", json, ""), 400),
        ("duplicate keys", post("/open", json, r#"{"a":1,"\u0061":2}"#), 400),
        ("too deep", post("/open", json, &"[".repeat(65)), 400),
        ("not utf-8", [post("/open", "content-length: 1\r\n", ""), vec![0xff]].concat(), 400),
        ("unknown type", post("/open", "content-type: image/png\r\n", "x"), 415),
        ("compressed", post("/open", "content-encoding: gzip\r\n", "x"), 415),
        ("too large", post("/s/berlin", json, &" ".repeat(1025)), 413),
        (
            "far too large",
            b"POST /open HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\n".to_vec(),
            413,
        ),
        (
            "chunked and too large",
            [
                b"POST /s/a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(),
                b"400\r\n".to_vec(),
                vec![b' '; 1024],
                b"\r\n400\r\n".to_vec(),
                vec![b' '; 1024],
            ]
            .concat(),
            413,
        ),
        ("no such path", post("/nothing", json, "{}"), 404),
        ("admin path", post("/api/events", json, "{}"), 404),
        ("another spelling", post("/%6fpen", json, "{}"), 404),
        ("a slash more", post("/open/", json, "{}"), 404),
        ("two slashes", post("//open", json, "{}"), 404),
        ("another method", b"GET /open HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), 405),
        ("trace", b"TRACE /open HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), 405),
        ("foreign address", post("/net", json, "{}"), 403),
        ("long uri", post(&format!("/open?{}", "a".repeat(9000)), json, "{}"), 414),
        ("huge uri", post(&format!("/open?{}", "a".repeat(70_000)), json, "{}"), 414),
        ("one large header", post("/open", &format!("x: {}\r\n", "a".repeat(64 * 1024)), "{}"), 431),
        ("many headers", post("/open", &"x: y\r\n".repeat(120), "{}"), 431),
        (
            "two lengths",
            b"POST /open HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_vec(),
            400,
        ),
        (
            "a length and chunks",
            b"POST /open HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_vec(),
            400,
        ),
        (
            "a coding beside chunks",
            b"POST /open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_vec(),
            400,
        ),
        (
            "chunks twice",
            b"POST /open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_vec(),
            400,
        ),
        ("no host", b"POST /open HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}".to_vec(), 400),
        ("a strange length", b"POST /open HTTP/1.1\r\nhost: x\r\ncontent-length: +2\r\n\r\n{}".to_vec(), 400),
        (
            "a folded header",
            b"POST /open HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\ncontent-length: 2\r\n\r\n{}".to_vec(),
            400,
        ),
        (
            "a space before the colon",
            b"POST /open HTTP/1.1\r\nhost: x\r\na : b\r\ncontent-length: 2\r\n\r\n{}".to_vec(),
            400,
        ),
        ("no http", b"hello\r\n\r\n".to_vec(), 400),
    ];
    let mut wrong = Vec::new();
    for (name, request, wanted) in rows {
        let (status, answer) = raw(&program, &request);
        if status != wanted {
            wrong.push(format!("{name}: wanted {wanted}, got {status}"));
        }
        if !answer.contains("content-length:") {
            wrong.push(format!("{name}: no content-length in\n{answer}"));
        }
        if status == 405 && !answer.contains("allow: post") {
            wrong.push(format!("{name}: no allow in\n{answer}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(program.ask("/healthz").await.0, 200);
    assert_eq!(program.ask("/readyz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_admin_listener_lets_in_whom_it_should() {
    let place = Place::new(RULES, &[("DOORBELL_ADMIN_TOKEN", "an admin token that is long")]);
    let program = place.serve();
    assert_eq!(program.ask("/healthz").await.0, 200);
    assert_eq!(program.ask("/api/events").await.0, 401);
    assert_eq!(program.ask("/api/events?token=an%20admin%20token%20that%20is%20long").await.0, 401);
    let with = program
        .client
        .get(format!("{}/api/events", program.admin))
        .bearer_auth("an admin token that is long");
    assert_eq!(with.send().await.unwrap().status(), 200);
    drop(program);

    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let ask = async |name: &str, value: &str, method: reqwest::Method| {
        let request =
            program.client.request(method, format!("{}/api/reload", program.admin)).header(name, value);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask("host", "evil.example.com", reqwest::Method::POST).await, 403);
    assert_eq!(ask("origin", "https://evil.example.com", reqwest::Method::POST).await, 403);
    assert_eq!(ask("sec-fetch-site", "cross-site", reqwest::Method::POST).await, 403);
    assert_eq!(ask("x-any", "thing", reqwest::Method::GET).await, 405);
    assert_eq!(ask("x-any", "thing", reqwest::Method::POST).await, 200);
    for path in ["/api/events/evt_x", "/api/events?sorce=x", "/api/events?since=yesterday"] {
        assert_eq!(program.ask(path).await.0, 400, "{path}");
    }
    assert_eq!(program.ask("/api/events/evt_00000000000000000000000000").await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_takes_as_many_as_its_rate_says() {
    let place = Place::new(PACED, &[("TOKEN", "a token of more than sixteen bytes")]);
    let program = place.serve();
    let send = async |token: &str, body: &str| {
        let request = program.client.post(format!("{}/paced", program.address)).header("x-token", token);
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let wait = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), wait.and_then(|wait| wait.parse::<u64>().ok()))
    };
    let good = "a token of more than sixteen bytes";
    assert_eq!(send("somebody else's", "[1]").await, (401, None));
    assert_eq!(send(good, "[2]").await, (202, None));
    assert_eq!(send("somebody else's", "[3]").await, (401, None));
    assert_eq!(send(good, "[4]").await, (202, None));
    let (status, wait) = send(good, "[5]").await;
    assert_eq!(status, 429);
    assert!(wait.is_some_and(|wait| wait > 42_000 && wait <= 43_200), "{wait:?}");
    let refused =
        program.until("/api/rejections", |list| list["rejections"].as_array().unwrap().len() == 3).await;
    assert_eq!(refused["rejections"][0]["cause"], "more than its rate of 2/d");
    let counted =
        program.client.get(format!("{}/metrics", program.admin)).send().await.unwrap().text().await.unwrap();
    assert!(counted.contains("status=\"429\""), "{counted}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_named_proxy_is_believed_whom_it_saw_and_nobody_else() {
    let place = Place::new(PACED, &[("TOKEN", "a token of more than sixteen bytes")]);
    let rows = [
        (None, 403),
        (Some("192.0.2.7"), 202),
        (Some("192.0.2.7, 198.51.100.1"), 403),
        (Some("198.51.100.1, 192.0.2.7"), 202),
        (Some("192.0.2.7, 127.0.0.9"), 202),
        (Some("nonsense"), 403),
    ];
    for (arguments, believed) in [(&["--trusted-proxy", "127.0.0.0/8,::1"][..], true), (&[][..], false)] {
        let program = place.serve_with(arguments);
        for (seen, wanted) in rows {
            let headers: Vec<_> = seen.map(|seen| ("x-forwarded-for", seen)).into_iter().collect();
            let wanted = if believed { wanted } else { 403 };
            // The same body twice would be a repeat.
            let body = format!("[{believed}, {:?}]", seen.unwrap_or("nobody"));
            assert_eq!(program.post("/net", &headers, body).await.0, wanted, "{seen:?} {arguments:?}");
        }
    }
    let wrong = place.run(&["serve", "doorbell.yaml", "--trusted-proxy", "everybody"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("`everybody` is not a network"));
}
