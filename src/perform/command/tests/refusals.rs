//! Commands that cannot be run, and what is said about them.

use super::*;
use crate::limit;

async fn check(effect: Command, wanted: &str) {
    let Answer::Invalid(why) = run(effect).await.answer else { panic!("{wanted}") };
    assert!(why.contains(wanted), "{wanted}: {why}");
}

#[tokio::test]
async fn a_missing_program_is_named() {
    check(command(&[]), "the command is empty").await;
    check(command(&[""]), "the command is empty").await;
    check(command(&["no-such-program"]), "`no-such-program` is not on the PATH (`/usr/local/sbin:").await;
    check(command(&["./ci.sh"]), "there is no program `./ci.sh`: looked for `/").await;
    check(command(&["/no/such"]), "there is no program `/no/such`").await;
    check(command(&["/etc/passwd"]), "`chmod +x /etc/passwd`").await;
    check(command(&["/etc"]), "there is no program `/etc`").await;
    check(Command { cwd: Some("absent".to_owned()), ..shell("") }, "`cwd: absent` is not a directory").await;
    check(Command { cwd: Some(String::new()), ..shell("") }, "`cwd: ` is no directory's name").await;
}

#[tokio::test]
async fn what_cannot_be_passed_is_named() {
    let own = |name: &str, value: &str| Command {
        env: vec![(name.to_owned(), Value::Plain(value.to_owned()))],
        ..command(&["true"])
    };
    check(command(&["true", "a", "b\0c"]), "argument 2 has a NUL byte").await;
    let most = "x".repeat(limit::ARGUMENT_MAX_BYTES);
    let long = format!("{most}x");
    check(command(&["true", &long]), "argument 1 has 65537 bytes, at most 65536").await;
    assert_eq!(run(command(&["true", most.as_str()])).await.answer, Answer::Exited { code: 0 });
    check(command(&[&["true"][..], &[most.as_str(); 100]].concat()), "more in its arguments and variables")
        .await;
    check(own("A", &"x".repeat(1 << 20)), "more in its arguments and variables").await;
    check(own("A", "b\0c"), "the variable `A` has a NUL byte").await;
    check(own("A=B", "c"), "`A=B` is not a variable's name").await;
    check(own("", "c"), "`` is not a variable's name").await;
    let secret = vec![("A".to_owned(), Value::Secret(env("ABSENT")))];
    check(Command { env: secret, ..command(&["true"]) }, "the secret `env ABSENT` is not set").await;
}

#[tokio::test]
async fn what_is_no_program_is_named() {
    let directory = TempDir::new().unwrap();
    let server = server_in(directory.path());
    // Written by another process: a file that we hold open for writing, even for a moment, cannot be run.
    let write = "printf '\\1\\2' > odd; printf '#!/no/such/shell\\n' > lost; chmod +x odd lost";
    let effect = Command { cwd: Some(".".to_owned()), ..shell(write) };
    assert!(perform(&server, effect, &Vault::default(), &ticket(), None).await.answer.is_success());
    for (program, wanted) in [
        ("./odd", "`./odd` is no program; begin a script with `#!/bin/sh`"),
        ("./lost", "`./lost` is there, but what its first line names to run it is not"),
    ] {
        let outcome = perform(&server, command(&[program]), &Vault::default(), &ticket(), None).await;
        assert_eq!(outcome.answer, Answer::Invalid(format!("the program {wanted}")));
    }
}
