//! What is read, what is refused, and where; first the rows, then the checks.

mod cloud_events;
mod multipart;
mod xml;

use serde_json::{Value, json};

use super::*;

/// A POST of nothing but this body.
fn request(content_type: Option<&str>, body: &[u8]) -> Request {
    let mut headers = http::HeaderMap::new();
    if let Some(content_type) = content_type {
        headers.insert(http::header::CONTENT_TYPE, content_type.parse().unwrap());
    }
    Request {
        method: Method::POST,
        path: "/".to_owned(),
        params: Vec::new(),
        query: String::new(),
        headers,
        body: bytes::Bytes::copy_from_slice(body),
        peer: std::net::IpAddr::from([192, 0, 2, 1]),
        received_at: crate::time::Timestamp::from_millis(0),
    }
}

fn parse(format: &Format, body: &[u8]) -> Result<Value, Error> {
    read(format, &request(None, body))
}

/// A value that keeps every bound a payload has.
fn bounds(value: &Value) {
    fn measure(value: &Value, depth: usize, nodes: &mut usize) {
        *nodes += 1;
        match value {
            Value::Array(items) => items.iter().for_each(|item| measure(item, depth + 1, nodes)),
            Value::Object(members) => members.values().for_each(|member| measure(member, depth + 1, nodes)),
            Value::String(text) => assert!(text.len() <= limit::JSON_TEXT_MAX_BYTES),
            _ => {}
        }
        let levels = depth + usize::from(value.is_array() || value.is_object());
        assert!(levels <= limit::JSON_DEPTH_MAX, "{levels} levels");
    }
    let mut nodes = 0;
    measure(value, 0, &mut nodes);
    assert!(nodes <= limit::JSON_NODES_MAX, "{nodes} values");
}

fn json(body: &[u8]) -> Result<Value, Error> {
    parse(&Format::Json, body)
}

#[test]
fn reads_json() {
    for (body, wanted) in [
        (r#"{"a":[1,-2,"x",true,null]}"#, json!({"a": [1, -2, "x", true, null]})),
        ("\u{feff} {} ", json!({})),
        ("true", json!(true)),
        ("null", json!(null)),
        (r#""x""#, json!("x")),
        ("0", json!(0)),
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        (r#"{"\u0061":"\ud83d\ude00"}"#, json!({"a": "😀"})),
        (r#"{"":0}"#, json!({"": 0})),
        (r#"{"a":{},"A":[]}"#, json!({"a": {}, "A": []})),
    ] {
        assert_eq!(json(body.as_bytes()), Ok(wanted), "{body}");
    }
}

#[test]
fn numbers_keep_their_digits() {
    for (sent, kept) in [
        ("0.10", "0.10"),
        ("1.0", "1.0"),
        ("-0", "-0"),
        ("-0.0", "-0.0"),
        ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("123456789.123456789123456789", "123456789.123456789123456789"),
        ("1e-400", "1e-400"),
        ("1e+5", "1e+5"),
        // An exponent gets its sign; the number is the same.
        ("1e400", "1e+400"),
        ("-1E5", "-1e+5"),
    ] {
        let value = json(sent.as_bytes()).unwrap();
        assert!(value.is_number(), "{sent}");
        assert_eq!(value.to_string(), kept);
        assert_eq!(json(format!("[{{\"n\":{sent}}}]").as_bytes()).unwrap()[0]["n"].to_string(), kept);
    }
}

#[test]
fn the_key_for_numbers_is_never_taken_from_a_body() {
    let token = NUMBER_KEY;
    let escaped = token.replace('$', "\\u0024");
    for body in [
        format!(r#"{{"{token}":"1"}}"#),
        format!(r#"{{"{token}":1.5}}"#),
        format!(r#"{{"{escaped}":"1"}}"#),
        format!(r#"{{"a":1,"{token}":"1"}}"#),
        format!(r#"[{{"{token}":"1","a":1}}]"#),
        format!(r#"{{"{token}":{{"{token}":"1"}}}}"#),
    ] {
        let error = json(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::ReservedKey(_)), "{body}: {error}");
    }
    assert_eq!(json(format!("\"{token}\"").as_bytes()), Ok(json!(token)), "as a text it is just a text");
    assert!(matches!(parse(&Format::Form, format!("{token}=1").as_bytes()), Err(Error::ReservedKey(_))));
    assert!(matches!(parse(&Format::Form, format!("a[{token}]=1").as_bytes()), Err(Error::ReservedKey(_))));
}

#[test]
fn refuses_what_is_not_json() {
    let bad_utf8 = b"{\"a\":\"\xff\"}";
    for (body, reason, wanted) in [
        (&b""[..], "body empty", "the body is empty; JSON was expected"),
        (b" \n", "body empty", "the body is empty; JSON was expected"),
        (b"\xef\xbb\xbf", "body empty", "the body is empty; JSON was expected"),
        (bad_utf8, "body not UTF-8", "the body is not UTF-8: byte 6 begins no character"),
        (b"{", "body not JSON", "the body is not JSON: EOF while parsing an object at line 1, byte 0"),
        (b"{}x", "body not JSON", "the body is not JSON: trailing characters at line 1, byte 2"),
        (b"[1,]", "body not JSON", "the body is not JSON: trailing comma at line 1, byte 3"),
        (b"NaN", "body not JSON", "the body is not JSON: expected value at line 1, byte 0"),
        (b"01", "body not JSON", "the body is not JSON: invalid number at line 1, byte 1"),
        (b"{\n \"a\": tru }", "body not JSON", "the body is not JSON: expected ident at line 2, byte 11"),
        (
            br#"["\ud800"]"#,
            "body not JSON",
            "the body is not JSON: unexpected end of hex escape at line 1, byte 8",
        ),
        (br#"{"a":1,"a":2}"#, "duplicate key", "an object has the key `a` twice at line 1, byte 9"),
        (br#"{"a":1,"\u0061":2}"#, "duplicate key", "an object has the key `a` twice at line 1, byte 14"),
        (
            b"[\n{\"x\\n\":1,\n\"x\\u000a\":2}]",
            "duplicate key",
            "an object has the key `x\\n` twice at line 3, byte 20",
        ),
    ] {
        let error = json(body).unwrap_err();
        assert_eq!((error.reason(), error.to_string().as_str()), (reason, wanted), "{body:?}");
    }
}

#[test]
fn lone_surrogates_are_refused_everywhere() {
    for body in [
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800x""#,
        r#""\ud800\ud800""#,
        r#""\udc00\ud800""#,
        r#"{"\ud800":1}"#,
        r#"["\uDBFF\u0041"]"#,
    ] {
        assert!(json(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    for (body, fits) in [
        (nested(64), true),
        (nested(65), false),
        (objects(64), true),
        (objects(65), false),
        (nested(100_000), false),
        ("[".repeat(1_000_000), false),
        (objects(100_000), false),
    ] {
        let got = json(body.as_bytes());
        assert_eq!(got.is_ok(), fits);
        assert!(fits || matches!(got, Err(Error::TooDeep(_))), "{got:?}");
    }
}

#[test]
fn a_number_at_the_greatest_depth_is_no_level_of_its_own() {
    let body = format!("{}1.5{}", "[".repeat(64), "]".repeat(64));
    assert!(json(body.as_bytes()).is_ok());
}

#[test]
fn values_and_texts_are_bounded() {
    let list = |values: usize| format!("[{}]", vec!["0"; values].join(","));
    assert!(json(list(99_999).as_bytes()).is_ok());
    assert!(matches!(json(list(100_000).as_bytes()), Err(Error::TooMany(_))));
    let amplified = format!("[{}]", vec![r#"{"":0}"#; 150_000].join(","));
    assert!(matches!(json(amplified.as_bytes()), Err(Error::TooMany(_))));
    let text = |bytes: usize| format!("\"{}\"", "a".repeat(bytes));
    assert!(json(text(1 << 20).as_bytes()).is_ok());
    assert!(matches!(json(text((1 << 20) + 1).as_bytes()), Err(Error::TextTooLong(_))));
    let key = format!("{{{}:1}}", text((1 << 20) + 1));
    assert!(matches!(json(key.as_bytes()), Err(Error::TextTooLong(_))));
    let plain = "a".repeat((1 << 20) + 1);
    assert!(matches!(parse(&Format::Text, plain.as_bytes()), Err(Error::TextTooLong(_))));
}

#[test]
fn reads_forms() {
    for (body, wanted) in [
        ("", json!({})),
        ("a=1&b=x+y%21", json!({"a": "1", "b": "x y!"})),
        ("a=1&a=2&a=3", json!({"a": ["1", "2", "3"]})),
        ("a[]=1", json!({"a": ["1"]})),
        ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
        ("a=1&a[]=2", json!(null)),
        ("a[]=1&a=2", json!({"a": ["1", "2"]})),
        ("a[b]=1&a[c][d]=2", json!({"a": {"b": "1", "c": {"d": "2"}}})),
        ("a%5Bb%5D=1", json!({"a": {"b": "1"}})),
        ("a[b][]=1&a[b][]=2", json!({"a": {"b": ["1", "2"]}})),
        ("a[][x]=1&a[][y]=2&a[][x]=3", json!({"a": [{"x": "1", "y": "2"}, {"x": "3"}]})),
        ("a[0]=x", json!({"a": {"0": "x"}})),
        ("a[b=1&c]d=2&[]=3&[x]=4", json!({"a[b": "1", "c]d": "2", "[]": "3", "[x]": "4"})),
        ("a[b]c=1", json!({"a[b]c": "1"})),
        ("a&b=&=c&&", json!({"a": "", "b": "", "": "c"})),
        ("a=b=c", json!({"a": "b=c"})),
        ("a=%zz", json!({"a": "%zz"})),
        ("caf%C3%A9=%F0%9F%98%80", json!({"café": "😀"})),
        ("a=1&a[b]=2", json!(null)),
        ("a[b]=1&a=2", json!(null)),
        ("a[b]=1&a[]=2", json!(null)),
        ("a[]=1&a[b]=2", json!(null)),
    ] {
        match parse(&Format::Form, body.as_bytes()) {
            Ok(value) => assert_eq!(value, wanted, "{body}"),
            Err(error) => {
                assert!(wanted.is_null() && matches!(error, Error::Mixed { .. }), "{body}: {error}");
            }
        }
    }
}

#[test]
fn forms_are_bounded() {
    for (body, reason) in [
        (format!("a{}=1", "[x]".repeat(5_000)), "body too deep"),
        (format!("a{}=1", "[]".repeat(5_000)), "body too deep"),
        ("a=1&".repeat(100_001), "too many values"),
        (format!("a={}", "x".repeat((1 << 20) + 1)), "text too long"),
        ("a=%ff".to_owned(), "body not UTF-8"),
        ("%ff=+".to_owned(), "body not UTF-8"),
    ] {
        assert_eq!(parse(&Format::Form, body.as_bytes()).unwrap_err().reason(), reason);
    }
    let error = parse(&Format::Form, b"x=1&a=1&a[b]=2").unwrap_err();
    let wanted = "the form's field `a[b]` is used both as a text and as a map or list, at line 1, byte 8";
    assert_eq!(error.to_string(), wanted);
}

#[test]
fn reads_json_inside_a_form() {
    let format = Format::FormJson { field: "payload".to_owned() };
    for (body, wanted) in [
        ("payload=%7B%22a%22%3A1.50%7D&x=1", Ok(r#"{"a":1.50}"#)),
        ("payload=+%22a+b%22", Ok(r#""a b""#)),
        ("x=1", Err("the form should have the field `payload` once, it has it 0 times")),
        ("payload=1&payload=2", Err("the form should have the field `payload` once, it has it 2 times")),
        ("payload=%7B", Err("the body is not JSON: EOF while parsing an object at line 1, byte 0")),
        ("payload=", Err("the body is empty; JSON was expected")),
    ] {
        let got =
            parse(&format, body.as_bytes()).map(|value| value.to_string()).map_err(|error| error.to_string());
        assert_eq!(got, wanted.map(str::to_owned).map_err(str::to_owned), "{body}");
    }
}

#[test]
fn a_text_is_one_value() {
    assert_eq!(parse(&Format::Text, "\u{feff}ab\n".as_bytes()), Ok(json!("ab\n")));
    assert_eq!(parse(&Format::Text, b""), Ok(json!("")));
    assert!(parse(&Format::Text, b"\xff").is_err());
}

#[test]
fn the_format_follows_the_content_type() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let field = || Format::FormJson { field: "p".to_owned() };
    for (content_type, declared, wanted) in [
        (None, None, Some(Format::Json)),
        (Some(""), None, Some(Format::Json)),
        (Some("application/json"), None, Some(Format::Json)),
        (Some("Application/JSON; charset=UTF-8"), None, Some(Format::Json)),
        (Some("application/cloudevents+json;v=1"), None, Some(Format::Json)),
        (Some(FORM), None, Some(Format::Form)),
        (Some("text/plain"), None, Some(Format::Text)),
        (Some("application/xml"), None, Some(Format::Xml)),
        (Some("Text/XML; charset=utf-8"), None, Some(Format::Xml)),
        (Some("application/soap+xml;action=x"), None, Some(Format::Xml)),
        (Some("text/html"), None, None),
        (Some("Multipart/Form-Data; boundary=x"), None, Some(Format::Multipart)),
        (Some("multipart/form-data; boundary=x"), Some(Format::Multipart), Some(Format::Multipart)),
        (Some("multipart/form-data"), None, None),
        (Some("multipart/form-data; boundary=\"x"), Some(Format::Multipart), None),
        (Some("multipart/mixed; boundary=x"), None, None),
        (Some("multipart/form-data; boundary=x"), Some(Format::Form), None),
        (Some("multipart/form-data; boundary=x"), Some(Format::Json), None),
        (Some("application/json"), Some(Format::Multipart), None),
        (Some("text/plain"), Some(Format::Multipart), None),
        (None, Some(Format::Multipart), None),
        (Some("application/cloudevents+json"), Some(Format::CloudEvents), Some(Format::CloudEvents)),
        (
            Some("application/cloudevents-batch+json; charset=utf-8"),
            Some(Format::CloudEvents),
            Some(Format::CloudEvents),
        ),
        (Some("application/json"), Some(Format::CloudEvents), Some(Format::CloudEvents)),
        (Some("image/png"), Some(Format::CloudEvents), Some(Format::CloudEvents)),
        (None, Some(Format::CloudEvents), Some(Format::CloudEvents)),
        (Some("application/cloudevents"), Some(Format::CloudEvents), None),
        (Some("application/cloudevents+avro"), Some(Format::CloudEvents), None),
        (Some("application/cloudevents-batch+proto"), Some(Format::CloudEvents), None),
        (Some("text/html"), Some(Format::Text), Some(Format::Text)),
        (Some("application/octet-stream"), Some(Format::Json), Some(Format::Json)),
        (Some("text/plain"), Some(Format::Json), Some(Format::Json)),
        (Some(FORM), Some(Format::Json), None),
        (Some("application/json"), Some(Format::Form), None),
        (Some("application/json"), Some(field()), None),
        (Some("application/json"), Some(Format::Xml), None),
        (Some(FORM), Some(Format::Xml), None),
        (Some("application/xml"), Some(Format::Json), None),
        (Some("application/xml"), Some(Format::Form), None),
        (Some("application/xml"), Some(field()), None),
        (Some("application/xml"), Some(Format::Xml), Some(Format::Xml)),
        (Some("text/plain"), Some(Format::Xml), Some(Format::Xml)),
        (Some("application/xml"), Some(Format::Text), Some(Format::Text)),
        (None, Some(Format::Xml), Some(Format::Xml)),
        (Some(FORM), Some(field()), Some(field())),
        (Some(FORM), Some(Format::Text), Some(Format::Text)),
        (None, Some(Format::Form), Some(Format::Form)),
    ] {
        assert_eq!(format_for(content_type, declared.clone()).ok(), wanted, "{content_type:?} {declared:?}");
    }
    assert_eq!(
        format_for(Some("Text/HTML;x\r\n"), None).unwrap_err().to_string(),
        "a body of type `text/html` is not read by itself; say what it is: `format: json`, `form` or `text` at the source"
    );
}

mod random {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    const FORMATS: &[Format] =
        &[Format::Json, Format::Form, Format::FormJson { field: String::new() }, Format::Text, Format::Xml];

    /// The cases are the same in every run.
    const SEED: RngSeed = RngSeed::Fixed(20_261_121);

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: SEED, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn no_body_makes_it_panic_or_breaks_a_bound(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            for format in FORMATS {
                if let Ok(value) = parse(format, &body) {
                    bounds(&value);
                }
            }
        }

        #[test]
        fn agrees_with_serde_json(body in r#"([\[\]{},: ]|"[ab]"|-?[0-9]{1,25}|[0-9]\.[0-9]{1,3}|1e[0-9]{1,3}|true|null){0,20}"#) {
            let plain = serde_json::from_str::<Value>(&body);
            match json(body.as_bytes()) {
                Ok(value) => prop_assert_eq!(value, plain.unwrap()),
                Err(Error::DuplicateKey { .. }) => {}
                Err(error) => prop_assert!(plain.is_err(), "{}: {}", body, error),
            }
        }
    }
}
