//! What a rule says that needs no compiler: plain values as serde reads them, and the tables of keys.

use serde::Deserialize;

/// The keys of a rules file.
pub(super) const TOP_KEYS: &[&str] = &["version", "sources", "connections", "rules", "tests"];
/// The keys of a rule that are plain values.
pub(super) const PLAIN_KEYS: &[&str] = &["name", "description", "enabled", "stop", "fallback"];
/// All keys of a rule.
pub(super) const RULE_KEYS: &[&str] =
    &["name", "description", "enabled", "from", "path", "event", "if", "do", "stop", "fallback", "order_by"];

/// Keys that are known and not yet there, each with what to do meanwhile.
pub(super) const LATER: &[(&str, &str)] = &[
    ("include", "name the files, or a directory of them, on the command line: all are read as one"),
    (
        "defaults",
        "say it at each source, connection or action; `retry` and `timeout` of a connection hold for all its actions",
    ),
    ("shadow", "use `enabled: false`, or let the rule only `log`"),
    ("concurrency", "`concurrency` of a connection bounds its attempts"),
    ("throttle", "`rate` of a connection bounds its attempts"),
    ("on_failure", "dead deliveries are listed by `doorbell deliveries`"),
    ("needs", "put actions that depend on each other into one script"),
    ("for_each", "write a rule for each case, or loop inside the template: {{#each $.items}}"),
];

/// The plain values of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) description: Option<String>,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) stop: bool,
    #[serde(default)]
    pub(super) fallback: bool,
}

fn yes() -> bool {
    true
}
