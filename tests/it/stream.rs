//! What people are shown while things happen and afterwards, and what they are not shown.

use std::process::Stdio;

use crate::program::{Place, text};
use crate::receiver::Receiver;

const RULES: &str = r#"
redact: [$.card.number, $..email]
sources: { open: { verify: none } }
connections:
  desk: { http: { url: ADDRESS, auth: { bearer: { env: DESK_TOKEN } } }, retry: { attempts: 1 } }
rules:
  - name: tell
    from: open
    if: { $.card.number: { exists: true } }
    do: [{ http: desk, body: "{{ $.card.number }} of {{ $.email }}" }]
"#;
const NUMBER: &str = "4242424242424242";
const EMAIL: &str = "someone@example.com";
const TOKEN: &str = "a token that is long enough";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_told_and_what_is_hidden_is_shown_nowhere() {
    let mut receiver = Receiver::start().await;
    let place = Place::new(&RULES.replace("ADDRESS", &receiver.address), &[("DESK_TOKEN", TOKEN)]);
    let program = place.serve();
    let admin = program.admin.strip_prefix("http://").unwrap().to_owned();
    let mut tail = place.command(&["tail", "--lines", "2", "-o", "jsonl", "--admin", &admin]);
    let mut tail = tail.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut watching = [0; 9];
    std::io::Read::read_exact(tail.stderr.as_mut().unwrap(), &mut watching).unwrap();
    assert_eq!(&watching, b"watching\n");

    let body =
        format!(r#"{{"card":{{"number":"{NUMBER}"}},"email":"{EMAIL}","note":"{TOKEN}","kept":"as it is"}}"#);
    let headers =
        [("content-type", "application/json"), ("x-api-key", "key of a sender"), ("x-kind", "a kind")];
    let (status, answer) = program.post("/open", &headers, body).await;
    assert_eq!(status, 202, "{answer}");
    let got = receiver.next().await;
    assert_eq!(got.body, format!("{NUMBER} of {EMAIL}"), "actions see everything");
    let told = text(&tail.wait_with_output().unwrap().stdout);
    let lines: Vec<serde_json::Value> =
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["happened"], &lines[0]["matched"][0]), (&"event".into(), &"tell".into()), "{told}");
    assert_eq!(
        (&lines[1]["happened"], &lines[1]["state"]),
        (&"attempt".into(), &"delivered".into()),
        "{told}"
    );

    let event = answer["id"].as_str().unwrap();
    let delivery = lines[1]["delivery"].as_str().unwrap();
    let mut shown = told.clone();
    for path in [
        format!("/api/events/{event}"),
        format!("/api/events/{event}/body"),
        format!("/api/events/{event}/explain"),
        format!("/api/deliveries/{delivery}"),
    ] {
        let answer = program.client.get(format!("{}{path}", program.admin)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        assert!(text.contains("[secret]"), "{path}: {text}");
        shown.push_str(&text);
    }
    for shape in ["curl", "http", "json", "test"] {
        let output = place.run(&["events", "show", event, "--as", shape, "--admin", &admin]);
        assert!(output.status.success(), "{shape}: {}", text(&output.stderr));
        let text = text(&output.stdout);
        assert!(text.contains("as it is") && text.contains("[secret]"), "{shape}: {text}");
        if shape == "curl" {
            assert!(text.starts_with("curl -i -X POST 'http://127.0.0.1:4980/open' -H '"), "{text}");
            assert!(text.contains("'x-kind: a kind'") && text.contains(" --data-binary '{"), "{text}");
        }
        shown.push_str(&text);
    }
    let (_, preview) = program.want(&format!("/api/events/{event}/replay?dry_run=true")).await;
    shown.push_str(&preview.to_string());
    for hidden in [NUMBER, EMAIL, TOKEN, "key of a sender"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    assert!(shown.contains("a kind") && shown.contains("as it is"));
    assert!(preview["deliveries"][0]["effect"]["http"]["body"].to_string().contains("[secret] of [secret]"));
}

#[tokio::test]
async fn an_onlooker_does_not_hold_the_end_up() {
    let place = Place::new("sources: { open: { verify: none } }", &[]);
    let program = place.serve();
    let url = format!("{}/api/stream", program.admin);
    let mut stream = program.client.get(&url).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.chunk().await.unwrap().unwrap(), ": watching\n\n");
    assert_eq!(program.client.get(url + "?colour=red").send().await.unwrap().status(), 400);
    assert_eq!(program.post("/open", &[], "{}").await.0, 202);
    let told = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(told.starts_with("event: event\ndata: {") && told.ends_with("}\n\n"), "{told}");
    assert_eq!(program.stop(), Some(0));
    assert_eq!(stream.chunk().await.unwrap(), None);
}
