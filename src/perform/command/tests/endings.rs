//! How commands end: by themselves, by a signal, by us; and that nothing of them stays.

use super::*;
use crate::limit;

/// Short, because it is waited for.
const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn exit_codes_and_signals_are_told() {
    for (script, wanted) in [
        ("exit 0", Answer::Exited { code: 0 }),
        ("exit 3", Answer::Exited { code: 3 }),
        ("exit 255", Answer::Exited { code: 255 }),
        ("kill -9 $$", Answer::Signalled { signal: 9 }),
        ("kill -15 $$", Answer::Signalled { signal: 15 }),
    ] {
        assert_eq!(run(shell(script)).await.answer, wanted, "{script}");
    }
    let outcome = run(shell("echo out; echo err >&2; exit 1")).await;
    let mut lines: Vec<_> = outcome.got_body.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["err", "out"]);
}

#[tokio::test]
async fn its_time_ends_the_whole_group() {
    let script = "sleep 300 & echo $!; sh -c 'sleep 300 & echo $!; wait' & echo $!; echo $$; wait";
    let outcome = run(Command { timeout: SHORT, ..shell(script) }).await;
    assert_eq!(outcome.answer, Answer::TimedOut);
    assert!(outcome.took == Duration::ZERO, "only the performer measures");
    assert_eq!(outcome.got_body.lines().count(), 4);
    for process in outcome.got_body.lines() {
        gone(process).await;
    }
}

#[tokio::test]
async fn the_polite_signal_lets_it_finish() {
    let outcome =
        run(Command { timeout: SHORT, ..shell("trap 'echo bye; exit 0' TERM; sleep 300 & wait") }).await;
    assert_eq!((outcome.answer, outcome.got_body.as_str()), (Answer::TimedOut, "bye\n"));
}

#[tokio::test]
async fn who_ignores_the_polite_signal_is_killed() {
    let script =
        "trap '' TERM; (trap '' TERM; sleep 300; sleep 300) & echo $! $$; while :; do sleep 300; done";
    let outcome = run(Command { timeout: SHORT, ..shell(script) }).await;
    assert_eq!(outcome.answer, Answer::TimedOut);
    for process in outcome.got_body.split_whitespace() {
        gone(process).await;
    }
}

#[tokio::test]
async fn who_holds_the_pipes_after_the_end_is_killed() {
    let began = std::time::Instant::now();
    let outcome = run(shell("(trap '' TERM HUP; sleep 300; sleep 300) & echo $!; exit 4")).await;
    assert_eq!(outcome.answer, Answer::Exited { code: 4 });
    assert!(began.elapsed() < Duration::from_secs(5));
    gone(outcome.got_body.trim()).await;
    // So is who gave them up, but stayed in the group.
    let outcome = run(shell("sleep 300 <&- >&- 2>&- & echo $!")).await;
    assert_eq!(outcome.answer, Answer::Exited { code: 0 });
    gone(outcome.got_body.trim()).await;
}

#[tokio::test]
async fn a_flood_is_drained_and_bounded() {
    let outcome = run(shell("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end")).await;
    assert_eq!(outcome.answer, Answer::Exited { code: 0 });
    assert!(
        outcome.got_body.contains("\n[49934469 bytes left out]\n") && outcome.got_body.ends_with("x\nend\n")
    );
    assert!(outcome.got_body.len() < limit::COMMAND_OUTPUT_MAX_BYTES + 64);
}

#[tokio::test]
async fn a_flood_drowns_no_timeout() {
    let outcome = run(Command { timeout: SHORT, ..command(&["yes"]) }).await;
    assert_eq!(outcome.answer, Answer::TimedOut);
    // It tells its own number before it floods, and the shell ends only then.
    let flood = "exec sh -c 'echo $$; echo > told; exec yes'";
    let outcome = run(shell(&format!("mkfifo told; (trap '' TERM; {flood}) & read _ < told"))).await;
    assert_eq!(outcome.answer, Answer::Exited { code: 0 });
    gone(outcome.got_body.lines().find(|line| line.parse::<u32>().is_ok()).unwrap()).await;
}

#[tokio::test]
async fn no_zombie_is_left() {
    for _ in 0..20 {
        let outcome = run(shell("echo $$")).await;
        let place = format!("/proc/{}", outcome.got_body.trim());
        assert!(!Path::new(&place).exists(), "{place}");
    }
}

#[tokio::test]
async fn a_dropped_attempt_ends_its_group_and_leaves_nothing() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("started");
    let effect = Command {
        env: vec![("FILE".to_owned(), Value::Plain(file.to_str().unwrap().to_owned()))],
        ..shell("sleep 300 & echo $! $$ $PWD > $FILE.part; mv $FILE.part $FILE; wait")
    };
    let (server, vault, ticket) = (server_in(directory.path()), Vault::default(), ticket());
    let started = async {
        let mut beat = tokio::time::interval(Duration::from_millis(5));
        loop {
            beat.tick().await;
            if let Ok(text) = std::fs::read_to_string(&file) {
                return text;
            }
        }
    };
    let text = tokio::select! {
        outcome = perform(&server, effect, &vault, &ticket, None) => panic!("{outcome:?}"),
        text = started => text,
    };
    let [child, leader, place] = text.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
    gone(child).await;
    gone(leader).await;
    assert!(!Path::new(place).exists());
}

#[tokio::test]
async fn many_run_side_by_side() {
    let mut running = tokio::task::JoinSet::new();
    for number in 0..32 {
        running.spawn(run(shell(&format!("echo {number}; exit {number}"))));
    }
    let mut codes: Vec<_> = running
        .join_all()
        .await
        .into_iter()
        .map(|outcome| match outcome.answer {
            Answer::Exited { code } if outcome.got_body == format!("{code}\n") => code,
            answer => panic!("{answer:?}"),
        })
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, (0..32).collect::<Vec<_>>());
}
