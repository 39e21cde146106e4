//! Rows for the verb `http`: an action and its connection in, the exact request out.

use super::*;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded";

fn networks(texts: &[&str]) -> Vec<ipnet::IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn a_url_keeps_its_host_whatever_the_values() {
    let path = |path: &str| Http { path: path.to_owned(), ..post("https://example.com") };
    let private = |base: &str, texts: &[&str]| Http { allow_private: networks(texts), ..post(base) };
    check(vec![
        ("http: https://example.com/hook", "", Effect::Http(post("https://example.com/hook"))),
        ("http: https://example.com/x?a=b", "", Effect::Http(post("https://example.com/x?a=b"))),
        ("http: 'https://example.com/u/{{ $.id }}'", "", Effect::Http(path("/u/42"))),
        (
            "http: 'https://example.com/{{ $.climb }}/x'",
            "",
            Effect::Http(path(
                "/..%2F..%2Fadmin%3Fx%3D1%23y%40evil%2Eexample/x".replace("%2E", ".").as_str(),
            )),
        ),
        ("http: 'https://example.com/{{ $.size }}'", "", Effect::Http(path("/Gr%C3%B6%C3%9Fe%2010"))),
        (
            "http: https://example.com\npath: /a b/ü/{{ params.site }}/",
            "",
            Effect::Http(path("/a%20b/%C3%BC/berlin/")),
        ),
        ("http: https://example.com\npath: v1.2/100%25", "", Effect::Http(path("v1.2/100%25"))),
        (
            "http: https://example.com\nmethod: DELETE",
            "",
            Effect::Http(Http { method: Method::DELETE, ..post("https://example.com") }),
        ),
        (
            "http: https://example.com\nmethod: GET\nquery: { q: '{{ $.climb }}', page: 2 }",
            "",
            Effect::Http(Http {
                method: Method::GET,
                query: pairs(&[("q", "../../admin?x=1#y@evil.example"), ("page", "2")]),
                ..post("https://example.com")
            }),
        ),
        (
            "http: http://127.0.0.1:9000/x",
            "",
            Effect::Http(private("http://127.0.0.1:9000/x", &["127.0.0.1/32"])),
        ),
        (
            "http: http://localhost:8080",
            "",
            Effect::Http(private("http://localhost:8080", &["127.0.0.0/8", "::1/128"])),
        ),
        (
            "http: 'http://10.0.0.5/{{ $.id }}'",
            "",
            Effect::Http(Http { path: "/42".to_owned(), ..private("http://10.0.0.5", &["10.0.0.5/32"]) }),
        ),
    ]);
}

#[test]
fn bodies_are_built_not_pasted() {
    let base = "https://example.com";
    check(vec![
        (
            "http: https://example.com\njson: { id: '{{ $.id }}', text: 'id {{ $.id }}', price: '{{ $.price }}', user: '{{ $.user }}', n: 0.10 }",
            "",
            Effect::Http(sent(
                base,
                JSON,
                r#"{"id":42,"n":0.10,"price":409.90,"text":"id 42","user":{"name":"Ada","tags":["a","b"]}}"#,
            )),
        ),
        (
            "http: https://example.com\njson: { name: '{{ $.quote }}' }",
            "",
            Effect::Http(sent(base, JSON, r#"{"name":"\", \"admin\": true, \"x\": \""}"#)),
        ),
        (
            "http: https://example.com\njson: ['{{ $.ref }}', null, true]\ncontent_type: application/vnd.api+json",
            "",
            Effect::Http(sent(base, "application/vnd.api+json", r#"["refs/heads/main",null,true]"#)),
        ),
        (
            "http: https://example.com\nform: { a: '{{ $.climb }}', b: 1 }",
            "",
            Effect::Http(sent(base, FORM, "a=..%2F..%2Fadmin%3Fx%3D1%23y%40evil.example&b=1")),
        ),
        (
            "http: https://example.com\nbody: 'ref {{ $.ref }}'",
            "",
            Effect::Http(sent(base, TEXT, "ref refs/heads/main")),
        ),
        (
            "http: https://example.com\nbody: '{\"a\":{{ json $.id }}}'\ncontent_type: application/hal+json",
            "",
            Effect::Http(sent(base, "application/hal+json", r#"{"a":42}"#)),
        ),
        (
            "http: https://example.com\nbody: 'a;{{ $.id }}'\ncontent_type: text/csv",
            "",
            Effect::Http(sent(base, "text/csv", "a;42")),
        ),
        (
            "http: https://example.com\nraw: true",
            "",
            Effect::Http(sent(base, "application/json; charset=utf-8", BODY)),
        ),
    ]);
}

#[test]
fn headers_and_connections() {
    let url = "https://erp.example.com/api";
    let secret = |name: &str| Value::Secret(env(name));
    check(vec![
        (
            "http: https://example.com\nheaders: { X-Ref: '{{ $.ref }}', X-Key: { env: KEY } }",
            "",
            Effect::Http(Http {
                headers: vec![
                    ("X-Ref".to_owned(), plain("refs/heads/main")),
                    ("X-Key".to_owned(), secret("KEY")),
                ],
                ..post("https://example.com")
            }),
        ),
        (
            "http: site\npath: /alarms/{{ params.site }}\njson: { value: '{{ $.id }}' }",
            "http: { url: https://erp.example.com/api, auth: { bearer: { env: ERP } } }",
            Effect::Http(Http {
                path: "/alarms/berlin".to_owned(),
                auth: Auth::Bearer(env("ERP")),
                ..sent(url, JSON, r#"{"value":42}"#)
            }),
        ),
        (
            "http: site",
            "http: { url: https://erp.example.com/api, auth: { basic: { user: me, password: { file: /run/p } } } }\ntimeout: 3s",
            Effect::Http(Http {
                auth: Auth::Basic { user: plain("me"), password: SecretRef::File("/run/p".to_owned()) },
                timeout: Duration::from_secs(3),
                ..post(url)
            }),
        ),
        (
            "http: site\ntimeout: 1s\nheaders: { x-a: action }",
            "http: { url: https://erp.example.com/api, headers: { X-A: site, X-B: { env: B }, X-C: c } }\ntimeout: 3s",
            Effect::Http(Http {
                headers: vec![
                    ("X-B".to_owned(), secret("B")),
                    ("X-C".to_owned(), plain("c")),
                    ("x-a".to_owned(), plain("action")),
                ],
                timeout: Duration::from_secs(1),
                ..post(url)
            }),
        ),
        (
            "http: site",
            "http: { url: https://erp.example.com/api, auth: { header: { name: X-Api-Key, value: { env: KEY } } } }\nallow_private: [10.0.0.0/8]",
            Effect::Http(Http {
                auth: Auth::Header { name: "X-Api-Key".to_owned(), value: env("KEY") },
                allow_private: networks(&["10.0.0.0/8"]),
                ..post(url)
            }),
        ),
        (
            "http: site",
            "http: { url: 'http://[::1]:9000' }\nallow_private: 10.0.0.0/8",
            Effect::Http(Http {
                allow_private: networks(&["10.0.0.0/8", "::1/128"]),
                ..post("http://[::1]:9000")
            }),
        ),
        (
            "http: site\npath: /x",
            "http: { url: { env: HOOK } }",
            Effect::Http(Http { base: secret("HOOK"), path: "/x".to_owned(), ..post("") }),
        ),
        (
            "http: site",
            "http: { url: 'http://[::1]:9000', redirects: 3 }\nallow_private: 10.0.0.0/8",
            Effect::Http(Http {
                allow_private: networks(&["10.0.0.0/8", "::1/128"]),
                redirects: Redirects { most: 3, allow_private: networks(&["10.0.0.0/8"]) },
                ..post("http://[::1]:9000")
            }),
        ),
        ("http: site", "http: { url: https://erp.example.com/api, redirects: 0 }", Effect::Http(post(url))),
        (
            "http: http://127.0.0.1/x\nredirects: 10",
            "",
            Effect::Http(Http {
                allow_private: networks(&["127.0.0.1/32"]),
                redirects: Redirects { most: 10, allow_private: Vec::new() },
                ..post("http://127.0.0.1/x")
            }),
        ),
    ]);
}
