//! `multipart/form-data`: what it becomes, what is refused and where, and that no body breaks a bound.

use serde_json::{Value, json};

use super::{bounds, request};
use crate::event::Format;
use crate::payload::{Error, content_type, read, write};

fn parse(boundary: &str, body: &[u8]) -> Result<Value, Error> {
    let content_type = format!("multipart/form-data; boundary={boundary}");
    read(&Format::Multipart, &request(Some(&content_type), body))
}

/// A body with boundary `B`; each line break of `text` is one as the standard wants it.
fn multipart(text: &str) -> Result<Value, Error> {
    parse("B", text.replace('\n', "\r\n").as_bytes())
}

/// A part of this head and content.
fn part(disposition: &str, content: &str) -> String {
    format!("--B\nContent-Disposition: form-data; {disposition}\n\n{content}\n")
}

/// A part with a type of its own.
fn typed(disposition: &str, content_type: &str, content: &str) -> String {
    part(&format!("{disposition}\nContent-Type: {content_type}"), content)
}

#[test]
fn reads_fields() {
    for (parts, wanted) in [
        (String::new(), json!({})),
        (part("name=a", "1"), json!({"a": "1"})),
        (part("name=\"a b\"", "x\ny"), json!({"a b": "x\r\ny"})),
        (part("name=a", ""), json!({"a": ""})),
        (part("name=\"\"", "1"), json!({"": "1"})),
        (part("NAME = a ; x=y", "1"), json!({"a": "1"})),
        (part("name=\"a\\\"b\"", "1"), json!({"a\"b": "1"})),
        (part("name=ä", "ö"), json!({"ä": "ö"})),
        (part("name=a", "\u{feff}1"), json!({"a": "1"})),
        (part("name=a", "--B"), json!(null)),
        (part("name=a", "x--B"), json!({"a": "x--B"})),
        (part("name=a", "--b\n--C"), json!({"a": "--b\r\n--C"})),
        (part("name=a", "1") + &part("name=a", "2"), json!({"a": ["1", "2"]})),
        (part("name=a[]", "1"), json!({"a": ["1"]})),
        (part("name=a[b]", "1") + &part("name=a[c][]", "2"), json!({"a": {"b": "1", "c": ["2"]}})),
        (part("name=a", "1") + &part("name=a[b]", "2"), json!(null)),
        (typed("name=a", "text/plain; charset=UTF-8", "1"), json!({"a": "1"})),
        (typed("name=a", "text/html", "<p>"), json!({"a": "<p>"})),
        (
            typed("name=a", "application/json", "{\"b\":1.50}"),
            json!({"a": {"b": serde_json::from_str::<Value>("1.50").unwrap()}}),
        ),
        (typed("name=a", "Application/VND.x+JSON; v=1", "[1]"), json!({"a": [1]})),
        (typed("name=a", "application/json", "[1]") + &part("name=a", "2"), json!({"a": [[1], "2"]})),
        (
            typed("name=a[b]", "application/json", "{}") + &typed("name=a[b]", "application/json", "[]"),
            json!({"a": {"b": [{}, []]}}),
        ),
        (typed("name=a", "application/json", "null"), json!({"a": null})),
        (part("name=a\nContent-Transfer-Encoding: 8BIT\nX-Other: x", "1"), json!({"a": "1"})),
    ] {
        match multipart(&format!("{parts}--B--\n")) {
            Ok(value) if parts.is_empty() => assert_eq!(value, wanted),
            Ok(value) => assert_eq!(value, wanted, "{parts}"),
            Err(error) => assert!(wanted.is_null(), "{parts}: {error}"),
        }
    }
}

#[test]
fn reads_files() {
    const FILE: &str = "name=f; filename=\"a.x\"";
    for (parts, wanted) in [
        (part(FILE, "x"), json!({"filename": "a.x", "content_type": "text/plain", "size": 1, "text": "x"})),
        (
            typed(FILE, "Text/CSV; charset=utf-8", "a,b"),
            json!({"filename": "a.x", "content_type": "text/csv", "size": 3, "text": "a,b"}),
        ),
        (
            typed(FILE, "text/plain; charset=latin1", "x"),
            json!({"filename": "a.x", "content_type": "text/plain", "size": 1}),
        ),
        (
            typed(FILE, "application/json", "{\"a\":1}"),
            json!({"filename": "a.x", "content_type": "application/json", "size": 7, "json": {"a": 1}}),
        ),
        (
            typed(FILE, "application/json", "{"),
            json!({"filename": "a.x", "content_type": "application/json", "size": 1, "text": "{"}),
        ),
        (
            typed(FILE, "image/png", ""),
            json!({"filename": "a.x", "content_type": "image/png", "size": 0, "text": ""}),
        ),
        (typed("name=f", "image/png", "x"), json!({"content_type": "image/png", "size": 1, "text": "x"})),
        (
            part("name=f; filename=\"\"", ""),
            json!({"filename": "", "content_type": "text/plain", "size": 0, "text": ""}),
        ),
        (
            part("name=f; filename=\"C:\\a\\b.x\"", ""),
            json!({"filename": "C:\\a\\b.x", "content_type": "text/plain", "size": 0, "text": ""}),
        ),
        (
            part("name=f; filename*=UTF-8''na%C3%AFve.txt", ""),
            json!({"filename": "naïve.txt", "content_type": "text/plain", "size": 0, "text": ""}),
        ),
        (
            part("name=f; filename=a; filename*=utf-8''b", ""),
            json!({"filename": "a", "content_type": "text/plain", "size": 0, "text": ""}),
        ),
    ] {
        assert_eq!(multipart(&format!("{parts}--B--")), Ok(json!({ "f": wanted })), "{parts}");
    }
    let two = typed(FILE, "image/png", "x").repeat(2) + "--B--";
    assert_eq!(multipart(&two).unwrap()["f"].as_array().map(Vec::len), Some(2));
    let bytes = b"--B\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n\x89PNG\r\n\x00\r\n--B--";
    let file = json!({"f": {"filename": "a", "content_type": "text/plain", "size": 7}});
    assert_eq!(parse("B", bytes), Ok(file));
}

#[test]
fn reads_what_surrounds_the_parts() {
    for (boundary, body) in [
        ("B", "--B\nContent-Disposition: form-data; name=a\n\n1\n--B--"),
        ("\"B\"", "--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n"),
        ("B; charset=utf-8", "--B\nContent-Disposition: form-data; name=a\n\n1\n--B--"),
        ("B", "\n--B\nContent-Disposition: form-data; name=a\n\n1\n--B--"),
        ("B", "for mail programs\n--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\nmore"),
        ("B", "--B \t\nContent-Disposition: form-data; name=a\n\n1\n--B-- \n--B\nx"),
        (
            "\"a b'()+_,-./:=?z\"",
            "--a b'()+_,-./:=?z\nContent-Disposition: form-data; name=a\n\n1\n--a b'()+_,-./:=?z--",
        ),
    ] {
        assert_eq!(
            parse(boundary, body.replace('\n', "\r\n").as_bytes()),
            Ok(json!({"a": "1"})),
            "{boundary} {body}"
        );
    }
}

#[test]
fn refuses_what_is_not_multipart() {
    let broken = |what: &str| format!("the body is not multipart/form-data: {what}");
    for (body, wanted) in [
        (String::new(), broken("the boundary is nowhere at line 1, byte 0")),
        ("{}".to_owned(), broken("the boundary is nowhere at line 1, byte 0")),
        ("--C\n\n--C--".to_owned(), broken("the boundary is nowhere at line 1, byte 0")),
        ("--B".to_owned(), broken("a boundary is not a line of its own at line 1, byte 3")),
        ("--BB\n\n--B--".to_owned(), broken("a boundary is not a line of its own at line 1, byte 3")),
        (part("name=a", "1"), broken("the last boundary is missing at line 5, byte 50")),
        (part("name=a", "1") + "--Bx", broken("a boundary is not a line of its own at line 5, byte 53")),
        (
            "--B\nContent-Disposition: form-data; name=a\n--B--".to_owned(),
            broken("the head of a part does not end, or is too long at line 2, byte 5"),
        ),
        (
            "--B\n\n1\n--B--".to_owned(),
            broken("the head of a part does not end, or is too long at line 2, byte 5"),
        ),
        ("--B\nX: y\n\n1\n--B--".to_owned(), broken("a part has no name at line 2, byte 5")),
        (
            "--B\nContent-Disposition: attachment; name=a\n\n1\n--B--".to_owned(),
            broken("a part has no name at line 2, byte 5"),
        ),
        (part("filename=a", "1") + "--B--", broken("a part has no name at line 2, byte 5")),
        (part("name=a; name=b", "1") + "--B--", broken("a part has no name at line 2, byte 5")),
        (
            part("name=a; filename=a; filename=b", "1") + "--B--",
            broken("a part has no name at line 2, byte 5"),
        ),
        (part("name=\"a", "1") + "--B--", broken("a part has no name at line 2, byte 5")),
        (
            part("name=a\n folded", "1") + "--B--",
            broken("a line of a part's head is no header at line 2, byte 5"),
        ),
        (
            part("name=a\nContent-Disposition: form-data; name=b", "1") + "--B--",
            broken("a part has a header twice at line 2, byte 5"),
        ),
        (
            part("name=a\nContent-Transfer-Encoding: base64", "MQ==") + "--B--",
            broken("a part is packed at line 2, byte 5"),
        ),
        (
            typed("name=a", "application/json", "{") + "--B--",
            "in the field `a`: the body is not JSON: EOF while parsing an object at line 1, byte 0"
                .to_owned(),
        ),
        (
            typed("name=a", "text/plain; charset=latin1", "x") + "--B--",
            "in the field `a`: the body is not UTF-8: byte 0 begins no character".to_owned(),
        ),
        (
            part("name=$serde_json::private::Number", "1") + "--B--",
            "`$serde_json::private::Number` cannot be a key, at line 2, byte 5".to_owned(),
        ),
    ] {
        assert_eq!(multipart(&body).unwrap_err().to_string(), wanted, "{body}");
    }
    let latin = b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\xe4\r\n--B--";
    assert_eq!(parse("B", latin).unwrap_err().reason(), "body not UTF-8");
    for boundary in ["", "\"\"", "\"a \"", "\"a;b\"", "a\tb", "ä", &"b".repeat(71), "a; boundary=b", "\"a"] {
        assert_eq!(parse(boundary, b"--a--").unwrap_err().reason(), "body not multipart", "{boundary}");
    }
}

#[test]
fn multipart_is_bounded() {
    let json = |depth: usize| typed("name=a", "application/json", &("[".repeat(depth) + &"]".repeat(depth)));
    let steps = |steps: usize, rest: &str| part(&format!("name=\"a{}\"{rest}", "[x]".repeat(steps - 1)), "1");
    let list = |items: usize| typed("name=a", "application/json", &format!("[{}1]", "1,".repeat(items - 1)));
    for (parts, reason) in [
        (json(62), None),
        (json(63), Some("body too deep")),
        (steps(63, ""), None),
        (steps(64, ""), Some("body too deep")),
        (steps(62, "; filename=a"), None),
        (steps(63, "; filename=a"), Some("body too deep")),
        (part("name=a", "1").repeat(1_000), None),
        (part("name=a", "1").repeat(1_001), Some("too many parts")),
        (list(49_997) + &list(49_998), None),
        (list(49_998) + &list(49_999), Some("too many values")),
        (part("name=a", &"x".repeat((1 << 20) + 1)), Some("text too long")),
        (part(&format!("name={}", "x".repeat(9_000)), "1"), Some("body not multipart")),
    ] {
        let got = multipart(&(parts + "--B--"));
        assert_eq!(got.as_ref().err().map(Error::reason), reason);
        if let Ok(value) = got {
            bounds(&value);
        }
    }
    let file = typed("name=a; filename=b", "application/json", &"x".repeat((1 << 20) + 1)) + "--B--";
    assert_eq!(
        multipart(&file).unwrap()["a"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["content_type", "filename", "size"]
    );
}

mod random {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// The cases are the same in every run.
    const SEED: RngSeed = RngSeed::Fixed(20_261_121);

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: SEED, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn no_body_breaks_a_bound(body in "(\r\n--B|--B|--|\r\n|\r\n\r\n|Content-(Disposition|Type): |form-data|; (file)?name(\\*)?=|application/json|\"|\\[\\]|[a-c{}:;é]{1,4}|\u{0}){0,40}") {
            let whole = format!("--B\r\nContent-Disposition: form-data; name={body}");
            for body in [body.as_bytes(), whole.as_bytes()] {
                if let Ok(value) = parse("B", body) {
                    bounds(&value);
                }
            }
        }

        #[test]
        fn no_boundary_breaks_a_bound(boundary in "[ -~]{0,80}", body in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Ok(value) = parse(&boundary, &body) {
                bounds(&value);
            }
        }

        #[test]
        fn what_is_written_is_read(fields in proptest::collection::btree_map("[a-zé\"\\\\ ;=]{1,8}", "[ -~é\r\n]{0,20}", 0..6)) {
            let payload = json!(fields);
            let format = Some(&Format::Multipart);
            let sent = request(Some(content_type(format)), &write(format, &payload));
            prop_assert_eq!(read(&Format::Multipart, &sent), Ok(payload));
        }
    }
}
