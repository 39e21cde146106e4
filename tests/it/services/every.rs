//! Every verb is tried on the real program: those that talk to a service by `cases`, the others by a test of their own. A verb
//! of the table that nobody tries fails here; what was tried how is printed.

use std::io::Write as _;

use doorbell::action::VERBS;
use doorbell::time::Timestamp;
use serde_json::{Value, json};

use super::cases::{Case, SECRET, Trouble, cases};
use super::desk::{Answer, Desk, Exchange};
use crate::program::{Place, Program};

/// Verbs that have a test of their own: its file, the text of that, and its name.
const OWN: &[(&str, &str, &str, &str)] = &[
    ("run", "flow.rs", include_str!("../flow.rs"), "a_push_runs_the_command_once"),
    ("shell", "every.rs", include_str!("every.rs"), "a_script_gets_values_as_variables"),
    (
        "forward",
        "forward.rs",
        include_str!("../forward.rs"),
        "bytes_and_chosen_headers_go_along_and_the_signature_still_holds",
    ),
    ("email", "mail/mod.rs", include_str!("../mail/mod.rs"), "what_a_server_says_is_tried_again_or_final"),
    ("emit", "emit.rs", include_str!("../emit.rs"), "an_emitted_event_is_matched_and_names_its_parent"),
    ("log", "emit.rs", include_str!("../emit.rs"), "an_emitted_event_is_matched_and_names_its_parent"),
    ("respond", "every.rs", include_str!("every.rs"), "the_sender_is_answered_as_a_rule_says"),
];

#[test]
fn every_verb_is_tried() {
    let (mut table, mut untried) = (String::new(), Vec::new());
    for verb in VERBS.iter() {
        let own = OWN
            .iter()
            .filter(|(name, _, text, test)| *name == verb.name && text.contains(&format!("fn {test}(")));
        let own = own.map(|(_, file, _, test)| format!("{file}: {test}"));
        let cases: Vec<&Case> = cases().filter(|case| case.verb == verb.name).collect();
        let requests: usize = cases.iter().map(|case| case.talk.len()).sum();
        let troubles = || cases.iter().flat_map(|case| case.troubles);
        let again = troubles().filter(|trouble| !matches!(trouble, Trouble::Dead(..))).count();
        let stand_in = (!cases.is_empty()).then(|| {
            format!(
                "stand-in: {requests} requests, {again} answers to try again, {} that are final",
                troubles().count() - again
            )
        });
        let how: Vec<String> = stand_in.into_iter().chain(own).collect();
        if how.is_empty() {
            untried.push(verb.name);
        }
        table.push_str(&format!("  {:<11} {}\n", verb.name, how.join("; ")));
    }
    // Past the capture, so that each run shows it.
    let _ = write!(std::io::stdout(), "\nhow each of {} verbs is tried\n{table}", VERBS.len());
    assert!(untried.is_empty(), "nobody tries {untried:?}: add a case or a test of their own");
}

/// Rules with one connection and one rule for each case.
fn rules(desks: &[Desk]) -> String {
    let (mut connections, mut rules) = (String::new(), String::new());
    for (number, (case, desk)) in cases().zip(desks).enumerate() {
        let Case { verb, connection, action, .. } = case;
        let connection = connection.replace("ADDRESS", &desk.address);
        connections.push_str(&format!(
            "  c{number}: {{ {verb}: {{ {connection} }}, retry: {{ attempts: 2, first: 1ms, max: 1ms }} }}\n"
        ));
        rules.push_str(&format!(
            "  - {{ name: r{number}, from: in, event: c{number}, do: [{{ {verb}: c{number}, {action} }}] }}\n"
        ));
    }
    format!(
        "sources: {{ in: {{ verify: none, event: $.kind }} }}\nconnections:\n{connections}rules:\n{rules}"
    )
}

#[tokio::test]
async fn each_service_is_asked_as_it_wants_and_understood() {
    let mut desks = Vec::new();
    for _ in cases() {
        desks.push(Desk::start().await);
    }
    let place = Place::new(&rules(&desks), &[("S", SECRET)]);
    let program = place.serve();
    let mut wrong = Vec::new();
    for (number, (case, desk)) in cases().zip(&desks).enumerate() {
        let event = json!({ "kind": format!("c{number}"), "response_url": format!("{}/commands/T0/1/x", desk.address) });
        for (trouble, talk, state, reason) in runs(case) {
            desk.expect(&talk);
            let delivery = program.delivery(&program.accepted("/in", &event.clone()).await, state).await;
            let told = format!("{} r{number} {trouble}", case.verb);
            wrong.extend(desk.wrong().into_iter().map(|what| format!("{told}: {what}")));
            if delivery["reason"].as_str().unwrap_or_default() != reason {
                wrong.push(format!("{told}: {}", delivery["reason"]));
            }
        }
        for trouble in case.troubles {
            let Trouble::Later(answer, seconds) = trouble else { continue };
            desk.expect(&answered(case, *answer));
            let waits = waited(&program, &program.accepted("/in", &event).await).await;
            let told = format!("{} r{number} after {}", case.verb, answer.status);
            wrong.extend(desk.wrong().into_iter().map(|what| format!("{told}: {what}")));
            // A tenth is added so that all do not come back together.
            if !(*seconds..=seconds + seconds / 10 + 2).contains(&waits) {
                wrong.push(format!("{told}: it waits for {waits} s, not {seconds}"));
            }
        }
    }
    assert_eq!(program.stop(), Some(0));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!place.log().contains(SECRET), "the secret is in the log");
}

/// The talk of a case with another answer at its end.
fn answered(case: &Case, answer: Answer) -> Vec<Exchange> {
    let mut talk = case.talk.to_vec();
    talk.last_mut().unwrap().answer = answer;
    talk
}

/// For how many seconds the delivery of an event waits after its first attempt.
async fn waited(program: &Program, event: &str) -> u64 {
    let is_so = |page: &Value| {
        let delivery = &page["deliveries"][0];
        delivery["state"] == "due" && delivery["attempts_made"] == 1
    };
    let page = program.until(&format!("/api/deliveries?event={event}"), is_so).await;
    let at = |key: &str| Timestamp::parse(page["deliveries"][0][key].as_str().unwrap()).unwrap();
    at("due_at").since(at("accepted_at")).as_secs()
}

/// The good run and each bad one that ends: what is said, how it ends, and why.
fn runs(case: &Case) -> Vec<(String, Vec<Exchange>, &'static str, &'static str)> {
    let mut runs = vec![("well".to_owned(), case.talk.to_vec(), "delivered", "")];
    for trouble in case.troubles {
        runs.extend(match trouble {
            Trouble::Again(answer) => {
                let talk = [answered(case, *answer), case.talk.to_vec()].concat();
                Some((format!("after {}", answer.status), talk, "delivered", ""))
            }
            Trouble::Dead(answer, reason) => {
                Some((format!("with {}", answer.status), answered(case, *answer), "dead", *reason))
            }
            Trouble::Later(..) => None,
        });
    }
    runs
}

#[tokio::test]
async fn a_token_is_kept_until_it_is_refused_and_asked_for_anew_then() {
    let case = cases().find(|case| case.verb == "salesforce").unwrap();
    let desk = Desk::start().await;
    let at = |token: &'static str, answer: Answer| Exchange {
        headers: if token == "1" {
            &[("authorization", "Bearer first-token")]
        } else {
            &[("authorization", "Bearer second-token")]
        },
        answer,
        ..case.talk[1]
    };
    let answer = |status, body| Answer { status, headers: &[], body };
    let done = answer(200, r#"{"id":"a01","success":true}"#);
    let expired =
        answer(401, r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#);
    let second = Exchange { answer: answer(200, r#"{"access_token":"second-token"}"#), ..case.talk[0] };
    let connection = case.connection.replace("ADDRESS", &desk.address);
    let rules = format!(
        "sources: {{ in: {{ verify: none }} }}\nconnections: {{ crm: {{ salesforce: {{ {connection} }}, retry: {{ attempts: 2, first: 1ms }} }} }}\nrules:\n  - {{ name: r, from: in, do: [{{ salesforce: crm, {} }}] }}\n",
        case.action
    );
    let place = Place::new(&rules, &[("S", SECRET)]);
    let program = place.serve();
    let invalid =
        answer(400, r#"{"error":"invalid_client","error_description":"invalid client credentials"}"#);
    let malformed = answer(
        400,
        r#"[{"message":"No such column 'Nme' on sobject of type Order__c","errorCode":"INVALID_FIELD"}]"#,
    );
    for (what, talk, state, reason) in [
        ("it is asked for once", vec![case.talk[0], case.talk[1]], "delivered", ""),
        ("and kept", vec![at("1", done)], "delivered", ""),
        ("until it is refused", vec![at("1", expired), second, at("2", done)], "delivered", ""),
        ("the new one is kept", vec![at("2", done)], "delivered", ""),
        (
            "what is wrong with a record is final",
            vec![at("2", malformed)],
            "dead",
            "status 400: the service says `No such column 'Nme' on sobject of type Order__c`",
        ),
        (
            "no token is final",
            vec![at("2", expired), Exchange { answer: invalid, ..case.talk[0] }],
            "dead",
            "status 400: the service says `invalid client credentials`",
        ),
        (
            "a busy token service is tried again",
            vec![Exchange { answer: answer(503, ""), ..case.talk[0] }, case.talk[0], case.talk[1]],
            "delivered",
            "",
        ),
        (
            "a new token that is refused is the end",
            vec![at("1", expired), second, at("2", expired)],
            "dead",
            "status 401: the service says `Session expired or invalid`",
        ),
    ] {
        desk.expect(&talk);
        let delivery = program.delivery(&program.accepted("/in", &json!({})).await, state).await;
        assert_eq!(desk.wrong(), [] as [String; 0], "{what}");
        assert_eq!(delivery["reason"].as_str().unwrap_or_default(), reason, "{what}");
        let id = delivery["id"].as_str().unwrap();
        let (_, shown) = program.ask(&format!("/api/deliveries/{id}")).await;
        assert!(!shown.to_string().contains("-token\""), "{what}: a token is shown: {shown:#}");
    }
    let limited =
        answer(403, r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#);
    desk.expect(&[at("2", limited)]);
    let waits = waited(&program, &program.accepted("/in", &json!({})).await).await;
    assert!((60..=68).contains(&waits), "too many requests are no reason for a new token: {waits}");
    assert_eq!(desk.wrong(), [] as [String; 0]);
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn a_script_gets_values_as_variables() {
    let rules = r#"
sources: { in: { verify: none } }
rules:
  - name: script
    from: in
    do: [{ shell: 'printf %s "$WORD" > said', cwd: ., env: { WORD: "{{ $.word }}" } }]
"#;
    let place = Place::new(rules, &[]);
    let program = place.serve();
    let event = program.accepted("/in", &json!({ "word": "$(touch pwned) `id`" })).await;
    program.delivery(&event, "delivered").await;
    assert_eq!(program.stop(), Some(0));
    assert_eq!(std::fs::read_to_string(place.file("said")).unwrap(), "$(touch pwned) `id`");
    assert!(!place.file("pwned").exists());
}

#[tokio::test]
async fn the_sender_is_answered_as_a_rule_says() {
    let rules = r#"
sources: { in: { verify: none } }
rules: [{ name: answer, from: in, do: [{ respond: 201, json: { challenge: "{{ $.challenge }}" } }] }]
"#;
    let place = Place::new(rules, &[]);
    let program = place.serve();
    let sent = json!({ "challenge": "c\"1" }).to_string();
    let (status, said): (u16, Value) =
        program.post("/in", &[("content-type", "application/json")], sent).await;
    assert_eq!((status, said), (201, json!({ "challenge": "c\"1" })));
    assert_eq!(program.stop(), Some(0));
}
