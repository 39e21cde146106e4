//! Safe defaults: every bound in one place, with its reason. Those that `bounds` has a row for can be set by whoever
//! serves, many others in the rules.

use std::time::Duration;

/// Largest body of a webhook, in bytes. Most providers send far less; GitHub's preset allows 25 MiB.
pub const BODY_MAX_BYTES: usize = 1024 * 1024;
/// GitHub sends up to 25 MB and never sends again by itself: a refusal there is a lost event.
pub const BODY_MAX_BYTES_GITHUB: usize = 25 * 1024 * 1024;
/// Nesting of a JSON payload.
pub const JSON_DEPTH_MAX: usize = 64;
/// Values in a JSON payload; hostile JSON grows 84-fold in memory.
pub const JSON_NODES_MAX: usize = 100_000;
/// One text inside a JSON payload, in bytes.
pub const JSON_TEXT_MAX_BYTES: usize = 1024 * 1024;
/// Fields and files of a `multipart/form-data` body.
pub const PARTS_MAX: usize = 1_000;
/// What stands before the bytes of one of them.
pub const PART_HEAD_MAX_BYTES: usize = 8 * 1024;
/// Items of one batch, each of which becomes an event; Azure Event Grid sends up to 5,000.
pub const BATCH_ITEMS_MAX: usize = 5_000;
/// The head of a batch's request times its items, in bytes: each of its events keeps a copy.
pub const BATCH_HEADS_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of bodies being read and parsed at once, over all requests; beyond it the answer is 503.
pub const BODIES_IN_FLIGHT_MAX_BYTES: usize = 256 * 1024 * 1024;

/// All header bytes of a request.
pub const HEADER_MAX_BYTES: usize = 32 * 1024;
/// Headers of a request.
pub const HEADERS_MAX: usize = 100;
/// Bytes of a request's path and query.
pub const URI_MAX_BYTES: usize = 8 * 1024;
/// Time for a whole request head.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a TLS handshake.
pub const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a whole body.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(15);
/// Time a kept connection may rest.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Open connections in all.
pub const CONNECTIONS_MAX: usize = 1024;
/// Open connections of one address.
pub const CONNECTIONS_PER_PEER_MAX: usize = 64;
/// Requests being answered at once.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 256;
/// Requests with a bad signature from one address in one second, beyond which the answer is 429.
pub const BAD_SIGNATURES_PER_SECOND: usize = 20;

/// Age of a signature, both ways, where the provider says nothing else.
pub const SIGNATURE_TOLERANCE: Duration = Duration::from_secs(300);
/// A signing secret shorter than this is refused.
pub const SECRET_MIN_BYTES: usize = 16;
/// A signing secret shorter than this is warned about.
pub const SECRET_WARN_BYTES: usize = 32;
/// How long an event id is remembered.
pub const DEDUPE_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// Time to open the URL at which a sender shows its keys: the webhook that needs them waits meanwhile.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of what is there; a set of keys has some thousand.
pub const FETCH_MAX_BYTES: usize = 64 * 1024;
/// URLs of senders that are opened at once.
pub const FETCHES_IN_FLIGHT_MAX: usize = 8;
/// For how long a person waits for a secret that a sender hands out, where nothing is said.
pub const SETUP_FOR: Duration = Duration::from_secs(10 * 60);
/// The longest such wait.
pub const SETUP_FOR_MAX: Duration = Duration::from_secs(60 * 60);

/// Writes in one commit.
pub const COMMIT_GROUP_MAX: usize = 512;
/// Writes that may wait for the committer; beyond it the answer is 503.
pub const COMMIT_QUEUE_MAX: usize = 4096;
/// Live deliveries; beyond it the answer is 503.
pub const BACKLOG_MAX: usize = 100_000;
/// What 503 tells the sender to wait.
pub const RETRY_AFTER_SECONDS: u32 = 30;
/// Bodies larger than this are compressed in the store.
pub const COMPRESS_OVER_BYTES: usize = 4 * 1024;

/// Names of destinations looked up at once; a lookup holds a thread until the system gives up, long after the attempt did.
pub const LOOKUPS_MAX: usize = 128;
/// Time to reach a destination.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a whole outgoing request.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(15);
/// Redirects that a connection may have followed in a row; none unless it says so.
pub const REDIRECTS_MAX: usize = 10;
/// Time for a whole mail: a server may look long at one before it takes it (RFC 5321, section 4.5.3.2).
pub const MAIL_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of a mail's subject: a line of a mail has at most 998 (RFC 5322, section 2.1.1), and a subject without blanks is
/// one line.
pub const SUBJECT_MAX_BYTES: usize = 900;
/// Bytes of a destination's answer that are kept.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Bytes of what an attempt sent that are kept for people.
pub const SENT_MAX_BYTES: usize = 16 * 1024;
/// Delays before the second, third … attempt: nine attempts in 28 hours, then dead.
pub const RETRY_DELAYS: &[Duration] = &[
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(10 * 3600),
];
/// The longest `Retry-After` that is honoured.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);
/// Failures in a row that open a circuit breaker.
pub const BREAKER_FAILURES: u32 = 5;
/// How long a circuit breaker stays open the first time.
pub const BREAKER_OPEN_FOR: Duration = Duration::from_secs(30);
/// However often probes failed, the next is made after this, or after what the rules say where that is longer.
pub const BREAKER_OPEN_MAX: Duration = Duration::from_secs(10 * 60);
/// Successes in a row that close a circuit breaker.
pub const BREAKER_PROBES: u32 = 1;
/// Attempts of one connection under way at once.
pub const CONNECTION_CONCURRENCY: usize = 8;
/// Commands of one rule under way at once.
pub const COMMAND_CONCURRENCY: usize = 4;
/// Attempts under way at once, over all.
pub const ATTEMPTS_IN_FLIGHT_MAX: usize = 64;
/// Of them, the last that only destinations with nothing under way may use: six that hang with all that they may leave the
/// others room.
pub const ATTEMPTS_RESERVED: usize = 16;
/// Attempts of one connection under way at once, at the most.
pub const CONNECTION_CONCURRENCY_MAX: usize = ATTEMPTS_IN_FLIGHT_MAX - ATTEMPTS_RESERVED;

/// How long a sender waits for an answer that needs what its rule does, where the rule does not say; most give up after 3 to
/// 10 s.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(2_500);
/// The longest such wait.
pub const ANSWER_WITHIN_MAX: Duration = Duration::from_secs(25);

/// Time for a command.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// Time between the polite and the hard signal.
pub const COMMAND_KILL_AFTER: Duration = Duration::from_secs(5);
/// Time to read what is left in a command's pipes after it ended.
pub const COMMAND_DRAIN: Duration = Duration::from_secs(1);
/// Bytes of a command's output that are kept, half from its head and half from its tail.
pub const COMMAND_OUTPUT_MAX_BYTES: usize = 64 * 1024;
/// Time between two writes of what a command that runs has said so far: one that ends sooner costs none.
pub const COMMAND_TELL_EVERY: Duration = Duration::from_secs(2);
/// Bytes of one argument.
pub const ARGUMENT_MAX_BYTES: usize = 64 * 1024;

/// Bytes of one template's text.
pub const TEMPLATE_MAX_BYTES: usize = 64 * 1024;
/// Bytes one template may produce.
pub const TEMPLATE_OUTPUT_MAX_BYTES: usize = 256 * 1024;
/// Nesting of blocks in a template.
pub const TEMPLATE_DEPTH_MAX: usize = 32;
/// Tags of one template; the time to read them grows with their square.
pub const TEMPLATE_TAGS_MAX: usize = 1_000;
/// Rounds of `each` one template may take.
pub const TEMPLATE_ROUNDS_MAX: usize = 100_000;

/// Elements of a list that one `for_each` makes deliveries of; a longer list makes none, and says so.
pub const FOR_EACH_MAX: usize = 1_000;

/// Events one behind another, each emitted because of the one before; an action that would emit a deeper one dies. Rules
/// that emit what they listen to would never end.
pub const EMIT_DEPTH_MAX: u32 = 8;
/// Bytes of the type of an emitted event.
pub const EMIT_TYPE_MAX_BYTES: usize = 256;

/// Services that rules files define, all that were ever loaded since the program began: each stays in memory.
pub const OWN_VERBS_MAX: usize = 1_000;

/// Bytes of one rules file.
pub const RULES_FILE_MAX_BYTES: usize = 1024 * 1024;
/// Nesting of a rules file.
pub const RULES_DEPTH_MAX: usize = 64;
/// Aliases (`*name`) of a rules file.
pub const RULES_ALIASES_MAX: usize = 1_000;
/// Values of a rules file once aliases are followed: a small file must not become gigabytes.
pub const RULES_VALUES_MAX: u64 = 500_000;
/// Pairs of a rule that stops and a later one that `check` compares; past them it looks no further for rules that can
/// never run.
pub const RULES_COMPARED_MAX: usize = 1_000_000;
/// Rules in a set beyond which `check` warns.
pub const RULES_WARN: usize = 10_000;
/// Steps one event may take over all conditions; past it the event's rule is an error in the proof.
pub const CONDITION_STEPS_MAX: u64 = 1_000_000;

/// Age at which ended events and deliveries are removed.
pub const RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);
/// Age at which dead deliveries are removed.
pub const RETENTION_DEAD: Duration = Duration::from_secs(30 * 24 * 3600);
/// Rows removed by one commit of retention.
pub const RETENTION_CHUNK: usize = 300;
/// Size of the store beyond which the oldest of what ended is removed before its age.
pub const RETENTION_MAX_BYTES: u64 = 10 * 1024 * 1024 * 1024;
/// Room on the disk below which nothing is accepted, at least: to delete needs room too.
pub const DISK_RESERVE_BYTES: u64 = 256 * 1024 * 1024;
/// The same as a part of the disk: 5 %.
pub const DISK_RESERVE_SHARE: u64 = 20;
/// And no more than this: what the reserve is for does not grow with the disk.
pub const DISK_RESERVE_MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// A file that is given up when the disk is full, so that retention still works.
pub const BALLAST_BYTES: u64 = 64 * 1024 * 1024;
/// A store up to this size is checked with all its indexes before it is served: about a second.
pub const CHECK_IN_FULL_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// A store up to this size is checked before it is served: some seconds. A larger one is checked beside the load.
pub const CHECK_AT_START_MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Deliveries that one event may owe in its life, replays included: its row names them all.
pub const DELIVERIES_OF_EVENT_MAX: usize = 4096;
/// Events that one call replays.
pub const REPLAY_EVENTS_MAX: usize = 200;
/// How fast replayed deliveries become due unless a person says otherwise: their destinations have other work too.
pub const REPLAYS_PER_SECOND: u32 = 10;
/// Rows that one page of a list looks at: some tens of milliseconds.
pub const LIST_ROWS_MAX: usize = 20_000;
/// Bytes of bodies that one page looks through for a text.
pub const LIST_BODIES_MAX_BYTES: usize = 128 * 1024 * 1024;
/// Who was refused, and why: rows that are kept.
pub const REJECTIONS_KEPT: usize = 10_000;
/// What was looked at in a request that was refused, as JSON: what is longer is not kept.
pub const REJECTION_EXAMINED_MAX_BYTES: usize = 4 * 1024;
/// Time for what is under way when the program is asked to stop.
pub const GRACE: Duration = Duration::from_secs(30);
