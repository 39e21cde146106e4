//! Payloads that want to break out of the texts they are put into, or leave holes in them.

use serde_json::{Value, json};

use crate::program::{Place, Program};
use crate::receiver::Receiver;

fn rules(address: &str) -> String {
    format!(
        "
sources: {{ in: {{ verify: none, format: json }} }}
connections: {{ out: {{ http: {{ url: {address} }} }} }}
rules:
  - name: body
    if: {{ $.to: body }}
    do: {{ http: out, path: /body, json: {{ said: '{{{{ $.x }}}}' }} }}
  - name: path
    if: {{ $.to: path }}
    do: {{ http: out, path: '/items/{{{{ $.x }}}}/end' }}
  - name: command
    if: {{ $.to: command }}
    do: {{ run: [sh, -c, 'printf %s \"$1\" > ran', sh, '{{{{ $.x }}}}'], cwd: . }}
"
    )
}

/// The first delivery of an event once it has ended.
async fn ended(program: &Program, to: &str, x: Option<Value>) -> Value {
    let mut body = json!({ "to": to });
    if let Some(x) = x {
        body["x"] = x;
    }
    let (status, answer) = program.post("/in", &[], body.to_string()).await;
    assert_eq!(status, 202);
    let listed = format!("/api/deliveries?event={}", answer["id"].as_str().unwrap());
    let list = program
        .until(&listed, |list| {
            list["deliveries"][0]["state"] == "delivered" || list["deliveries"][0]["state"] == "dead"
        })
        .await;
    list["deliveries"][0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_does_nothing_and_says_so() {
    let receiver = Receiver::start().await;
    let place = Place::new(&rules(&receiver.address), &[]);
    let program = place.serve();
    for to in ["path", "command"] {
        for x in [None, Some(Value::Null), Some(json!({ "a": 1 })), Some(json!([1]))] {
            let delivery = ended(&program, to, x.clone()).await;
            assert_eq!(delivery["state"], "dead", "{to} {x:?}: {delivery:#}");
            assert!(delivery["last_error"].as_str().unwrap().contains("$.x"), "{delivery:#}");
        }
    }
    let mut receiver = receiver;
    assert!(receiver.rest().is_empty() && !place.file("ran").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_in_stays_inside() {
    let mut receiver = Receiver::start().await;
    let place = Place::new(&rules(&receiver.address), &[]);
    let program = place.serve();
    for x in ["\",\"admin\":true,\"y\":\"", "{{ $.to }}", "\\", "\u{0}\n\u{2028}", "</script>"] {
        assert_eq!(ended(&program, "body", Some(json!(x))).await["state"], "delivered");
        let got: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
        assert_eq!(got, json!({ "said": x }));
    }
    for x in
        ["../../admin", "?a=b", "#x", "@evil.example", "a\r\nHost: evil", "//evil.example/", "%2e%2e", ".."]
    {
        let delivery = ended(&program, "path", Some(json!(x))).await;
        if delivery["state"] == "dead" {
            assert!(receiver.rest().is_empty());
            continue;
        }
        let got = receiver.next().await;
        assert!(got.path.starts_with("/items/") && got.path.ends_with("/end"), "{x}: {}", got.path);
        assert_eq!(got.path.matches('/').count(), 3, "{x}: {}", got.path);
        assert!(!got.path.contains(['?', '#', '\r', '\n']) && got.headers["host"] != "evil", "{}", got.path);
    }
    for x in ["$(touch pwned)", "`touch pwned`", "; touch pwned", "() { :; }; touch pwned", "'\"\\"] {
        assert_eq!(ended(&program, "command", Some(json!(x))).await["state"], "delivered");
        assert_eq!(std::fs::read_to_string(place.file("ran")).unwrap(), x);
        assert!(!place.file("pwned").exists());
    }
}
