//! What an event may bring that makes no effect: the attempt fails, and the words say why without the value.

use super::*;

#[test]
fn values_that_may_not_stand_where_they_would_land() {
    let erp = "http: { url: https://erp.example.com/api }";
    for (yaml, site, wanted) in [
        ("run: [rm, '-rf', '/data/{{ $.missing }}']", "", "missing"),
        ("run: [rm, '-rf', '/data/{{ $.nothing }}']", "", "missing"),
        ("log: '{{ $.user }}'", "", "is a map, not a text"),
        ("run: [git, clone, '{{ $.dash }}']", "", "argument 2 begins with `-`; put `\"--\"` before it"),
        ("run: [git, clone, ' {{~ $.dash }}']", "", "argument 2 begins with `-`"),
        ("run: [git, clone, '{{ $.minus }}']", "", "argument 2 begins with `-`"),
        ("run: [git, '{{ $.dash }}', '--', '{{ $.dash }}']", "", "argument 1 begins with `-`"),
        ("run: [git, '{{ $.nul }}']", "", "argument 1 holds a NUL byte"),
        ("shell: echo\nenv: { X: '{{ $.nul }}' }", "", "the value of `X` holds a NUL byte"),
        ("shell: echo\nenv: { X: '{{ $.lines }}' }", "", "the value of `X` holds a line break"),
        ("http: 'https://example.com/{{ $.dots }}/x'", "", "`..`"),
        ("http: https://example.com\npath: '/a/{{ $.dots }}'", "", "`..`"),
        ("http: https://example.com\npath: '/a/.{{ $.empty }}'", "", "empty"),
        ("http: https://example.com\npath: '/a/{{ $.empty }}'", "", "empty"),
        ("http: https://example.com\npath: '/a/{{ $.empty }}/delete'", "", "empty"),
        ("http: https://example.com\npath: '{{ $.empty }}'", "", "empty"),
        ("http: https://example.com\nheaders: { X-A: '{{ $.lines }}' }", "", "line break"),
        ("http: https://example.com\nheaders: { X-A: '{{ $.nul }}' }", "", "control character"),
        ("respond: 200\nheaders: { X-A: '{{ $.lines }}' }", "", "line break"),
        ("http: site\njson: { a: '{{ $.missing }}' }", erp, "missing"),
        ("http: site\nquery: { a: '{{ $.user }}' }", erp, "is a map, not a text"),
        ("http: site", "", "no connection `site` for `http`"),
        ("slack: site\ntext: x", "", "no connection `site` for `slack`"),
    ] {
        let got = effect(yaml, site).expect_err(yaml);
        assert!(got.contains(wanted), "{yaml}\nwanted {wanted}\ngot {got}");
        for value in ["upload-pack", "X-Evil", "admin"] {
            assert!(!got.contains(value), "{yaml}\n{got}");
        }
    }
}

#[test]
fn an_escaped_dot_is_not_a_dot() {
    let Ok(Effect::Http(got)) = effect("http: 'https://example.com/{{ $.coded }}'", "") else { panic!() };
    assert_eq!(got.path, "/%252e%252e");
}

#[test]
fn a_long_argument_is_refused() {
    let yaml = format!("run: [echo, {}]", "x".repeat(crate::limit::ARGUMENT_MAX_BYTES + 1));
    let document = Document::parse("rules.yaml", &yaml).unwrap();
    match checked(&document, compile) {
        Ok(compiled) => {
            let event = event();
            let got = compiled.action.effect(None, &Scope::new(&event, "a rule")).unwrap_err().to_string();
            assert!(got.contains("more than 64 KiB"), "{got}");
        }
        Err(problems) => assert_eq!(problems[0].code, "E201"),
    }
}
