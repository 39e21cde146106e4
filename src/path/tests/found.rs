//! What paths find.

use serde_json::Value;

use super::super::{Path, Step};

const DOCUMENT: &str = r#"{
  "ref": "refs/heads/main",
  "id": 9007199254740993,
  "neighbour": 9007199254740992,
  "huge": 12345678901234567890123456789,
  "far": 1e400,
  "zero": -0.0,
  "price": 100.10,
  "none": null,
  "event-data": {"a b": 1, "it's": 2, "\"": 3, "\\": 4, "é": 5, "\u00a0": 6, "😀": 7, "": 8, "1": 9},
  "commits": [
    {"id": "a1", "added": 3, "author": {"name": "Ada"}, "tags": ["fix", "ui"]},
    {"id": "b2", "added": 10, "author": {"name": "Bo"}, "tags": []},
    {"id": "c3", "added": 10.0, "author": null},
    {"id": "d4", "author": {"name": "Äda"}, "tags": ["ui"]}
  ],
  "numbers": [0, 1, 1.0, 1e0, 10, -1, 0.1, 1e400],
  "lines": ["a.b", "a\nb", "a\rb", "axb", "ab", "a\u2028b"],
  "nested": [[1, [2, [3]]], {"x": [4]}]
}"#;

/// A path, and all it finds as one JSON list.
const FOUND: &[(&str, &str)] = &[
    // names and indexes
    ("$.ref", r#"["refs/heads/main"]"#),
    ("$['ref']", r#"["refs/heads/main"]"#),
    (r#"$["ref"]"#, r#"["refs/heads/main"]"#),
    ("$ .ref", r#"["refs/heads/main"]"#),
    ("$\n['ref' ]", r#"["refs/heads/main"]"#),
    ("$.none", "[null]"),
    ("$.missing", "[]"),
    ("$.ref.length", "[]"),
    ("$.ref[0]", "[]"),
    ("$.commits[0].id", r#"["a1"]"#),
    ("$.commits[-1].id", r#"["d4"]"#),
    ("$.commits[-4].id", r#"["a1"]"#),
    ("$.commits[-5].id", "[]"),
    ("$.commits[4]", "[]"),
    ("$.commits['0']", "[]"),
    ("$.commits[9007199254740991]", "[]"),
    ("$['event-data']['a b']", "[1]"),
    (r"$['event-data']['it\'s']", "[2]"),
    (r#"$['event-data']["it's"]"#, "[2]"),
    (r#"$['event-data']['"']"#, "[3]"),
    (r"$['event-data']['\\']", "[4]"),
    ("$['event-data'].é", "[5]"),
    (r"$['event-data']['\u00E9']", "[5]"),
    ("$['event-data'].\u{a0}", "[6]"),
    ("$['event-data'].😀", "[7]"),
    (r"$['event-data']['\ud83d\uDE00']", "[7]"),
    ("$['event-data']['']", "[8]"),
    ("$['event-data']['1']", "[9]"),
    ("$['event-data'][1]", "[]"),
    // several at once, in their order, twice if named twice
    ("$['id','ref']", r#"[9007199254740993, "refs/heads/main"]"#),
    ("$['ref','ref','missing']", r#"["refs/heads/main", "refs/heads/main"]"#),
    ("$.commits[*].id", r#"["a1", "b2", "c3", "d4"]"#),
    ("$.commits[1,0].added", "[10, 3]"),
    ("$.commits.*.author.name", r#"["Ada", "Bo", "Äda"]"#),
    ("$.ref[*]", "[]"),
    // slices
    ("$.commits[1:3].id", r#"["b2", "c3"]"#),
    ("$.commits[:2].id", r#"["a1", "b2"]"#),
    ("$.commits[-2:].id", r#"["c3", "d4"]"#),
    ("$.commits[::2].id", r#"["a1", "c3"]"#),
    ("$.commits[::-1].id", r#"["d4", "c3", "b2", "a1"]"#),
    ("$.commits[2:0:-1].id", r#"["c3", "b2"]"#),
    ("$.commits[-1:-9007199254740991:-2].id", r#"["d4", "b2"]"#),
    ("$.commits[::9007199254740991].id", r#"["a1"]"#),
    ("$.commits[::0].id", "[]"),
    ("$.commits[3:1].id", "[]"),
    ("$.commits[ 0 : 2 , 3 ].id", r#"["a1", "b2", "d4"]"#),
    ("$.ref[0:2]", "[]"),
    // all depths
    ("$..name", r#"["Ada", "Bo", "Äda"]"#),
    ("$.nested..[0]", "[[1, [2, [3]]], 1, 2, 3, 4]"),
    ("$.nested[0]..*", "[1, [2, [3]], 2, [3], 3]"),
    ("$..author['name']", r#"["Ada", "Bo", "Äda"]"#),
    ("$..['x','id']", r#"[9007199254740993, "a1", "b2", "c3", "d4", [4]]"#),
    // filters: comparisons
    ("$.commits[?@.added == 10].id", r#"["b2", "c3"]"#),
    ("$.commits[?@.added==1e1].id", r#"["b2", "c3"]"#),
    ("$.commits[?@.added > 3].id", r#"["b2", "c3"]"#),
    ("$.commits[?@.added <= 3].id", r#"["a1"]"#),
    ("$.commits[?@.added != 10].id", r#"["a1", "d4"]"#),
    ("$.commits[?10 == @['added']].id", r#"["b2", "c3"]"#),
    ("$.commits[?@.added == '10'].id", "[]"),
    ("$.commits[?@.added == @.missing].id", r#"["d4"]"#),
    ("$.commits[?@.author == null].id", r#"["c3"]"#),
    ("$.commits[?@.author.name >= 'Bo'].id", r#"["b2", "d4"]"#),
    ("$.commits[?@.tags == $.commits[3].tags].id", r#"["d4"]"#),
    ("$.commits[?@.tags[0] == 'fix', 0].id", r#"["a1", "a1"]"#),
    ("$.commits[?true == false].id", "[]"),
    ("$.commits[?@.missing <= @.missing][0]", "[]"),
    ("$.numbers[?@ == 1]", "[1, 1.0, 1e0]"),
    ("$.numbers[?@ == -0]", "[0]"),
    ("$.numbers[?@ == 1e400]", "[1e400]"),
    ("$.numbers[?@ >= 1e399]", "[1e400]"),
    ("$.numbers[?@ < 0.10000000000000000001]", "[0, -1, 0.1]"),
    ("$.numbers[?@ == 0.10]", "[0.1]"),
    ("$[?@ == 9007199254740993]", "[9007199254740993]"),
    ("$[?@ == 12345678901234567890123456789.0]", "[12345678901234567890123456789]"),
    ("$[?@ == 12345678901234567890123456788]", "[]"),
    ("$[?@ == 10.01e1]", "[100.10]"),
    ("$[?@ == $.id]", "[9007199254740993]"),
    ("$[?@ == 0]", "[-0.0]"),
    // filters: tests and their joints
    ("$.commits[?@.tags].id", r#"["a1", "b2", "d4"]"#),
    ("$.commits[?!@.tags].id", r#"["c3"]"#),
    ("$.commits[?@.author].id", r#"["a1", "b2", "c3", "d4"]"#),
    ("$.commits[?@.tags[*]].id", r#"["a1", "d4"]"#),
    ("$.commits[?@.tags[?@ == 'ui']].id", r#"["a1", "d4"]"#),
    ("$.commits[?@..name && !(@.added > 3)].id", r#"["a1", "d4"]"#),
    ("$.commits[?@.added == 3 || @.added == 10 && @.author == null].id", r#"["a1", "c3"]"#),
    ("$.commits[?(@.added == 3 || @.added == 10) && @.author == null].id", r#"["c3"]"#),
    ("$.commits[?$.missing].id", "[]"),
    ("$.commits[?$.none].id", r#"["a1", "b2", "c3", "d4"]"#),
    ("$..[?@.name=='Bo'].name", r#"["Bo"]"#),
    // functions
    ("$.commits[?length(@.id) == 2][?@ == 3]", "[3]"),
    ("$.commits[?length(@.author.name) == 3].id", r#"["a1", "d4"]"#),
    ("$.commits[?length(@) < 4].id", r#"["c3", "d4"]"#),
    ("$.commits[?length(@.added) == length(@.missing)].id", r#"["a1", "b2", "c3", "d4"]"#),
    ("$.commits[?count(@.tags[*]) == 2.0].id", r#"["a1"]"#),
    ("$.commits[?count(@.tags[*]) == count(@.missing)].id", r#"["b2", "c3"]"#),
    ("$.commits[?count(@.*) >= length(@)].id", r#"["a1", "b2", "c3", "d4"]"#),
    ("$.commits[?1 < count(@.tags[*])].id", r#"["a1"]"#),
    ("$.commits[?value(@..name) == 'Bo'].id", r#"["b2"]"#),
    ("$.commits[?value(@.tags[*]) == 'ui'].id", r#"["d4"]"#),
    ("$.commits[?match(@.id, '[ab][0-9]')].id", r#"["a1", "b2"]"#),
    ("$.commits[?match(@.id, '[ab]')].id", "[]"),
    ("$.commits[?search(@.id, '[ab]')].id", r#"["a1", "b2"]"#),
    ("$.commits[?search(@.id, '^[ab]|3$')].id", r#"["a1", "b2", "c3"]"#),
    ("$.commits[?match(@.id, 'a1|b')].id", r#"["a1"]"#),
    ("$.commits[?!search(@.author.name, 'd')].id", r#"["b2", "c3"]"#),
    (r"$.commits[?match(@.author.name, '\\p{Lu}\\P{Lu}+')].id", r#"["a1", "b2", "d4"]"#),
    ("$.lines[?match(@, 'a.b')]", "[\"a.b\", \"axb\", \"a\u{2028}b\"]"),
    (r"$.lines[?match(@, 'a\\.b')]", r#"["a.b"]"#),
    ("$.lines[?match(@, 'a[.]b')]", r#"["a.b"]"#),
    (r"$.lines[?match(@, 'a[\\n\\r]b')]", r#"["a\nb", "a\rb"]"#),
    ("$.lines[?match(@, 'ax{0,1}b')]", r#"["axb", "ab"]"#),
    ("$.lines[?match(@, 'a[w-y&&~-]b')]", r#"["axb"]"#),
    ("$.numbers[?match(@, '.*')]", "[]"),
];

/// Whether a path finds one value at most, by its form.
const SINGULAR: &[(&str, bool)] = &[
    ("$", true),
    ("$.a['b'][-1]", true),
    ("$.a[0,1]", false),
    ("$.a[0:1]", false),
    ("$..a", false),
    ("$.*", false),
    ("$[?@.a]", false),
];

#[test]
fn paths_find_what_they_name() {
    let document: Value = DOCUMENT.parse().unwrap();
    for (text, wanted) in FOUND {
        let path = Path::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let wanted: Vec<Value> =
            serde_json::from_str(wanted).unwrap_or_else(|error| panic!("{text}: {error}"));
        let found = path.all(&document).unwrap();
        assert_eq!(found, wanted.iter().collect::<Vec<_>>(), "{text}");
        assert_eq!(path.first(&document).unwrap(), wanted.first(), "the first of {text}");
    }
}

#[test]
fn the_form_of_a_path_says_whether_it_is_singular() {
    for (text, wanted) in SINGULAR {
        let path = Path::parse(text).unwrap();
        assert_eq!(path.is_singular(), *wanted, "{text}");
        assert_eq!(path.singular_steps().is_some(), *wanted, "{text}");
    }
    let steps = [Step::Name("a".into()), Step::Name("b".into()), Step::Index(-1)];
    assert_eq!(Path::parse("$.a['b'][-1]").unwrap().singular_steps(), Some(&steps[..]));
}

#[test]
fn a_path_is_its_text() {
    let path = Path::parse("$ ['a']").unwrap();
    assert_eq!(path, path.clone());
    assert_ne!(path, Path::parse("$.a").unwrap());
    assert_eq!(path.to_string(), "$ ['a']");
    assert_eq!(format!("{path:?}"), "Path($ ['a'])");
}
