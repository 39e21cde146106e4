//! The limits that may be set: a row each.

use super::Row;
use super::quantity::Slot;

/// All of them, from the way in to the way out.
pub const LIMITS: &[Row] = &[
    Row {
        name: "connections",
        about: "open connections of the webhook listener; each takes a file descriptor",
        bounds: ("1", "65536"),
        slot: |limits| Slot::Count(&mut limits.connections),
    },
    Row {
        name: "connections-per-address",
        about: "of them, those of one address: the next is answered 503, so that one sender does not use up all; those of a `--trusted-proxy` are not counted",
        bounds: ("1", "65536"),
        slot: |limits| Slot::Count(&mut limits.connections_per_address),
    },
    Row {
        name: "tls-time",
        about: "time for a TLS handshake",
        bounds: ("1s", "5m"),
        slot: |limits| Slot::Duration(&mut limits.tls_time),
    },
    Row {
        name: "header-time",
        about: "time for the head of a request, from its first byte; a connection that is slower is closed",
        bounds: ("1s", "5m"),
        slot: |limits| Slot::Duration(&mut limits.header_time),
    },
    Row {
        name: "body-time",
        about: "time for the body of a request; one that is slower is answered 408",
        bounds: ("1s", "10m"),
        slot: |limits| Slot::Duration(&mut limits.body_time),
    },
    Row {
        name: "idle-time",
        about: "time that a connection may rest between two requests",
        bounds: ("1s", "1h"),
        slot: |limits| Slot::Duration(&mut limits.idle_time),
    },
    Row {
        name: "headers",
        about: "headers of a request; more are answered 431",
        bounds: ("16", "1000"),
        slot: |limits| Slot::Count(&mut limits.headers),
    },
    Row {
        name: "headers-size",
        about: "all headers of a request, which are kept with its event; larger ones are answered 431",
        bounds: ("2KiB", "64KiB"),
        slot: |limits| Slot::Size(&mut limits.headers_bytes),
    },
    Row {
        name: "uri-size",
        about: "path and query of a request; a longer one is answered 414",
        bounds: ("256B", "16KiB"),
        slot: |limits| Slot::Size(&mut limits.uri_bytes),
    },
    Row {
        name: "requests",
        about: "webhooks that are read and committed at once; one more is answered 503",
        bounds: ("1", "65536"),
        slot: |limits| Slot::Count(&mut limits.requests),
    },
    Row {
        name: "bodies-size",
        about: "their bodies in memory, of which parsing makes several times as much; one more is answered 503; the `body_max` of a source has to fit in it",
        bounds: ("32MiB", "64GiB"),
        slot: |limits| Slot::Size(&mut limits.bodies_bytes),
    },
    Row {
        name: "bad-signatures",
        about: "requests with a bad signature from one address; beyond it the answer is 429 and nothing is logged",
        bounds: ("1/s", "100000/s"),
        slot: |limits| Slot::Rate(&mut limits.bad_signatures_per_second),
    },
    Row {
        name: "backlog",
        about: "deliveries that are not at an end; webhooks that owe more are answered 503 and `/readyz` says no, so that senders wait instead of the disk",
        bounds: ("1", "100000000"),
        slot: |limits| Slot::Count(&mut limits.backlog),
    },
    Row {
        name: "commit-queue",
        about: "writes that wait for the disk; beyond it webhooks are answered 503",
        bounds: ("1", "100000"),
        slot: |limits| Slot::Count(&mut limits.commit_queue),
    },
    Row {
        name: "commit-group",
        about: "writes in one commit: more are faster in all, and each waits longer",
        bounds: ("1", "10000"),
        slot: |limits| Slot::Count(&mut limits.commit_group),
    },
    Row {
        name: "page-rows",
        about: "rows of the history that one page of a list looks at",
        bounds: ("100", "10000000"),
        slot: |limits| Slot::Count(&mut limits.page_rows),
    },
    Row {
        name: "page-bodies-size",
        about: "bodies that one page looks through for a text",
        bounds: ("32MiB", "16GiB"),
        slot: |limits| Slot::Size(&mut limits.page_bodies_bytes),
    },
    Row {
        name: "attempts",
        about: "attempts under way at once, over all destinations; `concurrency` of a connection is at most 48 whatever this is",
        bounds: ("1", "4096"),
        slot: |limits| Slot::Count(&mut limits.attempts),
    },
    Row {
        name: super::RESERVED,
        about: "of them, the last that only destinations with nothing under way may use; a quarter of `attempts` unless said",
        bounds: ("0", "4095"),
        slot: |limits| Slot::Count(&mut limits.attempts_reserved),
    },
    Row {
        name: "connect-time",
        about: "time to reach a destination, as a part of the time for a whole request or mail",
        bounds: ("100ms", "2m"),
        slot: |limits| Slot::Duration(&mut limits.connect_time),
    },
    Row {
        name: "lookups",
        about: "names of destinations looked up at once; each holds a thread until the system gives up",
        bounds: ("1", "384"),
        slot: |limits| Slot::Count(&mut limits.lookups),
    },
];
