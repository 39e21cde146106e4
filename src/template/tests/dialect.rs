//! This is handlebars' language, not one like it: where both can fill a template, both make the same text.

use handlebars::{Handlebars, no_escape};
use serde_json::json;

use super::*;

#[test]
fn agrees_with_handlebars() {
    let payload = json!({
        "yes": true, "no": false, "name": "Ada", "zero": 0, "empty": "", "list": [], "words": ["a", "b", "c"],
        "items": [{"id": 1, "tags": ["x", "y"]}, {"id": 2, "tags": []}], "prices": {"eur": 9, "usd": 10}
    });
    let mut theirs = Handlebars::new();
    theirs.register_escape_fn(no_escape);
    theirs.set_strict_mode(true);
    for template in [
        "{{ $.name }} and {{$.items.[1].id}}",
        "a {{~ $.name ~}} b {{! note }} c",
        "{{! one }}a{{!-- two }} --}}b",
        "\\{{ $.name }} \\\\{{ $.name }} \\ {{ $.name }}",
        "{{#if $.yes}}a{{else}}b{{/if}}{{#if $.zero}}a{{else}}b{{/if}}{{#if $.empty}}a{{/if}}{{#if $.list}}a{{/if}}",
        "{{#unless $.no}}a{{/unless}}{{#unless $.name}}b{{else}}c{{/unless}}",
        "{{#if $.no}}1{{else if $.zero}}2{{else if $.yes}}3{{else}}4{{/if}}",
        "{{#if $.no}}1{{else if $.zero}}2{{else}}4{{/if}}",
        "{{#if $.no}}1{{else unless $.zero}}2{{else}}4{{/if}}",
        "{{#if $.yes}}{{#if $.no}}1{{else if $.yes}}2{{/if}}{{else if $.yes}}3{{else}}4{{/if}}",
        "{{#each $.words}}{{@index}}{{this}}{{#if @last}}.{{else}},{{/if}}{{/each}}",
        "{{#each $.prices}}{{@key}}={{this}};{{/each}}{{#each $.prices as |v k|}}{{k}}={{v}};{{/each}}",
        "{{#each $.items}}{{id}}{{#each tags}}{{../id}}{{this}}{{@../index}}{{/each}}{{else}}none{{/each}}",
        "{{#each $.items as |item i|}}{{i}}{{item.id}}{{#each item.tags as |tag|}}{{item.id}}{{tag}}{{/each}}{{/each}}",
        "{{#each $.list}}a{{else}}none{{/each}}{{#with $.items.[0]}}{{id}}{{this.id}}{{/with}}",
        "{{#with $.prices as |p|}}{{p.usd}}{{/with}}{{#with $.none}}a{{else}}b{{/with}}",
        "list:\n{{#each $.words}}\n  - {{this}}\n{{/each}}\nend\n",
        "list:\n{{#each $.words}}\n  {{#if @first}}\n  first\n  {{else}}\n  - {{this}}\n  {{/if}}\n{{/each}}\nend\n",
        "  {{#if $.yes}}  \n  a\n  {{/if}}  \n  b",
        "{{#if $.yes ~}}\n  a  \n{{~ else ~}}\n  b\n{{~/if}}\n!",
        "a\r\n{{#if $.yes}}\r\nb\r\n{{/if}}\r\nc",
        "{{#if $.yes}}x{{/if}} \n{{! alone }}\n y",
        "{{lookup $.prices \"usd\"}}{{lookup $.words 1}}",
    ] {
        let wanted = theirs
            .render_template(template, &json!({"$": payload}))
            .unwrap_or_else(|error| error.to_string());
        // In JSONPath an index stands in brackets without a dot.
        let ours = template.replace("$.items.[", "$.items[");
        assert_eq!(text(&ours, &payload.to_string()).as_deref(), Ok(wanted.as_str()), "{template}");
    }
}
