//! What is not the payload: headers, query, parameters, method, path, address, type, source.

use std::net::IpAddr;

use super::{Row, check, check_event, event};

const ROWS: &[Row] = &[
    ("headers.x-github-event: push", "{}", true),
    ("headers.X-GITHUB-EVENT: push", "{}", true),
    ("headers.X-GitHub-Event: Push", "{}", false),
    ("headers.x-none: push", "{}", false),
    ("headers.x-none: { ne: push }", "{}", true),
    ("headers.x-count: '12'", "{}", true),
    ("query.q: x y", "{}", true),
    ("query.Q: x y", "{}", false),
    ("query.empty: ''", "{}", true),
    ("query.none: ''", "{}", false),
    ("params.site: berlin", "{}", true),
    ("params.site: [paris, rome]", "{}", false),
    ("params.other: { exists: false }", "{}", true),
    ("method: POST", "{}", true),
    ("method: [GET, PUT]", "{}", false),
    ("path: /sensors/berlin", "{}", true),
    ("path: { starts_with: /sensors/ }", "{}", true),
    ("ip: 203.0.113.9", "{}", true),
    ("ip: '::ffff:203.0.113.9'", "{}", true),
    ("ip: [192.0.2.1, 192.0.2.2]", "{}", false),
    ("event: push", "{}", true),
    ("event: { glob: 'pu*' }", "{}", true),
    ("event: { ne: push }", "{}", false),
    ("source: github", "{}", true),
    ("source: [gitlab]", "{}", false),
    ("headers.x-count: { eq: { path: $.n } }", r#"{"n": "12"}"#, true),
    ("headers.x-count: { eq: { path: $.n } }", r#"{"n": 12}"#, false),
    ("headers.x-count: { as: number, eq: { path: $.n } }", r#"{"n": 12}"#, true),
];

#[test]
fn parts_of_an_event() {
    check(ROWS);
}

#[test]
fn an_event_without_a_type_has_none() {
    let mut event = event("{}");
    event.kind.clear();
    check_event("event: { exists: false }", &event, true);
    check_event("event: ''", &event, false);
    check_event("event: { ne: push }", &event, true);
}

#[test]
fn an_address_is_the_same_in_both_spellings() {
    let mut event = event("{}");
    event.request.peer = "::ffff:10.0.0.1".parse::<IpAddr>().unwrap();
    check_event("ip: 10.0.0.1", &event, true);
    check_event("ip: { cidr: 10.0.0.0/8 }", &event, true);
    event.request.peer = "2001:db8::1".parse().unwrap();
    check_event("ip: 2001:DB8:0::1", &event, true);
}

#[test]
fn a_header_that_is_no_utf_8_is_there_all_the_same() {
    let mut event = event("{}");
    event.request.headers.insert("x-raw", http::HeaderValue::from_bytes(b"caf\xe9").unwrap());
    check_event("headers.x-raw: { starts_with: caf }", &event, true);
}
