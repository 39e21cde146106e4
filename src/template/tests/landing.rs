//! Values where they land.

use super::*;

fn landed(escape: Escape, template: &str, payload: &str) -> String {
    let event = event(payload);
    let template = Template::compile(template, escape).unwrap();
    template.text(&Scope::new(&event, "CI")).unwrap_or_else(|failure| failure.to_string())
}

const CLIMBS: &str = "makes `.` or `..` a part of the path, which would lead elsewhere";

#[test]
fn values_are_escaped_and_texts_are_not() {
    for (escape, template, value, wanted) in [
        (Escape::None, "<{{ $.v }}>", r#""<&>\r\n/..""#, "<<&>\r\n/..>"),
        (Escape::UrlSegment, "/a b/{{ $.v }}/c?x=1", r#""x""#, "/a b/x/c?x=1"),
        (Escape::UrlSegment, "/{{ $.v }}", r#""a/b""#, "/a%2Fb"),
        (Escape::UrlSegment, "/{{ $.v }}", r#""../admin""#, "/..%2Fadmin"),
        (Escape::UrlSegment, "/{{ $.v }}", r#""?a=1#b@c""#, "/%3Fa%3D1%23b%40c"),
        (Escape::UrlSegment, "/{{ $.v }}", r#""a\r\nHost: x""#, "/a%0D%0AHost%3A%20x"),
        (Escape::UrlSegment, "/{{ $.v }}", r#""%2e%2e""#, "/%252e%252e"),
        (Escape::UrlSegment, "/{{ $.v }}", r#""a\\b é""#, "/a%5Cb%20%C3%A9"),
        (Escape::UrlSegment, "/{{ $.v }}", r#""v1.2-_~""#, "/v1.2-_~"),
        (Escape::UrlSegment, "/{{ $.v }}", "5", "/5"),
        (Escape::UrlSegment, "/x-{{ $.v }}", r#""..""#, "/x-.."),
        (Escape::UrlSegment, "/{{ $.v }}", r#""...""#, "/..."),
        (Escape::UrlSegment, "/x/{{ $.v }}", r#""..""#, CLIMBS),
        (Escape::UrlSegment, "/x/{{ $.v }}/y", r#"".""#, CLIMBS),
        (Escape::UrlSegment, "/x/.{{ $.v }}/y", r#"".""#, CLIMBS),
        (Escape::UrlSegment, "/x/{{ $.v }}{{ $.v }}", r#"".""#, CLIMBS),
        (Escape::UrlSegment, "/x/%2e{{ $.v }}?q", r#"".""#, CLIMBS),
        (Escape::UrlSegment, "/x/%2E\\{{ $.v }}", r#""a""#, "/x/%2E{{ $.v }}"),
        (
            Escape::UrlSegment,
            "/x/{{ $.v }}/y",
            r#""""#,
            "`$.v` is empty, and would leave its part of the path out",
        ),
        (Escape::Query, "?q={{ $.v }}&r=1", r##""a&b=c#d é+/""##, "?q=a%26b%3Dc%23d%20%C3%A9%2B%2F&r=1"),
        (Escape::Query, "{{ $.v }}", r#""""#, ""),
        (Escape::Header, "v={{ $.v }}", r#""a\tb é""#, "v=a\tb é"),
        (
            Escape::Header,
            "v={{ $.v }}",
            r#""a\r\nX: 1""#,
            "`$.v` has a line break or another control character, which no header may have",
        ),
        (
            Escape::Header,
            "v={{ $.v }}",
            r#""a\u0000""#,
            "`$.v` has a line break or another control character, which no header may have",
        ),
        (
            Escape::Header,
            "v={{ $.v }}",
            r#""a\u0085""#,
            "`$.v` has a line break or another control character, which no header may have",
        ),
        (Escape::Slack, "<!here> {{ $.v }}", r#""<!channel> & more""#, "<!here> &lt;!channel&gt; &amp; more"),
        (Escape::Slack, "{{ upper $.v }}", r#""<a>""#, "&lt;A&gt;"),
        (Escape::Slack, "{{#if $.v}}<b>{{ default $.x \"<c>\" }}{{/if}}", r#""<a>""#, "<b>&lt;c&gt;"),
    ] {
        let got = landed(escape, template, &format!("{{\"v\":{value}}}"));
        let failed = got.strip_prefix("template: ").unwrap_or(&got);
        let failed = failed.strip_prefix(&format!("`{template}` ")).unwrap_or(failed);
        assert_eq!(failed, wanted, "{escape:?} {template} {value}");
    }
}

#[test]
fn a_lone_text_is_escaped_in_a_value_too() {
    let event = event(r#"{"v":"<a>","n":5,"l":["<a>"]}"#);
    let scope = Scope::new(&event, "CI");
    for (template, wanted) in
        [("{{ $.v }}", r#""&lt;a&gt;""#), ("{{ $.n }}", "5"), ("{{ $.l }}", r#"["<a>"]"#)]
    {
        let template = Template::compile(template, Escape::Slack).unwrap();
        assert_eq!(template.value(&scope).unwrap().to_string(), wanted);
    }
}
