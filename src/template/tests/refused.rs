//! Templates that are refused, where, and what to do.

use super::*;

const PATH_FIRST: &str = "a tag begins with a path or a helper: `{{ $.name }}`, `{{ upper $.name }}`";

#[test]
fn refused() {
    for (template, offset, message, help) in [
        ("a {{ $.x", 2, "`{{` without its `}}`", "close the tag, or write `\\{{` for two braces in the text"),
        (
            "a {{ {{ $.x }}",
            2,
            "`{{` without its `}}`",
            "close the tag, or write `\\{{` for two braces in the text",
        ),
        (
            "{{ $.a {{ $.b }}",
            0,
            "`{{` without its `}}`",
            "close the tag, or write `\\{{` for two braces in the text",
        ),
        ("a {{! x", 2, "`{{` without its `}}`", "close the tag, or write `\\{{` for two braces in the text"),
        ("é {{ }}", 3, "an empty tag", PATH_FIRST),
        ("{{ \"x\" }}", 3, "\"x\" is a literal", PATH_FIRST),
        ("{{ 5 }}", 3, "5 is a literal", PATH_FIRST),
        ("{{ (upper $.a) }}", 3, "a tag cannot begin with `(`", PATH_FIRST),
        (
            "é{{ foo.bar }}",
            5,
            "`foo` is not a name that is known here",
            "the payload begins with `$`: `$.foo.bar`",
        ),
        ("{{ payload.x }}", 3, "`payload` is not a name that is known here", "the payload is `$`: `$.x`"),
        ("{{ header.x }}", 3, "`header` is not a name that is known here", "did you mean `headers`?"),
        (
            "{{ env.TOKEN }}",
            3,
            "`env` is not a name that is known here",
            "no template sees a secret: give it as `{ env: NAME }` where the connection wants one",
        ),
        (
            "{{ event.foo }}",
            3,
            "`event.foo` is not known",
            "there is `{{ event.id }} {{ event.type }} {{ event.source }} {{ event.received_at }}`; the payload is `$`",
        ),
        (
            "{{ event }}",
            3,
            "`event` is not known",
            "there is `{{ event.id }} {{ event.type }} {{ event.source }} {{ event.received_at }}`; the payload is `$`",
        ),
        ("{{ rule.id }}", 3, "`rule.id` is not known", "there is `{{ rule.name }}`; the payload is `$`"),
        ("{{ failure }}", 3, "`failure` is not known", "there is `{{ failure.reason }}`; the payload is `$`"),
        (
            "{{ headers.a['b'] }}",
            3,
            "`headers.a['b']` is not known",
            "write `headers.name` or `headers['name']`, and nothing behind it",
        ),
        (
            "{{ this.x }}",
            3,
            "`this.x` has no block around it",
            "`this` and `../` work inside `{{#each …}}` and `{{#with …}}`; the payload is `$`",
        ),
        (
            "{{#if $.a}}{{ this }}{{/if}}",
            14,
            "`this` has no block around it",
            "`this` and `../` work inside `{{#each …}}` and `{{#with …}}`; the payload is `$`",
        ),
        (
            "{{#each $.a}}{{ ../x }}{{/each}}",
            16,
            "`../x` has no block around it",
            "`this` and `../` work inside `{{#each …}}` and `{{#with …}}`; the payload is `$`",
        ),
        (
            "{{#each $.a}}{{else}}{{ sku }}{{/each}}",
            24,
            "`sku` is not a name that is known here",
            "the payload begins with `$`: `$.sku`",
        ),
        (
            "{{ @index }}",
            3,
            "`@index` is not known here",
            "inside `{{#each …}}` there are `@index`, `@key`, `@first` and `@last`; the payload is `$`",
        ),
        (
            "{{ @root.a }}",
            3,
            "`@root.a` is not known here",
            "inside `{{#each …}}` there are `@index`, `@key`, `@first` and `@last`; the payload is `$`",
        ),
        ("{{ uper $.a }}", 3, "`uper` is not a helper", "did you mean `upper`?"),
        (
            "{{ $.a $.b }}",
            3,
            "`$.a` is not a helper",
            "a value stands alone: `{{ $.a }}`; two values are two tags: `{{ $.a }} {{ $.b }}`",
        ),
        ("{{ upper }}", 3, "`upper` takes 1 argument, not 0", "for example `{{ upper $.currency }}`"),
        (
            "{{ money $.a }}",
            3,
            "`money` takes 2 to 3 arguments, not 1",
            "for example `{{ money $.amount $.currency }}`",
        ),
        (
            "{{ default $.a }}",
            3,
            "`default` takes 2 arguments or more, not 1",
            "for example `{{ default $.note \"n/a\" }}`",
        ),
        (
            "{{ upper lower }}",
            9,
            "the helper `lower` stands where a value should",
            "put it in brackets with what it works on: `(lower …)`",
        ),
        (
            "{{ upper (lower foo) }}",
            16,
            "`foo` is not a name that is known here",
            "the payload begins with `$`: `$.foo`",
        ),
        ("{{ $.a | upper }}", 7, "`|` is not used here", "a helper stands first: `{{ upper $.name }}`"),
        ("{{#if $.a == \"b\"}}x{{/if}}", 10, "`=` is not used here", "to compare, write `(eq $.a \"b\")`"),
        ("{{ upper (lower $.a }}", 9, "`(` without its `)`", ""),
        ("{{ upper $.a) }}", 12, "`)` without its `(`", ""),
        ("{{ upper () }}", 10, "`)` without its `(`", PATH_FIRST),
        ("{{ $.a } }}", 7, "`}` is not used here", "a tag ends with `}}`"),
        ("{{ [a b] }}", 3, "`[` cannot begin a value", "write `$['name']` for a name with spaces"),
        (
            "{{ upper 'a }}",
            9,
            "a text that never ends: there is no second `'`",
            "a quote inside a text is written `\\\"` or `\\'`",
        ),
        (
            "{{ upper \"\\q\" }}",
            9,
            "\"\\q\" is not a text: a `\\` in it means nothing",
            "write `\\\\` for a backslash, `\\n` for a line break",
        ),
        (
            "{{ upper 1.2.3 }}",
            9,
            "`1.2.3` is neither a number nor a name",
            "put a text in quotes; a path begins with `$`",
        ),
        ("{{ $.a[0 }}", 6, "`[` without its `]`", "write `[0]` or `['name']`"),
        ("{{> x}}", 0, "partials `{{> … }}` are not used here", "write the text in its place"),
        ("{{~ > x}}", 0, "partials `{{> … }}` are not used here", "write the text in its place"),
        (
            "{{#*inline \"x\"}}{{/inline}}",
            0,
            "inline partials `{{#* … }}` are not used here",
            "write the text in its place",
        ),
        ("{{#> x}}{{/x}}", 0, "partial blocks `{{#> … }}` are not used here", "write the text in its place"),
        (
            "a {{~! x }}",
            2,
            "a comment begins with `{{!` and takes no `~`",
            "write `{{! … }}` or `{{!-- … --}}`",
        ),
        ("{{* x}}", 0, "decorators `{{* … }}` are not used here", "leave it out"),
        (
            "a{{{ $.a }}}",
            1,
            "`{{{ … }}}` is not used here",
            "nothing is escaped as HTML: write `{{ … }}`, or a blank between the braces",
        ),
        ("{{& $.a }}", 0, "`{{& … }}` is not used here", "nothing is escaped as HTML: write `{{ … }}`"),
        (
            "{{{{raw}}}} x {{{{/raw}}}}",
            0,
            "raw blocks `{{{{ … }}}}` are not used here",
            "write `\\{{` for two braces in the text",
        ),
        ("{{#if $.a}}x", 0, "the block `{{#if}}` is never ended", "add `{{/if}}`"),
        (
            "{{#if $.a}}x{{/each}}",
            12,
            "`{{/each}}` where `{{#if}}` is open",
            "end the inner block first: `{{/if}}`",
        ),
        ("x{{/if}}", 1, "`{{/if}}` ends a block that was never begun", "begin it with `{{#if …}}`"),
        ("{{else}}", 0, "`else` outside of a block", "it belongs between `{{#if …}}` and `{{/if}}`"),
        (
            "{{#if $.a}}{{else}}{{else}}{{/if}}",
            19,
            "`{{#if}}` has its `else` already",
            "`{{else}}` is the last part of a block",
        ),
        ("{{#upper $.a}}{{/upper}}", 3, "`upper` is not a block", "write `{{ upper $.currency }}`"),
        ("{{ if $.a }}", 3, "`if` is a block", "write `{{#if $.paid}}paid{{else}}open{{/if}}`"),
        ("{{#fi $.a}}{{/fi}}", 3, "`fi` is not a helper", "did you mean `if`?"),
        (
            "{{#each $.a as |x y z|}}{{/each}}",
            12,
            "`as` wants one or two names between bars",
            "write `{{#each $.items as |item|}}` or `as |item index|`",
        ),
        (
            "{{#if $.a as |x|}}{{/if}}",
            3,
            "`if` does not give such names",
            "`{{#each …}}` takes `as |item index|`, `{{#with …}}` takes `as |value|`",
        ),
        (
            "{{ upper $.a as |x| }}",
            13,
            "`as |…|` names what a block gives",
            "write it last in `{{#each …}}` or `{{#with …}}`",
        ),
        ("{{ date $.a \"%Q!%\" }}", 12, "any", "for example `%Y-%m-%d %H:%M`"),
        (
            "{{ date $.a \"%F\" \"Berlin\" }}",
            17,
            "`Berlin` is not a time zone",
            "use an IANA name such as `Europe/Berlin` or `UTC`",
        ),
        ("{{ date $.a $.b }}", 12, "`$.b` must be a text in quotes here", "for example `\"%Y-%m-%d\"`"),
        (
            "{{ jsonpath $.a }}",
            12,
            "the path of `jsonpath` must be a text in quotes",
            "for example `{{ jsonpath \"$.items[*].id\" }}`",
        ),
    ] {
        let Err(error) = Template::compile(template, Escape::None) else { panic!("{template} is read") };
        assert_eq!(error.offset, offset, "{template}: {error}");
        assert!(error.message == message || message == "any", "{template}: {error}");
        assert_eq!(error.help.unwrap_or_default(), help, "{template}");
    }
}

#[test]
fn a_broken_path_is_shown_where_it_breaks() {
    for template in [
        "{{ $.a[ }}",
        "{{ $.a..[ }}",
        "{{ $.event-data }}",
        "{{ upper $x }}",
        "é {{ json (first $.a[?]) }}",
        "{{ jsonpath \"$.a[?\" }}",
    ] {
        let error = Template::compile(template, Escape::None).map(drop).unwrap_err();
        assert!(error.offset >= template.find('$').unwrap(), "{template}: {error:?}");
        assert!(template.is_char_boundary(error.offset), "{template}: {error:?}");
    }
    let error = Template::compile("{{ $.event-data.x }}", Escape::None).map(drop).unwrap_err();
    assert!(error.to_string().contains("$['event-data']"), "{error}");
}
