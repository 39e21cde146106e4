//! Whole complaints for broken texts, and whole values for sound ones.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

/// `code message @what-it-points-at [help]`, one a complaint.
fn told(text: &str, problems: &[Diagnostic]) -> Vec<String> {
    let told = |one: &Diagnostic| {
        let span = one.place.as_ref().map_or(0..0, |place| place.span.clone());
        let mend = one.help.as_ref().or(one.label.as_ref()).cloned().unwrap_or_default();
        format!("{} {} @{:?} [{mend}]", one.code, one.message, text.get(span).unwrap())
    };
    problems.iter().map(told).collect()
}

#[test]
fn every_trap_is_told_in_our_words() {
    let quote = "quote the text that holds the template: ";
    let template = "E001 a template without quotes: YAML reads `{` as the start of a map @";
    let level = "[align it with its neighbours]";
    for (text, wanted) in [
        ("a: > 100\n", "E102 a value cannot start with `>` @\">\" [operators are keys: `a: { gt: 100 }`; a text needs quotes]".to_owned()),
        ("if:\n  $.a: >= 100 # big\n", "E102 a value cannot start with `>` @\">=\" [operators are keys: `$.a: { gte: 100 }`; a text needs quotes]".into()),
        ("a: >5\n", "E102 a value cannot start with `>` @\">\" [operators are keys: `a: { gt: 5 }`; a text needs quotes]".into()),
        ("$.x: != main\n", "E102 a value cannot start with `!` @\"!=\" [operators are keys: `$.x: { ne: main }`; a text needs quotes]".into()),
        ("a: !secret x\n", "E006 `!secret` is a YAML tag; tags are not used here @\"!secret\" [leave it out; a text that starts with `!` needs quotes]".into()),
        ("t: {{ $.x }}\n", format!("{template}\"{{{{ $.x }}}}\" [{quote}\"{{{{ $.x }}}}\"]")),
        ("t: {{ $.x }} é\n", format!("{template}\"{{{{ $.x }}}}\" [{quote}\"{{{{ $.x }}}} é\"]")),
        ("é: Paid: {{ x }}\n", format!("{template}\"{{{{ x }}}}\" [{quote}\"Paid: {{{{ x }}}}\"]")),
        ("r: [a, {{ $.i[0].id }}]\n", format!("{template}\"{{{{ $.i[0].id }}}}\" [{quote}\"{{{{ $.i[0].id }}}}\"]")),
        ("t: Paid: x\n", "E001 a second `: ` on one line @\":\" [quote the text: t: \"Paid: x\"]".into()),
        ("a: 1\na: 2\n", "E002 the key `a` stands twice in one map @\"a\" [keep one of the two, or put both values under one key]".into()),
        ("1: 1\n'1': 2\n", "E002 the key `1` stands twice in one map @\"'1'\" [keep one of the two, or put both values under one key]".into()),
        ("e: *.succeeded\n", "E001 a value cannot start with `*` @\"*\" [quote it: \"*.succeeded\"]".into()),
        ("e: @x\n", "E001 a value cannot start with `@` @\"@\" [quote it: \"@x\"]".into()),
        ("e: `x`\n", "E001 a value cannot start with a backtick @\"`\" [quote it: \"`x`\"]".into()),
        ("a: [1, 2\nb: 1\n", "E001 a list in `[ ]` is not closed, or lacks a comma @\":\" [write `[a, b]`]".into()),
        ("a: {x: 1\nb: 1\n", "E001 a map in `{ }` is not closed, or lacks a comma @\":\" [write `{ a: 1, b: 2 }`]".into()),
        ("a:\n\tb: 1\n", "E001 a tab where spaces are wanted @\"b\" [indent with spaces]".into()),
        ("a: \"x\n", "E001 a quote or bracket is not closed @\"\\\"\" [close it]".into()),
        ("a: 'x' y\n", "E001 more text behind a closing quote @\"y\" [put all of the text into the quotes]".into()),
        ("a: 1\n  b: 2\n", "E001 a `key: value` where none can stand @\":\" [align it with its neighbours, or quote a text that holds `: `]".into()),
        ("a:\n  b: {\n  \"c\": \"1\"\n  }\n d: 2\n", format!("E001 this line stands at no level that began above it @\"d\" {level}")),
        ("a:\n  b: {\n  \"c\": \"1\"\n  }\n  c: {{ $.x }}\n", format!("{template}\"{{{{ $.x }}}}\" [{quote}\"{{{{ $.x }}}}\"]")),
        ("a:\n  b: 1\n c: 2\n", format!("E001 this line stands at no level that began above it @\"c\" {level}")),
        ("- a\nb: 1\n", format!("E001 this line stands at no level that began above it @\"b\" {level}")),
        ("a: \"\\q\"\n", "E001 an unknown escape in a text with double quotes @\"\\\"\" [write `\\\\` for a backslash, or use single quotes]".into()),
        ("a: 1\n---\nb: 2\n", "E008 the file holds several YAML documents @\"---\" [keep one document in each file: no `---` between parts]".into()),
        ("# x\n", "E008 the file is empty @\"\" [a rules file starts with `sources:`, `connections:` or `rules:`]".into()),
        ("a: &x [*x]\n", "E006 this alias stands for no value that ended before it @\"*x\" [write it out]".into()),
        ("a: &x 1\nb: &x 2\n", "E006 the anchor `&x` is given twice @\"&x\" [give each anchor a name of its own]".into()),
        ("<<: 1\n", "E006 `<<` does not merge maps here @\"<<\" [write the keys out, or give a whole value an anchor and use its alias]".into()),
        ("? [1]\n: 2\n", "E004 a key must be a text @\"[1]\" [quote it when it is one]".into()),
        ("a: - b\n", "E001 a `- item` on the line of its key @\"-\" [start the list on the next line, or write `[a, b]`]".into()),
        ("\u{feff}a: é\nb: @x\n", "E001 a value cannot start with `@` @\"@\" [quote it: \"@x\"]".into()),
        ("a: |\nb: 1\n", "E001 a block of text with no lines @\"|\" [indent the lines of the text more than its key, or write \"\"]".into()),
    ] {
        assert_eq!(told(text, &Document::parse("f", text).unwrap_err()), [wanted], "{text:?}");
    }
}

#[test]
fn one_run_finds_all_that_can_be_found() {
    let text = "a: 1\na: 2\nb: !x 1\nc: {{ $.x }}\n";
    let codes: Vec<_> = Document::parse("f", text).unwrap_err().iter().map(|one| one.code).collect();
    assert_eq!(codes, ["E002", "E006", "E001"]);
}

#[test]
fn what_would_exhaust_us_is_refused() {
    let laughs = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        let below = level - 1;
        text + &format!("a{level}: &a{level} [*a{below}, *a{below}]\n")
    });
    let aliases = "a: &a 1\nb: [".to_owned() + &"*a, ".repeat(1001) + "]\n";
    let rows = [
        (laughs, "E006"),
        (aliases, "E006"),
        ("[".repeat(65) + &"]".repeat(65), "E007"),
        ("[".repeat(900_000), "E007"),
        ("- ".repeat(400_000), "E007"),
        ("x".repeat(1024 * 1024 + 1), "E007"),
    ];
    for (text, code) in rows {
        let problems = Document::parse("f", &text).unwrap_err();
        assert_eq!(problems.last().map(|one| one.code), Some(code));
    }
    assert!(Document::parse("f", &("[".repeat(64) + &"]".repeat(64))).is_ok());
}

#[test]
fn sound_texts_keep_their_values() {
    for (text, wanted) in [
        ("a: no\nb: 0123\nc: on\n", r#"{"a":"no","b":"0123","c":"on"}"#),
        ("on: push\n1: x\ntrue: y\n", r#"{"on":"push","1":"x","true":"y"}"#),
        ("a: 1.10\nb: 0x1F\nc: +1\nd: .inf\ne: 1e3\n", r#"{"a":1.10,"b":31,"c":1,"d":".inf","e":1e3}"#),
        ("a: &x {b: [1, 2]}\nc: *x\nd: [*x]\n", r#"{"a":{"b":[1,2]},"c":{"b":[1,2]},"d":[{"b":[1,2]}]}"#),
        ("\u{feff}a: é\r\nb: ~\r\n", r#"{"a":"é","b":null}"#),
        ("a: >\n  one\n  two\nb: |-\n  x\n", r#"{"a":"one two\n","b":"x"}"#),
        (
            "a: 123456789012345678901234567890\nb: -99999999999999999999\n",
            r#"{"a":123456789012345678901234567890,"b":-99999999999999999999}"#,
        ),
        (
            "a: 99999999999999999999999999999999999999999999\n",
            r#"{"a":99999999999999999999999999999999999999999999}"#,
        ),
        ("a:b\n", r#""a:b""#),
        ("- a: {\n    \"id\": \"3\"\n  }\n", r#"[{"a":{"id":"3"}}]"#),
        (
            "a:\n  b: {\n\"c\": \"1\", # one }\n 'd':\n[\n]\n}\n  e: [\n  ]\n",
            r#"{"a":{"b":{"c":"1","d":[]},"e":[]}}"#,
        ),
        ("a:\n- [\n\"b\"\n]\n- { \"c\": {\n  }\n}\n", r#"{"a":[["b"],{"c":{}}]}"#),
        ("é:\n  b: { # é\n  \"c\": \"x\n    y\"\n  }\n", r#"{"é":{"b":{"c":"x y"}}}"#),
    ] {
        let got = Document::parse("f", text).unwrap().root().json().to_string();
        assert_eq!(got.parse::<serde_json::Value>().unwrap(), wanted.parse::<serde_json::Value>().unwrap());
    }
}

#[test]
fn a_node_knows_where_it_stands() {
    let text = "\u{feff}é: x\nlist:\n- a: \"q{{ x }}\"\n  b:\n- [1,\n   2]\n\nlast: {c: 1}\n";
    let document = Document::parse("f", text).unwrap();
    let root = document.root();
    let list = root.get("list").unwrap();
    let first = list.items().remove(0);
    let at = |span| text.get(span).unwrap();
    assert_eq!(at(list.key_span()), "list");
    assert_eq!(at(list.span()), "a: \"q{{ x }}\"\n  b:\n- [1,\n   2]");
    assert_eq!(at(first.get("a").unwrap().span()), "\"q{{ x }}\"");
    assert_eq!(at(first.get("a").unwrap().error_inside(1, 7, "E201", "").place.unwrap().span), "{{ x }}");
    assert_eq!(at(first.get("b").unwrap().span()), "b");
    let brackets = "a:\n  b: { # é\n  \"c\": \"x\",\n  \"d\": \"{{ y }}\"\n  }\n";
    let brackets = Document::parse("f", brackets).unwrap();
    let inner = brackets.root().get("a").unwrap().get("b").unwrap().get("d").unwrap();
    assert_eq!(inner.line(), 4);
    assert_eq!(
        brackets.text().get(inner.error_inside(0, 7, "E201", "").place.unwrap().span),
        Some("{{ y }}")
    );
    let block = Document::parse("f", "a:\n  b: |\n\n    one\n    two {{ x }}\n\nc: 1\n").unwrap();
    let inner = block.root().get("a").unwrap().get("b").unwrap();
    assert_eq!(block.text().get(inner.error_inside(9, 7, "E201", "").place.unwrap().span), Some("{{ x }}"));
    assert_eq!((first.line(), list.line(), root.get("last").unwrap().line()), (3, 3, 8));
    assert_eq!(root.entries().iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["é", "list", "last"]);
    assert!(
        root.get("none").is_none() && root.items().is_empty() && root.get("é").unwrap().entries().is_empty()
    );
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    name: Option<String>,
    #[serde(default)]
    list: Vec<Inner>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    count: Option<u32>,
    yes: Option<bool>,
    colour: Option<Colour>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    id: u8,
    retry: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Colour {
    Red,
    Green,
}

fn decoded(text: &str) -> (Option<Outer>, Vec<String>) {
    let document = Document::parse("f", text).unwrap();
    let mut problems = Vec::new();
    let outer = document.root().decode(&mut problems);
    (outer, told(text, &problems))
}

#[test]
fn a_typed_reading_tells_every_complaint() {
    let keys = "the keys here are `name`, `list`, `map`, `count`, `yes`, `colour`";
    let number = "a whole number, not negative";
    for (text, wanted) in [
        ("x-own: [1]\nlist: [{ id: 1, x-y: 2 }]\n", vec![]),
        ("name: #sales\n", vec!["E004 `name`: wanted a text, got nothing @\"#sales\" [` #` starts a comment: quote it, \"#sales\"]".to_owned()]),
        ("name:\n", vec!["E004 `name`: wanted a text, got nothing @\"name\" [write a value; \"\" is the empty text (and ` #` starts a comment)]".into()]),
        ("name: 1.10\n", vec!["E004 `name`: wanted a text, got a number @\"1.10\" [quote it: \"1.10\"]".into()]),
        ("name: [1]\nnmae: x\n", vec!["E004 `name`: wanted a text, got a list @\"[1]\" []".into(), format!("E003 `nmae` is not a key here; did you mean `name`? @\"nmae\" [{keys}]")]),
        ("count: -1\nyes: yes\n", vec![format!("E004 `count`: wanted {number}, got a number @\"-1\" []"), "E004 `yes`: wanted `true` or `false`, got a text @\"yes\" []".into()]),
        ("colour: gren\n", vec!["E004 `gren` is not a value here; did you mean `green`? @\"gren\" [the values here are `red`, `green`]".into()]),
        ("list: [{}, { id: x, retries: 1 }, 7, { id: 1, retry: 5 }]\n", vec![
            "E005 `id` is missing here @\"{}\" [write `id: …`]".into(),
            format!("E004 `id`: wanted {number}, got a text @\"x\" []"),
            "E003 `retries` is not a key here; did you mean `retry`? @\"retries\" [the keys here are `id`, `retry`]".into(),
            "E004 wanted a map, got a number @\"7\" []".into(),
            "E004 `retry`: wanted a text, got a number @\"5\" [quote it: \"5\"]".into(),
        ]),
        ("map: { a: no, x-b: 1 }\n", vec!["E004 `x-b`: wanted a text, got a number @\"1\" [quote it: \"1\"]".into()]),
        ("[]\n", vec!["E004 wanted a map, got a list @\"[]\" []".into()]),
    ] {
        assert_eq!(decoded(text).1, wanted, "{text}");
    }
}

#[test]
fn what_is_sound_is_read_beside_what_is_not() {
    let (outer, problems) = decoded(
        "name: x\nlist: [{ id: 1, retry: no }, 7]\nmap: { x-a: b }\ncount: x\nyes: true\ncolour: red\n",
    );
    let outer = outer.unwrap();
    assert_eq!((outer.name.as_deref(), outer.count, outer.yes), (Some("x"), None, Some(true)));
    assert_eq!(outer.list.first().map(|inner| (inner.id, inner.retry.as_deref())), Some((1, Some("no"))));
    assert!(outer.map.contains_key("x-a") && matches!(outer.colour, Some(Colour::Red)));
    assert_eq!(problems.len(), 2);
}
