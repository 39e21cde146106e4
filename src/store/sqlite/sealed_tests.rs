//! A sealed store: nothing of a payload can be read in its file, keys rotate, and what was moved or changed is found.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Archive, Options, Sqlite, backup, check, export, import};
use crate::delivery::{Answer, State};
use crate::id::{DeliveryId, RejectionId};
use crate::store::seal::Keys;
use crate::store::suite::make::{self, NOW, New, Owed, every_event};
use crate::store::{Accepted, CUT_OFF, Error, EventFilter, Rejection, Saying, Settled, Store};

const A: &str = "6f0d3c5b2a1e4f70819293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";
const B: &str = "q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng=";
/// Stands in all that holds something of a payload.
const MARKER: &str = "marker-4242";

fn keys(text: &str) -> Keys {
    if text.is_empty() { Keys::default() } else { Keys::parse(text).expect("keys") }
}

fn open(path: &Path, text: &str) -> Result<Sqlite, Error> {
    Sqlite::open(path, Options { keys: keys(text), ..Options::default() }, NOW)
}

fn refusal(path: &Path, text: &str) -> String {
    open(path, text).err().expect("refused").to_string()
}

/// Accepts an event whose body, attempt, last error, end and refusal all hold the marker.
async fn fill(store: &Sqlite, key: &str) {
    let body = format!(r#"{{"card":"{MARKER}","long":"{}"}}"#, MARKER.repeat(600));
    let mut owed = New { key: Some(key.to_owned()), body, ..New::owing(Owed::default()) }.accept();
    owed.deliveries[0].context.failure = Some(format!("died of {MARKER}"));
    let id = owed.deliveries[0].id;
    assert_eq!(store.accept(owed, NOW).await.expect("accepted"), Accepted::New);
    let mut settle = make::settle(id, 1, State::Dead { reason: format!("no {MARKER}") });
    settle.outcome.answer = Answer::Invalid(format!("not {MARKER}"));
    settle.outcome.sent = format!("POST {MARKER}");
    settle.outcome.got_body = format!("got {MARKER}");
    store.settle(settle).await.expect("settled");
    let (source, cause) = ("github".to_owned(), format!("wrong {MARKER}"));
    let (id, examined) = (RejectionId::from_bytes(*id.as_bytes()), Some(format!("saw {MARKER}")));
    store.reject(Rejection {
        id,
        at: NOW,
        source,
        status: 401,
        cause,
        peer: "192.0.2.7".to_owned(),
        examined,
    });
    let refused = store.rejections(1).await.expect("written").remove(0);
    assert_eq!((refused.cause, refused.examined), (format!("wrong {MARKER}"), Some(format!("saw {MARKER}"))));
}

/// An attempt under way that has said the marker.
async fn say(store: &Sqlite) -> DeliveryId {
    let accept = New::owing_one().accept();
    let delivery = accept.deliveries[0].id;
    store.accept(accept, NOW).await.expect("accepted");
    let output = format!("said {MARKER}");
    let saying = Saying { delivery, attempt: 1, started_at: NOW, at: NOW, sent: MARKER.to_owned(), output };
    assert_eq!(store.say(saying.clone()).await.expect("said"), Settled::Done);
    assert_eq!(store.running(delivery).await.expect("a read"), Some(saying));
    delivery
}

/// Whether the marker stands in the file or its log.
fn can_be_read(path: &Path) -> bool {
    ["", "-wal"].iter().any(|suffix| {
        let bytes = std::fs::read(format!("{}{suffix}", path.display())).unwrap_or_default();
        memchr::memmem::find(&bytes, MARKER.as_bytes()).is_some()
    })
}

async fn reads_all(store: &Sqlite, events: usize) {
    let filter = EventFilter { text: Some(MARKER.into()), ..every_event() };
    let rows = store.events(filter).await.expect("a list").rows;
    assert_eq!(rows.len(), events, "found by their text");
    for row in rows {
        let event = store.event(row.id).await.expect("an event").expect("it is there");
        assert_eq!(event.payload["card"], MARKER);
        let filter = crate::store::DeliveryFilter { event: Some(row.id), limit: 10, ..Default::default() };
        let delivery = store.deliveries(filter).await.expect("a list").rows.remove(0);
        assert_eq!(delivery.last_error.as_deref(), Some("not marker-4242"));
        assert_eq!(delivery.delivery.state, State::Dead { reason: "no marker-4242".to_owned() });
        assert_eq!(delivery.delivery.context.failure.as_deref(), Some("died of marker-4242"));
        let (_, attempts) = store.delivery(delivery.delivery.id).await.expect("read").expect("there");
        assert_eq!((&*attempts[0].words, &*attempts[0].sent), ("not marker-4242", "POST marker-4242"));
    }
}

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    (folder, path)
}

#[tokio::test]
async fn nothing_of_a_payload_can_be_read_in_the_file() {
    for (text, expected) in [("", true), (A, false)] {
        let (_folder, path) = place();
        let store = open(&path, text).expect("a store");
        fill(&store, "1").await;
        assert_eq!(can_be_read(&path), expected, "while it is served");
        reads_all(&store, 1).await;
        store.close().await.expect("closed");
        assert_eq!(can_be_read(&path), expected, "when it is closed");
    }
}

#[tokio::test]
async fn without_its_key_a_store_is_refused_and_loses_nothing() {
    let (_folder, path) = place();
    let store = open(&path, A).expect("a store");
    fill(&store, "1").await;
    store.close().await.expect("closed");
    drop(store);
    let before = std::fs::read(&path).expect("a file");
    for (text, mend) in [("", "--encrypt-key-file"), (B, "below the key that seals from now on")] {
        let id = format!("{:?}", keys(A)).replace(['[', ']', '"'], "");
        for words in [
            refusal(&path, text),
            check(&path, &keys(text)).expect_err("refused").to_string(),
            Archive::open(&path, &keys(text)).err().expect("refused").to_string(),
        ] {
            assert!(
                words.contains(mend) && words.contains(&id) && words.contains("nothing was changed"),
                "{words}"
            );
        }
    }
    assert_eq!(std::fs::read(&path).expect("a file"), before);
    reads_all(&open(&path, A).expect("with it"), 1).await;
    let found = check(&path, &keys(A)).expect("checked");
    assert_eq!((found.events, found.sealed, found.wrong), (1, 1, Vec::new()));
}

#[tokio::test]
async fn a_key_is_changed_while_the_old_one_still_opens() {
    let (_folder, path) = place();
    let clear = open(&path, "").expect("a store");
    fill(&clear, "1").await;
    drop(clear);
    let old = open(&path, A).expect("what is in clear stays readable");
    fill(&old, "2").await;
    drop(old);
    let new = open(&path, &format!("{B}\n{A}")).expect("both");
    fill(&new, "3").await;
    reads_all(&new, 3).await;
    drop(new);
    assert!(refusal(&path, B).contains("put it into the key file"));
    // What the old key had sealed is gone: it may go too.
    let file = Connection::open(&path).expect("a file");
    let older = "DELETE FROM content WHERE place <= 4; DELETE FROM delivery_done WHERE event IN (SELECT id FROM event WHERE content <= 4); \
                 DELETE FROM attempt WHERE content <= 4; DELETE FROM rejection WHERE sequence <= 2; \
                 DELETE FROM event WHERE content <= 4;";
    file.execute_batch(older).expect("removed");
    drop(file);
    reads_all(&open(&path, B).expect("the new one is enough"), 1).await;
    assert!(open(&path, "").is_err());
}

#[tokio::test]
async fn what_attempts_say_is_sealed_and_kept_when_they_are_cut_off() {
    for (text, expected) in [("", true), (A, false)] {
        let (folder, path) = place();
        let store = open(&path, text).expect("a store");
        let id = say(&store).await;
        assert_eq!(can_be_read(&path), expected, "while it is served");
        store.close().await.expect("closed");
        drop(store);
        assert_eq!(can_be_read(&path), expected, "when it is closed");
        assert_eq!(check(&path, &keys(text)).expect("checked").wrong.len(), 1, "the rules are not kept here");
        if !text.is_empty() {
            assert!(refusal(&path, B).contains("below the key that seals from now on"));
        }
        let mut lines = Vec::new();
        export(&path, &mut lines).expect("exported");
        let both = keys(&[B, text].join("\n"));
        let new = folder.path().join("new.db");
        import(&mut BufReader::new(&*lines), &new, &both).expect("sealed anew");
        assert!(!can_be_read(&new));
        for (path, text) in [(path, text), (new, B)] {
            let store = open(&path, text).expect("what was cut off is put right");
            let (_, attempts) = store.delivery(id).await.expect("a read").expect("a delivery");
            assert_eq!(attempts[0].got_body, format!("said {MARKER}"));
            assert_eq!((&*attempts[0].kind, &*attempts[0].sent), (CUT_OFF, MARKER));
        }
    }
}

#[tokio::test]
async fn an_older_file_is_looked_through_for_its_keys() {
    let (_folder, path) = place();
    let store = open(&path, A).expect("a store");
    fill(&store, "1").await;
    store.close().await.expect("closed");
    drop(store);
    let file = Connection::open(&path).expect("a file");
    file.execute_batch("DROP TABLE saying; PRAGMA user_version = 6;").expect("as it was");
    drop(file);
    let refused = Archive::open(&path, &keys(B)).err().expect("refused").to_string();
    assert!(refused.contains("nothing was changed"), "{refused}");
    assert!(Archive::open(&path, &keys(A)).is_ok());
    reads_all(&open(&path, A).expect("brought to today"), 1).await;
}

#[tokio::test]
async fn sealed_rows_cannot_change_places() {
    let swaps = [
        ("saying", "UPDATE saying SET content = (SELECT bytes FROM content LIMIT 1)"),
        ("event", "UPDATE event SET content = (SELECT sum(content) FROM event) - content"),
        ("attempt", "UPDATE attempt SET content = (SELECT sum(content) FROM attempt) - content"),
        ("words", "UPDATE attempt SET words = (SELECT last_error FROM delivery_done LIMIT 1)"),
        ("delivery", "UPDATE delivery_done SET last_error = reason"),
        (
            "content",
            "UPDATE content SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB) WHERE place = 1",
        ),
    ];
    for (what, swap) in swaps {
        let (_folder, path) = place();
        let store = open(&path, A).expect("a store");
        fill(&store, "1").await;
        fill(&store, "2").await;
        if what == "saying" {
            say(&store).await;
        }
        store.close().await.expect("closed");
        drop(store);
        let file = Connection::open(&path).expect("a file");
        assert!(file.execute(swap, []).expect("swapped") > 0);
        drop(file);
        let mut found = check(&path, &keys(A)).expect("checked").wrong;
        found.retain(|wrong| !wrong.contains("the rules that made them"));
        assert!(
            !found.is_empty() && found.iter().all(|wrong| wrong.contains("seal is broken")),
            "{what}: {found:?}"
        );
    }
}

#[tokio::test]
async fn copies_stay_sealed_and_an_import_seals_anew() {
    let (folder, path) = place();
    let to = |name: &str| folder.path().join(name);
    let store = open(&path, "").expect("a store");
    fill(&store, "1").await;
    drop(store);
    let store = open(&path, A).expect("a store");
    fill(&store, "2").await;
    backup(&path, &to("copy.db"), |_, _| {}).expect("a copy needs no key");
    reads_all(&open(&to("copy.db"), A).expect("the copy"), 2).await;
    let mut lines = Vec::new();
    assert!(export(&path, &mut lines).expect("an export needs no key").unreadable.is_empty());
    assert!(import(&mut BufReader::new(&*lines), &to("no.db"), &keys(B)).is_err() && !to("no.db").exists());
    import(&mut BufReader::new(&*lines), &to("same.db"), &Keys::default()).expect("as it was");
    reads_all(&open(&to("same.db"), A).expect("a store"), 2).await;
    assert!(can_be_read(&to("same.db")), "the first event was taken in clear");
    let both = keys(&format!("{B}\n{A}"));
    import(&mut BufReader::new(&*lines), &to("new.db"), &both).expect("sealed anew");
    assert!(!can_be_read(&to("new.db")));
    let found = check(&to("new.db"), &keys(B)).expect("the new key is enough");
    assert_eq!((found.events, found.sealed, found.wrong), (2, 2, Vec::new()));
    reads_all(&open(&to("new.db"), B).expect("a store"), 2).await;
}
