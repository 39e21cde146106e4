//! Traces as a collector gets them: one from a webhook to the last attempt of what it owes.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::program::Place;
use crate::receiver::Receiver;

const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn rules(address: &str) -> String {
    format!(
        "
sources: {{ open: {{ verify: none }} }}
connections: {{ out: {{ http: {{ url: {address} }}, retry: {{ attempts: 2, first: 1ms, max: 2ms }} }} }}
rules:
  - {{ name: pass on, do: {{ http: out, path: /in, json: {{}} }} }}
"
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(span: &Span, name: &str) -> String {
    let found = span.attributes.iter().find(|pair| pair.key == name).and_then(|pair| pair.value.clone());
    found.map(|value| format!("{:?}", value.value)).unwrap_or_default()
}

/// The spans of what a collector got, until there are so many.
async fn spans(collector: &mut Receiver, count: usize) -> Vec<Span> {
    let mut all = Vec::new();
    while all.len() < count {
        let got = collector.next().await;
        assert_eq!(
            (got.path.as_str(), got.headers["content-type"].to_str().unwrap()),
            ("/v1/traces", "application/x-protobuf")
        );
        let request = ExportTraceServiceRequest::decode(got.bytes).unwrap();
        for resource in request.resource_spans {
            let name = resource.resource.unwrap().attributes;
            assert!(
                name.iter().any(
                    |pair| pair.key == "service.name" && format!("{:?}", pair.value).contains("doorbell")
                )
            );
            all.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_from_the_request_to_the_last_attempt() {
    let (mut collector, mut receiver) = (Receiver::start().await, Receiver::start().await);
    *receiver.answers.lock().unwrap() = vec![(503, "later"), (200, "ok")];
    let place = Place::new(&rules(&receiver.address), &[]);
    let program = place.serve_with(&["--otlp", &collector.address]);
    let (status, answer) = program.post("/open", &[("traceparent", SENT)], "{}").await;
    assert_eq!(status, 202);
    let spans = spans(&mut collector, 3).await;
    let named = |start: &str| spans.iter().filter(|span| span.name.starts_with(start)).collect::<Vec<_>>();
    let (webhook, attempts) = (named("receive open"), named("http pass on"));
    assert_eq!((webhook.len(), attempts.len()), (1, 2), "{spans:#?}");
    assert!(spans.iter().all(|span| hex(&span.trace_id) == "4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_eq!(hex(&webhook[0].parent_span_id), "00f067aa0ba902b7");
    assert!(attribute(webhook[0], "doorbell.event").contains(answer["id"].as_str().unwrap()));
    for (number, attempt) in attempts.iter().enumerate() {
        assert_eq!(attempt.parent_span_id, webhook[0].span_id);
        let got = receiver.next().await;
        let carried = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", hex(&attempt.span_id));
        assert_eq!(got.headers["traceparent"], carried.as_str(), "attempt {number}");
    }
    let codes: Vec<i32> = attempts.iter().map(|span| span.status.clone().unwrap().code).collect();
    assert_eq!(codes, [2, 1], "an error, then well");
    // A sender that keeps no trace of this one: nobody is told.
    let unkept = SENT.replace("-01", "-00");
    assert_eq!(program.post("/open", &[("traceparent", &unkept)], "[1]").await.0, 202);
    assert!(receiver.next().await.headers["traceparent"].to_str().unwrap().ends_with("-00"));
    // Without one it begins here; what was told before the end still goes out.
    assert_eq!(program.post("/open", &[], "[2]").await.0, 202);
    let own = receiver.next().await.headers["traceparent"].to_str().unwrap().to_owned();
    program
        .until("/api/deliveries?state=delivered", |list| list["deliveries"].as_array().unwrap().len() == 3)
        .await;
    assert_eq!(program.stop(), Some(0));
    let last = self::spans(&mut collector, 2).await;
    assert!(last.iter().all(|span| own.contains(&hex(&span.trace_id))), "{own} {last:#?}");
    assert!(collector.rest().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_collector_only_a_senders_trace_goes_on() {
    let mut receiver = Receiver::start().await;
    let place = Place::new(&rules(&receiver.address), &[]);
    let program = place.serve();
    assert_eq!(program.post("/open", &[("traceparent", SENT)], "[1]").await.0, 202);
    assert!(
        receiver.next().await.headers["traceparent"]
            .to_str()
            .unwrap()
            .starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    );
    assert_eq!(program.post("/open", &[("traceparent", "nonsense")], "[2]").await.0, 202);
    assert!(!receiver.next().await.headers.contains_key("traceparent"));
    drop(program);
    let wrong = place.run(&["serve", "doorbell.yaml", "--otlp", "ftp://a.example"]);
    assert_eq!(wrong.status.code(), Some(3));
}
