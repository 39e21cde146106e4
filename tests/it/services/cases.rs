//! What each verb says to its service and what that answers, from the services' own pages; the page stands in each verb's row.

mod alerts;
mod builds;
mod customers;
mod hooks;
mod messages;

use super::desk::{Answer, Exchange};

/// A verb in use: the talk that ends well, and what else its last request may be answered.
pub struct Case {
    pub verb: &'static str,
    /// What stands under the verb in a connection; `ADDRESS` is where the stand-in is.
    pub connection: &'static str,
    /// What stands beside the verb in an action.
    pub action: &'static str,
    pub talk: &'static [Exchange],
    pub troubles: &'static [Trouble],
}

/// An answer that is none to be glad of.
pub enum Trouble {
    /// It is tried again, and goes well.
    Again(Answer),
    /// It is tried again, not before so many seconds are over.
    Later(Answer, u64),
    /// It is the end, for this reason.
    Dead(Answer, &'static str),
}
use Trouble::{Again, Dead, Later};

/// The secret behind every `{ env: S }`.
pub const SECRET: &str = "s3cr3t-of-the-stand-in";
const BEARER: &[(&str, &str)] =
    &[("authorization", "Bearer s3cr3t-of-the-stand-in"), ("content-type", "application/json")];
/// `robot:s3cr3t-of-the-stand-in`
const BASIC: (&str, &str) = ("authorization", "Basic cm9ib3Q6czNjcjN0LW9mLXRoZS1zdGFuZC1pbg==");
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const SLACK: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];
const GITHUB: &[(&str, &str)] = &[
    ("authorization", "Bearer s3cr3t-of-the-stand-in"),
    ("accept", "application/vnd.github+json"),
    ("x-github-api-version", "2022-11-28"),
];

const fn answer(status: u16, body: &'static str) -> Answer {
    Answer { status, headers: &[], body }
}

/// An answer that says when to come back: at once.
const fn told(status: u16, body: &'static str) -> Answer {
    Answer { status, headers: &[("retry-after", "0")], body }
}

/// An answer whose headers say that no request is left until the year 2100; no wait is longer than an hour.
const fn spent(status: u16, body: &'static str) -> Answer {
    let headers = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "4102444800")];
    Answer { status, headers, body }
}

const fn ask(
    line: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    answer: Answer,
) -> Exchange {
    Exchange { line, headers, body, answer }
}

const BUSY: Trouble = Again(answer(503, ""));
const SLOW: Trouble = Again(told(429, ""));

/// All cases, a verb's beside each other.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [messages::CASES, builds::CASES, alerts::CASES, customers::CASES, hooks::CASES].into_iter().flatten()
}
