//! What rules cost as they become many, in one run and one table.
//!
//! ```text
//! cargo bench --bench rules                # 10 to 100,000 rules
//! cargo bench --bench rules -- 20000       # so many
//! ```
//!
//! A rule asks for a source, an event type and one value, every third for an order of numbers as well; the values are
//! spread over so many tenants that about one rule matches an event. The events are made here: pushes, issues, payments
//! and orders of some 7 kB as providers send them. All on one thread.
//!
//! | column | |
//! |---|---|
//! | `matched` | rules that match an event, on average |
//! | `json` | events a second that `serde_json` parses into a `Value`, nothing else |
//! | `parse` | the same by `payload::read`, which also bounds what is sent and refuses one key twice |
//! | `parse+route` | the same, and then all rules that match are found |
//! | `route alone` | only that, of events that are parsed |
//! | `/json`, `/parse` | `parse+route` beside `json` and beside `parse`: 1 would be rules that cost nothing |
//! | `query loop` | `route alone` as a loop over all rules with another evaluator's JSONPath queries; `x` says how many times faster the index is |
//! | `load s`, `peak MB` | reading and checking the rules in a process of its own, and its largest memory |
//!
//! The first four take turns of 20 ms. A number is the median of the rounds, a ratio the median of the rounds' ratios;
//! only the ratios mean something on another machine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that meets the unexpected is worth nothing, and says so by panicking"
)]

mod events;
mod load;
mod measure;
mod peer;
mod rules;

use doorbell::event::{Event, Format};
use doorbell::payload;
use doorbell::rule::Set;
use serde_json::Value;

use events::Sent;
use measure::{Rates, act, rates};

/// How many rules, unless told otherwise.
const COUNTS: &[usize] = &[10, 100, 1_000, 10_000, 20_000, 100_000];
/// Different events of one turn.
const EVENTS: usize = 256;
/// As many of them for the loop over all queries, which is slow.
const PEER_EVENTS: usize = 16;
const ROUNDS: usize = 31;
const PEER_ROUNDS: usize = 5;
/// What a run of its own is told to do: load so many rules and say what it took.
const LOAD: &str = "load";

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [word, count] = arguments.as_slice()
        && word == LOAD
    {
        return load::alone(count.parse().unwrap());
    }
    let asked: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if asked.is_empty() { COUNTS } else { asked.as_slice() };
    let bytes: usize = events::sent(EVENTS, 1_000).iter().map(|sent| sent.body.len()).sum();
    println!("{EVENTS} events of {} bytes on average; events a second, one thread\n", bytes / EVENTS);
    println!(
        "{:>7} {:>7} | {:>7} {:>7} {:>11} {:>11} | {:>6} {:>6} | {:>10} {:>8} | {:>6} {:>7}",
        "rules",
        "matched",
        "json",
        "parse",
        "parse+route",
        "route alone",
        "/json",
        "/parse",
        "query loop",
        "x",
        "load s",
        "peak MB"
    );
    for count in counts {
        row(*count);
    }
}

fn row(count: usize) {
    let loaded = load::elsewhere(count);
    let set = rules::set(count);
    let sent = events::sent(EVENTS, count);
    let parsed: Vec<Event> = sent.iter().map(read).collect();
    let matched: usize = parsed.iter().map(|event| routed(&set, event)).sum();
    let [json, parse, both, route] = rates(
        [
            act(&sent, |sent| usize::from(plain(sent).is_object())),
            act(&sent, |sent| usize::from(read(sent).payload.is_object())),
            act(&sent, |sent| routed(&set, &read(sent))),
            act(&parsed, |event| routed(&set, event)),
        ],
        ROUNDS,
    );
    let peer = looped(count, &set, &parsed[..PEER_EVENTS]);
    println!(
        "{count:>7} {:>7.2} | {:>7.0} {:>7.0} {:>11.0} {:>11.0} | {:>6.3} {:>6.3} | {:>10.0} {:>8.1} | {:>6.2} {:>7}",
        matched as f64 / sent.len() as f64,
        json.median(),
        parse.median(),
        both.median(),
        route.median(),
        both.beside(&json),
        both.beside(&parse),
        peer.median(),
        route.median() / peer.median(),
        loaded.seconds,
        loaded.peak_megabytes,
    );
}

/// The loop over all queries, which finds what the index finds.
fn looped(count: usize, set: &Set, events: &[Event]) -> Rates {
    let queries = peer::queries(count);
    for event in events {
        assert_eq!(peer::matched(&queries, event), routed(set, event));
    }
    let [rates] = rates([act(events, |event| peer::matched(&queries, event))], PEER_ROUNDS);
    rates
}

fn read(sent: &Sent) -> Event {
    let mut event = sent.event();
    event.payload = payload::read(&Format::Json, &event.request).unwrap();
    event
}

fn plain(sent: &Sent) -> Value {
    serde_json::from_slice(&sent.body).unwrap()
}

fn routed(set: &Set, event: &Event) -> usize {
    set.route(event).matched.len()
}
