//! The store's file as people handle it: copied, moved, damaged, on a full disk.

use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Options, Probe, Reserve, Room, Sqlite, backup, check, export, import, schema};
use crate::delivery::State;
use crate::id::RejectionId;
use crate::store::seal::Keys;
use crate::store::suite::make::{self, NOW, New, Owed, at, every_event};
use crate::store::{Accepted, DeliveryFilter, Error, Rejection, Retention, Store};

fn open(path: &Path) -> Result<Sqlite, Error> {
    Sqlite::open(path, Options::default(), NOW)
}

/// A store with something of everything.
pub(super) async fn filled(path: &Path, events: usize) -> Sqlite {
    let store = open(path).expect("a store");
    store.keep_revision([7; 32], "rules: []".to_owned(), NOW).await.expect("kept");
    for number in 0..events {
        let new = New {
            key: Some(number.to_string()),
            body: format!("[{number},\"{}\"]", "long é ".repeat(400)),
            ..New::owing(Owed { order_key: Some("k"), ..Owed::default() })
        };
        let accept = new.accept();
        let id = accept.deliveries[0].id;
        store.accept(accept, NOW).await.expect("accepted");
        if number % 2 == 0 {
            store.settle(make::settle(id, 1, State::Delivered)).await.expect("settled");
        }
    }
    let (source, cause, peer) = ("github".to_owned(), "why".to_owned(), "192.0.2.7".to_owned());
    // As of a file that did not name them.
    let id = RejectionId::from_bytes([0; 16]);
    store.reject(Rejection { id, at: NOW, source, status: 401, cause, peer, examined: None });
    store.rejections(1).await.expect("written");
    store
}

/// All that the protocol shows of a store, as text.
pub(super) async fn all(store: &Sqlite) -> String {
    let mut told = format!("{:?}", store.counts().await.expect("counts"));
    for row in store.events(every_event()).await.expect("events").rows {
        told.push_str(&format!("{row:?}{:?}", store.event(row.id).await.expect("an event")));
    }
    let filter = DeliveryFilter { limit: 1000, ..DeliveryFilter::default() };
    for row in store.deliveries(filter).await.expect("deliveries").rows {
        told.push_str(&format!("{:?}", store.delivery(row.delivery.id).await.expect("a delivery")));
    }
    told.push_str(&format!("{:?}", store.rejections(100).await.expect("rejections")));
    told.push_str(&format!("{:?}", make::due_ids(store, NOW).await));
    told
}

fn place(name: &str) -> (TempDir, PathBuf, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let (from, to) = (folder.path().join("doorbell.db"), folder.path().join(name));
    (folder, from, to)
}

#[tokio::test]
async fn a_backup_of_a_running_store_is_that_store() {
    let (_folder, from, to) = place("copy.db");
    let store = filled(&from, 20).await;
    let expected = all(&store).await;
    assert!(backup(&from, &to, |_, _| {}).expect("a copy") > 4096);
    store.accept(New::default().accept(), NOW).await.expect("goes on");
    assert!(backup(&from, &to, |_, _| {}).is_err(), "nothing is overwritten");
    assert!(!backup::partial(&to).exists());
    let copy = open(&to).expect("the copy opens");
    assert_eq!(all(&copy).await, expected);
}

#[tokio::test]
async fn an_export_imported_is_that_store() {
    let (_folder, from, to) = place("new.db");
    let store = filled(&from, 20).await;
    let mut lines = Vec::new();
    let done = export(&from, &mut lines).expect("exported");
    assert!(done.unreadable.is_empty());
    let text = String::from_utf8(lines.clone()).expect("text");
    assert!(text.starts_with(r#"{"format_version":1,"#), "{text:.80}");
    assert_eq!(
        import(&mut BufReader::new(&*lines), &to, &Keys::default()).expect("imported").rows,
        done.rows
    );
    let new = open(&to).expect("it opens");
    assert_eq!(all(&new).await, all(&store).await);
    assert!(check(&to, &Keys::default()).expect("checked").wrong.is_empty());
}

#[tokio::test]
async fn an_export_that_is_not_whole_leaves_nothing() {
    let (_folder, from, to) = place("new.db");
    drop(filled(&from, 2).await);
    let mut lines = Vec::new();
    export(&from, &mut lines).expect("exported");
    let text = String::from_utf8(lines).expect("text");
    let (all_but_the_end, _) = text.trim_end().rsplit_once('\n').expect("lines");
    let (half, _) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let rows = [
        (String::new(), "there is none"),
        ("{}\n".to_owned(), "not the first line"),
        (text.replacen("\"format_version\":1", "\"format_version\":2", 1), "`format_version` is not known"),
        (text.replacen("\"tables\":", "\"tables\":99", 1), "tables of version 99"),
        (all_but_the_end.to_owned(), "its end is missing"),
        (half.to_owned(), "line "),
        (
            text.replacen("\"table\":\"event\"", "\"table\":\"sqlite_master\"", 1),
            "`sqlite_master` is not a table",
        ),
        (text.replacen("\"kind\":\"push\"", "\"kind) --\":1", 1), "a column's name"),
    ];
    for (text, why) in rows {
        let error = import(&mut Cursor::new(text), &to, &Keys::default()).expect_err(why).to_string();
        assert!(error.contains(why), "{error}");
        assert!(!to.exists() && !backup::partial(&to).exists());
    }
}

/// Bodies and what attempts sent and got, as far as they can be read.
async fn contents(store: &Sqlite) -> Vec<String> {
    let mut told = Vec::new();
    for row in store.events(every_event()).await.map_or_else(|_| Vec::new(), |page| page.rows) {
        if let Ok(Some(event)) = store.event(row.id).await {
            told.push(format!("{} {:?} {:?}", event.id, event.request.headers, event.request.body));
        }
    }
    let filter = DeliveryFilter { limit: 1000, ..DeliveryFilter::default() };
    for row in store.deliveries(filter).await.map_or_else(|_| Vec::new(), |page| page.rows) {
        if let Ok(Some((row, attempts))) = store.delivery(row.delivery.id).await {
            let texts = attempts.iter().map(|attempt| [&attempt.sent, &attempt.got_head, &attempt.got_body]);
            told.push(format!("{} {:?}", row.delivery.id, texts.collect::<Vec<_>>()));
        }
    }
    told
}

/// A flipped bit anywhere: the store is refused, or what it shows of webhooks and attempts is what was written, or an error.
#[tokio::test]
async fn a_flipped_bit_is_never_shown_as_if_it_were_written() {
    let (_folder, from, _) = place("unused.db");
    let store = filled(&from, 12).await;
    let written = contents(&store).await;
    store.close().await.expect("closed");
    drop(store);
    let whole = std::fs::read(&from).expect("a file");
    let (mut refused, mut unread, mut seed) = (0, 0, 0x2545_f491_4f6c_dd1d_u64);
    for _ in 0..120 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let place = usize::try_from(seed % (whole.len() as u64)).expect("a place");
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (seed >> 61);
        std::fs::write(&from, &bytes).expect("written");
        match open(&from) {
            Err(_) => refused += 1,
            Ok(store) => {
                let shown = contents(&store).await;
                let strange = shown.iter().find(|text| !written.contains(text));
                assert!(strange.is_none(), "byte {place}: {strange:?}");
                unread += usize::from(shown.len() < written.len());
                store.close().await.expect("closed");
            }
        }
        let _ = std::fs::remove_file(from.with_extension("db-wal"));
    }
    assert!(refused > 0 && unread > 0, "{refused} refused, {unread} with something that cannot be read");
}

/// Damages a store, and holds that it is found, told with the mend, and never served as if nothing were.
#[tokio::test]
async fn a_damaged_file_is_refused_with_the_mend_and_the_rest_is_saved() {
    let (_folder, from, to) = place("new.db");
    let store = filled(&from, 40).await;
    store.close().await.expect("closed");
    drop(store);
    let whole = std::fs::read(&from).expect("a file");
    let mut found = 0;
    let pages = whole.len() / 4096;
    for page in 1..pages {
        let mut bytes = whole.clone();
        // The head of a page: its kind, its cells, where they begin.
        bytes[page * 4096] ^= 0x40;
        std::fs::write(&from, &bytes).expect("written");
        match open(&from) {
            Ok(store) => drop(store),
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains("damaged") || text.contains("malformed"), "{text}");
                found += 1;
            }
        }
        std::fs::write(&from, &bytes).expect("written");
        let _ = std::fs::remove_file(from.with_extension("db-wal"));
    }
    assert!(found * 2 > pages, "{found} of {pages} pages");
    std::fs::write(&from, &whole[..whole.len() - 8192]).expect("written");
    let error = open(&from).err().expect("cut off").to_string();
    assert!(error.contains("it is damaged") && error.contains("backup"), "{error}");
    std::fs::write(&from, &whole[..whole.len() / 2 / 4096 * 4096]).expect("written");
    let mut lines = Vec::new();
    let done = export(&from, &mut lines).expect("what can be read");
    assert!(done.rows > 0 && !done.unreadable.is_empty(), "{done:?}");
    import(&mut BufReader::new(&*lines), &to, &Keys::default()).expect("the rest is a store");
    drop(open(&to).expect("that opens"));
}

#[derive(Debug)]
struct Told(Mutex<Room>);

impl Probe for Told {
    fn room(&self, _: &Path) -> Option<Room> {
        Some(*self.0.lock().expect("a room"))
    }
}

#[tokio::test]
async fn a_nearly_full_disk_refuses_until_there_is_room_again() {
    let (_folder, path, _) = place("");
    let set = |told: &Told, mib: u64| told.0.lock().expect("a room").free = mib << 20;
    let told = Arc::new(Told(Mutex::new(Room { free: 1 << 40, total: 2 << 30 })));
    let probe: Arc<dyn Probe> = told.clone();
    let store = Sqlite::open(&path, Options { probe, reserve: Reserve::Usual, ..Options::default() }, NOW)
        .expect("a store");
    let accept = New::owing_one().accept();
    let id = accept.deliveries[0].id;
    assert_eq!(store.accept(accept, NOW).await.expect("room"), Accepted::New);
    set(&told, 200);
    let why = store.writable().await.expect_err("the writer has looked").to_string();
    assert!(why.contains("nearly full: 200 MiB are free, 256 MiB are kept"), "{why}");
    for _ in 0..3 {
        assert!(matches!(store.accept(New::default().accept(), NOW).await, Err(Error::Unwritable(_))));
    }
    // What is there goes on: attempts end, and history is removed.
    store.settle(make::settle(id, 1, State::Delivered)).await.expect("settled");
    let retention = Retention { ended_before: at(60), dead_before: at(60) };
    assert!(store.prune(retention).await.expect("pruned") > 0);
    set(&told, 400);
    assert_eq!(store.accept(New::default().accept(), NOW).await.expect("by itself"), Accepted::New);
    assert!(store.writable().await.is_ok());
}

#[tokio::test]
async fn a_large_store_is_checked_beside_the_load() {
    let (_folder, path, _) = place("");
    let store = filled(&path, 40).await;
    store.close().await.expect("closed");
    drop(store);
    let mut bytes = std::fs::read(&path).expect("a file");
    let last = bytes.len() - 4096;
    bytes[last..].fill(0xff);
    std::fs::write(&path, &bytes).expect("written");
    let options = Options { check_max_bytes: 0, ..Options::default() };
    let store = Sqlite::open(&path, options, NOW).expect("it opens");
    let why = loop {
        match store.writable().await {
            Ok(()) => tokio::task::yield_now().await,
            Err(error) => break error.to_string(),
        }
    };
    assert!(why.contains("it is damaged") && why.contains("store export"), "{why}");
    assert!(store.accept(New::default().accept(), NOW).await.is_err(), "nothing more is accepted");
}

#[tokio::test]
async fn what_is_used_shrinks_with_what_is_removed() {
    let (_folder, path, _) = place("");
    let store = filled(&path, 40).await;
    let before = store.usage().await.expect("usage");
    assert!(before.used_bytes > 4096 && before.file_bytes >= before.used_bytes);
    while store.prune(Retention { ended_before: at(60), dead_before: at(60) }).await.expect("pruned") > 0 {}
    let after = store.usage().await.expect("usage");
    assert!(after.used_bytes < before.used_bytes && after.file_bytes >= before.file_bytes, "{after:?}");
}

/// The lines of an export as a doorbell of the first version would have written them.
pub(super) fn of_the_first_version(lines: &str) -> String {
    let mut rows = 0;
    let mut old = Vec::new();
    for line in lines.lines() {
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        if line.get("tables").is_some() {
            line["tables"] = json!(1);
        } else if line.get("end").is_some() {
            line["rows"] = json!(rows);
        } else if ["need", "seal"].iter().any(|table| line["table"] == *table) {
            continue;
        } else {
            rows += 1;
            let names: &[&str] =
                if line["table"] == "rejection" { &["id", "examined"] } else { &["context"] };
            let row = line["row"].as_object_mut().expect("columns");
            names.iter().for_each(|name| drop(row.remove(*name)));
        }
        old.push(line.to_string());
    }
    old.join("\n") + "\n"
}

#[tokio::test]
async fn a_file_of_the_first_version_becomes_one_of_today() {
    let (_folder, from, to) = place("old.db");
    let store = filled(&from, 20).await;
    let mut lines = Vec::new();
    export(&from, &mut lines).expect("exported");
    let old = of_the_first_version(&String::from_utf8(lines).expect("text"));
    import(&mut Cursor::new(old), &to, &Keys::default()).expect("imported");
    let version = |path: &Path| schema::version(&Connection::open(path).expect("a file")).expect("a version");
    assert_eq!(version(&to), 1);
    assert!(check(&to, &Keys::default()).expect("checked").wrong.is_empty(), "a check changes nothing");
    assert_eq!(version(&to), 1);
    let new = open(&to).expect("it opens");
    assert_eq!(all(&new).await, all(&store).await, "nothing of it is lost");
    assert_eq!(version(&to), version(&from));
    new.accept(New::owing_one().accept(), NOW).await.expect("and it goes on");
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let (_folder, from, to) = place("copy.db");
    filled(&from, 3).await.close().await.expect("closed");
    let file = Connection::open(&from).expect("a file");
    file.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);").expect("a version");
    drop(file);
    let before = std::fs::read(&from).expect("a file");
    let refusals = [
        open(&from).map(|_| ()),
        check(&from, &Keys::default()).map(|_| ()),
        backup(&from, &to, |_, _| {}).map(|_| ()),
        export(&from, &mut Vec::new()).map(|_| ()),
    ];
    for refusal in refusals {
        let words = refusal.expect_err("refused").to_string();
        assert!(words.contains("newer doorbell (tables of version 99"), "{words}");
        assert!(words.contains("use the newer doorbell, or restore an older backup"), "{words}");
    }
    assert_eq!(std::fs::read(&from).expect("a file"), before);
    assert!(!to.exists());
}
