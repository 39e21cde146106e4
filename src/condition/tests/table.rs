//! The table of operators is complete: every row has words and an example that is one line of `if`.

use std::collections::BTreeSet;

use super::{Condition, compiled};
use crate::condition::OPERATORS;

#[test]
fn every_operator_has_words_and_a_working_example() {
    for operator in OPERATORS {
        let name = operator.name;
        assert!(
            !operator.summary.is_empty() && !operator.argument.is_empty() && !operator.fails.is_empty(),
            "{name}"
        );
        let example = operator.example.replace("$.items[?@.price > 100]", "'$.items[?@.price > 100]'");
        assert!(example.contains(&format!("{name}:")), "{name}");
        assert!(matches!(compiled(&example), Condition::Field(_)), "{name}");
    }
}

#[test]
fn names_are_unique_and_complete() {
    let names: BTreeSet<&str> = OPERATORS.iter().map(|operator| operator.name).collect();
    let wanted = "eq ne in not_in gt gte lt lte between contains starts_with ends_with matches glob exists type \
                  length count every none not as before after cidr ieq";
    assert_eq!(names.len(), OPERATORS.len());
    assert_eq!(names, wanted.split_whitespace().collect());
}
