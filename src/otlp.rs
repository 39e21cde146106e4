//! Traces for a collector that speaks OTLP: a span for each webhook, and one for each attempt of what it owes.
//!
//! It is an onlooker: nothing waits for it. What a slow collector does not take in time is left out, and the log says how
//! much.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};
use tokio::sync::mpsc;

use crate::feed::{Heard, News, Onlooker};
use crate::id::EventId;
use crate::time::Timestamp;
use crate::trace::{Trace, attempt_span, event_span};

/// Spans that wait for the collector.
const WAITING_MAX: usize = 8192;
/// Spans of one request to it.
const BATCH_MAX: usize = 512;
/// How long the first span of a batch waits for others.
const LINGER: Duration = Duration::from_millis(200);
/// Time for one request to it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where a collector takes traces.
#[derive(Debug)]
pub struct Collector(SpanExporter);

impl Collector {
    /// The one at this base URL, such as `http://127.0.0.1:4318`; its traces go to `/v1/traces` there. Headers stand in
    /// `OTEL_EXPORTER_OTLP_HEADERS`, as elsewhere.
    ///
    /// # Errors
    /// When the URL is none, in words.
    pub fn at(base: &str) -> Result<Self, String> {
        let wrong = |why: &dyn std::fmt::Display| format!("`{base}` is no collector: {why}");
        let url = url::Url::parse(base).map_err(|why| wrong(&why))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong(&"write http://127.0.0.1:4318, or https"));
        }
        let client =
            reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().map_err(|why| wrong(&why))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(TIMEOUT)
            .with_endpoint(format!("{}/v1/traces", base.trim_end_matches('/')));
        let mut exporter = exporter.build().map_err(|why| wrong(&why))?;
        exporter.set_resource(&Resource::builder().with_service_name("doorbell").build());
        Ok(Self(exporter))
    }
}

/// Tells the collector what happens, until nothing will.
pub async fn run(onlooker: Onlooker, collector: Collector) {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let sent = tokio::spawn(send(receiver, collector.0));
    hear(onlooker, sender).await;
    if let Err(error) = sent.await {
        tracing::error!(%error, "traces are told no more");
    }
}

async fn hear(mut onlooker: Onlooker, sender: mpsc::Sender<SpanData>) {
    let mut missed: u64 = 0;
    while let Some(heard) = onlooker.next().await {
        let lost = match heard {
            Heard::Missed(count) => count,
            Heard::News(news) => match span(&news) {
                Some(span) => u64::from(sender.try_send(span).is_err()),
                None => 0,
            },
        };
        // Told at 1, 2, 4, 8 …: a collector that is down must not fill the log.
        let before = missed;
        missed = missed.saturating_add(lost);
        if before.checked_ilog2() != missed.checked_ilog2() {
            tracing::warn!(missed, "spans are left out: the collector takes them too slowly");
        }
    }
}

async fn send(mut receiver: mpsc::Receiver<SpanData>, exporter: SpanExporter) {
    let mut is_up = true;
    loop {
        let mut batch = Vec::new();
        if receiver.recv_many(&mut batch, 1).await == 0 {
            return;
        }
        tokio::time::sleep(LINGER).await;
        batch.extend(std::iter::from_fn(|| receiver.try_recv().ok()).take(BATCH_MAX - 1));
        let ended = exporter.export(batch).await;
        if ended.is_ok() != is_up {
            is_up = ended.is_ok();
            match ended {
                Ok(()) => tracing::info!("the collector takes traces again"),
                Err(error) => tracing::warn!(%error, "the collector does not take traces"),
            }
        }
    }
}

/// The span that something is, where it is one.
fn span(news: &News) -> Option<SpanData> {
    match news {
        News::Webhook { at, ended, event, source, kind, outcome, matched, traceparent, .. } => {
            let trace = Trace::of(*event, traceparent.as_deref());
            let attributes = vec![
                KeyValue::new("doorbell.event", event.to_string()),
                KeyValue::new("doorbell.source", source.to_string()),
                KeyValue::new("doorbell.kind", kind.clone()),
                KeyValue::new("doorbell.outcome", *outcome),
                KeyValue::new("doorbell.matched", i64::try_from(matched.len()).unwrap_or(i64::MAX)),
            ];
            let status = if *outcome == "busy" { Status::error("not accepted") } else { Status::Ok };
            let name = format!("receive {source}");
            let drawn = Drawn { name, kind: SpanKind::Server, attributes, status, times: (*at, *ended) };
            // A repeat and a conflict are requests of their own, behind the event's.
            let id = if *outcome == "accepted" { event_span(*event) } else { tail_of(*ended, *event) };
            drawn.of(&trace, id, trace.parent)
        }
        News::Attempt { at, delivery, event, rule, verb, attempt, state, words, took_ms, traceparent } => {
            let trace = Trace::of(*event, traceparent.as_deref());
            let attributes = vec![
                KeyValue::new("doorbell.event", event.to_string()),
                KeyValue::new("doorbell.delivery", delivery.to_string()),
                KeyValue::new("doorbell.rule", rule.to_string()),
                KeyValue::new("doorbell.verb", verb.to_string()),
                KeyValue::new("doorbell.attempt", i64::from(*attempt)),
                KeyValue::new("doorbell.state", *state),
            ];
            let status = if *state == "delivered" { Status::Ok } else { Status::error(words.clone()) };
            let begun = Timestamp::from_millis(at.millis() - i64::try_from(*took_ms).unwrap_or(0));
            let name = format!("{verb} {rule}");
            let drawn = Drawn { name, kind: SpanKind::Client, attributes, status, times: (begun, *at) };
            drawn.of(&trace, attempt_span(*delivery, *attempt), Some(event_span(*event)))
        }
        News::Refused { .. } => None,
    }
}

/// The span of a repeat: it has no event of its own.
fn tail_of(moment: Timestamp, event: EventId) -> [u8; 8] {
    let own = u64::from_be_bytes(event_span(event));
    (own ^ u64::try_from(moment.millis()).unwrap_or(1).rotate_left(16)).to_be_bytes()
}

/// What a span says, without its place in the trace.
struct Drawn {
    name: String,
    kind: SpanKind,
    attributes: Vec<KeyValue>,
    status: Status,
    times: (Timestamp, Timestamp),
}

impl Drawn {
    /// The span; none in a trace that its sender does not keep.
    fn of(self, trace: &Trace, id: [u8; 8], parent: Option<[u8; 8]>) -> Option<SpanData> {
        let flags = TraceFlags::SAMPLED;
        let (trace_id, span_id) = (TraceId::from_bytes(trace.id), SpanId::from_bytes(id));
        trace.is_sampled.then(|| SpanData {
            span_context: SpanContext::new(trace_id, span_id, flags, false, TraceState::default()),
            parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from_bytes),
            parent_span_is_remote: parent.is_some() && self.kind == SpanKind::Server,
            span_kind: self.kind,
            name: self.name.into(),
            start_time: system(self.times.0),
            end_time: system(self.times.1),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: self.status,
            instrumentation_scope: InstrumentationScope::builder("doorbell").build(),
        })
    }
}

fn system(moment: Timestamp) -> SystemTime {
    let millis = u64::try_from(moment.millis()).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis)).unwrap_or(SystemTime::UNIX_EPOCH)
}
