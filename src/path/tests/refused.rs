//! What is refused, where, and with which words: every message in full.

use super::super::{Path, limits};

/// Two lines a case: the path with `‸` where it breaks, and behind two spaces the message with its mend.
const REFUSED: &str = include_str!("refused.txt");

/// How many cases there are, so that none is lost by a slip of the format.
const CASES: usize = 171;

#[test]
fn refusals_point_at_the_mistake_and_say_how_to_mend_it() {
    let lines: Vec<&str> = REFUSED.lines().collect();
    let mut wrong = Vec::new();
    for case in lines.chunks(2) {
        let (marked, wanted) = (case[0], case[1].trim_start());
        let text = marked.replace('‸', "");
        let got = match Path::parse(&text) {
            Ok(_) => format!("{text}\n  accepted"),
            Err(error) => {
                let (before, behind) = text.split_at(error.offset);
                format!("{before}‸{behind}\n  {error}")
            }
        };
        if got != format!("{marked}\n  {wanted}") {
            wrong.push(format!("{marked}\n  {wanted}\nbut got\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert_eq!(lines.len(), 2 * CASES);
}

#[test]
fn spaces_and_controls_that_a_list_would_not_show_are_refused() {
    let cases = [
        ("$.a ", 3, "a space follows the path; remove it"),
        ("$.a\n", 3, "a space follows the path; remove it"),
        ("$['a\tb']", 4, "a control character stands in quoted text; write `\\t`"),
        ("$['a\u{0}']", 4, "a control character stands in quoted text; write `\\u0000`"),
        ("$.a\u{7}", 3, "`\\u{7}` cannot stand in a bare name; write `$['a\u{7}']`"),
    ];
    for (text, offset, message) in cases {
        let error = Path::parse(text).unwrap_err();
        assert_eq!((error.offset, error.to_string().as_str()), (offset, message), "{text:?}");
    }
}

#[test]
fn what_passes_a_limit_is_refused() {
    let cases = [
        (
            format!("$.{}", "a".repeat(limits::TEXT_BYTES_MAX)),
            0,
            "a path of 4098 bytes is too long: 4096 is the most",
        ),
        (format!("${}", "[".repeat(50)), 33, "brackets nest deeper than 32 levels"),
        (format!("$[?{}", "(".repeat(50)), 34, "brackets nest deeper than 32 levels"),
        (format!("$[?{}", "count(".repeat(7)), 44, "function calls nest deeper than 6 levels"),
        (
            "$[?search(@,'((a{1,100}){1,100}){1,100}')]".to_owned(),
            13,
            "the pattern grows too large; repeat less: `{1,1000}` inside another repetition multiplies",
        ),
        (format!("$[?search(@,'{}')]", "(".repeat(40)), 45, "groups nest too deep"),
    ];
    for (text, offset, message) in cases {
        let error = Path::parse(&text).unwrap_err();
        assert_eq!((error.offset, error.to_string().as_str()), (offset, message), "{text:?}");
    }
}
