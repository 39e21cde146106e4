//! The worst that a path or a value can do: it ends soon, with an error, and never with the process.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::limits::{CALLS_MAX, DEPTH_MAX, NESTING_MAX, STEPS_MAX};
use super::super::{OutOfSteps, Path, Steps};

/// Far above what any case takes, so that a loaded machine does not fail it, far below what no limit would take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A start, a part that is repeated, how often, and an end.
const REFUSED: &[(&str, &str, usize, &str)] = &[
    ("$[?", "(", 2000, ""),
    ("$[?", "(", 40, "@.a"),
    ("$", "[", 10_000, ""),
    ("$", "[", 4000, ""),
    ("$", "[?@", 1000, ""),
    ("$[?", "!(", 2000, "@.a"),
    ("$[?", "count(", 600, ""),
    ("$[?", "count(", CALLS_MAX, "="),
    ("$[?", "value(@[?count(", 3, "@.a"),
    ("$[?", "length(", CALLS_MAX, "@.a @.b"),
    ("$", "[?match(value(@", 3, ""),
    ("$[?", "@.a&&", 800, ""),
    ("$[?", "@.a==", 800, "1]"),
    ("$['", "\\", 4001, "']"),
    ("$", ".a", 3000, ""),
    ("$[?", "!", 4000, "@.a]"),
    ("$", "..", 2000, ""),
    ("$[", "1:", 2000, "]"),
    ("$[", "1,", 2000, "]"),
    ("$[?search(@,'", "(", 100, "')]"),
    ("$[?search(@,'", "a{1,1000}", 100, "')]"),
    ("$[?search(@,'((a{1,100}){1,100}){1,100}", "", 0, "')]"),
    ("$[?search(@,'a{99999999999999999999}", "", 0, "')]"),
];

/// Well-bracketed texts whose innermost part is wrong, so that a parser that tries again at each level tries long:
/// an opening, its closing, and how often they enclose the mistake.
const DOUBTFUL: &[(&str, &str, usize)] = &[
    ("(", ")", NESTING_MAX - 1),
    ("!(", ")", NESTING_MAX - 1),
    ("length(", ")", CALLS_MAX),
    ("count(", ")==1", CALLS_MAX),
    ("(count(", ")==1)", CALLS_MAX),
    ("match(value(", "),'a')", CALLS_MAX / 2),
    ("@[?", "]", NESTING_MAX - 1),
    ("$[?@.a==1&&@[?", "]]", NESTING_MAX / 2 - 1),
    ("count(@[?", "])==1", CALLS_MAX),
    ("count(@[?(", ")])==1", CALLS_MAX),
    ("1==count(@[?", "])", CALLS_MAX),
    ("!(match(value(@[?", "]),'a'))", CALLS_MAX / 2),
    ("((((match(@[?((((", "))))],'a')))))", 2),
];

/// Mistakes that only the parser finds, and one that is none.
const MISTAKES: &[&str] = &["@.a==1==1", "1", "@.*==1", "@.a", "@.a==!@.b", "count(@,@)"];

fn texts_to_refuse() -> impl Iterator<Item = String> {
    let open = REFUSED.iter().map(|(start, part, count, end)| [*start, &part.repeat(*count), *end].concat());
    let closed = DOUBTFUL.iter().flat_map(|(opening, closing, count)| {
        MISTAKES
            .iter()
            .map(|mistake| format!("$[?{}{mistake}{}] == 1", opening.repeat(*count), closing.repeat(*count)))
    });
    open.chain(closed)
}

#[test]
fn hostile_texts_are_refused_soon() {
    for text in texts_to_refuse() {
        let started = Instant::now();
        let error = Path::parse(&text).expect_err(&text);
        assert!(started.elapsed() < PATIENCE, "{text} took {:?}", started.elapsed());
        assert!(text.is_char_boundary(error.offset), "{error:?}");
    }
}

#[test]
fn what_is_within_the_limits_is_accepted_soon() {
    let nested = |open: &str, inner: &str, close: &str, count: usize| {
        [&open.repeat(count), inner, &close.repeat(count)].map(str::to_owned).concat()
    };
    let texts = [
        format!("$[?{}]", nested("(", "@.a", ")", NESTING_MAX - 1)),
        format!("$[?{}]", nested("!(", "@.a", ")", NESTING_MAX - 1)),
        format!("$[?{}==1]", nested("length(", "@.a", ")", CALLS_MAX)),
        format!("${}", nested("[?@", "", "]", NESTING_MAX)),
        format!("${}", nested("[?match(value(@", "", "),'a')]", CALLS_MAX / 2)),
        format!("$[?{}@.a]", "@.a&&".repeat(800)),
        format!("$[?{}@.a]", "@.a==1||".repeat(500)),
        format!("$[{}1]", "1,".repeat(2000)),
        format!("${}", "..*".repeat(1300)),
        format!("${}", ".a".repeat(2000)),
        format!("$['{}']", "a".repeat(4000)),
    ];
    for text in texts {
        let started = Instant::now();
        Path::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(started.elapsed() < PATIENCE, "{text} took {:?}", started.elapsed());
    }
}

/// Paths that would take minutes or years on the value below.
const ENDLESS: &[&str] = &[
    "$..*..*..*..*",
    "$..*..*..*..*..*..*..*..*..nothing",
    "$..[?$..[?$..[?$.nothing]]]",
    "$..[?count($..*) == 1]",
    "$..[?$..* && count($..*..*) == value($..*)]",
    "$..[?$ == $]",
    "$..[?search($.text, 'never')]",
    "$..[?length($.text) == 1]..[?length($.text) == 1]",
    "$..['a','a','a','a']..['a','a','a','a']..['a','a','a','a']..['a','a']",
    "$..[:,:,:]..[:,:,:]..[:,:,:]..[:,:,:]",
];

#[test]
fn endless_walks_run_out_of_steps() {
    let list =
        |length: usize| Value::Array((0..length).map(|number| json!({"x": [number, [number]]})).collect());
    let mut value = json!({"text": "no ".repeat(20_000), "list": list(1000)});
    value["deep"] = nested(62);
    for text in ENDLESS {
        let path = Path::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let started = Instant::now();
        let mut steps = Steps::default();
        let ended = path.each(&value, &mut steps, &mut |_| ControlFlow::Continue(()));
        assert_eq!(ended, Err(OutOfSteps), "{text} left {}", steps.left());
        assert!(started.elapsed() < PATIENCE, "{text} took {:?}", started.elapsed());
    }
}

/// Arrays and objects in turn; not by `json!`, which copies what it is given.
fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::from(1), |inner, level| match level % 2 {
        0 => Value::Array(vec![inner]),
        _ => Value::Object([("a".to_owned(), inner)].into_iter().collect()),
    })
}

#[test]
fn values_that_nest_too_deep_end_the_walk_not_the_process() {
    let walks = || {
        let endless =
            ["$..*", "$..[?@..*]", "$..[?$..[?$..[?$..*]]]", "$..[?@ == $]", "$..[?count(@..*) > 1]"];
        for path in endless.map(|text| Path::parse(text).unwrap()) {
            assert_eq!(path.all(&nested(DEPTH_MAX + 100)), Err(OutOfSteps), "{path}");
        }
        let several = ["$..*", "$..[?$..[?$..[?@..* || $]]]", "$..[?$..[?$..[?@..* || $]]]"];
        for path in several.map(|text| Path::parse(text).unwrap()) {
            assert_eq!(path.all(&nested(64)).map(|found| found.len()), Ok(64), "{path}");
        }
    };
    // Half of what a thread gets, and frames are several times larger here than in the built program.
    std::thread::Builder::new().stack_size(1 << 20).spawn(walks).unwrap().join().unwrap();
}

#[test]
fn steps_are_spent_as_values_are_looked_at() {
    let value: Value = Value::Array((0..100).map(Value::from).collect());
    let path = Path::parse("$[*]").unwrap();
    let mut steps = Steps::new(150);
    assert_eq!(path.each(&value, &mut steps, &mut |_| ControlFlow::Continue(())), Ok(()));
    assert_eq!(steps.left(), 50);
    assert_eq!(path.each(&value, &mut steps, &mut |_| ControlFlow::Continue(())), Err(OutOfSteps));
    assert_eq!(steps.left(), 0);
    let mut steps = Steps::default();
    assert_eq!(path.each(&value, &mut steps, &mut |_| ControlFlow::Break(())), Ok(()));
    assert_eq!(steps.left(), STEPS_MAX - 1);
}
