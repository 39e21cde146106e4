//! The admin listener before strangers, foreign pages and odd hosts.

use std::os::unix::fs::PermissionsExt as _;

use reqwest::Method;
use serde_json::json;

use crate::program::{Place, text};

const TOKEN: &str = "an admin token that is long";
const RULES: &str =
    "sources: { in: { verify: none } }\nconnections: { out: { http: { url: https://a.example } } }\n";
/// Each route with the method it has.
pub(crate) const ROUTES: &[(&str, &str)] = &[
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/events"),
    ("GET", "/api/events/evt_00000000000000000000000000"),
    ("GET", "/api/events/evt_00000000000000000000000000/body"),
    ("GET", "/api/events/evt_00000000000000000000000000/explain"),
    ("POST", "/api/events/evt_00000000000000000000000000/replay"),
    ("POST", "/api/replay"),
    ("GET", "/api/deliveries"),
    ("POST", "/api/deliveries/dlv_00000000000000000000000000/retry"),
    ("POST", "/api/deliveries/dlv_00000000000000000000000000/drop"),
    ("GET", "/api/stream"),
    ("GET", "/api/rejections"),
    ("GET", "/api/rules"),
    ("GET", "/api/sources"),
    ("GET", "/api/sources/in/setup"),
    ("POST", "/api/sources/in/setup"),
    ("DELETE", "/api/sources/in/setup"),
    ("GET", "/api/connections"),
    ("POST", "/api/connections/out/pause"),
    ("POST", "/api/connections/out/resume"),
    ("POST", "/api/prune"),
    ("POST", "/api/reload"),
    ("GET", "/api/deliveries/dlv_00000000000000000000000000"),
    ("GET", "/api/rejections/rej_00000000000000000000000000/explain"),
    ("GET", "/api/openapi.json"),
    ("GET", "/nothing"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_token_nothing_is_open_but_a_sign_of_life() {
    let place = Place::new(RULES, &[("DOORBELL_ADMIN_TOKEN", TOKEN)]);
    let program = place.serve();
    let ask = async |method: &str, path: &str, token: Option<&str>| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = program.client.request(method, format!("{}{path}", program.admin));
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        request.send().await.unwrap()
    };
    for (method, path) in ROUTES {
        for token in [
            None,
            Some("Bearer "),
            Some("Bearer an admin token that is lonG"),
            Some("Basic YTpi"),
            Some(TOKEN),
        ] {
            let answer = ask(method, path, token).await;
            assert_eq!(answer.status(), 401, "{method} {path} {token:?}");
            assert!(answer.headers().get("access-control-allow-origin").is_none());
        }
    }
    let alive = ask("GET", "/healthz", None).await;
    assert_eq!(alive.text().await.unwrap(), json!({ "ok": true }).to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_only_looks_changes_nothing_and_sees_no_secret() {
    const LOOKS: &str = "a token that only lets look";
    let tokens = [("DOORBELL_ADMIN_TOKEN", TOKEN), ("DOORBELL_ADMIN_READ_TOKEN", LOOKS)];
    // Whether there is another one or not.
    for tokens in [&tokens[..], &tokens[1..]] {
        let program = Place::new(RULES, tokens).serve();
        for (method, path) in ROUTES {
            let looks = *method == "GET" && !path.ends_with("/setup");
            let request = Method::from_bytes(method.as_bytes()).unwrap();
            let answer =
                program.client.request(request, format!("{}{path}", program.admin)).bearer_auth(LOOKS);
            let status = answer.send().await.unwrap().status();
            assert_eq!(status == 403, !looks, "{method} {path}: {status}");
            assert_ne!(status, 401, "{method} {path}");
        }
    }
    let place = Place::new(RULES, &tokens);
    let program = place.serve();
    let asked = |token: &str, arguments: &[&str]| {
        let admin = program.admin.trim_start_matches("http://");
        let output = place.run(&[arguments, &["--admin", admin, "--admin-token", token]].concat());
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    assert_eq!(asked(LOOKS, &["events", "list"]).0, Some(0));
    let (code, said) = asked(LOOKS, &["reload"]);
    assert!(code == Some(3) && said.contains("only lets look"), "{said}");
    let (code, said) = asked(TOKEN, &["reload"]);
    assert!(code == Some(0) && !said.trim().is_empty(), "{said}");
    place.write("doorbell.yaml", "rules: [{ name: x }]");
    let (code, said) = asked(TOKEN, &["reload"]);
    assert!(code == Some(1) && said.contains("doorbell.yaml:1:"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_of_the_file_system_is_its_owners() {
    let place = Place::new(RULES, &[]);
    let program = place.serve_with(&["--admin", "unix:admin.sock"]);
    assert_eq!(program.admin, "unix:admin.sock");
    let mode = std::fs::metadata(place.file("admin.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let id = program.post("/in", &[], "{}").await.1["id"].as_str().unwrap().to_owned();
    let shown = place.run(&["events", "show", &id, "--admin", "unix:admin.sock"]);
    assert!(shown.status.success() && text(&shown.stdout).contains(&id), "{}", text(&shown.stderr));
    let second = ["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--store", "sqlite:other.db"];
    let second = place.run(&[&second[..], &["--admin", "unix:admin.sock"]].concat());
    assert_eq!(second.status.code(), Some(3));
    assert!(text(&second.stderr).contains("another program has it"), "{}", text(&second.stderr));
    assert_eq!(program.stop(), Some(0));
    assert!(!place.file("admin.sock").exists());
    // What a killed one leaves behind is taken over.
    place.serve_with(&["--admin", "unix:admin.sock"]).kill();
    assert!(place.file("admin.sock").exists());
    assert_eq!(place.serve_with(&["--admin", "unix:admin.sock"]).stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_pages_and_names_change_and_see_nothing() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let foreign = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("host", "evil.example"),
        ("host", "localhost.evil.example:4981"),
        ("host", "127.0.0.1.evil.example"),
    ];
    for (method, path) in ROUTES.iter().filter(|(method, _)| *method != "GET") {
        for (name, value) in foreign {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request =
                program.client.request(method, format!("{}{path}", program.admin)).header(name, value);
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} {name}: {value}");
        }
    }
    for (_, path) in ROUTES.iter().filter(|(method, path)| *method == "POST" && !path.ends_with("/setup")) {
        assert_eq!(program.ask(path).await.0, 405, "no change by GET: {path}");
    }
    for path in ["/api/rules", "/api/connections", "/api/sources"] {
        for method in [Method::PUT, Method::PATCH, Method::POST, Method::DELETE] {
            let request = program.client.request(method, format!("{}{path}", program.admin)).body("{}");
            assert_eq!(request.send().await.unwrap().status(), 405, "rules are files: {path}");
        }
    }
    let options = program.client.request(Method::OPTIONS, format!("{}/api/events", program.admin));
    let answer = options.header("access-control-request-method", "GET").send().await.unwrap();
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_is_shown_as_data_and_never_as_a_page() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let page = "<img src=x onerror=alert(1)>";
    let (_, answer) = program.post("/in", &[("content-type", "text/html")], page).await;
    assert!(answer["id"].is_null(), "a type that no source reads");
    let (_, answer) = program.post("/in", &[("x-page", page)], json!({ "x": page }).to_string()).await;
    let id = answer["id"].as_str().unwrap();
    for (path, kind) in [
        (format!("/api/events/{id}"), "application/json"),
        (format!("/api/events/{id}/body"), "application/octet-stream"),
    ] {
        let answer = program.client.get(format!("{}{path}", program.admin)).send().await.unwrap();
        let header = |name: &str| {
            answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        assert_eq!(header("content-type"), kind);
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(
            header("content-disposition").starts_with("attachment"),
            path.ends_with("/body"),
            "{path}"
        );
    }
}

#[test]
fn beyond_loopback_a_token_is_needed_and_a_long_one() {
    let place = Place::new(RULES, &[]);
    let open = place.run(&["serve", "doorbell.yaml", "--admin", "0.0.0.0:0", "--listen", "127.0.0.1:0"]);
    assert_eq!(open.status.code(), Some(3));
    assert!(text(&open.stderr).contains("DOORBELL_ADMIN_TOKEN"));
    let place = Place::new(RULES, &[("DOORBELL_ADMIN_TOKEN", "short")]);
    let short = place.run(&["serve", "doorbell.yaml", "--admin", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
    assert_eq!(short.status.code(), Some(2));
}
