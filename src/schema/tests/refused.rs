//! Mistakes that an editor underlines: each is refused by the schema as it is by the loader.

use super::{complaints, json_of, loaded};

/// A mistake, and the part of a rules file that has it.
const MISTAKES: &[(&str, &str)] = &[
    ("an unknown key at the top", "rulse: []"),
    ("a version to come", "version: 2"),
    ("a version as text", "version: '1'"),
    ("rules as a map", "rules: { r: { do: { log: x } } }"),
    ("sources as a list", "sources: [github]"),
    ("tests as a map", "tests: { a: 1 }"),
    ("defaults that are none", "defaults: { rate: 1/s }"),
    ("a map to hide", "redact: { $.a: 1 }"),
    ("an include of a map", "include: { a: b }"),
    // Tests.
    ("a case without a name", "tests: [{ send: {} }]"),
    ("a case that is no map", "tests: [a]"),
    ("an unknown key of a case", "tests: [{ name: t, sned: {} }]"),
    ("an unknown key of send", "tests: [{ name: t, send: { form_: {} } }]"),
    ("an expectation that is a text", "tests: [{ name: t, send: {}, expect: none }]"),
    ("an expectation by number", "tests: [{ name: t, send: {}, expect: [1] }]"),
    ("a status that is none", "tests: [{ name: t, send: {}, answer: { status: 99 } }]"),
    ("a step without send", "tests: [{ name: t, steps: [{ at: 5m }] }]"),
    ("a time without unit in a step", "tests: [{ name: t, steps: [{ at: 5, send: {} }] }]"),
    ("set as a list", "tests: [{ name: t, send: { set: [1] } }]"),
    // Rules.
    ("an unknown key of a rule", "rules: [{ name: r, form: a, do: { log: x } }]"),
    ("a throttle without a rate", "rules: [{ name: r, throttle: { key: x }, do: { log: x } }]"),
    ("a throttle without a time", "rules: [{ name: r, throttle: 10, do: { log: x } }]"),
    ("a concurrency that is a number", "rules: [{ name: r, concurrency: 4, do: { log: x } }]"),
    ("a way out that is none", "rules: [{ name: r, concurrency: { on_conflict: cancel }, do: { log: x } }]"),
    ("no name", "rules: [{ do: { log: x } }]"),
    ("a name that is no text", "rules: [{ name: 7, do: { log: x } }]"),
    ("a blank name", "rules: [{ name: ' ', do: { log: x } }]"),
    ("a text for true", "rules: [{ name: r, enabled: 'yes', do: { log: x } }]"),
    ("nothing to do", "rules: [{ name: r }]"),
    ("an empty list to do", "rules: [{ name: r, do: [] }]"),
    ("an empty list of events", "rules: [{ name: r, event: [], do: { log: x } }]"),
    ("a template in an event", "rules: [{ name: r, event: '{{ $.kind }}', do: { log: x } }]"),
    ("a path without its slash", "rules: [{ name: r, path: sensors, do: { log: x } }]"),
    // Actions.
    ("no verb", "rules: [{ name: r, do: { txet: x } }]"),
    ("two verbs", "rules: [{ name: r, do: { log: x, run: [./a.sh] } }]"),
    ("an unknown option", "rules: [{ name: r, do: { run: [./a.sh], retries: 3 } }]"),
    ("an option of another verb", "rules: [{ name: r, do: { log: x, cwd: /srv } }]"),
    ("an option of a later version", "rules: [{ name: r, do: { run: [x], user: nobody } }]"),
    ("an element without a list", "rules: [{ name: r, do: { log: x, for_each: items } }]"),
    ("needs of nothing", "rules: [{ name: r, do: { log: x, needs: [] } }]"),
    ("an id to wait for that is none", "rules: [{ name: r, do: { log: x, needs: the first } }]"),
    ("nothing on failure", "rules: [{ name: r, do: { log: x }, on_failure: [] }]"),
    ("a command as text", "rules: [{ name: r, do: { run: ./a.sh now } }]"),
    ("a time without unit", "rules: [{ name: r, do: { log: x, timeout: 5 } }]"),
    ("a time in words", "rules: [{ name: r, do: { log: x, timeout: 5 minutes } }]"),
    ("a word that is none", "rules: [{ name: r, do: { log: x, delivery: once } }]"),
    ("an id with a blank", "rules: [{ name: r, do: { log: x, id: the first } }]"),
    ("an unknown method", "rules: [{ name: r, do: { http: 'https://x.example', method: FETCH } }]"),
    ("two bodies", "rules: [{ name: r, do: { http: 'https://x.example', json: {}, body: x } }]"),
    ("a type without a body", "rules: [{ name: r, do: { http: 'https://x.example', content_type: a/b } }]"),
    ("a template in a script", "rules: [{ name: r, do: { shell: 'git checkout {{ $.ref }}' } }]"),
    (
        "a message without words",
        "connections: { c: { slack: { url: { env: U } } } }\nrules: [{ name: r, do: { slack: c } }]",
    ),
    ("a status that is none", "rules: [{ name: r, do: { respond: 99 } }]"),
    ("an action that is a text", "rules: [{ name: r, do: [log] }]"),
    // Conditions.
    ("an unknown operator", "rules: [{ name: r, if: { $.n: { equal: 5 } }, do: { log: x } }]"),
    ("a key that names nothing", "rules: [{ name: r, if: { ref: main }, do: { log: x } }]"),
    ("conditions as a list", "rules: [{ name: r, if: [{ $.n: 5 }], do: { log: x } }]"),
    ("no conditions", "rules: [{ name: r, if: {}, do: { log: x } }]"),
    ("a list under not", "rules: [{ name: r, if: { not: [{ $.n: 5 }] }, do: { log: x } }]"),
    ("one end of between", "rules: [{ name: r, if: { $.n: { between: [5] } }, do: { log: x } }]"),
    ("an order of truth", "rules: [{ name: r, if: { $.n: { gt: true } }, do: { log: x } }]"),
    ("an unknown type", "rules: [{ name: r, if: { $.n: { type: int } }, do: { log: x } }]"),
    ("a conversion alone", "rules: [{ name: r, if: { $.n: { as: number } }, do: { log: x } }]"),
    ("an unknown conversion", "rules: [{ name: r, if: { $.n: { as: int, gt: 1 } }, do: { log: x } }]"),
    ("a length of text", "rules: [{ name: r, if: { $.n: { length: { matches: x } } }, do: { log: x } }]"),
    ("one value under in", "rules: [{ name: r, if: { $.n: { in: 5 } }, do: { log: x } }]"),
    ("a template in a condition", "rules: [{ name: r, if: { $.n: '{{ $.m }}' }, do: { log: x } }]"),
    ("a number for a header", "rules: [{ name: r, if: { headers.x-n: 5 }, do: { log: x } }]"),
    ("a path without its sign", "rules: [{ name: r, if: { $.n: { eq: { path: m } } }, do: { log: x } }]"),
    // Sources.
    ("no word of proof", "sources: { a: { secret: { env: S } } }"),
    ("an unknown preset", "sources: { a: { verify: gihtub, secret: { env: S } } }"),
    ("an unknown scheme", "sources: { a: { verify: { kind: hmack }, secret: { env: S } } }"),
    (
        "a key of another scheme",
        "sources: { a: { verify: { kind: token, from: header:X, hash: sha256 }, secret: { env: S } } }",
    ),
    ("a signature nowhere", "sources: { a: { verify: { kind: hmac }, secret: { env: S } } }"),
    (
        "an unknown digest",
        "sources: { a: { verify: { kind: hmac, hash: md5, signature: { from: header:X } }, secret: { env: S } } }",
    ),
    ("an unknown key of a source", "sources: { a: { verify: none, pahth: /a } }"),
    ("a rate of sources that is none", "sources: { a: { verify: none, rate: fast } }"),
    ("a secret in clear", "sources: { a: { verify: github, secret: correct-horse-battery-staple } }"),
    ("no secret", "sources: { a: { verify: github } }"),
    ("a secret of nothing", "sources: { a: { verify: none, secret: { env: S } } }"),
    ("a secret from two places", "sources: { a: { verify: github, secret: { env: S, file: /s } } }"),
    ("a variable that is none", "sources: { a: { verify: github, secret: { env: a-b } } }"),
    ("a size in words", "sources: { a: { verify: none, body_max: 1 mile } }"),
    ("an unknown method of webhooks", "sources: { a: { verify: none, methods: [FETCH] } }"),
    ("a status that says no", "sources: { a: { verify: none, respond: { status: 404 } } }"),
    // Connections.
    ("an unknown kind of connection", "connections: { a: { slak: { url: { env: U } } } }"),
    (
        "a connection of two kinds",
        "connections: { a: { slack: { url: { env: U } }, http: { url: 'https://x.example' } } }",
    ),
    ("a connection that goes nowhere", "connections: { a: { rate: 1/s } }"),
    ("no url", "connections: { a: { http: {} } }"),
    ("url and token", "connections: { a: { slack: { url: { env: U }, token: { env: T } } } }"),
    (
        "a token in clear",
        "connections: { a: { http: { url: 'https://x.example', auth: { bearer: abcdef } } } }",
    ),
    (
        "two ways to show it",
        "connections: { a: { http: { url: 'https://x.example', auth: { bearer: { env: A }, header: { name: X, value: { env: B } } } } } }",
    ),
    ("an option in the wrong map", "connections: { a: { http: { url: 'https://x.example', rate: 1/s } } }"),
    ("a rate without unit", "connections: { a: { slack: { url: { env: U } }, rate: 10 } }"),
    ("too many at once", "connections: { a: { slack: { url: { env: U } }, concurrency: 1000 } }"),
    (
        "an option of connections of a later version",
        "connections: { a: { slack: { url: { env: U } }, order_by: x } }",
    ),
    ("a breaker that is true", "connections: { a: { slack: { url: { env: U } }, circuit_breaker: true } }"),
    (
        "a breaker that never opens",
        "connections: { a: { slack: { url: { env: U } }, circuit_breaker: { failures: 0 } } }",
    ),
    ("no attempt", "connections: { a: { slack: { url: { env: U } }, retry: { attempts: 0 } } }"),
    ("a failure that is none", "connections: { a: { slack: { url: { env: U } }, retry: { on: [9xx] } } }"),
];

#[test]
fn every_mistake_is_refused_by_both() {
    for (what, text) in MISTAKES {
        assert!(loaded(text).set.is_none(), "the loader takes {what}:\n{text}");
        assert!(!complaints("file", &json_of(text)).is_empty(), "the schema takes {what}:\n{text}");
    }
}
