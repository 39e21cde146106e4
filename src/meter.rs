//! What is counted while the program runs, as Prometheus reads it. Labels are bounded: names of sources, verbs, words of
//! our own and statuses; never anything that a sender chose.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::store::Counts;

/// Upper bounds of a commit, in seconds: an fsync takes a millisecond on a fast disk and a second on a sick one.
const COMMIT_SECONDS: [f64; 10] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0];
/// Upper bounds of an attempt, in seconds: a call takes fractions of one, a build takes minutes.
const ATTEMPT_SECONDS: [f64; 10] = [0.005, 0.025, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSource {
    source: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    source: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfVerb {
    verb: String,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// How things stand at the moment of asking, beside what was counted.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// What the store holds.
    pub counts: Counts,
    /// For how long the oldest due delivery has been due; zero when none is.
    pub oldest_due: Duration,
}

/// Whether a circuit breaker lets attempts through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// They begin.
    Closed,
    /// None begins, or one at a time to find out.
    Open,
}

/// All counters of a running program. Counting takes no lock but of a family's table.
#[derive(Debug)]
pub struct Meter {
    registry: Registry,
    events: Family<OfSource, Counter>,
    refused: Family<Refused, Counter>,
    matched: Family<OfSource, Counter>,
    attempts: Family<OfVerb, Counter>,
    attempt_seconds: Histogram,
    commit_seconds: Histogram,
    reloads: Family<Reloaded, Counter>,
    breakers: Family<OfConnection, Gauge>,
    kept: Gauge,
    live: Gauge,
    dead: Gauge,
    oldest_due: Gauge<f64, AtomicU64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfConnection {
    connection: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reloaded {
    outcome: &'static str,
}

impl Default for Meter {
    fn default() -> Self {
        let mut meter = Self {
            registry: Registry::with_prefix("doorbell"),
            events: Family::default(),
            refused: Family::default(),
            matched: Family::default(),
            attempts: Family::default(),
            attempt_seconds: Histogram::new(ATTEMPT_SECONDS),
            commit_seconds: Histogram::new(COMMIT_SECONDS),
            reloads: Family::default(),
            breakers: Family::default(),
            kept: Gauge::default(),
            live: Gauge::default(),
            dead: Gauge::default(),
            oldest_due: Gauge::default(),
        };
        meter.register();
        meter
    }
}

impl Meter {
    /// An event's commit ended: `accepted`, `duplicate`, `conflict` or `busy`.
    pub fn event(&self, source: &str, outcome: &'static str, took: Duration) {
        self.events.get_or_create(&OfSource { source: source.to_owned(), outcome }).inc();
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// An accepted event matched so many rules.
    pub fn matched(&self, source: &str, rules: usize) {
        let outcome = if rules == 0 { "unrouted" } else { "matched" };
        self.matched.get_or_create(&OfSource { source: source.to_owned(), outcome }).inc();
    }

    /// A request for a source was refused.
    pub fn refused(&self, source: &str, status: u16) {
        self.refused.get_or_create(&Refused { source: source.to_owned(), status }).inc();
    }

    /// An attempt ended, and where its delivery stands now.
    pub fn attempt(&self, verb: &str, state: &'static str, took: Duration) {
        self.attempts.get_or_create(&OfVerb { verb: verb.to_owned(), state }).inc();
        self.attempt_seconds.observe(took.as_secs_f64());
    }

    /// The rules were read again, and are in force or were kept out.
    pub fn reloaded(&self, is_taken: bool) {
        let outcome = if is_taken { "taken" } else { "refused" };
        self.reloads.get_or_create(&Reloaded { outcome }).inc();
    }

    /// The circuit breaker of a connection has turned.
    pub fn breaker(&self, connection: &str, circuit: Circuit) {
        let connection = OfConnection { connection: connection.to_owned() };
        self.breakers.get_or_create(&connection).set(i64::from(circuit == Circuit::Open));
    }

    /// How the circuit breaker of a connection stands, as was last heard.
    pub fn circuit(&self, connection: &str) -> Circuit {
        let connection = OfConnection { connection: connection.to_owned() };
        let is_open = self.breakers.get(&connection).is_some_and(|gauge| gauge.get() != 0);
        if is_open { Circuit::Open } else { Circuit::Closed }
    }

    /// Everything, in the text form that Prometheus reads (OpenMetrics 1.0).
    pub fn text(&self, now: &Standing) -> String {
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.kept.set(whole(now.counts.events));
        self.live.set(whole(now.counts.live));
        self.dead.set(whole(now.counts.dead));
        self.oldest_due.set(now.oldest_due.as_secs_f64());
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing into memory does not fail.
            Err(std::fmt::Error) => String::new(),
        }
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "the version that runs", build);
        registry.register("events", "genuine events by source and what became of them", self.events.clone());
        registry.register(
            "requests_refused",
            "requests by source and the status they were refused with",
            self.refused.clone(),
        );
        registry.register(
            "events_routed",
            "new events by source, and whether a rule matched",
            self.matched.clone(),
        );
        registry.register(
            "attempts",
            "attempts by verb and where their delivery stood after them",
            self.attempts.clone(),
        );
        registry.register_with_unit(
            "attempt",
            "how long attempts took",
            Unit::Seconds,
            self.attempt_seconds.clone(),
        );
        registry.register_with_unit(
            "commit",
            "how long an event waited for its commit",
            Unit::Seconds,
            self.commit_seconds.clone(),
        );
        registry.register(
            "reloads",
            "readings of the rules, and whether they were taken",
            self.reloads.clone(),
        );
        registry.register(
            "breaker_open",
            "connections whose circuit breaker opened: 1 while it is open",
            self.breakers.clone(),
        );
        registry.register("events_kept", "events in the store", self.kept.clone());
        registry.register("deliveries_live", "deliveries that are not at an end", self.live.clone());
        registry.register("deliveries_dead", "deliveries that were given up and are kept", self.dead.clone());
        registry.register_with_unit(
            "oldest_due",
            "for how long the oldest due delivery has been due",
            Unit::Seconds,
            self.oldest_due.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_out_as_prometheus_reads_them() {
        let meter = Meter::default();
        meter.event("github", "accepted", Duration::from_millis(2));
        meter.event("github", "accepted", Duration::from_millis(2));
        meter.matched("github", 0);
        meter.refused("stripe", 401);
        meter.attempt("http", "delivered", Duration::from_millis(20));
        meter.reloaded(false);
        assert_eq!(meter.circuit("erp"), Circuit::Closed);
        meter.breaker("erp", Circuit::Open);
        assert_eq!(meter.circuit("erp"), Circuit::Open);
        let counts = Counts { events: 7, live: 3, dead: 1 };
        let text = meter.text(&Standing { counts, oldest_due: Duration::from_millis(1_500) });
        for line in [
            r#"doorbell_events_total{source="github",outcome="accepted"} 2"#,
            r#"doorbell_events_routed_total{source="github",outcome="unrouted"} 1"#,
            r#"doorbell_requests_refused_total{source="stripe",status="401"} 1"#,
            r#"doorbell_attempts_total{verb="http",state="delivered"} 1"#,
            r#"doorbell_attempt_seconds_bucket{le="0.025"} 1"#,
            r#"doorbell_commit_seconds_count 2"#,
            r#"doorbell_reloads_total{outcome="refused"} 1"#,
            r#"doorbell_breaker_open{connection="erp"} 1"#,
            "doorbell_events_kept 7",
            "doorbell_deliveries_live 3",
            "doorbell_deliveries_dead 1",
            "doorbell_oldest_due_seconds 1.5",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
