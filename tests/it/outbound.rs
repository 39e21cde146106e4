//! Where the real program's requests go, and where they never do: redirects, proxies, private addresses.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::program::{Place, Program};
use crate::receiver::Receiver;

/// Somebody who must not be asked.
pub struct Trap(TcpListener);

impl Trap {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    pub fn is_untouched(&self) -> bool {
        self.0.accept().is_err_and(|why| why.kind() == ErrorKind::WouldBlock)
    }
}

/// Answers each request with this, and keeps what the first line of each was.
fn answering(answer: String) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = std::sync::mpsc::sync_channel(100);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let line = first_line(&mut stream);
            let _ = stream.write_all(answer.as_bytes());
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    (address, told)
}

fn first_line(stream: &mut TcpStream) -> String {
    let (mut text, mut chunk) = (Vec::new(), [0; 4096]);
    while !text.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => text.extend_from_slice(&chunk[..count]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
}

fn rules(url: &str) -> String {
    format!(
        "sources: {{ open: {{ verify: none }} }}\nconnections: {{ there: {{ http: {{ url: \"{url}\" }} }} }}\nrules:\n  - {{ name: r, do: [{{ http: there, json: {{ a: 1 }} }}] }}\n"
    )
}

/// The end of the delivery of one event.
async fn ended(program: &Program) -> Value {
    let (status, answer) = program.post("/open", &[], "{}").await;
    assert_eq!(status, 202);
    let path = format!("/api/deliveries?event={}", answer["id"].as_str().unwrap());
    let is_end = |answer: &Value| !answer["deliveries"][0]["finished_at"].is_null();
    program.until(&path, is_end).await["deliveries"][0].clone()
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let trap = Trap::new();
        let (there, told) = answering(format!(
            "HTTP/1.1 {status}\r\nlocation: http://{}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            trap.address()
        ));
        let place = Place::new(&rules(&format!("http://{there}/in")), &[]);
        let delivery = ended(&place.serve()).await;
        assert_eq!(delivery["state"], "dead", "{delivery:#}");
        assert!(
            delivery["reason"].as_str().unwrap().contains(status.split(' ').next().unwrap()),
            "{delivery:#}"
        );
        assert_eq!(told.recv().unwrap(), "POST /in HTTP/1.1");
        assert!(trap.is_untouched(), "{status}");
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used_and_a_named_one_is() {
    let trap = Trap::new();
    let proxy = format!("http://{}", trap.address());
    let mut there = Receiver::start().await;
    let variables: Vec<(&str, &str)> = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"]
        .iter()
        .map(|name| (*name, proxy.as_str()))
        .collect();
    let place = Place::new(&rules(&there.address), &variables);
    assert_eq!(ended(&place.serve()).await["state"], "delivered");
    there.next().await;
    assert!(trap.is_untouched());
    let (named, told) = answering("HTTP/1.1 204 No\r\nconnection: close\r\n\r\n".to_owned());
    let place = Place::new(&rules("http://no-such-name.invalid/in"), &[]);
    let program = place.serve_with(&["--proxy", &format!("http://{named}")]);
    assert_eq!(ended(&program).await["state"], "delivered");
    assert_eq!(told.recv().unwrap(), "POST http://no-such-name.invalid/in HTTP/1.1");
}

#[tokio::test]
async fn a_host_of_a_payload_is_refused_and_a_path_of_it_stays_a_path() {
    let trap = Trap::new();
    let (there, told) = answering("HTTP/1.1 204 No\r\nconnection: close\r\n\r\n".to_owned());
    let action = |url: &str| {
        format!(
            "sources: {{ open: {{ verify: none }} }}\nrules:\n  - {{ name: r, do: [{{ http: \"{url}\" }}] }}\n"
        )
    };
    for url in [
        "http://{{ $.host }}/",
        "{{ $.url }}",
        "http://a.example:{{ $.port }}/",
        "http://a.{{ $.x }}.example/",
    ] {
        let output = Place::new(&action(url), &[]).run(&["check", "doorbell.yaml"]);
        assert_eq!(output.status.code(), Some(1), "{url}");
    }
    let place = Place::new(&action(&format!("http://{there}/{{{{ $.path }}}}")), &[]);
    let program = place.serve();
    for path in ["@127.0.0.1", "//127.0.0.1/x", "?a=b#c", "a b\r\nHost: x", "http://127.0.0.1/"] {
        let path = path.replace("127.0.0.1", &trap.address());
        let body = serde_json::json!({ "path": path }).to_string();
        assert_eq!(program.post("/open", &[], body).await.0, 202);
        let line = told.recv().unwrap();
        assert!(line.starts_with("POST /") && line.matches('/').count() == 2, "{path:?}: {line}");
    }
    assert!(trap.is_untouched());
}

#[tokio::test]
async fn only_near_addresses_are_dialled_for_being_written_down_and_only_plainly() {
    let trap = Trap::new();
    let port = trap.address().rsplit(':').next().unwrap().to_owned();
    let written = |host: &str| {
        let action = format!("http: \"http://{host}:{port}/\"");
        let rules = format!(
            "sources: {{ open: {{ verify: none }} }}\nrules: [{{ name: r, do: [{{ {action} }}] }}]\n"
        );
        Place::new(&rules, &[]).run(&["check", "doorbell.yaml"])
    };
    for host in ["127.0.0.1", "localhost", "10.0.0.5", "[::1]"] {
        assert_eq!(written(host).status.code(), Some(0), "{host}");
    }
    let odd = [
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "127。0。0。1",
        "localhost.",
        "[::ffff:127.0.0.1]",
        "0",
    ];
    for host in odd {
        let output = written(host);
        let said = crate::program::text(&output.stdout) + &crate::program::text(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains("write it plainly"), "{host}: {said}");
    }
    for host in
        ["169.254.169.254", "100.100.100.200", "192.0.0.192", "[fe80::1]", "[fd00:ec2::254]", "0.0.0.0"]
    {
        let output = written(host);
        let said = crate::program::text(&output.stdout) + &crate::program::text(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains("allow_private"), "{host}: {said}");
    }
    // A secret is not read by `check`: it is judged when it is dialled, and before a proxy is asked.
    let rules = "sources: { open: { verify: none } }\nconnections: { there: { http: { url: { env: THERE } } } }\nrules:\n  - { name: r, do: [{ http: there, json: { a: 1 } }] }\n";
    for proxied in [false, true] {
        for host in odd.iter().copied().chain(["169.254.169.254"]) {
            let there = format!("http://{host}:{port}/");
            let place = Place::new(rules, &[("THERE", &there)]);
            let proxy = format!("http://{}", trap.address());
            let more = if proxied { vec!["--proxy", proxy.as_str()] } else { Vec::new() };
            let delivery = ended(&place.serve_with(&more)).await;
            assert_eq!(delivery["state"], "dead", "{host} {delivery:#}");
            assert!(delivery["reason"].as_str().unwrap().contains("blocked"), "{host} {delivery:#}");
        }
    }
    assert!(trap.is_untouched());
}
