//! Another implementation beside ours, on paths and documents made at random: both accept the same texts and find the
//! same values in the same order.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use serde_json_path::JsonPath;

use super::super::{Options, Path, Steps};

/// Cases in an ordinary run; `PROPTEST_CASES` asks for another number.
const CASES: u32 = 400;

/// Where the two are known to differ: a path, a document, how much ours finds and how much theirs, if it accepts the path.
/// What is made at random keeps clear of these.
const KNOWN: &[(&str, &str, usize, Option<usize>)] = &[
    // RFC 9535, section 2.3.5.2.2: `<=` is `<` or `==`, and nothing equals nothing
    ("$[?@.a <= @.b]", "[0]", 1, Some(0)),
    // the same section: lists have no order, nor have `true` and `false`
    ("$[?@ > $]", "[[]]", 0, Some(1)),
    ("$[?@ > true]", "[false]", 0, Some(1)),
    // RFC 9535, section 2.3.3.2: an index may count from the end, also in a filter
    ("$[?@[-1] == 1]", "[[0, 1]]", 1, Some(0)),
    // RFC 9535, section 2.1.1: space may stand before any segment
    ("$ ..a", r#"{"a": 1}"#, 1, None),
    // theirs compares as floats
    ("$[?@ == 9007199254740993]", "[9007199254740993, 9007199254740992]", 1, Some(2)),
];

/// Words that are strung together at random.
const WORDS: &[&str] = &[
    "$", "@", ".", "..", "*", "[", "]", "(", ")", ",", ":", "?", "!", "&&", "||", "==", "!=", "<", "<=", " ",
    "a", "b", "1", "-1", "0.5", "'a'", "\"b\"", "true", "null", "length", "count", "value", "match", "'a.'",
    "[?", "[*]", "@.a", "$.b", "['a']", "==1",
];

const NAMES: &[&str] = &["a", "b", "c", "é", "_1"];
const PATTERNS: &[&str] =
    &["a", "a.", "a|b", "[ab]+", "[^a]", "a?b{1,2}", "\\\\.", "(a|)b", "\\\\p{Lu}.*", ".", ""];
const ORDERED: &[&str] = &["0", "1", "-1", "2", "0.5", "5e-1", "10e-1", "'a'", "\"ab\"", "''"];
const LITERALS: &[&str] = &["0", "1", "0.5", "'a'", "true", "false", "null"];
const COMPARISONS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];
/// The comparisons of two sides that may both be nothing, or both lists.
const EQUALITIES: &[&str] = &["==", "!="];
const SLICES: &[&str] = &[":", "1:", ":2", "-2:", "::2", "::-1", "2:0:-1", "-1:-3:-1", "0:9:3", "::0", "5:1"];
const SPACES: &[&str] = &["", "", " ", "\n"];

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-2..4_i64).prop_map(Value::from),
        select(vec![
            json!(0.5),
            json!("a"),
            json!("b"),
            json!("ab"),
            json!("a.b"),
            json!("Ab"),
            json!(""),
            json!("é")
        ]),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((select(NAMES), inner), 0..5).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    (select(NAMES), 0..3).prop_map(|(name, quotes)| match quotes {
        0 => format!(".{name}"),
        1 => format!("['{name}']"),
        _ => format!("[\"{name}\"]"),
    })
}

fn singular(start: &'static [&'static str]) -> impl Strategy<Value = String> {
    let step = prop_oneof![3 => name(), 1 => (0..4_i64).prop_map(|index| format!("[{index}]"))];
    (select(start), prop::collection::vec(step, 0..3))
        .prop_map(|(start, steps)| format!("{start}{}", steps.concat()))
}

fn selector(filter: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    prop_oneof![
        select(NAMES).prop_map(|name| format!("'{name}'")),
        (-3..4_i64).prop_map(|index| index.to_string()),
        select(SLICES).prop_map(str::to_owned),
        Just("*".to_owned()),
        filter.prop_map(|filter| format!("?{filter}")),
    ]
}

fn segments(filter: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let union = (select(SPACES), prop::collection::vec(selector(filter), 1..3))
        .prop_map(|(space, selectors)| format!("[{space}{}]", selectors.join(&format!("{space},{space}"))))
        .boxed();
    let segment = prop_oneof![
        3 => name(),
        2 => union.clone(),
        1 => Just(".*".to_owned()),
        1 => select(NAMES).prop_map(|name| format!("..{name}")),
        1 => union.prop_map(|union| format!("..{union}")),
        1 => Just("..*".to_owned()),
    ];
    prop::collection::vec(segment, 0..4).prop_map(|segments| segments.concat())
}

fn operand(query: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(LITERALS).prop_map(str::to_owned),
        3 => singular(&["@", "@", "$"]),
        1 => singular(&["@", "$"]).prop_map(|path| format!("length({path})")),
        1 => query.clone().prop_map(|path| format!("count({path})")),
        1 => query.prop_map(|path| format!("value({path})")),
    ]
}

fn filter() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        singular(&["@", "$"]),
        (singular(&["@"]), select(COMPARISONS), select(ORDERED))
            .prop_map(|(left, is, right)| [&left, is, right].concat()),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let query = (select(&["@", "@", "$"][..]), segments(inner.clone()))
            .prop_map(|(start, rest)| format!("{start}{rest}"))
            .boxed();
        let matches = (select(&["match", "search"][..]), singular(&["@"]), select(PATTERNS));
        prop_oneof![
            2 => (operand(query.clone()), select(EQUALITIES), operand(query.clone()), select(SPACES))
                .prop_map(|(left, is, right, space)| format!("{left}{space}{is}{space}{right}")),
            1 => query,
            1 => matches.prop_map(|(name, text, pattern)| format!("{name}({text}, '{pattern}')")),
            1 => inner.clone().prop_map(|test| format!("!({test})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left}&&{right}")),
            1 => (inner.clone(), inner).prop_map(|(left, right)| format!("({left} || {right})")),
        ]
        .boxed()
    })
    .boxed()
}

fn query() -> impl Strategy<Value = String> {
    segments(filter()).prop_map(|segments| format!("${segments}"))
}

/// A text that is likely, but not certain, to be a path: words in any order, inside a filter or not.
fn soup() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(select(WORDS), 0..7).prop_map(|words| words.concat());
    prop_oneof![
        words.clone().prop_map(|words| format!("${words}")),
        words.clone().prop_map(|words| format!("$[?{words}]")),
        words.prop_map(|words| format!("$[{words}]")),
    ]
}

/// A good path with one character taken out, put in or doubled.
fn damaged() -> impl Strategy<Value = String> {
    (query(), any::<prop::sample::Index>(), select(WORDS), any::<bool>()).prop_map(
        |(path, place, word, replaces)| {
            let mut pieces: Vec<String> = path.chars().map(String::from).collect();
            let place = place.index(pieces.len());
            if replaces {
                pieces[place] = word.to_owned();
            } else {
                pieces.insert(place, word.to_owned());
            }
            pieces.concat()
        },
    )
}

fn agree_on(text: &str) -> Result<(), TestCaseError> {
    // Theirs lets a pattern come from anywhere, and one that is no pattern match nothing.
    let (ours, theirs) = (Path::parse_with(text, Options { dynamic_patterns: true }), JsonPath::parse(text));
    if let Err(error) = &ours {
        prop_assert!(text.is_char_boundary(error.offset), "{text:?}: {error:?}");
    }
    let spaced_descent = text.split([' ', '\n']).skip(1).any(|behind| behind.starts_with(".."));
    prop_assume!(!spaced_descent);
    prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}: {:?} and {:?}", text, ours, theirs);
    Ok(())
}

#[test]
fn known_differences_are_as_they_are_listed() {
    for (text, document, ours, theirs) in KNOWN {
        let document: Value = document.parse().unwrap();
        let found = Path::parse(text).map(|path| path.all(&document).unwrap().len());
        assert_eq!(found.as_ref(), Ok(ours), "{text}");
        assert_eq!(JsonPath::parse(text).ok().map(|path| path.query(&document).len()), *theirs, "{text}");
    }
}

/// The cases are the same in every run.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES),
        failure_persistence: None,
        rng_seed: SEED,
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_find_the_same(text in query(), document in document()) {
        let ours = Path::parse(&text).map_err(|error| TestCaseError::fail(format!("{text:?}: {error}")))?;
        let theirs = JsonPath::parse(&text).map_err(|error| TestCaseError::fail(format!("{text:?}: {error}")))?;
        let mut found: Vec<&Value> = Vec::new();
        let ended = ours.each(&document, &mut Steps::default(), &mut |value| {
            found.push(value);
            std::ops::ControlFlow::Continue(())
        });
        prop_assume!(ended.is_ok());
        let wanted = theirs.query(&document).all();
        let same = found.len() == wanted.len() && found.iter().zip(&wanted).all(|(ours, theirs)| std::ptr::eq(*ours, *theirs));
        prop_assert!(same, "{text:?} on {document}: ours {found:?}, theirs {wanted:?}");
        prop_assert_eq!(ours.first(&document).unwrap(), wanted.first().copied());
    }

    #[test]
    fn both_accept_the_same(soup in soup(), damaged in damaged()) {
        agree_on(&soup)?;
        agree_on(&damaged)?;
    }

    #[test]
    fn no_text_does_harm(text in "[ -~é\\n]{0,40}", start in select(&["", "$", "$[?", "$[?match(@,'", "$['"][..])) {
        let text = format!("{start}{text}");
        if let Err(error) = Path::parse(&text) {
            prop_assert!(text.is_char_boundary(error.offset), "{text:?}: {error:?}");
        }
    }
}
