//! `log` and `respond`.

use super::*;
use crate::effect::{Log, Respond};

fn answer(status: u16, content_type: &str, body: &'static str) -> Respond {
    Respond { status, headers: Vec::new(), content_type: content_type.to_owned(), body: body.into() }
}

#[test]
fn logs_and_answers() {
    let log = |text: &str| Effect::Log(Log { text: text.to_owned() });
    check(vec![
        ("log: '{{ event.type }} {{ $.ref }}'", "", log("push refs/heads/main")),
        ("log: '{{ $.lines }}'", "", log("a\r\nX-Evil: 1")),
        ("respond: 204", "", Effect::Respond(answer(204, "text/plain; charset=utf-8", ""))),
        (
            "respond: 200\njson: { challenge: '{{ $.after }}', id: '{{ $.id }}' }",
            "",
            Effect::Respond(answer(200, "application/json", r#"{"challenge":"abc123","id":42}"#)),
        ),
        (
            "respond: 599\nbody: 'no {{ $.id }}'\nheaders: { X-Id: '{{ $.id }}', Retry-After: 5 }",
            "",
            Effect::Respond(Respond {
                headers: pairs(&[("X-Id", "42"), ("Retry-After", "5")]),
                ..answer(599, "text/plain; charset=utf-8", "no 42")
            }),
        ),
        (
            "respond: 200\nbody: <a/>\ncontent_type: application/xml",
            "",
            Effect::Respond(answer(200, "application/xml", "<a/>")),
        ),
    ]);
}
