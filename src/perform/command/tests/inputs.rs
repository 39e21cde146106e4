//! What a command gets: arguments, input, environment, descriptors, a place.

use std::os::fd::AsRawFd as _;
use std::os::unix::fs::symlink;

use super::*;
use crate::limit;

#[tokio::test]
async fn arguments_are_passed_as_they_are() {
    let words = ["", "a b", "$(id)", "`id`", "'; id", "*", "--help", "é\n"];
    let argv = [&["printf", "<%s>"][..], &words].concat();
    let outcome = run(command(&argv)).await;
    assert_eq!(outcome.answer, Answer::Exited { code: 0 });
    assert_eq!(outcome.got_body, words.map(|word| format!("<{word}>")).concat());
    assert_eq!(
        outcome.sent,
        "printf '<%s>' '' 'a b' '$(id)' '`id`' ''\\''; id' '*' --help 'é\n'\nstdin: 0 bytes\n"
    );
}

#[tokio::test]
async fn a_large_input_goes_through_while_output_comes_back() {
    let mut text = "0123456789abcde\n".repeat(1 << 16);
    text.push_str("end");
    let outcome = run(Command { stdin: Bytes::from(text.clone()), ..command(&["cat"]) }).await;
    assert_eq!(outcome.answer, Answer::Exited { code: 0 });
    let half = limit::COMMAND_OUTPUT_MAX_BYTES / 2;
    let between = text.len() - half * 2;
    let wanted = format!(
        "{}\n[{between} bytes left out]\n{}",
        text.split_at(half).0,
        text.split_at(text.len() - half).1
    );
    assert!(outcome.got_body == wanted);
}

#[tokio::test]
async fn an_input_that_nobody_reads_is_no_failure() {
    let outcome = run(Command { stdin: Bytes::from(vec![b'x'; 1 << 20]), ..command(&["true"]) }).await;
    assert_eq!(outcome.answer, Answer::Exited { code: 0 });
}

#[tokio::test]
async fn the_environment_is_ours_alone() {
    let vault = vault(&[("TOKEN", "correct-horse")]);
    let own = |name: &str, value: Value| (name.to_owned(), value);
    let effect = Command {
        env: vec![
            own("REF", Value::Plain("() { :; }; a b".to_owned())),
            own("KEY", Value::Secret(env("TOKEN"))),
            own("HOME", Value::Plain("/elsewhere".to_owned())),
        ],
        ..command(&["env"])
    };
    let outcome = run_with(effect, &vault).await;
    let mut lines: Vec<_> = outcome.got_body.lines().collect();
    lines.sort_unstable();
    let ticket = ticket();
    assert_eq!(
        lines,
        [
            "DOORBELL_ATTEMPT=3",
            &format!("DOORBELL_DELIVERY_ID={}", ticket.delivery),
            &format!("DOORBELL_EVENT_ID={}", ticket.event),
            "DOORBELL_RULE=a rule",
            "HOME=/elsewhere",
            "KEY=[secret]",
            "LANG=C.UTF-8",
            &format!("PATH={PATH_DEFAULT}"),
            "REF=() { :; }; a b",
        ]
    );
    assert!(outcome.sent.contains("KEY=[secret]\n") && outcome.sent.contains("REF=() { :; }; a b\n"));
    let effect =
        Command { env: vec![own("KEY", Value::Secret(env("TOKEN")))], ..shell("test $KEY = correct-horse") };
    assert_eq!(run_with(effect, &vault).await.answer, Answer::Exited { code: 0 });
}

#[tokio::test]
async fn no_descriptor_of_ours_is_inherited() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let ours = [listener.as_raw_fd(), file.as_raw_fd()]
        .map(|number| std::fs::read_link(format!("/proc/self/fd/{number}")).unwrap());
    let theirs = run(shell("ls -l /proc/self/fd")).await.got_body;
    for descriptor in ours {
        assert!(!theirs.contains(descriptor.to_str().unwrap()), "{} in {theirs}", descriptor.display());
    }
}

#[tokio::test]
async fn it_runs_in_a_fresh_directory_that_is_removed() {
    let script = "pwd; ls -A; stat -c %a .; mkdir -p a/b; echo x > a/b/c";
    let outcome = run(shell(script)).await;
    let [place, mode] = outcome.got_body.lines().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(mode, "700");
    assert!(Path::new(place).is_absolute() && !Path::new(place).exists(), "{place}");
}

#[tokio::test]
async fn it_runs_where_it_is_told_to() {
    let directory = TempDir::new().unwrap();
    let place = directory.path().canonicalize().unwrap();
    std::fs::create_dir(place.join("sub")).unwrap();
    for of in ["ci.sh", "sub/build.sh"] {
        symlink("/bin/sh", place.join(of)).unwrap();
    }
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    for (program, cwd, wanted) in [
        // A program named by its place runs there.
        ("./ci.sh", None, place.clone()),
        ("sub/build.sh", None, place.clone()),
        ("./build.sh", Some("sub".to_owned()), place.join("sub")),
        ("../ci.sh", Some(text(&place.join("sub"))), place.join("sub")),
        ("sh", Some("sub".to_owned()), place.join("sub")),
        ("/bin/sh", Some(text(&place)), place.clone()),
    ] {
        let effect = Command { cwd, ..command(&[program, "-c", "echo $0; pwd"]) };
        let outcome = perform(&server_in(&place), effect, &Vault::default(), &ticket(), None).await;
        assert_eq!(outcome.got_body, format!("{program}\n{}\n", text(&wanted)), "{outcome:?}");
    }
    assert!(place.join("sub").exists());
}
