//! What a set keeps: its digest, its text, its secrets and the example of the reference.

use super::stage::{file, set};
use crate::draw::{self, Style, Texts};
use crate::rehearse;
use crate::rule::{Loaded, Set, load};

const EXAMPLE: &str = include_str!("example.yaml");

#[test]
fn the_example_of_the_reference_loads() {
    let loaded = load(&[file("example.yaml", EXAMPLE)]);
    let told: Vec<&str> = loaded.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(told, ["no rule listens to the source `shopify`"]);
    let set = loaded.set.unwrap();
    assert_eq!((set.sources.len(), set.connections.len(), set.rules.len()), (4, 2, 3));
    let secrets: Vec<String> = set.secrets().iter().map(|(secret, _)| secret.to_string()).collect();
    assert_eq!(
        secrets,
        [
            "env GITHUB_WEBHOOK_SECRET",
            "file /run/secrets/stripe_whsec",
            "env SHOPIFY_SECRET",
            "env SHOPIFY_SECRET_OLD",
            "env SENSOR_SECRET",
            "env SLACK_WEBHOOK_URL",
            "env ERP_TOKEN"
        ]
    );
    let (_, place) = set.secrets().remove(0);
    assert_eq!(EXAMPLE.get(place.span), Some("{ env: GITHUB_WEBHOOK_SECRET }"));
    let rule = set.rule("Hot rooms").unwrap();
    assert_eq!((rule.line, rule.actions.len()), (46, 1));
    assert_eq!(rule.actions.first().unwrap().connection.as_deref(), Some("erp"));
    assert!(set.source("github").is_some() && set.source("gitlab").is_none());
}

#[test]
fn a_text_makes_the_same_set_again() {
    let text = "rules: [{ name: é, do: [{ log: x }] }]\nsources: { a: { verify: none } }\n";
    let set = set(text);
    let again = Set::from_text(set.text()).unwrap();
    assert_eq!(again.digest, set.digest);
    assert_eq!(again.rules.iter().map(|rule| &*rule.name).collect::<Vec<_>>(), ["é"]);
    for broken in ["", "{}", "{\"files\":[{}]}", "{\"files\":[{\"name\":\"a\",\"text\":\"rules: 1\"}]}"] {
        assert!(Set::from_text(broken).is_none(), "{broken}");
    }
}

#[test]
fn the_digest_tells_names_and_texts_apart() {
    let digest = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(name, text)| file(name, text)).collect();
        load(&files).set.unwrap().digest
    };
    let one = digest(&[("a", "rules: []")]);
    assert_eq!(digest(&[("a", "rules: []"), ("a", "rules: []")]), one, "a file given twice counts once");
    for other in [
        digest(&[("b", "rules: []")]),
        digest(&[("a", "rules: [] ")]),
        digest(&[("a", "rules: []"), ("b", "rules: []")]),
    ] {
        assert_ne!(other, one);
    }
}

#[test]
fn ten_thousand_rules_load_in_one_go() {
    let rules: String =
        (0..10_000).map(|index| format!("- {{ name: r{index}, from: a, do: [{{ log: x }}] }}\n")).collect();
    assert_eq!(set(&format!("sources: {{ a: {{ verify: none }} }}\nrules:\n{rules}")).rules.len(), 10_000);
}

#[test]
fn no_slip_of_the_finger_panics() {
    const SLIPS: &[&str] = &[
        "", " ", "\n", ":", ": ", "{", "}}", "[", "'", "\"", "&x ", "*x", "!t ", "|", ">", "- ", "#", "\t",
        "é", "\u{feff}", "?", ",",
    ];
    let letters: Vec<(usize, char)> = EXAMPLE.char_indices().collect();
    for (index, (byte, letter)) in letters.iter().enumerate().step_by(3) {
        let slip = SLIPS[index % SLIPS.len()];
        let (before, after) = EXAMPLE.split_at_checked(*byte).unwrap();
        let text = format!("{before}{slip}{}", after.strip_prefix(*letter).unwrap());
        let files = [file("a.yaml", &text)];
        let Loaded { set, problems } = load(&files);
        // Cases are read by `rehearse`, and the schema knows them.
        if set.is_some() && rehearse::load(&files, &[], set.as_deref()).problems.is_empty() {
            crate::schema::tests::takes_file(&text);
        }
        for problem in &problems {
            let place = problem.place.as_ref().map(|place| place.span.clone());
            assert!(place.is_none_or(|span| text.get(span).is_some()), "{problem:?} {text}");
        }
        draw::diagnostics(&problems, &Texts::from([("a.yaml", text.as_str())]), Style::Colour);
    }
}
