//! `explain` and `verify`: why a rule matched or did not, and why a request was refused.

use serde_json::{Value, json};

use crate::program::{Place, text};
use crate::sign;

const SECRET: &str = "a github secret that is long enough";
const RULES: &str = r#"
sources:
  github: { verify: github, secret: { env: GITHUB_SECRET } }
  shop: { verify: none, event: $.kind }
rules:
  - name: main only
    from: github
    event: push
    if: { $.ref: refs/heads/main, $.commits: { length: { gt: 1 } } }
    do: [{ log: hi }]
  - name: large orders
    from: shop
    if: { $.total: { gt: 100 } }
    do: [{ log: hi }]
"#;

fn place() -> Place {
    Place::new(RULES, &[("GITHUB_SECRET", SECRET)])
}

fn json(place: &Place, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = place.run(arguments);
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr))),
    )
}

#[test]
fn a_payload_is_explained_and_expected() {
    let place = place();
    place.write("order.json", r#"{"kind":"order","total":"409.94"}"#);
    let (code, answer) = json(&place, &["explain", "order.json", "--source", "shop", "-o", "json"]);
    assert_eq!(code, Some(0));
    assert_eq!(answer["format_version"], 1);
    let rule = &answer["rules"][1];
    assert_eq!(
        (&rule["name"], &rule["matched"], &rule["line"]),
        (&json!("large orders"), &json!(false), &json!(11))
    );
    let leaf = &rule["proof"]["test"];
    assert_eq!((&leaf["operator"], &leaf["got"]), (&json!("gt"), &json!("\"409.94\"")));
    assert!(leaf["reason"].as_str().unwrap().contains("as: number"), "{leaf:#}");
    for (expected, wanted) in [("nothing", 0), ("large orders", 1), ("main only", 1)] {
        let output = place.run(&["explain", "order.json", "--source", "shop", "--expect", expected]);
        assert_eq!(output.status.code(), Some(wanted), "{expected}");
    }
    let human = text(&place.run(&["explain", "order.json", "--source", "shop"]).stdout);
    let (near, far) = (human.find("large orders").unwrap(), human.find("main only").unwrap());
    assert!(near < far, "near misses come first:\n{human}");
    assert_eq!(place.run(&["explain", "order.json"]).status.code(), Some(2));
    assert_eq!(
        place.run(&["explain", "order.json", "--source", "shop", "--rule", "no such"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_request_is_judged_offline() {
    let place = place();
    let body = r#"{"ref":"refs/heads/main"}"#;
    let request = |signature: &str| {
        format!(
            "POST /github HTTP/1.1\ncontent-type: application/json\nx-github-event: push\nx-hub-signature-256: {signature}\n\n{body}"
        )
    };
    place.write("good.http", &request(&sign::github(SECRET, body.as_bytes())));
    place.write("forged.http", &request(&sign::github("another secret altogether, long", body.as_bytes())));
    let (code, answer) = json(&place, &["verify", "good.http", "-o", "json"]);
    assert_eq!((code, &answer["valid"], &answer["source"]), (Some(0), &json!(true), &json!("github")));
    let (code, answer) = json(&place, &["verify", "forged.http", "--source", "github", "-o", "json"]);
    assert_eq!((code, &answer["valid"]), (Some(1), &json!(false)));
    assert!(answer["reason"].as_str().unwrap().contains("signature does not match"), "{answer:#}");
    assert_eq!(place.run(&["verify", "good.http", "--source", "nobody"]).status.code(), Some(2));
    assert_eq!(place.run(&["verify", "missing.http"]).status.code(), Some(3));
    let explained = text(&place.run(&["explain", "good.http"]).stdout);
    assert!(explained.contains("✗ if      $.commits") && explained.contains("missing"), "{explained}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_the_history_is_explained() {
    let place = place();
    let program = place.serve();
    let (status, answer) = program.post("/shop", &[], r#"{"kind":"order","total":500}"#).await;
    assert_eq!(status, 202);
    let id = answer["id"].as_str().unwrap();
    let (status, explained) = program.ask(&format!("/api/events/{id}/explain")).await;
    assert_eq!((status, &explained["rules"][1]["verdict"]), (200, &json!("matched")));
    let admin = program.admin.strip_prefix("http://").unwrap();
    let output = place.run(&["explain", id, "--admin", admin, "--expect", "large orders"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_shows_what_was_looked_at_and_never_the_right_digest() {
    let place = place();
    let program = place.serve();
    let body = r#"{"ref":"refs/heads/main"}"#;
    let right = sign::github(SECRET, body.as_bytes());
    let forged = sign::github("another secret altogether, long", body.as_bytes());
    let headers = |signature| [("x-github-event", "push"), ("x-hub-signature-256", signature)];
    assert_eq!(program.post("/github", &headers(&forged), body).await.0, 401);
    let (_, listed) = program.ask("/api/rejections").await;
    let id = listed["rejections"][0]["id"].as_str().unwrap();
    let (status, answer) = program.ask(&format!("/api/rejections/{id}/explain")).await;
    assert_eq!((status, &answer["examined"]["way"]), (200, &json!("hmac-sha256")), "{answer:#}");
    let parts = &answer["examined"]["parts"][0];
    assert_eq!((&parts["part"], &parts["bytes"]), (&json!("header x-hub-signature-256"), &json!(71)));
    assert_eq!(answer["examined"]["signed"][0]["value"], json!(body), "{answer:#}");
    let (start, _) = right.split_at("sha256=".len() + 8);
    assert!(!answer.to_string().contains(start) && !answer.to_string().contains(SECRET), "{answer:#}");
    let admin = program.admin.strip_prefix("http://").unwrap();
    let human = text(&place.run(&["explain", id, "--admin", admin]).stdout);
    assert!(human.contains("refused    401 signature does not match"), "{human}");
    assert!(human.contains("signed       body"), "{human}");
    let unknown = place.run(&["explain", "rej_00000000000000000000000000", "--admin", admin]);
    assert_eq!(unknown.status.code(), Some(3), "{}", text(&unknown.stderr));
}
