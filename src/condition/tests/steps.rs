//! What happens when the work runs out.

use super::{compiled, event};
use crate::condition::{Condition, Verdict};
use crate::event::Event;
use crate::path::{OutOfSteps, Steps};

fn wide() -> Event {
    let items: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    event(&format!(r#"{{"a": [{}], "b": 1}}"#, items.join(",")))
}

/// Both ways of judging end the same way, whatever the budget.
fn check_all_budgets(condition: &Condition, event: &Event) {
    for budget in 0..300 {
        let (mut one, mut two) = (Steps::new(budget), Steps::new(budget));
        let held = condition.holds(event, &mut one);
        let proof = condition.prove_within(event, &mut two);
        let wanted = match held {
            Ok(true) => Verdict::Held,
            Ok(false) => Verdict::Failed,
            Err(OutOfSteps) => Verdict::Unknown,
        };
        assert_eq!(proof.verdict, wanted, "{budget}: {proof:#?}");
        assert_eq!(one.left(), two.left(), "{budget}");
    }
}

#[test]
fn a_proof_ends_as_the_quick_look_does() {
    for text in [
        "'$.a[*]': 59",
        "{ '$.a[*]': 59, $.b: 2, '$..a': 1 }",
        "any: [{ '$.a[*]': 59 }, { $.b: 1 }]",
        "not: { '$.a[*]': { gt: 20, lt: 30, ne: 25 } }",
        "'$.a[*]': { every: { lt: { path: '$.a[*]' } } }",
        "'$.a[*]': { none: 500, count: { gt: 5 } }",
        "'$.a[*]': { in: { path: $.a } }",
    ] {
        check_all_budgets(&compiled(text), &wide());
    }
}

#[test]
fn running_out_is_an_error_not_a_no() {
    let event = wide();
    let condition = compiled("'$..*..*..*..*': 5");
    let deep = super::event(&format!("{}{}", "[".repeat(60), "]".repeat(60)));
    assert_eq!(condition.holds(&deep, &mut Steps::new(1000)), Err(OutOfSteps));
    assert_eq!(compiled("not: { '$.a[*]': 500 }").holds(&event, &mut Steps::new(10)), Err(OutOfSteps));
    let proof = compiled("not: { '$.a[*]': 500 }").prove_within(&event, &mut Steps::new(10));
    assert_eq!(proof.verdict, Verdict::Unknown);
    assert!(!proof.holds());
    let leaves = proof.leaves();
    let (verdict, leaf) = leaves.first().unwrap();
    assert_eq!(*verdict, Verdict::Unknown);
    assert!(leaf.reason.as_ref().unwrap().contains("too many steps"), "{leaf:?}");
}

#[test]
fn steps_are_shared_by_the_conditions_of_an_event() {
    let event = wide();
    let condition = compiled("'$.a[*]': 500");
    let mut steps = Steps::new(500);
    assert_eq!(condition.holds(&event, &mut steps), Ok(false));
    let first = 500 - steps.left();
    assert!(first >= 60, "{first}");
    while steps.left() >= first {
        assert_eq!(condition.holds(&event, &mut steps), Ok(false));
    }
    assert_eq!(condition.holds(&event, &mut steps), Err(OutOfSteps));
}

#[test]
fn comparing_large_values_costs_steps() {
    let event = wide();
    let mut steps = Steps::new(100_000);
    assert_eq!(compiled("$.a: { eq: { path: $.a } }").holds(&event, &mut steps), Ok(true));
    assert!(steps.left() <= 100_000 - 60);
    assert_eq!(compiled("$.a: { eq: { path: $.a } }").holds(&event, &mut Steps::new(50)), Err(OutOfSteps));
}
