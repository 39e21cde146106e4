//! Broken conditions: the code, the stretch of the file that is drawn, and a word of the message or the mend.

use super::compile;

/// An `if`, a code, what is underlined, and what is said.
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("$.a[: 1", "E101", "[", "`[`"),
    ("'$.a[?@.b = 1]': 1", "E101", "=", "=="),
    ("\"$.a..\": 1", "E101", "", ""),
    ("ref: 1", "E101", "ref", "write `$.ref`"),
    ("data.object.id: 1", "E101", "data.object.id", "write `$.data.object.id`"),
    ("a b: 1", "E101", "a b", "write `$[\"a b\"]`"),
    ("payload.ref: 1", "E101", "payload.ref", "write `$.ref`"),
    (".ref: 1", "E101", ".ref", "write `$.ref`"),
    ("x-github-event: push", "E101", "x-github-event", "headers.x-github-event"),
    ("header.x-y: push", "E101", "header.x-y", "did you mean `headers.x-y`?"),
    ("headers: push", "E101", "headers", "`headers.NAME`"),
    ("headers.: push", "E101", "headers.", "lacks a name"),
    ("'headers.a b': push", "E101", "'headers.a b'", "not the name of a header"),
    ("exists: $.a", "E101", "exists", "is an operator and stands under a path"),
    ("$.a: { eq: { path: ref } }", "E101", "r", "write `$.ref`"),
    ("$.a: { eq: { path: '$.b[' } }", "E101", "[", "never closed"),
    ("methd: POST", "E003", "methd", "did you mean `method`?"),
    ("or: [{ $.a: 1 }]", "E003", "or", "did you mean `any`?"),
    ("event.type: push", "E003", "event.type", "did you mean `event`?"),
    ("$.a: '> 100'", "E102", ">", "`$.a: { gt: 100 }`"),
    ("$.a: > 100", "E102", ">", "$.a: { gt: 100 }"),
    ("$.a: '>=100'", "E102", ">=", "{ gte: 100 }"),
    ("$.a: '!= main'", "E102", "!=", "{ ne: main }"),
    ("$.a: == main", "E102", "==", "{ eq: main }"),
    ("$.a: =~ ^v[0-9]", "E102", "=~", "{ matches: '^v[0-9]' }"),
    ("$.a: gt 5", "E102", "gt", "{ gt: 5 }"),
    ("$.a: [x, '< 5']", "E102", "<", "{ lt: 5 }"),
    ("$.a: { not: '< 5' }", "E102", "<", "{ lt: 5 }"),
    ("$.a: { equal: 1 }", "E103", "equal", "did you mean `eq`?"),
    ("$.a: { regex: x }", "E103", "regex", "did you mean `matches`?"),
    ("$.a: { '>': 1 }", "E103", "'>'", "did you mean `gt`?"),
    ("$.a: { '!=': 1 }", "E103", "'!='", "did you mean `ne`?"),
    ("$.a: { ==: 1 }", "E103", "==", "did you mean `eq`?"),
    ("$.a: { '=~': x }", "E103", "'=~'", "did you mean `matches`?"),
    ("$.a: { contain: x }", "E103", "contain", "did you mean `contains`?"),
    ("$.a: { startsWith: x }", "E103", "startsWith", "did you mean `starts_with`?"),
    ("$.a: { not-in: [x] }", "E103", "not-in", "did you mean `not_in`?"),
    ("$.a: { betwen: [1, 2] }", "E103", "betwen", "did you mean `between`?"),
    ("$.a: { missing: true }", "E103", "missing", "`exists: false`"),
    ("$.a: { path: $.b }", "E103", "path", "`eq: { path: $.b }`"),
    ("$.data: { object: { id: 1 } }", "E103", "object", "`$.data.object`"),
    ("$.a: { every: { zzz: 1 } }", "E103", "zzz", "operators are"),
    ("$.a: { in: x }", "E104", "x", "takes a list"),
    ("$.a: { in: [] }", "E104", "[]", "empty list"),
    ("$.a: []", "E104", "[]", "empty list"),
    ("$.a: {}", "E104", "{}", "names no operator"),
    ("{}", "E104", "{}", "without conditions"),
    ("any: []", "E104", "[]", "without conditions"),
    ("any: [{}]", "E104", "{}", "without conditions"),
    ("not: [{ $.a: 1 }]", "E104", "[{ $.a: 1 }]", "not: { any"),
    ("$.a: { gt: true }", "E104", "true", "takes a number or a text"),
    ("$.a: { gt: [1] }", "E104", "[1]", "takes a number or a text"),
    ("$.a: { between: [1] }", "E104", "[1]", "two numbers"),
    ("$.a: { between: [1, 2, 3] }", "E104", "[1, 2, 3]", "two numbers"),
    ("$.a: { between: [5, 1] }", "E104", "[5, 1]", "nothing lies between"),
    ("$.a: { between: [5, x] }", "E104", "[5, x]", "no order"),
    ("$.a: { starts_with: 4 }", "E104", "4", "takes a text"),
    ("$.a: { matches: 4 }", "E104", "4", "takes a text"),
    ("$.a: { matches: { path: $.b } }", "E104", "{ path: $.b }", "nothing from the payload"),
    ("$.a: { exists: 1 }", "E104", "1", "true or false"),
    ("$.a: { type: text }", "E104", "text", "did you mean `string`?"),
    ("$.a: { type: [string, nubmer] }", "E104", "nubmer", "did you mean `number`?"),
    ("$.a: { length: { starts_with: 1 } }", "E104", "starts_with", "no sense"),
    ("$.a: { length: long }", "E104", "long", "is a number"),
    ("$.a: { every: { count: 1 } }", "E104", "count", "all values"),
    ("$.a: { as: number }", "E104", "{ as: number }", "tests nothing"),
    ("$.a: { as: float, gt: 1 }", "E104", "float", "did you mean `number`?"),
    ("$.a: { as: number, gt: '5' }", "E104", "'5'", "without quotes"),
    ("$.a: { as: number,\n    gt: '5'   # text\n  }", "E104", "'5'", "without quotes"),
    ("$.a: {\n  gt: [1]   # list\n  }", "E104", "[1]", "takes a number"),
    ("$.a: { as: string, eq: 5 }", "E104", "5", "quote it"),
    ("$.a: { before: yesterday }", "E104", "yesterday", "7d ago"),
    ("$.a: { before: 2026-01-01 }", "E104", "2026-01-01", "is not a time"),
    ("ip: { cidr: 10.0.0.0/40 }", "E104", "10.0.0.0/40", "not a network"),
    ("ip: 10.0.0.0/8", "E104", "10.0.0.0/8", "ip: { cidr: 10.0.0.0/8 }"),
    ("method: post", "E104", "post", "write `POST`"),
    ("query.page: 1", "E104", "1", "`query.page` is always text"),
    ("headers.x-y: ~", "E104", "~", "exists: false"),
    ("$.a: .inf", "E104", ".inf", "not a number of JSON"),
    ("$.a: { matches: 'v[0-9' }", "E105", "[", "unclosed character class"),
    ("$.a: { matches: [ok, 'a(b'] }", "E105", "(", "unclosed group"),
    ("$.a: { matches: 'a(?!b)' }", "E105", "(?!", "look-around"),
    ("$.a: { matches: '((a{1,100}){1,100}){1,100}' }", "E105", "((a{1,100}){1,100}){1,100}", "too large"),
    ("$.a: 'x {{ $.b }}'", "E212", "{{ $.b }}", "{ eq: { path: $.b } }"),
    ("$.a: { in: [x, '{{ $.b }}'] }", "E212", "{{ $.b }}", "no templates"),
    ("$.a: { matches: '{{ $.b }}' }", "E212", "{{ $.b }}", "no templates"),
    ("'{{ $.a }}': x", "E212", "'{{ $.a }}'", "no templates"),
    ("$.a:", "E004", "$.a", "`~`"),
    ("$.a: { eq: }", "E004", "eq", "`~`"),
    ("x", "E004", "x", "a map"),
    ("[{ $.a: 1 }]", "E004", "[{ $.a: 1 }]", "any: […]"),
    ("any: 5", "E004", "5", "a map"),
];

#[test]
fn each_mistake_is_drawn_where_it_is() {
    let mut wrong = Vec::new();
    for (text, code, underlined, words) in ROWS {
        let problems = compile(text).expect_err(text);
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:#?}") };
        let span = problem.place.as_ref().unwrap().span.clone();
        let said = format!("{} {}", problem.message, problem.help.as_deref().unwrap_or_default());
        if problem.code != *code || text.get(span.clone()) != Some(*underlined) || !said.contains(words) {
            wrong.push(format!("{text}\n    {} {:?} {said}", problem.code, text.get(span)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_mistakes_are_found_in_one_go() {
    let text = "ref: { equal: 1 }\n$.a: '> 5'\n$.b: { gt: true, matches: '(' }\nany:\n  - $.c[: 1\n  - $.d: '{{ $.x }}'\n";
    let problems = compile(text).unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["E101", "E103", "E102", "E104", "E105", "E101", "E212"]);
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| format!("{}{{ $.a: 1 }}{}", "{ not: ".repeat(levels), " }".repeat(levels));
    assert!(compile(&deep(60)).is_ok());
    assert!(compile(&deep(70)).unwrap_err().iter().all(|problem| problem.code == "E007"));
    let inside = |levels: usize| format!("$.a: {}1{}", "{ not: ".repeat(levels), " }".repeat(levels));
    assert!(compile(&inside(60)).is_ok());
    assert!(compile(&inside(70)).unwrap_err().iter().all(|problem| problem.code == "E007"));
}
