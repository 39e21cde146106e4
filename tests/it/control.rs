//! How deliveries are held back, gathered and ended: by the real program, with real commands.

use serde_json::Value;

use crate::program::{PATIENCE, Place, Program};

/// A rule whose command tells its number and its event, and would never end.
fn slow(options: &str) -> Place {
    let rules = format!(
        "sources: {{ open: {{ verify: none }} }}\nrules:\n  - name: slow\n    {options}\n    do:\n      - shell: 'echo $$ $N >> told; exec sleep 600'\n        env: {{ N: \"{{{{ $.n }}}}\" }}\n        cwd: .\n        timeout: 1h\n"
    );
    Place::new(&rules, &[])
}

async fn post(program: &Program, body: &str) -> String {
    let (status, answer) = program.post("/open", &[], body).await;
    assert_eq!(status, 202, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

/// What commands told, once there are so many lines: the number of each process.
async fn told(place: &Place, lines: usize) -> Vec<String> {
    let started = std::time::Instant::now();
    loop {
        let told = std::fs::read_to_string(place.file("told")).unwrap_or_default();
        if told.ends_with('\n') && told.lines().count() >= lines {
            return told.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        }
        assert!(started.elapsed() < PATIENCE, "{told}\n{}", place.log());
        tokio::task::yield_now().await;
    }
}

async fn gone(process: &str) {
    let started = std::time::Instant::now();
    let stat = || std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    while stat().rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X'])) {
        assert!(started.elapsed() < PATIENCE, "{process} still lives");
        tokio::task::yield_now().await;
    }
}

async fn delivery(program: &Program, event: &str, state: &str) -> Value {
    let path = format!("/api/deliveries?event={event}");
    program.until(&path, |answer| answer["deliveries"][0]["state"] == state).await["deliveries"][0].clone()
}

#[tokio::test]
async fn a_later_event_ends_what_is_under_way() {
    let place = slow("concurrency: { key: \"{{ $.key }}\", on_conflict: cancel }");
    let program = place.serve();
    let first = post(&program, r#"{"key":"a","n":1}"#).await;
    let other = post(&program, r#"{"key":"b","n":2}"#).await;
    let processes = told(&place, 2).await;
    let second = post(&program, r#"{"key":"a","n":3}"#).await;
    told(&place, 3).await;
    let ended = delivery(&program, &first, "cancelled").await;
    assert_eq!(ended["reason"], format!("{second} took its place"));
    let at =
        std::fs::read_to_string(place.file("told")).unwrap().lines().position(|line| line.ends_with(" 1"));
    gone(&processes[at.unwrap()]).await;
    delivery(&program, &other, "started").await;
    delivery(&program, &second, "started").await;
    // What was begun stands in the history.
    let path = format!("/api/deliveries/{}", ended["id"].as_str().unwrap());
    let shown = program.until(&path, |shown| shown["attempts"][0]["outcome"] == "stopped").await;
    assert_eq!(shown["attempts"][0]["stale"], true);
}

#[tokio::test]
async fn to_drop_a_delivery_ends_what_is_under_way() {
    let place = slow("description: x");
    let program = place.serve();
    let event = post(&program, r#"{"n":1}"#).await;
    let processes = told(&place, 1).await;
    let id = delivery(&program, &event, "started").await["id"].as_str().unwrap().to_owned();
    assert_eq!(program.want(&format!("/api/deliveries/{id}/drop")).await.0, 200);
    gone(&processes[0]).await;
    assert_eq!(delivery(&program, &event, "cancelled").await["reason"], "dropped by a person");
}

#[tokio::test]
async fn the_last_of_a_burst_is_done_once_and_across_a_crash() {
    let rules = "sources: { open: { verify: none } }\nrules:\n  - name: quiet\n    debounce: { for: 1s, key: \"{{ $.key }}\" }\n    do:\n      - shell: 'echo $N >> done'\n        env: { N: \"{{ $.n }}\" }\n        cwd: .\n";
    let place = Place::new(rules, &[]);
    let program = place.serve();
    let mut events = Vec::new();
    for n in 1..=5 {
        events.push(post(&program, &format!(r#"{{"key":"a","n":{n}}}"#)).await);
    }
    program.kill();
    let program = place.serve();
    events.push(post(&program, r#"{"key":"a","n":6}"#).await);
    let last = events.pop().unwrap();
    delivery(&program, &last, "delivered").await;
    for event in events {
        let ended = delivery(&program, &event, "cancelled").await;
        assert!(ended["reason"].as_str().unwrap().ends_with("took its place"), "{ended}");
    }
    assert_eq!(std::fs::read_to_string(place.file("done")).unwrap(), "6\n");
}

#[tokio::test]
async fn an_answer_may_wait_for_what_is_done_but_not_for_long() {
    let rules = |script: &str, timeout: &str| {
        format!(
            "sources: {{ open: {{ verify: none }} }}\nrules:\n  - name: r\n    do:\n      - {{ shell: {script:?}, id: work, cwd: . }}\n      - {{ respond: 200, needs: [work], timeout: {timeout}, json: {{ said: \"{{{{ steps.work.stdout }}}}\", n: \"{{{{ $.n }}}}\" }} }}\n"
        )
    };
    for (script, timeout, status, wanted) in [
        ("printf done", "20s", 200, Some(serde_json::json!({ "said": "done", "n": 7 }))),
        ("exit 3", "20s", 202, None),
        ("mkfifo go; read _ < go; touch went", "100ms", 202, None),
    ] {
        let place = Place::new(&rules(script, timeout), &[]);
        let program = place.serve();
        let (got, answer) = program.post("/open", &[], r#"{"n":7}"#).await;
        assert_eq!(got, status, "{script}: {answer}");
        match wanted {
            Some(wanted) => assert_eq!(answer, wanted),
            None => assert!(answer["id"].as_str().is_some_and(|id| id.starts_with("evt_")), "{answer}"),
        }
        if timeout == "100ms" {
            // The rest goes on.
            let event = answer["id"].as_str().unwrap().to_owned();
            delivery(&program, &event, "started").await;
            while !place.file("go").exists() {
                tokio::task::yield_now().await;
            }
            let go = place.file("go");
            tokio::task::spawn_blocking(move || std::fs::write(go, "x\n")).await.unwrap().unwrap();
            delivery(&program, &event, "delivered").await;
            assert!(place.file("went").exists());
        }
    }
}
