//! kill -9 while the store commits, copies its log, removes old history or brings its tables to today. The place is a row
//! of a table, or the moment is drawn; what was told to be durable is there afterwards, and the file is sound.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Cursor};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::file_tests::{all, filled, of_the_first_version};
use super::{Options, Sqlite, check, export, import, schema};
use crate::delivery::State;
use crate::id::EventId;
use crate::store::seal::Keys;
use crate::store::suite::make::{NOW, New, due_ids, every_event, settle};
use crate::store::{EventFilter, Retention, Store};
use crate::time::Timestamp;

const KILL: i32 = 9;
/// Where it dies: the point, and at which time that it comes there.
const DEATHS: &[(&str, u32)] = &[
    ("Begin", 3),
    ("Commit", 2),
    ("Commit", 9),
    ("Committed", 9),
    ("Checkpoint", 1),
    ("Checkpoint", 6),
    ("Checkpointed", 1),
    ("Checkpointed", 5),
    ("Prune", 1),
    ("Prune", 4),
    ("Prune", 11),
];
/// The same for tables of the first version, which are brought to today when the store is opened.
const MIGRATIONS: &[(&str, u32)] = &[
    ("Migrate", 1),
    ("Migrated", 1),
    ("Migrate", 2),
    ("Migrate", 3),
    ("Migrated", 3),
    ("Migrate", 4),
    ("Migrated", 4),
    ("Migrate", 5),
];
/// Events that it accepts at the most: it is dead long before.
const EVENTS: u32 = 20_000;
/// All that ended may go.
const ALL: Retention = Retention { ended_before: LATER, dead_before: LATER };
const LATER: Timestamp = Timestamp::from_millis(NOW.millis() + 3_600_000);

fn open(path: &Path) -> Sqlite {
    Sqlite::open(path, Options { log_pages: 1, ..Options::default() }, NOW).expect("a store")
}

/// Accepts events, ends every other one, removes what ended, and tells what is owed. It never ends well.
#[test]
#[ignore = "the tests below start it, and it dies"]
fn the_program_that_dies() {
    let Ok(path) = std::env::var("DOORBELL_DIES_IN") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        println!();
        let store = open(Path::new(&path));
        for number in 0..EVENTS {
            let accept = New { body: format!("[\"{}\"]", "long ".repeat(200)), ..New::owing_one() }.accept();
            let (event, delivery) = (accept.event.id, accept.deliveries[0].id);
            store.accept(accept, NOW).await.expect("accepted");
            if number % 2 == 0 {
                println!("owed {event}");
            } else {
                store.settle(settle(delivery, 1, State::Delivered)).await.expect("settled");
            }
            if number % 10 == 9 {
                while store.prune(ALL).await.expect("pruned") > 0 {}
            }
        }
    });
}

fn start(path: &Path, death: Option<(&str, u32)>) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "store::sqlite::kill_tests::the_program_that_dies", "--ignored", "--nocapture"])
        .arg("--test-threads=1")
        .env("DOORBELL_DIES_IN", path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some((point, times)) = death {
        command.env("DOORBELL_DIE_AT", format!("{point} {times}"));
    }
    command.spawn().expect("started")
}

/// Hears what is owed until it is gone; kills it itself after so many lines.
fn hear(mut child: Child, kill_after: usize) -> BTreeSet<EventId> {
    let lines = BufReader::new(child.stdout.take().expect("its words")).lines();
    let mut owed = BTreeSet::new();
    for line in lines {
        let line = line.expect("a line");
        owed.extend(line.strip_prefix("owed ").map(|id| id.parse::<EventId>().expect("an id")));
        if owed.len() == kill_after {
            child.kill().expect("killed");
        }
    }
    assert_eq!(child.wait().expect("its end").signal(), Some(KILL), "it was to die");
    owed
}

/// What was told to be owed is there and due; the file is sound, and goes on.
async fn is_whole(path: &Path, owed: &BTreeSet<EventId>, what: &str) {
    let store = open(path);
    let due = due_ids(&store, LATER).await.len();
    for id in owed {
        assert!(store.event(*id).await.expect("read").is_some(), "{what}: {id} was accepted");
    }
    assert!(due >= owed.len(), "{what}: {due} of {} are due", owed.len());
    let found = check(path, &Keys::default()).expect("checked").wrong;
    assert!(found.iter().all(|wrong| wrong.contains("without the rules")), "{what}: {found:?}");
    while store.prune(ALL).await.expect("pruned") > 0 {}
    let filter = EventFilter { limit: 10_000, ..every_event() };
    let counts = store.counts().await.expect("counts");
    let listed = store.events(filter).await.expect("a list").rows.len();
    assert_eq!(u64::try_from(listed).expect("a number"), counts.events, "{what}: counted as listed");
    assert_eq!(u64::try_from(due).expect("a number"), counts.live, "{what}");
    store.close().await.expect("closed");
}

#[tokio::test]
async fn nothing_is_lost_wherever_it_dies() {
    for (point, times) in DEATHS {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("doorbell.db");
        let owed = hear(start(&path, Some((point, *times))), usize::MAX);
        is_whole(&path, &owed, &format!("{point} {times}")).await;
    }
}

#[tokio::test]
async fn nothing_is_lost_whenever_it_is_killed() {
    for kill_after in [1, 70, 13, 2, 120, 31, 8, 55] {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("doorbell.db");
        let owed = hear(start(&path, None), kill_after);
        is_whole(&path, &owed, &format!("killed after {kill_after}")).await;
    }
}

#[tokio::test]
async fn older_tables_become_those_of_today_however_often_it_dies_there() {
    let folder = TempDir::new().expect("a folder");
    let (from, to) = (folder.path().join("new.db"), folder.path().join("old.db"));
    let store = filled(&from, 20).await;
    let mut lines = Vec::new();
    export(&from, &mut lines).expect("exported");
    let old = of_the_first_version(&String::from_utf8(lines).expect("text"));
    let expected = all(&store).await;
    for (point, times) in MIGRATIONS {
        let _ = std::fs::remove_file(&to);
        import(&mut BufReader::new(Cursor::new(&old)), &to, &Keys::default()).expect("imported");
        hear(start(&to, Some((point, *times))), usize::MAX);
        let opened = open(&to);
        assert_eq!(all(&opened).await, expected, "{point} {times}");
        opened.close().await.expect("closed");
        let file = rusqlite::Connection::open(&to).expect("a file");
        assert!(schema::is_of_today(&file), "{point} {times}");
    }
}
