//! The table of helpers: one row each. Help, reference pages and tests are made from it.

use std::borrow::Cow;

use serde_json::Value;

use super::{Block, Helper, Inputs, Ready, Run, Wrong, encode, json, list, logic, money, text, when};
use crate::template::error::Failure;
use crate::template::node::Expression;

const MANY: usize = usize::MAX;

/// All helpers, in the order of the reference page.
pub const HELPERS: &[Helper] = &[
    value(
        "default",
        (2, MANY),
        logic::default,
        "The first value that is there; the last stands in for a missing one.",
        r#"{{ default $.note "n/a" }}"#,
        "n/a",
    ),
    value("json", (1, 1), json::json, "Any value as JSON text.", "{{ json $.tags }}", r#"["new","vip"]"#),
    value(
        "number",
        (1, 1),
        text::number,
        "A text of digits as a number, none of them lost.",
        "{{ number $.price }}",
        "409.94",
    ),
    value(
        "string",
        (1, 1),
        text::string,
        "A number, true or false as text.",
        "{{ string $.amount }}",
        "15000",
    ),
    value(
        "money",
        (2, 3),
        money::money,
        "An amount in the currency's smallest unit as people write it; a third argument says how many decimals.",
        "{{ money $.amount $.currency }}",
        "$150.00",
    ),
    Helper {
        run: Run::Value { prepare: when::prepare, make: when::date },
        ..value(
            "date",
            (1, 3),
            when::date,
            "A moment (unix seconds or milliseconds, or RFC 3339) in a format of strftime and a time zone.",
            r#"{{ date $.created "%-d %B %Y, %H:%M" "Europe/Berlin" }}"#,
            "14 November 2023, 23:13",
        )
    },
    value(
        "truncate",
        (2, 3),
        text::truncate,
        "At most so many characters, the last of them `…` when something was cut.",
        "{{ truncate $.email 8 }}",
        "ada@exa…",
    ),
    value("upper", (1, 1), text::upper, "In capitals.", "{{ upper $.currency }}", "USD"),
    value("lower", (1, 1), text::lower, "In small letters.", r#"{{ lower "ADA" }}"#, "ada"),
    value("trim", (1, 1), text::trim, "Without blanks at both ends.", "{{ trim $.name }}", "Ada Lovelace"),
    value(
        "replace",
        (3, 3),
        text::replace,
        "With each occurrence of one text replaced by another.",
        r#"{{ replace $.ref "refs/heads/" "" }}"#,
        "main",
    ),
    value(
        "join",
        (1, 2),
        list::join,
        "The items of a list as one text, with `, ` or another text between them.",
        r#"{{ join $.tags " + " }}"#,
        "new + vip",
    ),
    value(
        "split",
        (2, 2),
        list::split,
        "The parts of a text between separators, as a list.",
        r#"{{ json (split $.email "@") }}"#,
        r#"["ada","example.com"]"#,
    ),
    value("first", (1, 1), list::first, "The first item of a list.", "{{ first $.tags }}", "new"),
    value("last", (1, 1), list::last, "The last item of a list.", r#"{{ last (split $.ref "/") }}"#, "main"),
    value(
        "length",
        (1, 1),
        list::length,
        "How many items, entries or characters.",
        "{{ length $.items }}",
        "2",
    ),
    value(
        "base64",
        (1, 1),
        encode::base64,
        "A text in Base64.",
        "{{ base64 $.email }}",
        "YWRhQGV4YW1wbGUuY29t",
    ),
    value(
        "sha256",
        (1, 1),
        encode::sha256,
        "The SHA-256 of a text, in hexadecimal.",
        "{{ truncate (sha256 $.email) 12 \"\" }}",
        "b5fc85e55755",
    ),
    Helper {
        run: Run::Value { prepare: json::prepare, make: json::jsonpath },
        ..value(
            "jsonpath",
            (1, 2),
            json::jsonpath,
            "What a JSONPath finds, in the payload or in the value before it; a list when it can find several.",
            r#"{{ join (jsonpath "$.items[?@.id > 1].sku") }}"#,
            "B",
        )
    },
    value(
        "lookup",
        (2, 2),
        list::lookup,
        "The entry of a map or the item of a list, by a name or index that is itself a value.",
        "{{ lookup $.prices $.currency }}",
        "10",
    ),
    value(
        "eq",
        (2, 2),
        logic::eq,
        "Whether two values are equal; a missing one equals null.",
        r#"{{ eq $.currency "usd" }}"#,
        "true",
    ),
    value("ne", (2, 2), logic::ne, "Whether two values differ.", r#"{{ ne $.currency "usd" }}"#, "false"),
    value(
        "and",
        (2, MANY),
        logic::and,
        "Whether all values are there and not false, 0 or empty.",
        "{{ and $.paid $.tags }}",
        "true",
    ),
    value(
        "or",
        (2, MANY),
        logic::or,
        "Whether one of the values is there and not false, 0 or empty.",
        "{{ or $.note $.paid }}",
        "true",
    ),
    value(
        "not",
        (1, 1),
        logic::not,
        "Whether a value is missing, false, 0 or empty.",
        "{{ not $.note }}",
        "true",
    ),
    block(
        "if",
        Block::If,
        "Its text when a value is there and not false, 0 or empty; else that behind `{{else}}`.",
        "{{#if $.paid}}paid{{else}}open{{/if}}",
        "paid",
    ),
    block(
        "each",
        Block::Each,
        "Its text for each item of a list or entry of a map; `{{else}}` when there is none.",
        "{{#each $.items}}{{@index}}={{this.sku}} {{/each}}",
        "0=A 1=B ",
    ),
    block(
        "unless",
        Block::Unless,
        "Its text when a value is missing, false, 0 or empty.",
        "{{#unless $.note}}no note{{/unless}}",
        "no note",
    ),
    block(
        "with",
        Block::With,
        "Its text with a value as `this`.",
        "{{#with $.plan}}{{ name }}{{/with}}",
        "pro",
    ),
];

const fn value(
    name: &'static str,
    arguments: (usize, usize),
    make: for<'r, 'a> fn(&Inputs<'r, 'a>) -> Result<Cow<'a, Value>, Failure>,
    summary: &'static str,
    example: &'static str,
    gives: &'static str,
) -> Helper {
    Helper { name, summary, example, gives, arguments, run: Run::Value { prepare: nothing, make } }
}

const fn block(
    name: &'static str,
    block: Block,
    summary: &'static str,
    example: &'static str,
    gives: &'static str,
) -> Helper {
    Helper { name, summary, example, gives, arguments: (1, 1), run: Run::Block(block) }
}

fn nothing(_: &[Expression]) -> Result<Ready, Wrong> {
    Ok(Ready::Nothing)
}
