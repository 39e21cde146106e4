//! Limits hold, and no text makes the program stop.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::limit;

fn message(template: &str) -> String {
    Template::compile(template, Escape::None).map_or_else(|error| error.message, |_| "read".to_owned())
}

#[test]
fn nesting_is_bounded_before_the_parser_sees_it() {
    let blocks = |depth: usize| format!("{}x{}", "{{#if $.a}}".repeat(depth), "{{/if}}".repeat(depth));
    let brackets = |depth: usize| format!("{{{{ not {}$.a{} }}}}", "(not ".repeat(depth), ")".repeat(depth));
    let chain = |parts: usize| format!("{{{{#if $.a}}}}{}{{{{/if}}}}", "{{else if $.a}}".repeat(parts));
    let deep = "a template nested deeper than 32 levels";
    for (template, wanted) in [
        (blocks(32), "read"),
        (blocks(33), deep),
        (blocks(3_500), deep),
        (brackets(32), "read"),
        (brackets(33), deep),
        (brackets(9_000), deep),
        (chain(31), "read"),
        (chain(32), deep),
        (chain(3_000), deep),
        ("{{#if $.a}}".repeat(5_500), deep),
        (format!("{{{{ {} }}}}", "(".repeat(30_000)), "a tag cannot begin with `(`"),
        (format!("{{{{ not {} }}}}", "(".repeat(30_000)), "a tag cannot begin with `(`"),
        (format!("{{{{ $.a{} }}}}", "[".repeat(30_000)), "`[` without its `]`"),
        (format!("{{{{ json $.a{}1{} }}}}", "[".repeat(5_000), "]".repeat(5_000)), "any"),
        ("{{".repeat(30_000), "raw blocks `{{{{ … }}}}` are not used here"),
        ("{{ ".repeat(20_000), "`{{` without its `}}`"),
        ("{{else}}".repeat(5_000), "`else` outside of a block"),
        ("\\{{".repeat(1_000), "read"),
        ("\\{{".repeat(1_001), "a template with more than 1000 tags"),
        ("{{!".repeat(20_000), "`{{` without its `}}`"),
        ("{{ $.a }}".repeat(1_000), "read"),
        ("{{ $.a }}".repeat(1_001), "a template with more than 1000 tags"),
        ("x".repeat(limit::TEMPLATE_MAX_BYTES), "read"),
        ("x".repeat(limit::TEMPLATE_MAX_BYTES + 1), "a template longer than 65536 bytes"),
    ] {
        let got = message(&template);
        assert!(
            got == wanted || wanted == "any",
            "{}…: {got}",
            template.chars().take(30).collect::<String>()
        );
    }
}

#[test]
fn a_template_of_the_greatest_depth_can_be_filled() {
    let template = format!("{}{{{{ $.a }}}}{}", "{{#with $}}".repeat(32), "{{/with}}".repeat(32));
    assert_eq!(text(&template, r#"{"a":1}"#).as_deref(), Ok("1"));
    let chain = format!("{{{{#if $.x}}}}0{}{{{{else}}}}end{{{{/if}}}}", "{{else if $.x}}1".repeat(31));
    assert_eq!(text(&chain, "{}").as_deref(), Ok("end"));
}

#[test]
fn output_and_rounds_are_bounded() {
    let list = |count: usize| {
        format!("{{\"l\":[{}],\"t\":\"{}\"}}", vec!["1"; count].join(","), "x".repeat(200_000))
    };
    let too_long = "template: the text is longer than 262144 bytes";
    let too_many = "template: more than 100000 rounds of `each`";
    let made = "the result is longer than 1048576 bytes";
    for (template, count, wanted) in [
        ("{{#each $.l}}{{/each}}", 99_000, ""),
        ("{{ $.t }}{{ $.t }}", 1, too_long),
        ("{{#each $.l}}{{ $.t }}{{/each}}", 2, too_long),
        ("{{#each $.l}}aaa{{/each}}", 99_000, too_long),
        ("{{#each $.l}}{{#each $.l}}{{/each}}{{/each}}", 1_000, too_many),
        ("{{#each $.l}}{{#each $.l}}{{#each $.l}}{{/each}}{{/each}}{{/each}}", 100, too_many),
        ("{{ replace $.t \"x\" $.t }}", 1, &format!("template: `replace`: {made}")),
        ("{{ join $.l $.t }}", 99_000, &format!("template: `join`: {made}")),
        ("{{ truncate (json $) 5 }}", 10, "{\"l\"…"),
        (
            "{{#each $.l}}{{#if (eq (length $..*) 0)}}x{{/if}}{{/each}}",
            50_000,
            "template: too much work for one template, at `(eq (length $..*) 0)`; name more of the way, or do less in `each`",
        ),
        (
            "{{#each $.l}}{{#if (eq (upper $.t) 0)}}x{{/if}}{{/each}}",
            50_000,
            "template: too much work for one template, at `(upper $.t)`; name more of the way, or do less in `each`",
        ),
        (
            "{{#each $.l}}{{#each $..t}}{{#if (eq this 0)}}x{{/if}}{{/each}}{{/each}}",
            5_000,
            "template: too much work for one template, at `this`; name more of the way, or do less in `each`",
        ),
    ] {
        assert_eq!(text(template, &list(count)).unwrap_or_else(|failure| failure), wanted, "{template}");
    }
}

/// The cases are the same in every run.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: SEED, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn no_text_makes_it_panic(template in r#"(\{\{[#/~!]?|~?\}\}|if|each|with|else| as \|a b\||\$\.a|\$|upper|eq|[ \n"'()\[\]\\.|=@]|this|\.\./|x|5|é|--){0,14}"#) {
        compiled_and_filled(&template)?;
    }

    #[test]
    fn no_bytes_make_it_panic(template in any::<String>()) {
        compiled_and_filled(&template)?;
    }

    #[test]
    fn a_text_without_tags_is_itself(template in "[a-z }\\\\\n]{0,40}") {
        let compiled = Template::compile(&template, Escape::None).unwrap();
        prop_assert_eq!(compiled.literal(), Some(template.as_str()));
    }
}

/// Whatever the text is: it is refused at a place inside it, or filled.
fn compiled_and_filled(template: &str) -> Result<(), TestCaseError> {
    match Template::compile(template, Escape::None) {
        Err(error) => {
            prop_assert!(template.is_char_boundary(error.offset), "{}", error);
            prop_assert!(!error.message.contains("cannot be read"), "{}: {}", template, error);
        }
        Ok(compiled) => {
            let event = event(r#"{"a":[{"x":1},"b"],"if":true}"#);
            let _ = compiled.value(&Scope::new(&event, "CI"));
        }
    }
    Ok(())
}
