//! XML: what it becomes, what is refused and where, and that no document breaks a bound.

use serde_json::{Value, json};

use super::{bounds, parse};
use crate::event::Format;
use crate::payload::{Error, write};

fn xml(body: &str) -> Result<Value, Error> {
    parse(&Format::Xml, body.as_bytes())
}

#[test]
fn reads_xml() {
    for (body, wanted) in [
        ("<a/>", json!({"a": ""})),
        ("<a></a>", json!({"a": ""})),
        ("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>x</a>\n", json!({"a": "x"})),
        ("<?xml version='1.0' encoding='us-ascii' standalone='yes'?><a/>", json!({"a": ""})),
        ("<a> x </a>", json!({"a": " x "})),
        ("<a>\r\nx\ry</a>", json!({"a": "\nx\ny"})),
        ("<a>1</a>", json!({"a": "1"})),
        ("<a>1 &lt; 2 &amp;&amp; &quot;b&apos; &gt;</a>", json!({"a": "1 < 2 && \"b' >"})),
        ("<a>&#65;&#x42;&#x1F600;</a>", json!({"a": "AB😀"})),
        ("<a>&amp;lt;</a>", json!({"a": "&lt;"})),
        ("<a><![CDATA[<b>&amp;</b>]]></a>", json!({"a": "<b>&amp;</b>"})),
        ("<a>x<![CDATA[y]]>z</a>", json!({"a": "xyz"})),
        ("<a>x<!-- y -->z</a>", json!({"a": "xz"})),
        ("<a>x<?y z?>z</a>", json!({"a": "xz"})),
        ("<?y z?><!-- y --><a/><!-- y --><?y z?>", json!({"a": ""})),
        ("<a b='1'/>", json!({"a": {"@b": "1"}})),
        ("<a b='1'>x</a>", json!({"a": {"@b": "1", "#text": "x"}})),
        ("<a b='1'> </a>", json!({"a": {"@b": "1", "#text": " "}})),
        ("<a b=\"'&quot;&#10;\n\"/>", json!({"a": {"@b": "'\"\n "}})),
        ("<a b = '1'  c='2' />", json!({"a": {"@b": "1", "@c": "2"}})),
        ("<a b='>'/>", json!({"a": {"@b": ">"}})),
        ("<a><b/></a>", json!({"a": {"b": ""}})),
        ("<a>\n  <b>x</b>\n  <c>y</c>\n</a>", json!({"a": {"b": "x", "c": "y"}})),
        ("<a><b>x</b><b>y</b></a>", json!({"a": {"b": ["x", "y"]}})),
        (
            "<a><b>x</b><c/><b i='1'>y</b><b/></a>",
            json!({"a": {"b": ["x", {"@i": "1", "#text": "y"}, ""], "c": ""}}),
        ),
        ("<a>one <b>x</b> two</a>", json!({"a": {"#text": "one  two", "b": "x"}})),
        ("<a><b><a><b/></a></b></a>", json!({"a": {"b": {"a": {"b": ""}}}})),
        ("<a><A/><a/></a>", json!({"a": {"A": "", "a": ""}})),
        ("<s:a xmlns:s='urn:s' xmlns='urn:d'><s:b/><c xmlns=''/></s:a>", json!({"a": {"b": "", "c": ""}})),
        ("<a xml:lang='de' x:y='1'/>", json!({"a": {"@lang": "de", "@y": "1"}})),
        ("<a x:y='1' z:y='2'/>", json!({"a": {"@y": ["1", "2"]}})),
        ("<x:a><x:b>1</x:b><y:b>2</y:b></x:a>", json!({"a": {"b": ["1", "2"]}})),
        ("<a xmlns:x='urn:x'>x</a>", json!({"a": "x"})),
        ("<straße größe='ß'>😀</straße>", json!({"straße": {"@größe": "ß", "#text": "😀"}})),
        ("<_-.0/>", json!({"_-.0": ""})),
    ] {
        assert_eq!(xml(body), Ok(wanted), "{body}");
    }
}

#[test]
fn refuses_what_is_not_xml() {
    for (body, reason, wanted) in [
        ("", "body not XML", "the body is not XML: it is empty at line 1, byte 0"),
        (" \n", "body not XML", "the body is not XML: it is empty at line 1, byte 0"),
        ("{}", "body not XML", "the body is not XML: text outside of the root element at line 1, byte 0"),
        ("<!-- x -->", "body not XML", "the body is not XML: it has no root element at line 1, byte 10"),
        (
            "<a>\n<b>",
            "body not XML",
            "the body is not XML: it ends inside of the element b at line 2, byte 7",
        ),
        (
            "<a><b></a>",
            "body not XML",
            "the body is not XML: expected `</b>`, but `</a>` was found at line 1, byte 6",
        ),
        (
            "</a>",
            "body not XML",
            "the body is not XML: close tag `</a>` does not match any open tag at line 1, byte 0",
        ),
        ("<a/><b/>", "body not XML", "the body is not XML: a second root element at line 1, byte 4"),
        ("<a/>x", "body not XML", "the body is not XML: text outside of the root element at line 1, byte 4"),
        (
            "<a/>&lt;",
            "body not XML",
            "the body is not XML: text outside of the root element at line 1, byte 4",
        ),
        (
            "<a",
            "body not XML",
            "the body is not XML: tag not closed: `>` not found before end of input at line 1, byte 0",
        ),
        (
            "<a b='1' b='2'/>",
            "body not XML",
            "the body is not XML: the attribute b is there twice at line 1, byte 0",
        ),
        (
            "<a b='<'/>",
            "body not XML",
            "the body is not XML: the attribute b has a `<` in it at line 1, byte 0",
        ),
        ("<a:b:c/>", "body not XML", "the body is not XML: a name that is none at line 1, byte 0"),
        ("<:a/>", "body not XML", "the body is not XML: a name that is none at line 1, byte 0"),
        ("<1/>", "body not XML", "the body is not XML: a name that is none at line 1, byte 0"),
        ("<a @b='1'/>", "body not XML", "the body is not XML: a name that is none at line 1, byte 0"),
        ("<#text/>", "body not XML", "the body is not XML: a name that is none at line 1, byte 0"),
        ("<a>\u{1}</a>", "body not XML", "the body is not XML: a control character at line 1, byte 3"),
        ("<a>&#1;</a>", "body not XML", "the body is not XML: a control character at line 1, byte 3"),
        ("<a b='&#xffff;'/>", "body not XML", "the body is not XML: a control character at line 1, byte 0"),
        (
            "<a/><?xml version='1.0'?>",
            "body not XML",
            "the body is not XML: a declaration that is not at the beginning at line 1, byte 4",
        ),
        (
            "<?xml version='1.0' encoding='latin1'?><a/>",
            "body not XML",
            "the body is not XML: its encoding is `latin1`, not utf-8 at line 1, byte 0",
        ),
        (
            "<?xml version='2.0'?><a/>",
            "body not XML",
            "the body is not XML: unknown XML version: either 1.0 or 1.1 is expected at line 1, byte 0",
        ),
        (
            "<!DOCTYPE a><a/>",
            "document type",
            "the body has a document type (<!DOCTYPE …>), which is not read, at line 1, byte 0",
        ),
        (
            "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            "document type",
            "the body has a document type (<!DOCTYPE …>), which is not read, at line 2, byte 22",
        ),
        (
            "<a>&b;</a>",
            "unknown entity",
            "the entity `&b;` is not known at line 1, byte 3; only amp, lt, gt, quot, apos and numbers are",
        ),
        (
            "<a b='&nbsp;'/>",
            "unknown entity",
            "the entity `&nbsp;` is not known at line 1, byte 0; only amp, lt, gt, quot, apos and numbers are",
        ),
    ] {
        let error = xml(body).unwrap_err();
        assert_eq!((error.reason(), error.to_string().as_str()), (reason, wanted), "{body}");
    }
    for body in [
        "<a b/>",
        "<a b=1/>",
        "<a>&</a>",
        "<a>&;</a>",
        "<a>&#;</a>",
        "<a>&#x110000;</a>",
        "<a>&#xd800;</a>",
        "<a b='&'/>",
        "< a/>",
        "<a/ >",
        "<a><!-- -- --></a>",
        "<a><![CDATA[x</a>",
        "<?xml?><a/>",
        "<![CDATA[x]]><a/>",
        "<>",
        "<a>\u{fffe}</a>",
    ] {
        assert!(xml(body).is_err(), "{body}");
    }
    assert!(matches!(parse(&Format::Xml, b"<a>\xff</a>"), Err(Error::NotUtf8 { byte: 3 })));
}

#[test]
fn xml_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let twins = |depth: usize| format!("{}x{}", "<a><b/><b>".repeat(depth), "</b></a>".repeat(depth));
    let attributes = |count: usize| (0..count).map(|n| format!(" a{n}=''")).collect::<String>();
    for (body, reason) in [
        (nested(63), None),
        (nested(64), Some("body too deep")),
        (nested(300_000), Some("body too deep")),
        ("<a>".repeat(300_000), Some("body too deep")),
        // The root, 21 times an object and a list in it: 1 + 3 × 21.
        (twins(21), None),
        (twins(22), Some("body too deep")),
        (format!("<a>{}</a>", "<b/>".repeat(99_997)), None),
        (format!("<a>{}</a>", "<b/>".repeat(99_998)), Some("too many values")),
        (format!("<a{}/>", attributes(99_998)), None),
        (format!("<a{}/>", attributes(99_999)), Some("too many values")),
        (format!("<a>{}</a>", "x".repeat(1 << 20)), None),
        (format!("<a>{}</a>", "x".repeat((1 << 20) + 1)), Some("text too long")),
        (format!("<a>{}<![CDATA[{0}]]></a>", "x".repeat(600_000)), Some("text too long")),
        (format!("<a b='{}'/>", "x".repeat((1 << 20) + 1)), Some("text too long")),
    ] {
        let got = xml(&body);
        assert_eq!(got.as_ref().err().map(Error::reason), reason, "{:.60}", body);
        if let Ok(value) = got {
            bounds(&value);
        }
    }
}

#[test]
fn each_shape_can_be_written() {
    for (payload, wanted) in [
        (json!({}), "<payload></payload>"),
        (json!({"a": [1, null, true]}), "<payload><a>1</a><a></a><a>true</a></payload>"),
        (json!({"a": {"@b": "<&>\"", "#text": "x"}}), "<a b=\"&#60;&#38;&#62;&#34;\">x</a>"),
        (json!({"a b": {"1": "\u{1}"}}), "<payload><a_b><_1>\u{fffd}</_1></a_b></payload>"),
        (json!("x"), "<payload>x</payload>"),
    ] {
        assert_eq!(String::from_utf8(write(Some(&Format::Xml), &payload)).unwrap(), wanted);
    }
}

mod random {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// The value of an element, in the shape that reading gives.
    fn element() -> impl Strategy<Value = Value> {
        let text = "[ -~äß€😀\n\t\r]{0,12}";
        text.prop_map(Value::from).prop_recursive(4, 40, 4, move |inner| {
            let children = proptest::collection::btree_map("[a-zé_][a-z0-9.-]{0,4}", children(inner), 0..4);
            let attributes = proptest::collection::btree_map("@[a-z]{1,3}", text.prop_map(Value::from), 0..3);
            (attributes, children, "[!-~]{0,8}").prop_map(|(attributes, children, text)| {
                if attributes.is_empty() && children.is_empty() {
                    return Value::from(text);
                }
                let text = Some(("#text".to_owned(), Value::from(text.clone()))).filter(|_| !text.is_empty());
                Value::Object(attributes.into_iter().chain(children).chain(text).collect())
            })
        })
    }

    /// One child, or a list of at least two.
    fn children(child: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
        let list = proptest::collection::vec(child.clone(), 2..4).prop_map(Value::from);
        prop_oneof![3 => child, 1 => list]
    }

    /// The cases are the same in every run.
    const SEED: RngSeed = RngSeed::Fixed(20_261_121);

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: SEED, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn no_document_breaks_a_bound(body in "(<[a-c:]{1,3}( [a-c:]{1,3}=(\"[^\"]{0,3}\"|'x'))?/?>|</[a-c]>|[&;#a-c \n]{1,5}|<!--|-->|<\\?xml|\\?>|<!\\[CDATA\\[|\\]\\]>|<!DOCTYPE|&amp;){0,30}") {
            if let Ok(value) = xml(&body) {
                bounds(&value);
            }
        }

        #[test]
        fn what_is_written_is_read(name in "[a-z]{1,4}", root in element()) {
            let payload = json!({ name: root });
            let body = write(Some(&Format::Xml), &payload);
            prop_assert_eq!(parse(&Format::Xml, &body), Ok(payload), "{}", String::from_utf8_lossy(&body));
        }
    }
}
