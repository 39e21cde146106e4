//! Disks on a bad day, real ones as far as this machine lets us: full, bounded, read-only, and one whose fsync fails. No
//! 2xx without a commit, nothing lost that was answered 2xx, and it goes on when there is room again.
//!
//! A small file system of its own needs a user namespace, and calls that fail need strace. Where one of them is not
//! allowed the test says so aloud and proves nothing; the bounded file and the planned faults of the store's own tests
//! run everywhere.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::program::{Place, Program, text};

const RULES: &str =
    "sources: { open: { verify: none } }\nrules:\n  - { name: say, from: open, do: [{ log: hello }] }\n";
/// No disk of these tests takes so many.
const POSTS_MAX: usize = 2000;

/// A body that cannot be made smaller.
fn body(number: usize, bytes: usize) -> Vec<u8> {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::try_from(number).unwrap();
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        format!("{seed:016x}")
    };
    let noise: String = std::iter::repeat_with(&mut next).take(bytes / 16).collect();
    format!(r#"{{"noise":"{noise}"}}"#).into_bytes()
}

/// Posts until one is not taken; the ids of those that were, and the status of that one.
async fn until_refused(program: &Program, bytes: usize) -> (Vec<String>, u16) {
    let mut accepted = Vec::new();
    for number in 0..POSTS_MAX {
        let (status, answer) = program.post("/open", &[], body(number, bytes)).await;
        if status != 202 {
            return (accepted, status);
        }
        accepted.push(answer["id"].as_str().unwrap().to_owned());
    }
    panic!("{POSTS_MAX} were taken");
}

/// Each of them is there.
async fn are_there(program: &Program, accepted: &[String]) {
    for id in accepted {
        assert_eq!(program.ask(&format!("/api/events/{id}")).await.0, 200, "{id} was answered 202");
    }
}

fn not_proved(what: &str, why: &str) {
    println!("NOT PROVED on this machine: {what}: {why}");
}

/// A small file system at `small` in a place, in a namespace of its own that lives as long as this.
struct Small {
    holder: Child,
    /// How a program inside comes to its directory.
    script: String,
}

impl Small {
    /// Mounts it; `None` when this machine does not let us.
    fn mount(place: &Place, size: &str) -> Option<Self> {
        std::fs::create_dir(place.file("small")).unwrap();
        let script = format!("mount -t tmpfs -o size={size} none small && echo mounted && read end");
        let mut holder = Command::new("unshare")
            .args(["-rm", "sh", "-c", &script])
            .current_dir(place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut said = String::new();
        BufReader::new(holder.stdout.take()?).read_line(&mut said).ok()?;
        let small = Self { holder, script: format!(r#"cd {} && exec "$0" "$@""#, place.path().display()) };
        (said == "mounted\n").then_some(small)
    }

    /// Starts a program inside.
    fn starter(&self) -> Vec<String> {
        let pid = self.holder.id().to_string();
        let words = ["nsenter", "-t", &pid, "-U", "-m", "--preserve-credentials", "sh", "-c", &self.script];
        words.map(str::to_owned).to_vec()
    }

    fn serve(&self, place: &Place) -> Program {
        let starter = self.starter();
        let starter: Vec<&str> = starter.iter().map(String::as_str).collect();
        place.serve_by(&starter, &["--store", "sqlite:small/doorbell.db"])
    }

    fn run(&self, place: &Place, arguments: &[&str]) -> std::process::Output {
        let starter = self.starter();
        let starter: Vec<&str> = starter.iter().map(String::as_str).collect();
        place.command_by(&starter, arguments).output().unwrap()
    }

    fn remount(&self, options: &str) {
        let starter = self.starter();
        let remounted = Command::new(&starter[0])
            .args(&starter[1..])
            .args(["mount", "-o", &format!("remount,{options}"), "small"])
            .status();
        assert!(remounted.unwrap().success(), "{options}");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        if let Some(mut input) = self.holder.stdin.take() {
            let _ = input.write_all(b"\n");
        }
        let _ = self.holder.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_503_until_there_is_room_and_nothing_is_lost() {
    let place = Place::new(RULES, &[]);
    let Some(small) = Small::mount(&place, "6m") else {
        return not_proved("a full disk, and back", "a small file system cannot be mounted (unshare -rm)");
    };
    let program = small.serve(&place);
    let (mut accepted, status) = until_refused(&program, 64 * 1024).await;
    assert!(accepted.len() > 10, "{}", accepted.len());
    assert_eq!(status, 503);
    assert_eq!(program.ask("/healthz").await.0, 200);
    are_there(&program, &accepted).await;
    small.remount("size=64m");
    program.until("/readyz", |answer| answer["ready"] == true || answer["why"].is_null()).await;
    let (status, answer) = program.post("/open", &[], "{}").await;
    assert_eq!(status, 202, "it comes back by itself");
    accepted.push(answer["id"].as_str().unwrap().to_owned());
    program.kill();
    let checked = small.run(&place, &["store", "check", "--store", "sqlite:small/doorbell.db"]);
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    let program = small.serve(&place);
    are_there(&program, &accepted).await;
    assert_eq!(program.stop(), Some(0));
    small.remount("ro");
    let arguments =
        ["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--store"];
    let refused = small.run(&place, &[&arguments[..], &["sqlite:small/doorbell.db"]].concat());
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("cannot be written") && said.contains("check its owner and rights"), "{said}");
}

/// The same on every machine: the file may not grow beyond a bound, and the kernel says so at the write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_may_not_grow_is_503_and_nothing_is_lost() {
    let place = Place::new(RULES, &[]);
    let bounded = ["sh", "-c", r#"trap '' XFSZ; ulimit -f 8000; exec "$0" "$@""#];
    let program = place.serve_by(&bounded, &[]);
    let (accepted, status) = until_refused(&program, 64 * 1024).await;
    assert!(accepted.len() > 10, "{}", accepted.len());
    assert_eq!(status, 503);
    are_there(&program, &accepted).await;
    program.kill();
    let program = place.serve();
    are_there(&program, &accepted).await;
    assert_eq!(program.post("/open", &[], "{}").await.0, 202);
    assert_eq!(program.stop(), Some(0));
    assert!(place.run(&["store", "check"]).status.success());
}

/// Starts a program whose calls fail as `inject` says, on files of the store; `None` when this machine does not let us.
fn failing(place: &Place, calls: &str, inject: &str) -> Option<Vec<String>> {
    let trace = [format!("trace={calls}"), format!("inject={calls}:{inject}")];
    let files = ["doorbell.db", "doorbell.db-wal"].map(|name| place.file(name).display().to_string());
    let words =
        ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P", &files[0], "-P", &files[1], "-e", &trace[0]];
    let can = Command::new(words[0]).args(&words[1..]).arg("true").status();
    can.is_ok_and(|status| status.success()).then(|| {
        let rest = ["-e", &trace[1]];
        words.iter().chain(&rest).map(|word| (*word).to_owned()).collect()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_fsync_that_fails_is_no_2xx() {
    let place = Place::new(RULES, &[]);
    let Some(starter) = failing(&place, "fsync,fdatasync", "error=EIO:when=12+") else {
        return not_proved("an fsync that fails", "strace is not there, or may not look");
    };
    // To make the tables takes syncs of its own: they are there already.
    assert_eq!(place.serve().stop(), Some(0));
    let starter: Vec<&str> = starter.iter().map(String::as_str).collect();
    let program = place.serve_by(&starter, &[]);
    let (accepted, status) = until_refused(&program, 64).await;
    assert!(!accepted.is_empty());
    assert_eq!(status, 503);
    for number in 0..20 {
        assert_eq!(program.post("/open", &[], body(number, 64)).await.0, 503, "none while it fails");
    }
    assert_eq!(program.ask("/readyz").await.0, 503);
    program.kill();
    let program = place.serve();
    are_there(&program, &accepted).await;
    let answer: Value = program.ask("/api/events?limit=500").await.1;
    let there = answer["events"].as_array().unwrap().len();
    println!("{} answered 202, {there} in the store after the restart", accepted.len());
    assert_eq!(program.post("/open", &[], "{}").await.0, 202);
}

/// As a file system does that the kernel makes read-only at an error of the disk, while the store is open on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_turns_read_only_is_503_and_read_until_it_can_be_written_again() {
    let place = Place::new(RULES, &[]);
    let writes = "pwrite64,ftruncate,fallocate,fsync,fdatasync";
    let Some(starter) = failing(&place, writes, "error=EROFS:when=60..200") else {
        return not_proved("a store that turns read-only", "strace is not there, or may not look");
    };
    assert_eq!(place.serve().stop(), Some(0));
    let starter: Vec<&str> = starter.iter().map(String::as_str).collect();
    let program = place.serve_by(&starter, &[]);
    let (mut accepted, status) = until_refused(&program, 64).await;
    assert!(!accepted.is_empty());
    assert_eq!(status, 503);
    assert_eq!(program.ask("/healthz").await.0, 200);
    are_there(&program, &accepted).await;
    let mut refused = 0;
    let back = loop {
        let (status, answer) = program.post("/open", &[], body(refused, 64)).await;
        match status {
            503 => refused += 1,
            _ => break answer,
        }
        assert!(refused < POSTS_MAX, "it does not come back");
    };
    println!("{} answered 202, then {refused} refused, then it came back", accepted.len());
    accepted.push(back["id"].as_str().unwrap().to_owned());
    program.kill();
    let program = place.serve();
    are_there(&program, &accepted).await;
    let answer: Value = program.ask("/api/events?limit=500").await.1;
    let there = answer["events"].as_array().unwrap().len();
    assert!(
        (accepted.len()..=accepted.len() + 1).contains(&there),
        "at most the one that was under way: {there}"
    );
    assert!(place.run(&["store", "check"]).status.success());
}
