//! The SQLite engine against the shared suite, and what only it can do wrong: files, locks, full disks.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Looks, Options, Point, Sqlite};
use crate::delivery::State;
use crate::store::seal::Keys;
use crate::store::suite::make::{self, New};
use crate::store::suite::{self, Bounds, Place};
use crate::store::{Accepted, DeliveryFilter, Error, EventFilter, Retention, Store};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_795_271_582_000);

/// A folder with one store; a crash is a copy of its files as they are while the store is open.
struct Folder {
    folder: TempDir,
    file: Mutex<PathBuf>,
    log_pages: u32,
    keys: Keys,
    crashes: AtomicU64,
}

impl Folder {
    fn new(log_pages: u32, keys: Keys) -> Self {
        let folder = TempDir::new().expect("a folder");
        let file = Mutex::new(folder.path().join("doorbell.db"));
        Self { folder, file, log_pages, keys, crashes: AtomicU64::new(0) }
    }
}

impl Place for Folder {
    fn open(&self, bounds: Bounds, now: Timestamp) -> Arc<dyn Store> {
        let Bounds { queue_max, backlog_max, hints_max } = bounds;
        let options = Options {
            queue_max,
            backlog_max,
            hints_max,
            log_pages: self.log_pages,
            keys: self.keys.clone(),
            ..Options::default()
        };
        let file = self.file.lock().expect("a path").clone();
        Arc::new(Sqlite::open(&file, options, now).expect("a store"))
    }

    fn crash(&self, store: Arc<dyn Store>) {
        let crash = self.crashes.fetch_add(1, Ordering::SeqCst);
        let mut file = self.file.lock().expect("a path");
        // A reader keeps the log from beginning anew between the two copies.
        let reader = Connection::open(&*file).expect("a connection");
        reader.execute_batch("BEGIN; SELECT count(*) FROM event").expect("a snapshot");
        let copy = self.folder.path().join(format!("crash-{crash}.db"));
        for suffix in ["", "-wal"] {
            let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
            std::fs::copy(name(&file), name(&copy)).expect("a copy");
        }
        drop(reader);
        *file = copy;
        drop(store);
    }
}

#[test]
fn passes_the_shared_suite() {
    suite::run(|| Arc::new(Folder::new(Options::default().log_pages, Keys::default())));
}

#[test]
fn passes_the_shared_suite_under_constant_checkpoints() {
    suite::run(|| Arc::new(Folder::new(1, Keys::default())));
}

#[test]
fn passes_the_shared_suite_sealed() {
    let key = "6f0d3c5b2a1e4f70819293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";
    suite::run(|| Arc::new(Folder::new(Options::default().log_pages, Keys::parse(key).expect("a key"))));
}

fn open(path: &Path) -> Result<Sqlite, Error> {
    Sqlite::open(path, Options::default(), NOW)
}

#[tokio::test]
async fn a_store_is_for_one_doorbell_and_its_owner() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    let first = open(&path).expect("a store");
    let error = open(&path).err().expect("refused").to_string();
    let file = path.display();
    let expected = format!(
        "the store `{file}` is in use by another doorbell: stop that one, or name another file with --store"
    );
    assert_eq!(error, expected);
    first.accept(New::owing_one().accept(), NOW).await.expect("accepted");
    for suffix in ["", ".lock", "-wal", "-shm"] {
        let name = format!("{file}{suffix}");
        let mode = std::fs::metadata(&name).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    first.close().await.expect("closed");
    let second = open(&path).expect("free after close");
    second.check().await.expect("sound");
    drop(second);
    open(&path).expect("free after a drop");
}

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = TempDir::new().expect("a folder");
    let inside = |name: &str| folder.path().join(name);
    let here = folder.path().display().to_string();
    std::fs::write(inside("text"), "not a database, but long enough to be taken for one".repeat(99))
        .expect("a file");
    std::fs::create_dir(inside("folder")).expect("a folder");
    Connection::open(inside("other")).expect("a file").execute_batch("CREATE TABLE t (x)").expect("a table");
    drop(open(&inside("newer")).expect("a store"));
    let newer = Connection::open(inside("newer")).expect("a file");
    newer.execute_batch("PRAGMA user_version = 99").expect("a version");
    drop(newer);
    let rows = [
        (
            "absent/doorbell.db",
            format!("the folder `{here}/absent` is not there: make it with `mkdir -p {here}/absent`"),
        ),
        ("text/doorbell.db", format!("`{here}/text` is not a folder")),
        ("folder", format!("`{here}/folder` is a folder: name a file in it")),
        ("text", "it is not a doorbell store: name another file with --store".to_owned()),
        ("other", "it is an SQLite file of another program: name another file with --store".to_owned()),
        (
            "newer",
            "it was written by a newer doorbell (tables of version 99, this one knows 7): \
             use the newer doorbell, or restore an older backup"
                .to_owned(),
        ),
    ];
    for (name, why) in rows {
        let path = inside(name);
        let expected = format!("cannot open the store `{}`: {why}", path.display());
        assert_eq!(open(&path).err().expect("refused").to_string(), expected);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    let options = Options { pages_max: Some(100), ..Options::default() };
    let store = Sqlite::open(&path, options.clone(), NOW).expect("a store");
    let mut accepted = 0;
    let error = loop {
        // Digits of different numbers do not compress to nothing.
        let body =
            format!("[{}1]", (accepted..accepted + 9000).map(|n| format!("{},", n * n)).collect::<String>());
        let new = New { body, ..New::default() };
        match store.accept(new.accept(), NOW).await {
            Ok(answer) => assert_eq!(answer, Accepted::New),
            Err(error) => break error,
        }
        accepted += 1;
        assert!(accepted < 100, "100 pages are full at some time");
    };
    assert!(matches!(error, Error::Unwritable(_)), "{error}");
    assert_eq!(store.counts().await.expect("counts").events, accepted);
    drop(store);
    let store = Sqlite::open(&path, options, NOW).expect("a full store opens");
    assert_eq!(store.counts().await.expect("counts").events, accepted);
    store.check().await.expect("sound");
    let before = Timestamp::from_millis(NOW.millis() + 1);
    let retention = Retention { ended_before: before, dead_before: before };
    assert!(store.prune(retention).await.expect("pruned") > 0);
    assert_eq!(store.accept(New::default().accept(), NOW).await.expect("room again"), Accepted::New);
}

#[tokio::test]
async fn a_failed_commit_is_never_an_acceptance() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    let store = open(&path).expect("a store");
    let new = New { key: Some("k".to_owned()), ..New::owing_one() };
    store.shared.faults.plan(&[(Point::Commit, 1034)]);
    let (one, two) = tokio::join!(store.accept(new.accept(), NOW), store.accept(new.accept(), NOW));
    let mut unwritable = [one, two].into_iter().filter(|one| matches!(one, Err(Error::Unwritable(_))));
    assert!(unwritable.next().is_some());
    // What failed has left nothing; what came later, if it was another group, is all there is.
    let later = store.accept(new.accept(), NOW).await.expect("the next commit works");
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.events, counts.live), (1, 1), "{later:?}");
    let hinted = store.hints().await.expect("hints");
    assert_eq!(hinted.len(), 1, "only what is durable is hinted");
    for failing in 1..=3 {
        store.shared.faults.plan(&[(Point::Commit, 1034)]);
        let settle = make::settle(hinted[0].delivery.id, 1, State::Delivered);
        assert!(matches!(store.settle(settle).await, Err(Error::Unwritable(_))), "failure {failing}");
        assert!(store.writable().await.is_ok());
    }
    drop(store);
    let store = open(&path).expect("a store");
    assert_eq!(store.counts().await.expect("counts"), counts);
    assert_eq!(make::due_ids(&store, NOW).await, [hinted[0].delivery.id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_busy_and_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    let options = Options { queue_max: 4, ..Options::default() };
    let store = Arc::new(Sqlite::open(&path, options, NOW).expect("a store"));
    // Another program holds the file: the writer waits, and the queue fills behind it.
    let other = Connection::open(&path).expect("a connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("the write lock");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.accept(New::owing_one().accept(), NOW).await });
    }
    let mut answers = Vec::new();
    while answers.is_empty() {
        answers.push(tasks.join_next().await.expect("a task").expect("an answer"));
    }
    assert!(matches!(answers[0], Err(Error::Busy(_))), "nobody else is answered yet: {answers:?}");
    other.execute_batch("ROLLBACK").expect("the lock is free");
    answers.extend(tasks.join_all().await);
    let accepted = answers.iter().filter(|answer| matches!(answer, Ok(Accepted::New))).count();
    let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy(_)))).count();
    assert_eq!(accepted + busy, 20, "{answers:?}");
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.events, counts.live), (accepted as u64, accepted as u64));
}

#[tokio::test]
async fn a_flipped_bit_is_damage_and_never_an_event() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    let store = open(&path).expect("a store");
    let accept = New::default().accept();
    let id = accept.event.id;
    store.accept(accept, NOW).await.expect("accepted");
    let other = Connection::open(&path).expect("a connection");
    let read = "SELECT bytes FROM content";
    let whole: Vec<u8> = other.query_row(read, [], |row| row.get(0)).expect("the bytes");
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        other.execute("UPDATE content SET bytes = ?1", [&bytes]).expect("written");
        let read = store.event(id).await;
        assert!(matches!(read, Err(Error::Damaged(_))), "byte {place}: {read:?}");
    }
    other.execute("UPDATE content SET bytes = ?1", [&whole]).expect("written");
    assert!(store.event(id).await.expect("whole again").is_some());
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_rows_and_goes_on_from_there() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    let body = |n: u32| format!("[{n},\"{}\"]", if n.is_multiple_of(10) { "needle" } else { "straw" });
    // Rows looked at, bytes of bodies looked at, pages that it takes to see all thirty.
    for (rows, body_bytes, pages) in [(7, 1 << 20, 5), (1000, 40, 8), (1000, 1 << 20, 1), (1, 1, 31)] {
        let options = Options { looks: Looks { rows, body_bytes }, ..Options::default() };
        let store = Sqlite::open(&path, options, NOW).expect("a store");
        for n in 0..30 {
            let new = New { key: Some(n.to_string()), body: body(n), ..New::owing_one() };
            store.accept(new.accept(), NOW).await.expect("accepted");
        }
        let mut filter = EventFilter { text: Some("needle".into()), limit: 9, ..EventFilter::default() };
        let (mut found, mut asked) = (0, 0);
        loop {
            let page = store.events(filter.clone()).await.expect("a page");
            (found, asked) = (found + page.rows.len(), asked + 1);
            filter.before = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!((found, asked), (3, pages), "{rows} rows, {body_bytes} bytes");
        let mut filter =
            DeliveryFilter { error: Some("none".to_owned()), limit: 9, ..DeliveryFilter::default() };
        let mut asked = 1;
        while let Some(next) = store.deliveries(filter.clone()).await.expect("a page").next {
            filter.before = Some(next);
            asked += 1;
        }
        assert_eq!(asked, 30_usize.div_euclid(rows) + 1, "{rows} rows");
    }
}
