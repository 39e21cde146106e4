//! Commands of the real program: what they may not, how they end, and that nothing of them is left.

use std::path::Path;

use serde_json::Value;

use crate::program::{PATIENCE, Place, Program};

fn rules(action: &str) -> String {
    let action = action.replace('\n', "\n        ");
    format!(
        "sources: {{ open: {{ verify: none }} }}\nrules:\n  - name: run\n    from: open\n    do:\n      - {action}\n"
    )
}

/// Runs one action for a payload: its delivery with all attempts, once it has ended.
async fn ended(place: &Place, body: &str) -> Value {
    let program = place.serve();
    let (status, answer) = program.post("/open", &[], body).await;
    assert_eq!(status, 202, "{answer}");
    let path = format!("/api/deliveries?event={}", answer["id"].as_str().unwrap());
    let is_end =
        |state: &Value| ["delivered", "dead", "in_doubt", "cancelled"].iter().any(|end| state == end);
    let listed = program.until(&path, |answer| is_end(&answer["deliveries"][0]["state"])).await;
    let id = listed["deliveries"][0]["id"].as_str().unwrap().to_owned();
    program.ask(&format!("/api/deliveries/{id}")).await.1
}

/// State, what came back, and what it wrote, of the last attempt.
async fn check(action: &str, body: &str, state: &str, wanted: &str) {
    let place = Place::new(&rules(action), &[]);
    let shown = ended(&place, body).await;
    let attempt = shown["attempts"].as_array().and_then(|attempts| attempts.last()).unwrap();
    let text = format!("{}\n{}", attempt["words"].as_str().unwrap(), attempt["got_body"].as_str().unwrap());
    assert_eq!(shown["state"], state, "{action}: {shown:#}");
    assert!(text.contains(wanted), "{action}: wanted `{wanted}` in {shown:#}");
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status").unwrap().contains("Uid:\t0\t")
}

/// Whether a process is there and does anything.
fn lives(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

fn gone(process: &str) {
    assert!(process.parse::<u32>().is_ok(), "`{process}` is no process");
    let started = std::time::Instant::now();
    while lives(process) {
        assert!(started.elapsed() < PATIENCE, "{process} still lives");
        std::thread::yield_now();
    }
}

/// A program whose command has told the numbers of its processes.
async fn busy(action: &str) -> (Place, Program, Vec<String>) {
    let place = Place::new(&rules(action), &[]);
    let program = place.serve();
    assert_eq!(program.post("/open", &[], "{}").await.0, 202);
    let started = std::time::Instant::now();
    let told = loop {
        let told = std::fs::read_to_string(place.file("told")).unwrap_or_default();
        if told.ends_with('\n') {
            break told;
        }
        assert!(started.elapsed() < PATIENCE, "nothing was told: {}", place.log());
        tokio::task::yield_now().await;
    };
    let processes = told.split_whitespace().map(str::to_owned).collect();
    (place, program, processes)
}

const SLOW: &str = "shell: 'trap \"\" TERM HUP; (sleep 600; sleep 600) & echo $! $$ > told; wait; sleep 600'\ncwd: .\ntimeout: 1h";

#[tokio::test]
async fn no_command_outlives_a_server_that_is_killed() {
    for bounded in ["", "\nlimits: { cpu: 1h }"] {
        let (_place, program, processes) = busy(&format!("{SLOW}{bounded}")).await;
        assert_eq!(processes.len(), 2);
        program.kill();
        processes.iter().for_each(|process| gone(process));
    }
}

#[tokio::test]
async fn no_command_outlives_a_server_that_stops() {
    let (_place, program, processes) = busy(SLOW).await;
    program.signal("TERM");
    // The second one does not wait for the grace.
    program.stop();
    processes.iter().for_each(|process| gone(process));
}

#[tokio::test]
async fn what_leaves_the_group_is_ended_with_the_command() {
    let escape = "(trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; (sleep 600; sleep 600) & echo $! $$ > told; sleep 600; sleep 600' </dev/null >/dev/null 2>&1 &) ; while ! test -s told; do sleep 0.01; done";
    for more in ["exit 0", "exit 3"] {
        let script = serde_json::to_string(&format!("{escape}; {more}")).unwrap();
        let place = Place::new(&rules(&format!("shell: {script}\ncwd: .")), &[]);
        let program = place.serve();
        let (status, answer) = program.post("/open", &[], "{}").await;
        assert_eq!(status, 202);
        let path = format!("/api/deliveries?event={}", answer["id"].as_str().unwrap());
        program.until(&path, |answer| !answer["deliveries"][0]["finished_at"].is_null()).await;
        let told = std::fs::read_to_string(place.file("told")).unwrap();
        assert_eq!(told.split_whitespace().count(), 2);
        told.split_whitespace().for_each(gone);
        // Nothing lives beside the warden, and nothing dead is left either.
        let started = std::time::Instant::now();
        while children_of(program.id()).len() > 1 {
            assert!(started.elapsed() < PATIENCE, "{:?}", children_of(program.id()));
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn what_a_sender_writes_is_no_option_and_no_code() {
    let run = "run: [printf, '%s', \"{{ $.x }}\"]";
    check(run, r#"{"x":"; id"}"#, "delivered", "\n; id").await;
    check(run, r#"{"x":"-v"}"#, "dead", "argument 2 begins with `-`; put `\"--\"` before it").await;
    check("run: [printf, '%s', '--', \"{{ $.x }}\"]", r#"{"x":"-v"}"#, "delivered", "---v").await;
    check(run, r#"{"x":"a\u0000b"}"#, "dead", "argument 2 holds a NUL byte").await;
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(70_000));
    check(run, &large, "dead", "argument 2 has more than 64 KiB; pass it on standard input").await;
    check("shell: wc -c\nstdin: \"{{ $.x }}\"", &large, "delivered", "\n70000").await;
}

#[tokio::test]
async fn exit_codes_mean_what_the_rule_says() {
    check("shell: exit 3", "{}", "dead", "exit 3").await;
    check("shell: echo well; exit 3\nsuccess: [3, 4]", "{}", "delivered", "well").await;
    check("shell: exit 5\nsuccess: [3, 4]", "{}", "dead", "exit 5").await;
    let retried = "shell: 'echo x >> tries; test $(wc -l < tries) = 3 || exit 75'\ncwd: .\ndelivery: at_least_once\nretry: { attempts: 5, first: 1ms, max: 1ms, on: [exit 64-78] }";
    let place = Place::new(&rules(retried), &[]);
    let shown = ended(&place, "{}").await;
    assert_eq!(
        (&shown["state"], shown["attempts"].as_array().unwrap().len()),
        (&Value::from("delivered"), 3)
    );
    check(&retried.replace("exit 75", "exit 7"), "{}", "dead", "exit 7").await;
}

#[tokio::test]
async fn limits_hold() {
    for (limits, script, state, wanted) in [
        ("limits: { cpu: 1s }", "while :; do :; done", "dead", "ended by signal 9"),
        (
            "limits: { file_size: 4KiB }",
            "trap '' XFSZ; head -c 8192 /dev/zero > big; stat -c %s big",
            "delivered",
            "\n4096",
        ),
        ("limits: { open_files: 32 }", "ulimit -n", "delivered", "\n32"),
        (
            "limits: { processes: 99 }",
            "grep processes /proc/self/limits | tr -s ' '",
            "delivered",
            "processes 99 99",
        ),
        (
            "limits: { memory: 64MiB }",
            "grep address /proc/self/limits | tr -s ' '",
            "delivered",
            "space 67108864 67108864",
        ),
        ("umask: \"027\"", "touch it; stat -c %a it", "delivered", "\n640"),
    ] {
        check(&format!("shell: {}\n{limits}", serde_json::to_string(script).unwrap()), "{}", state, wanted)
            .await;
    }
    check("run: [./absent]\nlimits: { cpu: 1s }", "{}", "dead", "there is no program `./absent`").await;
}

#[tokio::test]
async fn a_bounded_command_has_what_others_have() {
    let script = "ls /proc/self/fd | tr '\\n' ' '; grep -c . /proc/self/environ; readlink /proc/self/exe; cat; pwd; env | cut -d= -f1 | sort | tr '\\n' ' '";
    let outputs = ["", "\nlimits: { cpu: 1h }"].map(async |more| {
        let place =
            Place::new(&rules(&format!("shell: {}{more}", serde_json::to_string(script).unwrap())), &[]);
        let shown = ended(&place, r#"{"a":1}"#).await;
        let text = shown["attempts"][0]["got_body"].as_str().unwrap().to_owned();
        // The directory of each run is its own.
        text.split("/doorbell-").next().unwrap().to_owned() + text.rsplit('\n').next().unwrap()
    });
    let [plain, bounded] = outputs;
    let (plain, bounded) = (plain.await, bounded.await);
    assert_eq!(plain, bounded);
    assert!(plain.starts_with("0 1 2 3 "), "{plain}");
}

#[tokio::test]
async fn another_user_has_nothing_of_the_server() {
    if !is_root() {
        check("run: [id]\nuser: nobody", "{}", "dead", "the server has to run as root").await;
        return;
    }
    let script = "echo $(id -u) $(id -g) [$(id -G)] $USER $(stat -c %u .) $(grep NoNewPrivs /proc/self/status) $(touch it && echo wrote)";
    let line = |more: &str| format!("shell: {}\n{more}", serde_json::to_string(script).unwrap());
    let ids = |name: &str| {
        let file = std::fs::read_to_string("/etc/passwd").unwrap();
        let line = file.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap().to_owned();
        let fields: Vec<String> = line.split(':').map(str::to_owned).collect();
        (fields[2].clone(), fields[3].clone())
    };
    let (user, group) = ids("nobody");
    let wanted = format!("\n{user} {group} [{group}] nobody {user} NoNewPrivs: 1 wrote");
    check(&line("user: nobody"), "{}", "delivered", &wanted).await;
    check(&line(&format!("user: {user}")), "{}", "delivered", &wanted).await;
    let wanted = format!("\n{user} 0 [0] nobody {user} NoNewPrivs: 1 wrote");
    check(&line("user: nobody\ngroup: root"), "{}", "delivered", &wanted).await;
    check(&line("user: 54321"), "{}", "delivered", "\n54321 54321 [54321] 54321 54321 NoNewPrivs: 1 wrote")
        .await;
    check(&line("user: no-such-user"), "{}", "dead", "there is no user `no-such-user`").await;
    check(&line("group: no-such-group"), "{}", "dead", "there is no group `no-such-group`").await;
}

#[tokio::test]
async fn a_sandbox_shows_only_what_it_names() {
    let place = |sandbox: &str, script: &str| {
        let action = format!("shell: {}\nsandbox: {sandbox}", serde_json::to_string(script).unwrap());
        let place = Place::new(&rules(&action), &[]);
        std::fs::create_dir(place.file("site")).unwrap();
        std::fs::write(place.file("site/page"), "a page\n").unwrap();
        std::fs::write(place.file("private"), "a secret\n").unwrap();
        place
    };
    for (sandbox, script, wanted) in [
        // The fresh directory may be written, the server's is not even seen.
        (
            "{}",
            "echo own > own; cat own; cat \"$OLDPWD/x\" 2>/dev/null; ls /root >/dev/null 2>&1 || echo unseen",
            "own\nunseen\n",
        ),
        (
            "{ read: ./site }",
            "cat PLACE/site/page; cat PLACE/private 2>&1 | grep -o denied; (echo x > PLACE/site/page) 2>&1 | grep -o denied; cat PLACE/site/page",
            "a page\ndenied\ndenied\na page\n",
        ),
        (
            "{ write: [./site] }",
            "echo new > PLACE/site/page; cat PLACE/site/page; cat PLACE/private 2>&1 | grep -o denied",
            "new\ndenied\n",
        ),
        ("{ read: [./absent] }", "true", "`sandbox` names `PLACE/./absent`, which cannot be opened"),
        ("{}", "kill -0 SERVER 2>/dev/null || echo no signal", "no signal\n"),
    ] {
        if script.contains("kill") && !bounds_signals() {
            continue;
        }
        let first = place(sandbox, script);
        let at = first.path().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(first.file("doorbell.yaml")).unwrap();
        first.write(
            "doorbell.yaml",
            &text.replace("PLACE", &at).replace("SERVER", &std::process::id().to_string()),
        );
        let shown = ended(&first, "{}").await;
        let attempt = &shown["attempts"][0];
        let words = attempt["words"].as_str().unwrap();
        if words.contains("this kernel has no Landlock") {
            eprintln!("no Landlock here: the command was refused, as it must be");
            return;
        }
        let got = format!("{words}\n{}", attempt["got_body"].as_str().unwrap());
        assert!(got.contains(&wanted.replace("PLACE", &at)), "{sandbox} {script}: {shown:#}");
        assert_eq!(std::fs::read_to_string(first.file("private")).unwrap(), "a secret\n");
    }
}

/// Landlock keeps signals inside a sandbox since Linux 6.12.
fn bounds_signals() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(['.', '-']).map_while(|part| part.trim().parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(6), Some(12))
}

#[tokio::test]
async fn a_thousand_commands_leave_no_zombie() {
    let place = Place::new(&rules("run: [/bin/true]\ndelivery: at_least_once"), &[]);
    let program = place.serve();
    for _ in 0..300 {
        assert_eq!(program.post("/open", &[], "{}").await.0, 202);
    }
    program
        .until("/api/deliveries?state=due", |answer| answer["deliveries"].as_array().unwrap().is_empty())
        .await;
    let children = children_of(program.id());
    // The warden alone.
    assert!(children.len() <= 1, "{children:?}");
    for child in &children {
        assert!(lives(child));
    }
}

fn children_of(process: u32) -> Vec<String> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let Ok(stat) = std::fs::read_to_string(Path::new("/proc").join(&name).join("stat")) else { continue };
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1));
        if parent == Some(process.to_string().as_str()) {
            children.push(name);
        }
    }
    children
}

/// What stands in a directory, by name.
fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_killed_server_leaves_a_directory_that_only_the_next_one_removes() {
    let place = Place::new(
        "sources: { open: { verify: none } }\nrules:\n  - { name: r, do: [{ shell: 'pwd > inside; pwd > \"$OUT\"; exec sleep 600', env: { OUT: placeholder } }] }\n",
        &[],
    );
    let temporary = place.file("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let out = place.file("out");
    let rules = std::fs::read_to_string(place.file("doorbell.yaml")).unwrap();
    place.write("doorbell.yaml", &rules.replace("placeholder", out.to_str().unwrap()));
    let starter = ["env".to_owned(), format!("TMPDIR={}", temporary.display())];
    let starter: Vec<&str> = starter.iter().map(String::as_str).collect();
    let program = place.serve_by(&starter, &[]);
    program.post("/open", &[], "{}").await;
    let began = std::time::Instant::now();
    while std::fs::read_to_string(&out).unwrap_or_default().is_empty() {
        assert!(began.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
    let inside = std::path::PathBuf::from(std::fs::read_to_string(&out).unwrap().trim());
    assert!(inside.starts_with(&temporary) && inside.join("inside").exists(), "{inside:?}");
    // A doorbell beside it keeps off what is in use.
    let beside = place.serve_by(&starter, &["--store", "sqlite:other.db"]);
    assert!(inside.join("inside").exists());
    assert_eq!(beside.stop(), Some(0));
    program.kill();
    assert!(inside.join("inside").exists(), "it was killed");
    let program = place.serve_by(&starter, &[]);
    assert_eq!(names(&temporary), [""; 0]);
    assert_eq!(program.stop(), Some(0));
}
