//! What a command says is told while it runs, without what may be half a secret.

use tokio::sync::watch;

use super::*;
use crate::perform::Said;

/// Runs until it is told to, by a line that goes into its pipe; what was said meanwhile, and in the end.
async fn said(script: &str, is_enough: impl Fn(&str) -> bool) -> (Said, Outcome) {
    let directory = TempDir::new().unwrap();
    let pipe = directory.path().join("go");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let effect = Command {
        env: vec![("GO".to_owned(), Value::Plain(pipe.to_str().unwrap().to_owned()))],
        ..shell(script)
    };
    let (server, vault, ticket) =
        (server_in(directory.path()), vault(&[("KEY", "s3cr3t-token-value")]), ticket());
    let (tell, mut told) = watch::channel(Said::default());
    let hearing = async {
        let heard = told.wait_for(|said| is_enough(&said.output)).await.unwrap().clone();
        tokio::fs::write(&pipe, "go\n").await.unwrap();
        heard
    };
    let running = perform(&server, effect, &vault, &ticket, Some(&tell));
    tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(hearing, running) }).await.unwrap()
}

#[tokio::test]
async fn what_it_says_is_told_while_it_runs() {
    let script = "echo one; echo two >&2; read _ < $GO; echo three";
    let (said, outcome) = said(script, |output| output.contains("one") && output.contains("two")).await;
    assert!(!said.output.contains("three"));
    assert_eq!((said.sent, outcome.got_body), (outcome.sent, format!("{}three\n", said.output)));
}

#[tokio::test]
async fn half_a_secret_is_not_told() {
    let script = "printf 'key s3cr3t-'; read _ < $GO; echo token-value";
    let (said, outcome) = said(script, |output| output.contains("key")).await;
    assert_eq!((said.output.as_str(), outcome.got_body.as_str()), ("key ", "key [secret]\n"));
}
