//! What templates make of an event.

use super::*;

const PAYLOAD: &str = r#"{
    "data": {"object": {"amount": 15000, "currency": "usd", "email": "a@b.c", "none": null}},
    "items": [{"id": 1, "sku": "A", "tags": ["x", "y"]}, {"id": 2, "sku": "B", "tags": []}],
    "event-data": {"x": "dashed"}, "a b": {"c]d": "odd"}, "id": 12345678901234567890123, "price": 0.10, "big": 1e400,
    "yes": true, "no": false, "zero": 0, "zeros": -0.00, "empty": "", "list": [], "map": {}, "text": "<&>\n\"quoted\"",
    "ref": "refs/heads/main", "prices": {"usd": 10, "eur": 9}, "key": "eur", "umlaut": "Größe", "digits": "409.94",
    "created": 1700000000, "millis": 1700000000123, "stamp": "2023-11-14T22:13:20Z", "slack": "1700000000.000200",
    "matrix": [[1, 2], [3]], "words": ["b", "a", 3, true], "event": "payload's own", "nested": {"items": {"k": "v"}}
}"#;

#[test]
fn text_of() {
    for (template, wanted) in [
        // Literals.
        ("", ""),
        ("no tag at all }} { } \\ é", "no tag at all }} { } \\ é"),
        ("two \\{{braces}}", "two {{braces}}"),
        ("\\\\{{ $.yes }}", "\\true"),
        ("{{! a comment }}a{{!-- {{ $.not }} looked at --}}b", "ab"),
        ("a\n{{!-- alone in its line --}}\nb", "a\nb"),
        // Paths.
        ("{{ $.data.object.amount }}", "15000"),
        ("{{$.data.object.currency}}", "usd"),
        ("{{ $.items[0].id }}", "1"),
        ("{{ $.items[-1].sku }}", "B"),
        ("{{ $['event-data'].x }}", "dashed"),
        ("{{ $['a b']['c]d'] }}", "odd"),
        ("{{ $[\"a b\"][\"c]d\"] }}", "odd"),
        ("{{ $.matrix[0][1] }}", "2"),
        ("{{ headers.x-github-event }}", "push"),
        ("{{ headers.X-GitHub-Event }}", "push"),
        ("{{ headers['x-twice'] }}", "a"),
        ("{{ query.a }}", "1"),
        ("{{ query.b }}", "x y"),
        ("{{ query.dotted.name }}", "3"),
        ("{{ params.site }}", "berlin"),
        ("{{ event.type }} {{ event.source }}", "push github"),
        ("{{ event.received_at }}", "2026-11-21T14:33:02.114Z"),
        ("{{ rule.name }}", "CI"),
        (
            "{{ json headers }}",
            r#"{"content-type":"application/json","x-github-event":"push","x-twice":"a, b"}"#,
        ),
        ("{{ json query }}", r#"{"a":"1","b":"x y","dotted.name":"3"}"#),
        ("{{ json params }}", r#"{"site":"berlin"}"#),
        // Values as they were sent.
        ("{{ $.id }}", "12345678901234567890123"),
        ("{{ $.price }} {{ $.zeros }}", "0.10 -0.00"),
        ("{{ $.big }}", "1e+400"),
        ("{{ $.yes }}/{{ $.no }}", "true/false"),
        ("[{{ $.empty }}]", "[]"),
        ("{{ $.text }}", "<&>\n\"quoted\""),
        ("{{ $.umlaut }}", "Größe"),
        // Missing and null.
        ("{{ $.data.x }}", "template: missing $.data.x"),
        ("{{ $.data.object.none }}", "template: missing $.data.object.none (it is null)"),
        ("rm -rf /data/{{ $.x }}", "template: missing $.x"),
        ("{{ $.items[7].id }}", "template: missing $.items[7].id"),
        ("{{ $.id.x }}", "template: missing $.id.x"),
        ("{{ headers.x-none }}", "template: missing headers.x-none"),
        ("{{ headers.x-bytes }}", "template: missing headers.x-bytes"),
        ("{{ query.none }}", "template: missing query.none"),
        ("{{ steps.build.json.url }}", "template: missing steps.build.json.url"),
        ("{{ failure.reason }}", "template: missing failure.reason"),
        ("{{ upper $.x }}", "template: missing $.x"),
        ("{{ default $.x \"n/a\" }}", "n/a"),
        ("{{ default $.data.object.none 5 }}", "5"),
        ("{{ default $.x $.data.object.none $.key }}", "eur"),
        ("{{ default $.empty \"n/a\" }}", ""),
        ("{{ default (upper $.x) \"n/a\" }}", "n/a"),
        ("{{ default $.x $.y }}", "template: missing $.y"),
        (
            "{{ default $.x null }}",
            "template: `(default $.x null)` is null, not a text; write it as JSON: `{{ json … }}`, or name a part of it",
        ),
        // Lists and maps are no texts.
        (
            "{{ $.data }}",
            "template: `$.data` is a map, not a text; write it as JSON: `{{ json … }}`, or name a part of it",
        ),
        (
            "a {{ $.items }}",
            "template: `$.items` is a list, not a text; write it as JSON: `{{ json … }}`, or name a part of it",
        ),
        (
            "{{ $ }}",
            "template: `$` is a map, not a text; write it as JSON: `{{ json … }}`, or name a part of it",
        ),
        ("{{ json $.items[1] }}", r#"{"id":2,"sku":"B","tags":[]}"#),
        ("{{ json $.price }}{{ json $.text }}", r#"0.10"<&>\n\"quoted\"""#),
        ("{{ json $.x }}", "template: missing $.x"),
        // Helpers.
        ("{{ string $.id }}", "12345678901234567890123"),
        ("{{ number \"007\" }}", "template: `number`: `\"007\"` is a text, but not of a number"),
        ("{{ number $.digits }}", "409.94"),
        ("{{ number $.yes }}", "template: `number`: `$.yes` is true or false, not a number"),
        ("{{ upper 'it\\'s' }} {{ lower $.umlaut }}", "IT'S größe"),
        ("{{ truncate $.umlaut 3 }}|{{ truncate $.umlaut 5 }}|{{ truncate $.umlaut 0 }}", "Gr…|Größe|"),
        ("{{ truncate $.ref 9 \"...\" }}|{{ truncate $.ref 2 \"...\" }}", "refs/h...|.."),
        ("{{ truncate $.ref -1 }}", "template: `truncate`: `-1` is a number, not a whole number from 0 on"),
        (
            "{{ replace $.ref \"\" \"x\" }}",
            "template: `replace`: `\"\"` is empty; there must be something to replace",
        ),
        ("{{ replace $.ref \"/\" \"\\n\" }}", "refs\nheads\nmain"),
        ("{{ join $.words }}", "b, a, 3, true"),
        ("{{ join $.items[*].sku \"+\" }}", "A+B"),
        (
            "{{ join $.items }}",
            "template: `join`: `$.items` has a map among its items; name a part: `$.items[*].name`",
        ),
        ("{{ join $.key }}", "template: `join`: `$.key` is a text, not a list"),
        ("{{ join $.nothing[*].sku }}|", "|"),
        ("{{ first $.words }}{{ last $.words }}", "btrue"),
        ("{{ first $.list }}", "template: missing (first $.list)"),
        ("{{ default (first $.list) \"none\" }}", "none"),
        ("{{ length $.umlaut }} {{ length $.words }} {{ length $.prices }}", "5 4 2"),
        ("{{ lookup $.prices $.key }} {{ lookup $.words 2 }}", "9 3"),
        ("{{ lookup $.prices \"chf\" }}", "template: missing (lookup $.prices \"chf\")"),
        ("{{ lookup $.prices 1 }}", "template: `lookup`: `1` is a number, not a text, the name of an entry"),
        ("{{ jsonpath $.items \"$[1].sku\" }}{{ jsonpath \"$.key\" }}", "Beur"),
        ("{{ json (jsonpath \"$..id\") }}", "[12345678901234567890123,1,2]"),
        ("{{ jsonpath \"$.nothing\" }}", "template: missing (jsonpath \"$.nothing\")"),
        ("{{ base64 \"ü\" }}", "w7w="),
        ("{{ sha256 \"\" }}", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            "{{ eq $.zero $.zeros }} {{ eq \"1\" 1 }} {{ ne $.x null }} {{ eq $.x \"a\" }}",
            "true false false false",
        ),
        ("{{ eq $.prices (jsonpath \"$.prices\") }}", "true"),
        ("{{ and $.yes $.x }} {{ or $.x $.yes }} {{ not $.x }}", "false true true"),
        // Money.
        ("{{ money 15000 \"usd\" }} {{ money 5 \"EUR\" }} {{ money 0 \"gbp\" }}", "$150.00 €0.05 £0.00"),
        ("{{ money -150 \"usd\" }} {{ money -0 \"usd\" }} {{ money -1 \"chf\" }}", "-$1.50 $0.00 -0.01 CHF"),
        (
            "{{ money 15000 \"jpy\" }} {{ money 15000 \"krw\" }} {{ money 7 \"clp\" }}",
            "¥15000 15000 KRW 7 CLP",
        ),
        (
            "{{ money 1234 \"kwd\" }} {{ money 1 \"BHD\" }} {{ money 12345 \"clf\" }}",
            "1.234 KWD 0.001 BHD 1.2345 CLF",
        ),
        ("{{ money 5000 \"isk\" }} {{ money 5000 \"isk\" 2 }}", "5000 ISK 50.00 ISK"),
        ("{{ money $.id \"usd\" }}", "$123456789012345678901.23"),
        (
            "{{ money $.price \"usd\" }}",
            "template: `money`: `$.price` is not a whole number; an amount is counted in the currency's smallest unit",
        ),
        ("{{ money \"5\" \"usd\" }}", "template: `money`: `\"5\"` is a text, not a number"),
        (
            "{{ money 5 \"dollar\" }}",
            "template: `money`: `\"dollar\"` is not a currency; it has three letters, such as `usd`",
        ),
        ("{{ money 5 \"usd\" 99 }}", "template: `money`: `99` is more decimals than any currency has"),
        // Dates.
        ("{{ date $.created }}", "2023-11-14T22:13:20+00:00"),
        ("{{ date $.millis \"%H:%M:%S%.3f\" }}", "22:13:20.123"),
        ("{{ date $.stamp \"%Y-%m-%d %H:%M %Z\" \"America/New_York\" }}", "2023-11-14 17:13 EST"),
        ("{{ date $.slack \"%H:%M:%S%.6f\" }}", "22:13:20.000200"),
        ("{{ date \"2023-07-01T12:00:00+02:00\" \"%H:%M\" \"Europe/Berlin\" }}", "12:00"),
        ("{{ date -1.5 \"%F %T%.1f\" }}", "1969-12-31 23:59:58.5"),
        (
            "{{ date 0 }} {{ date 1e5 }}",
            "template: `date`: `1e+5` is not a moment: unix seconds or milliseconds, or RFC 3339",
        ),
        (
            "{{ date $.key }}",
            "template: `date`: `$.key` is not a moment: unix seconds or milliseconds, or RFC 3339",
        ),
        (
            "{{ date $.id }}",
            "template: `date`: `$.id` is not a moment: unix seconds or milliseconds, or RFC 3339",
        ),
        // Blocks.
        ("{{#if $.yes}}a{{else}}b{{/if}}{{#if $.no}}a{{else}}b{{/if}}{{#if $.no}}a{{/if}}", "ab"),
        (
            "{{#if $.x}}a{{else}}b{{/if}}{{#if $.zeros}}a{{else}}b{{/if}}{{#if $.empty}}a{{else}}b{{/if}}",
            "bbb",
        ),
        (
            "{{#if $.list}}a{{else}}b{{/if}}{{#if $.map}}a{{else}}b{{/if}}{{#if $.data}}a{{else}}b{{/if}}",
            "bba",
        ),
        ("{{#unless $.x}}a{{else}}b{{/unless}}{{#unless $.yes}}a{{else}}b{{/unless}}", "ab"),
        ("{{#if (eq $.key \"usd\")}}1{{else if (eq $.key \"eur\")}}2{{else if $.yes}}3{{else}}4{{/if}}", "2"),
        ("{{#if $.no}}1{{else if $.zero}}2{{else if $.yes}}3{{else}}4{{/if}}", "3"),
        ("{{#if $.no}}1{{else if $.zero}}2{{else if $.x}}3{{else}}4{{/if}}", "4"),
        ("{{#if $.no}}1{{else if $.zero}}2{{/if}}", ""),
        ("{{#each $.words}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "0b,1a,23,3true"),
        ("{{#each $.items}}{{this.sku}}{{ sku }}{{ this['id'] }}{{#if @first}}|{{/if}}{{/each}}", "AA1|BB2"),
        ("{{#each $.prices}}{{@key}}={{this}};{{/each}}", "eur=9;usd=10;"),
        ("{{#each $.prices as |price name|}}{{name}}={{price}};{{/each}}", "eur=9;usd=10;"),
        (
            "{{#each $.items as |item at|}}{{at}}{{item.sku}}{{#each item.tags as |tag|}}{{item.id}}{{tag}}{{/each}};{{/each}}",
            "0A1x1y;1B;",
        ),
        (
            "{{#each $.matrix}}{{#each this}}{{@../index}}{{@index}}{{this}}{{length ../this}} {{/each}}{{/each}}",
            "0012 0122 1031 ",
        ),
        ("{{#each $.items}}{{#each tags}}{{../sku}}{{this}}{{/each}}{{/each}}", "AxAy"),
        (
            "{{#each $.items}}{{event.type}}{{$.key}}{{headers.x-github-event}} {{/each}}",
            "pusheurpush pusheurpush ",
        ),
        ("{{#each $.items[*].sku}}{{this}}{{/each}}{{#each (split \"a.b\" \".\")}}{{this}}{{/each}}", "ABab"),
        (
            "{{#each $.list}}a{{else}}none{{/each}}{{#each $.x}}a{{else}}none{{/each}}[{{#each $.list}}a{{/each}}]",
            "nonenone[]",
        ),
        ("{{#each $.x}}a{{/each}}", "template: missing $.x"),
        ("{{#each $.key}}a{{/each}}", "template: `each`: `$.key` is a text, not a list or a map"),
        ("{{#each $.items}}{{ weight }}{{/each}}", "template: missing weight"),
        ("{{#with $.data.object}}{{amount}} {{this.currency}}{{/with}}", "15000 usd"),
        ("{{#with $.data as |d|}}{{d.object.email}}{{/with}}{{#with $.x}}a{{else}}b{{/with}}", "a@b.cb"),
        ("{{#with $.nested}}{{#each items}}{{@key}}{{this}}{{/each}}{{/with}}", "kv"),
        // Blanks and lines that belong to tags.
        ("a {{~ $.key ~}} b", "aeurb"),
        ("list:\n{{#each $.items}}\n- {{sku}}\n{{/each}}\nend", "list:\n- A\n- B\nend"),
        ("{{#if $.yes ~}}\n  a\n{{~ else ~}} b {{~/if}}", "a"),
        ("{\"a\":{{ $.id }} }", "{\"a\":12345678901234567890123 }"),
        ("{{upper\n  (replace\n    $.ref 'refs/heads/' '')\n}}", "MAIN"),
    ] {
        let got = text(template, PAYLOAD).unwrap_or_else(|failure| failure);
        assert_eq!(got, wanted, "{template}");
    }
}

#[test]
fn value_of() {
    for (template, wanted) in [
        ("{{ $.data.object.amount }}", "15000"),
        ("{{ $.price }}", "0.10"),
        ("{{ $.yes }}", "true"),
        ("{{ $.key }}", r#""eur""#),
        ("{{ $.items[1] }}", r#"{"id":2,"sku":"B","tags":[]}"#),
        ("{{ $.items[*].id }}", "[1,2]"),
        ("{{ $.items[?@.id == 2].sku }}", r#"["B"]"#),
        ("{{ $.nothing[*].id }}", "[]"),
        ("{{~ $.key ~}}", r#""eur""#),
        ("{{! said }}{{ $.id }}", "12345678901234567890123"),
        ("{{ $.id }} ", r#""12345678901234567890123 ""#),
        ("{{ $.yes }}{{ $.no }}", r#""truefalse""#),
        ("{{#if $.yes}}1{{/if}}", r#""1""#),
        ("5", r#""5""#),
        ("", r#""""#),
        ("{{ number $.digits }}", "409.94"),
        ("{{ length $.items }}", "2"),
        ("{{ eq $.key \"eur\" }}", "true"),
        ("{{ split $.key \"u\" }}", r#"["e","r"]"#),
        ("{{ default $.x null }}", "null"),
        ("{{ default $.x 1.50 }}", "1.50"),
        ("{{ headers }}", r#"{"content-type":"application/json","x-github-event":"push","x-twice":"a, b"}"#),
    ] {
        let event = event(PAYLOAD);
        let compiled = Template::compile(template, Escape::None).unwrap();
        let got = compiled.value(&Scope::new(&event, "CI")).unwrap();
        assert_eq!(got.to_string(), wanted, "{template}");
    }
}

#[test]
fn what_a_delivery_adds() {
    let event = event(PAYLOAD);
    let item: Value = serde_json::json!({"id": 7, "tags": ["x"]});
    let steps = serde_json::json!({"build-1": {"status": 200, "json": {"url": "https://x"}}});
    let scope = Scope::new(&event, "CI").with_steps(steps).with_failure("HTTP 500").with_each("item", &item);
    for (template, wanted) in [
        ("{{ steps.build-1.json.url }}", "https://x"),
        ("{{ steps['build-1'].status }}", "200"),
        ("{{ failure.reason }}", "HTTP 500"),
        ("{{ item.id }}{{ item.tags[0] }}{{ item.tags.[0] }}", "7xx"),
        ("{{#each item.tags}}{{ item.id }}{{ this }}{{/each}}", "7x"),
        ("{{ steps.deploy.json }}", "template: missing steps.deploy.json"),
        ("{{ item.none }}", "template: missing item.none"),
    ] {
        let template = Template::compile_with(template, Escape::None, &["item"]).unwrap();
        assert_eq!(template.text(&scope).unwrap_or_else(|failure| failure.to_string()), wanted);
    }
}

#[test]
fn a_template_says_what_it_looks_at() {
    for (template, literal, payload, steps) in [
        ("plain", true, false, &[][..]),
        ("{{! said }}", true, false, &[]),
        ("\\{{x}}", true, false, &[]),
        ("{{ headers.a }}", false, false, &[]),
        ("{{ $.a }}", false, true, &[]),
        ("{{#if (eq $.a 1)}}x{{/if}}", false, true, &[]),
        ("{{ jsonpath \"$.a\" }}", false, true, &[]),
        ("{{ jsonpath headers \"$.a\" }}", false, false, &[]),
        ("{{ steps.a.json.x }}{{ steps['b'] }}{{ steps.a }}", false, false, &["a", "b"]),
        ("{{ json steps }}", false, false, &[""]),
    ] {
        let compiled = Template::compile(template, Escape::None).unwrap();
        assert_eq!(compiled.literal().is_some(), literal, "{template}");
        assert_eq!(compiled.uses_payload(), payload, "{template}");
        assert_eq!(compiled.steps(), steps, "{template}");
        assert_eq!(compiled.source(), template);
    }
    assert_eq!(Template::compile("\\{{x}}", Escape::None).unwrap().literal(), Some("{{x}}"));
}

#[test]
fn a_template_says_what_has_to_be_there() {
    let key = |id: &str, key: &str| (id.to_owned(), At::Key(key.to_owned()));
    for (template, results, failure) in [
        (
            "{{ steps.a.x.y }}{{ upper steps.b[1].z }}",
            vec![key("a", "x"), ("b".to_owned(), At::Item(1))],
            false,
        ),
        (
            "{{ steps.a }}{{ steps }}{{ default steps.a.x 1 }}{{#if steps.a.x}}{{ steps.a.x }}{{/if}}",
            vec![],
            false,
        ),
        ("{{ failure.reason }}", vec![], true),
        ("{{ truncate failure.reason 9 }}", vec![], true),
        (
            "{{ default failure.reason \"\" }}{{#if (eq failure.reason 1)}}{{ failure.reason }}{{/if}}",
            vec![],
            false,
        ),
    ] {
        let compiled = Template::compile(template, Escape::None).unwrap();
        assert_eq!((compiled.results(), compiled.needs_failure()), (&*results, failure), "{template}");
    }
}
