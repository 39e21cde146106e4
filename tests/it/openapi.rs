//! The description of the admin listener is true: each route is in it, and what is answered has the shape that it tells.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::program::{Place, Program};
use crate::receiver::Receiver;
use crate::threats::admin::ROUTES;

const RULES: &str = r#"
sources:
  open: { verify: none, id: $.id }
  books: { verify: asana, secret: { env: THE_SECRET } }
connections: { out: { http: { url: ADDRESS }, retry: { attempts: 1 }, circuit_breaker: {}, rate: 5/s } }
rules:
  - { name: say, from: open, do: [{ log: hello }] }
  - { name: call, from: open, if: { $.call: true }, do: [{ http: out }] }
"#;

struct Described {
    document: Value,
    program: Program,
}

impl Described {
    /// Asks, and holds the answer against what is told of it.
    async fn hold(&self, method: &str, route: &str, path: &str, wanted: u16) -> Value {
        let request = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = self.program.client.request(request, format!("{}{path}", self.program.admin));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), wanted, "{method} {path}");
        let kind = answer.headers()["content-type"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let told = &self.document["paths"][route][method.to_lowercase()]["responses"][wanted.to_string()];
        let schema = &told["content"][&kind]["schema"];
        assert!(!schema.is_null(), "{method} {route} {wanted} {kind} is not told of: {told}");
        let body = answer.bytes().await.unwrap();
        if kind != "application/json" {
            return Value::Null;
        }
        let value: Value = serde_json::from_slice(&body).unwrap();
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let wrong: Vec<String> = jsonschema::options()
            .build(&whole)
            .unwrap()
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{method} {path}: {wrong:#?}\n{value:#}");
        value
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_is_described_and_answers_as_it_says() {
    let receiver = Receiver::start().await;
    *receiver.answers.lock().unwrap() = vec![(400, "no")];
    let rules = RULES.replace("ADDRESS", &receiver.address);
    let place = Place::new(&rules, &[("THE_SECRET", "a secret that is long enough to be one")]);
    let program = place.serve();
    let document: Value = program.ask("/api/openapi.json").await.1;
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let all = Described { document, program };

    let first = all.program.accepted("/open", &json!({ "id": 1, "call": true })).await;
    let is_over = |answer: &Value| answer["deliveries"].as_array().is_some_and(|list| list.len() == 1);
    let dead = all.program.until(&format!("/api/deliveries?event={first}&state=dead"), is_over).await;
    let delivery = dead["deliveries"][0]["id"].as_str().unwrap();
    let (_, second) = all.program.post("/open", &[], r#"{"id":1}"#).await;
    let second = second["id"].as_str().unwrap();
    all.program.post("/nowhere", &[], "{}").await;
    let is_one = |answer: &Value| answer["rejections"].as_array().unwrap().len() == 1;
    let refused = all.program.until("/api/rejections", is_one).await;
    let refused = refused["rejections"][0]["id"].as_str().unwrap().to_owned();

    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/rules",
        "/api/sources",
        "/api/connections",
        "/api/rejections",
    ] {
        all.hold("GET", path, path, 200).await;
    }
    let listed = all.hold("GET", "/api/events", "/api/events?limit=1", 200).await;
    assert!(!listed["next"].is_null());
    all.hold("GET", "/api/events", "/api/events?status=failed", 400).await;
    for id in [&*first, second] {
        for what in ["", "/body", "/explain"] {
            all.hold("GET", &format!("/api/events/{{id}}{what}"), &format!("/api/events/{id}{what}"), 200)
                .await;
        }
    }
    all.hold("GET", "/api/events/{id}", "/api/events/evt_00000000000000000000000000", 404).await;
    all.hold("GET", "/api/deliveries", "/api/deliveries?state=dead", 200).await;
    all.hold("GET", "/api/deliveries/{id}", &format!("/api/deliveries/{delivery}"), 200).await;
    all.hold("GET", "/api/rejections/{id}/explain", &format!("/api/rejections/{refused}/explain"), 200).await;
    all.hold("POST", "/api/connections/{name}/pause", "/api/connections/out/pause?reason=why", 200).await;
    all.hold("GET", "/api/connections", "/api/connections", 200).await;
    for (what, wanted) in [("retry", 200), ("drop", 200), ("drop", 409)] {
        let route = format!("/api/deliveries/{{id}}/{what}");
        all.hold("POST", &route, &format!("/api/deliveries/{delivery}/{what}"), wanted).await;
    }
    all.hold("POST", "/api/connections/{name}/resume", "/api/connections/out/resume", 200).await;
    for dry in [true, false] {
        let path = format!("/api/events/{first}/replay?dry_run={dry}");
        all.hold("POST", "/api/events/{id}/replay", &path, 200).await;
        all.hold("POST", "/api/replay", &format!("/api/replay?source=open&dry_run={dry}"), 200).await;
    }
    for (method, wanted) in [("GET", 404), ("POST", 200), ("GET", 200), ("DELETE", 200)] {
        all.hold(method, "/api/sources/{name}/setup", "/api/sources/books/setup", wanted).await;
    }
    all.hold("POST", "/api/sources/{name}/setup", "/api/sources/open/setup", 400).await;
    all.hold("POST", "/api/prune", "/api/prune?older_than=1d", 200).await;
    all.hold("POST", "/api/reload", "/api/reload", 200).await;
    place.write("doorbell.yaml", "rules: 3");
    all.hold("POST", "/api/reload", "/api/reload", 422).await;
    all.hold("GET", "/api/openapi.json", "/api/openapi.json", 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_is_missing_and_none_is_made_up() {
    let place = Place::new("sources: { a: { verify: none } }\n", &[]);
    let document: Value = place.serve().ask("/api/openapi.json").await.1;
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let known: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|(_, path)| *path != "/nothing")
        .map(|(method, path)| {
            let part = |part: &str| match part {
                "in" | "out" => "{name}".to_owned(),
                id if id.contains('_') => "{id}".to_owned(),
                other => other.to_owned(),
            };
            ((*method).to_owned(), path.split('/').map(part).collect::<Vec<_>>().join("/"))
        })
        .collect();
    let open = BTreeSet::from([("GET".to_owned(), "/healthz".to_owned())]);
    assert_eq!(described, &known | &open);
}
