//! Broken actions and connections: the code, and the very text that is underlined.

use super::*;

/// Each row: the YAML, the code of a complaint, the text at its place, some of its words.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ACTIONS: &[Row] = &[
    ("{}", "E211", "{}", "a map with a verb"),
    ("just text", "E211", "just text", "a map with a verb"),
    ("timeout: 5s", "E211", "timeout: 5s", "has no verb"),
    ("slak: sales", "E211", "slak", "did you mean `slack`?"),
    ("fax: me", "E211", "fax", "not an action verb"),
    ("run: [x]\nlog: y", "E211", "log", "`run` and `log` in one action"),
    ("run: [x]\nretries: 3", "E003", "retries", "`retries` is not an action option; did you mean `retry`?"),
    ("run: [x]\ntext: y", "E003", "text", "an option of `email`, not of `run`"),
    ("run: [x]\nneeds: []", "E004", "[]", "`needs` is an empty list"),
    ("run: [x]\nneeds: [a b]", "E004", "a b", "cannot be an `id`"),
    ("run: [x]\nfor_each: '$.a['", "E101", "[", "never closed"),
    ("run: [x]\nfor_each: [1]", "E004", "[1]", "wanted a text"),
    ("log: x\nas: item", "E005", "as", "there is no `for_each`"),
    ("log: x\nfor_each: $.a\nas: event", "E004", "event", "means something else"),
    ("log: \"{{ item }}\"", "E202", "item", "`item`"),
    ("log: \"{{ line }}\"\nfor_each: $.a", "E202", "line", "`line`"),
    ("log: x\nuser: nobody", "E003", "user", "an option of `run`, not of `log`"),
    ("run: [x]\nuser: root", "E004", "root", "does not make a command run as root"),
    ("run: [x]\nuser: 0", "E004", "0", "does not make a command run as root"),
    ("run: [x]\nuser: '{{ $.u }}'", "E212", "{{ $.u }}", "no template may stand"),
    ("run: [x]\nuser: a b", "E004", "a b", "not the name of a user"),
    ("run: [x]\ngroup: ''", "E004", "''", "not the name of a group"),
    ("run: [x]\numask: '9'", "E004", "'9'", "not a umask"),
    ("run: [x]\nlimits: 5", "E004", "5", "a map"),
    ("run: [x]\nlimits: { cpus: 1s }", "E003", "cpus", "did you mean `cpu`?"),
    ("run: [x]\nlimits: { memory: 1MiB }", "E501", "1MiB", "too little memory"),
    ("run: [x]\nlimits: { open_files: 2 }", "E004", "2", "a whole number from 8"),
    ("run: [x]\nsandbox: [/srv]", "E004", "[/srv]", "a map"),
    ("run: [x]\nsandbox: { reads: /srv }", "E003", "reads", "did you mean `read`?"),
    ("run: [x]\nsandbox: { read: ['/srv/{{ $.x }}'] }", "E212", "{{ $.x }}", "no template may stand"),
    ("run: [x]\nsuccess: [0, 256]", "E004", "256", "an exit code from 0 to 255"),
    ("run: [x]\nretry: { on: [exit 300] }", "E004", "exit 300", "not an exit code"),
    ("http: 'http://localhost./x'", "E221", "http://localhost./x", "another way to write `localhost`"),
    ("http: 'http://0177.0.0.1/{{ $.x }}'", "E221", "http://0177.0.0.1", "another way to write `127.0.0.1`"),
    ("http: 'http://169.254.169.254/{{ $.x }}'", "E221", "http://169.254.169.254", "metadata"),
    ("forward: 'http://100.100.100.200/x'", "E221", "http://100.100.100.200/x", "a cloud metadata address"),
    ("log: x\nid: 9 lives", "E004", "9 lives", "cannot be an `id`"),
    ("log: x\ndelivery: once", "E004", "once", "neither `at_least_once` nor `at_most_once`"),
    ("log: x\ntimeout: soon", "E501", "soon", "duration"),
    ("log: x\ntimeout: 0s", "E501", "0s", "no time at all"),
    ("log: x\nretry: { attempts: 0 }", "E004", "0", "whole number"),
    ("log: [x]", "E004", "[x]", "a text"),
    ("log: 'a {{ $.x '", "E201", "", ""),
    ("run: ./ci.sh a", "E004", "./ci.sh a", "a list"),
    ("run: []", "E004", "[]", "the program is missing"),
    ("run: [\"\"]", "E004", "\"\"", "program's name is empty"),
    ("run: ['{{ $.x }}', a]", "E212", "{{ $.x }}", "no template may stand"),
    ("run: ['bin/{{ $.x }}']", "E212", "{{ $.x }}", "no template may stand"),
    ("run: [x, [y]]", "E004", "[y]", "a text"),
    ("run: [sh, -c, 'echo {{ $.x }}']", "E210", "{{ $.x }}", "template in a shell script"),
    ("run: [/usr/bin/env, bash, -ec, 'echo {{ $.x }}']", "E210", "{{ $.x }}", "template in a shell script"),
    ("run: [python3, -c, 'print({{ $.x }})']", "E210", "{{ $.x }}", "template in a shell script"),
    ("shell: git checkout {{ $.ref }}", "E210", "{{ $.ref }}", "template in a shell script"),
    (
        "shell: |\n  set -e\n  git checkout {{ $.ref }} -f\n",
        "E210",
        "{{ $.ref }}",
        "template in a shell script",
    ),
    ("shell: 'echo {{{ $.a }}}'", "E210", "{{{ $.a }}}", "template in a shell script"),
    ("shell: 'echo {{'", "E210", "{{", "template in a shell script"),
    ("shell: ''", "E004", "''", "no script"),
    ("run: [x]\nenv: { LD_PRELOAD: '{{ $.x }}' }", "E220", "LD_PRELOAD", "`LD_PRELOAD`"),
    ("run: [x]\nenv: { PATH: 'a:{{ $.x }}' }", "E220", "PATH", "`PATH`"),
    ("shell: x\nenv: { BASH_ENV: '{{ $.x }}' }", "E220", "BASH_ENV", "`BASH_ENV`"),
    ("shell: x\nenv: { IFS: '{{ $.x }}' }", "E220", "IFS", "`IFS`"),
    ("shell: x\nenv: { PYTHONPATH: '{{ $.x }}' }", "E220", "PYTHONPATH", "`PYTHONPATH`"),
    ("shell: x\nenv: { NODE_OPTIONS: '{{ $.x }}' }", "E220", "NODE_OPTIONS", "`NODE_OPTIONS`"),
    ("shell: x\nenv: { GIT_SSH_COMMAND: '{{ $.x }}' }", "E220", "GIT_SSH_COMMAND", "`GIT_SSH_COMMAND`"),
    ("shell: x\nenv: { MAKEFLAGS: '{{ $.x }}' }", "E220", "MAKEFLAGS", "`MAKEFLAGS`"),
    ("shell: x\nenv: { zdotdir: '{{ $.x }}' }", "E220", "zdotdir", "`zdotdir`"),
    ("shell: x\nenv: { DOTNET_STARTUP_HOOKS: '{{ $.x }}' }", "E220", "DOTNET_STARTUP_HOOKS", "`DOTNET_"),
    ("shell: x\nenv: { KUBECONFIG: '{{ $.x }}' }", "E220", "KUBECONFIG", "`KUBECONFIG`"),
    ("shell: x\nenv: { https_proxy: '{{ $.x }}' }", "E220", "https_proxy", "`https_proxy`"),
    ("run: [x]\nenv: { '{{ $.x }}': y }", "E212", "'{{ $.x }}'", "name"),
    ("run: [x]\nenv: { 'A-B': y }", "E004", "'A-B'", "environment variable"),
    ("run: [x]\nenv: [A=b]", "E004", "[A=b]", "a map"),
    ("run: [x]\nenv: { A: { envv: B } }", "E003", "envv", "did you mean `env`?"),
    ("run: [x]\ncwd: '/srv/{{ $.x }}'", "E212", "{{ $.x }}", "`cwd`"),
    ("http: 'https://{{ $.host }}/x'", "E212", "{{ $.host }}", "scheme or host"),
    ("http: 'https://api.{{ $.host }}'", "E212", "{{ $.host }}", "scheme or host"),
    ("http: 'https://example.com:{{ $.x }}/'", "E212", "{{ $.x }}", "scheme or host"),
    ("http: 'https://{{ $.x }}@example.com/'", "E212", "{{ $.x }}", "scheme or host"),
    ("http: '{{ $.scheme }}://example.com/'", "E212", "{{ $.scheme }}", "scheme or host"),
    ("http: '{{ $.url }}'", "E212", "{{ $.url }}", "no template may stand"),
    ("http: 'https://example.com\\{{ $.x }}'", "E221", "\\", "no `\\`"),
    ("http: 'https://example.com/?id={{ $.x }}'", "E212", "{{ $.x }}", "query"),
    ("http: 'https://example.com/../{{ $.x }}'", "E221", "..", "segment"),
    ("http: ftp://example.com/x", "E221", "ftp", "scheme"),
    ("http: file:///etc/passwd", "E221", "file", "scheme"),
    ("http: https://", "E221", "https://", "not a URL"),
    ("http: https://me:pw@example.com", "E303", "https://me:pw@example.com", "user or a password"),
    ("http: https://example.com/#top", "E221", "#top", "never sent"),
    ("http: example.com/x", "E403", "example.com/x", "neither the name of a connection nor a URL"),
    ("http: site\nmethod: post", "E004", "post", "not a method"),
    ("http: site\nmethod: '{{ $.m }}'", "E212", "{{ $.m }}", "`method`"),
    ("http: site\npath: /a?b={{ $.x }}", "E221", "?b={{ $.x }}", "ends before `?`"),
    ("http: site\npath: /a/%2E%2e/b", "E221", "%2E%2e", "segment"),
    ("http: 'https://example.com/{{ $.x }}'\npath: /y", "E004", "path", "in its path already"),
    ("http: site\nheaders: { Host: evil.example }", "E004", "Host", "not for rules to set"),
    ("http: site\nheaders: { Content-Length: 5 }", "E004", "Content-Length", "not for rules to set"),
    ("http: site\nheaders: { content-type: a/b }", "E004", "content-type", "not for rules to set"),
    ("http: site\nheaders: { 'X Y': z }", "E004", "'X Y'", "not the name of a header"),
    ("http: site\nheaders: { '{{ $.x }}': z }", "E212", "'{{ $.x }}'", "name"),
    ("http: site\nheaders: { X-A: 1, x-a: 2 }", "E002", "x-a", "twice"),
    ("http: site\nheaders: { X-A: \"a\\nb\" }", "E004", "\"a\\nb\"", "line breaks"),
    ("http: site\nheaders: { Authorization: Bearer abc }", "E303", "Bearer abc", "in clear"),
    ("http: site\njson: {}\nbody: x", "E004", "body", "there is one body"),
    ("http: site\nraw: false", "E004", "false", "can only be `true`"),
    ("http: site\ncontent_type: a/b", "E005", "content_type", "without a body"),
    (
        "http: site\nbody: '{\"a\":\"{{ $.x }}\"}'\ncontent_type: application/json; charset=utf-8",
        "E213",
        "'{\"a\":\"{{ $.x }}\"}'",
        "`$.x` goes into this JSON as it is",
    ),
    (
        "respond: 200\nbody: '{\"a\":\"{{ json $.x }}\"}'\ncontent_type: Application/Hal+JSON",
        "E213",
        "'{\"a\":\"{{ json $.x }}\"}'",
        "`(json $.x)`",
    ),
    ("http: site\nbody: x\ncontent_type: csv", "E004", "csv", "not a content type"),
    ("http: site\nbody: x\ncontent_type: 'a/{{ $.x }}'", "E212", "{{ $.x }}", "`content_type`"),
    ("http: site\njson: { a: ['{{ $.x '] }", "E201", "", ""),
    ("slack: site", "E005", "slack", "neither `text` nor `blocks`"),
    ("slack: https://hooks.example.com/x\ntext: y", "E403", "https://hooks.example.com/x", "not a URL"),
    ("slack: site\nblocks: { type: x }", "E004", "{ type: x }", "a list of blocks"),
    ("slack: site\ntext: x\nreplace: true", "E005", "replace", "goes with `response_url`"),
    ("slack: site\ndelete: true", "E005", "delete", "goes with `response_url`"),
    ("slack: site\nresponse_url: u\ndelete: false", "E005", "slack", "neither `text` nor `blocks`"),
    ("slack: site\ntext: x\nresponse_url: u\nresponse_type: all", "E004", "all", "cannot be `all`"),
    ("slack: site\ntext: x\nchannel: #sales", "E004", "#sales", "`channel`"),
    ("respond: 100", "E004", "100", "200 to 599"),
    ("respond: ok", "E004", "ok", "200 to 599"),
    ("respond: 204\nbody: x", "E004", "body", "has no body"),
    ("respond: 200\nform: { a: b }", "E003", "form", "an option of `http`"),
    ("respond: 200\nheaders: { X-A: { env: B } }", "E004", "{ X-A: { env: B } }", "whoever sent the webhook"),
];

const CONNECTIONS: &[Row] = &[
    ("rate: 1/s", "E211", "rate: 1/s", "does not say where it goes"),
    ("run: [x]", "E211", "run", "goes through no connection"),
    ("htp: { url: https://example.com }", "E211", "htp", "did you mean `http`?"),
    (
        "http: { url: https://a.example }\nslack: { url: https://b.example }",
        "E211",
        "slack",
        "in one connection",
    ),
    ("http: { url: https://a.example }\ncircuit_breaker: true", "E004", "true", "a map"),
    (
        "http: { url: https://a.example }\ncircuit_breaker: { failure: 3 }",
        "E003",
        "failure",
        "did you mean `failures`?",
    ),
    ("http: { url: https://a.example }\ncircuit_breaker: { failures: 0 }", "E004", "0", "whole number"),
    (
        "http: { url: https://a.example }\ncircuit_breaker: { open_for: 0s }",
        "E501",
        "0s",
        "a time to stay open",
    ),
    (
        "http: { url: https://a.example }\ncircuit_breaker: { open_for: 2d }",
        "E501",
        "2d",
        "a time to stay open",
    ),
    ("http: { url: https://a.example, auth: { certificate: us.pem } }", "E303", "us.pem", "secret"),
    ("http: { url: https://a.example }\norder_by: '{{ $.x'", "E201", "", ""),
    ("http: { url: https://a.example }\nrates: 1/s", "E003", "rates", "did you mean `rate`?"),
    ("http: { url: https://a.example, rate: 1/s }", "E003", "rate", "stands beside `http`, not in it"),
    ("http: { url: https://a.example }\ntimeout: 0s", "E501", "0s", "no time at all"),
    ("http: { url: https://a.example }\nrate: fast", "E501", "fast", "rate"),
    ("http: { url: https://a.example }\nconcurrency: 0", "E004", "0", "whole number"),
    ("http: { url: https://a.example }\nallow_private: [ten]", "E307", "ten", "network"),
    (
        "http: { url: 'http://2130706433/x' }",
        "E221",
        "http://2130706433/x",
        "another way to write `127.0.0.1`",
    ),
    ("http: { url: 'http://127.1' }\nallow_private: 127.0.0.0/8", "E221", "http://127.1", "another way"),
    (
        "http: { url: 'http://169.254.169.254' }",
        "E221",
        "'http://169.254.169.254'",
        "a link-local or metadata address",
    ),
    (
        "http: { url: 'http://[fd00:ec2::254]' }\nallow_private: 'fe80::/10'",
        "E221",
        "'http://[fd00:ec2::254]'",
        "metadata",
    ),
    ("email: { host: 0x7f.1, from: a@b.example }", "E221", "0x7f.1", "another way to write `127.0.0.1`"),
    ("email: { host: 'fe80::1', from: a@b.example }", "E221", "'fe80::1'", "a link-local address"),
    (
        "slack: { token: { env: T }, api: 'http://[::ffff:a00:5]' }",
        "E221",
        "http://[::ffff:a00:5]",
        "`10.0.0.5`",
    ),
    (
        "http: { url: 'http://169.254.169.254' }\nallow_private: [10.0.0.0/8, 169.254.0.0/16]",
        "W314",
        "[10.0.0.0/8, 169.254.0.0/16]",
        "`169.254.169.254`",
    ),
    ("http: { url: https://a.example }\nallow_private: 0.0.0.0/0", "W314", "0.0.0.0/0", "opens"),
    ("http: { url: https://a.example, redirects: 11 }", "E004", "11", "a whole number from 0 to 10"),
    ("http: { url: https://a.example, redirects: true }", "E004", "true", "a whole number from 0 to 10"),
    ("http: { url: https://a.example, redirects: -1 }", "E004", "-1", "a whole number from 0 to 10"),
    ("http: { url: https://a.example }\nredirects: 1", "E003", "redirects", ""),
    ("http: https://a.example", "E004", "https://a.example", "a map"),
    ("http: { auth: { bearer: { env: X } } }", "E005", "http", "no `url`"),
    ("http: { url: 'https://{{ $.x }}' }", "E212", "{{ $.x }}", "`url`"),
    ("http: { url: 'https://a.example/{{ $.x }}' }", "E212", "{{ $.x }}", "`url`"),
    ("http: { url: gopher://a.example }", "E221", "gopher", "scheme"),
    ("http: { url: 'https://u:p@a.example' }", "E303", "https://u:p@a.example", "user or a password"),
    ("http: { url: https://a.example, auth: { bearer: abc } }", "E303", "abc", "in clear"),
    (
        "http: { url: https://a.example, auth: { bearer: { env: A }, basic: x } }",
        "E004",
        "{ bearer: { env: A }, basic: x }",
        "one of",
    ),
    (
        "http: { url: https://a.example, auth: { baerer: { env: A } } }",
        "E003",
        "baerer",
        "did you mean `bearer`?",
    ),
    (
        "http: { url: https://a.example, auth: { basic: { user: me } } }",
        "E005",
        "basic",
        "`basic` has no `password`",
    ),
    (
        "http: { url: https://a.example, auth: { header: { name: Host, value: { env: A } } } }",
        "E004",
        "Host",
        "not for rules",
    ),
    ("http: { url: https://a.example, headers: { X-A: '{{ $.x }}' } }", "E212", "{{ $.x }}", "`X-A`"),
    ("http: { url: https://a.example, headers: { X-Api-Key: abc } }", "E303", "abc", "in clear"),
    ("slack: { url: { env: U }, token: { env: T } }", "E004", "token", "one of them"),
    ("slack: {}", "E005", "slack", "neither `url` nor `token`"),
    ("slack: { token: xoxb-1 }", "E303", "xoxb-1", "in clear"),
    ("slack: { url: { env: U }, channel: C1 }", "E004", "channel", "goes with `token`"),
    ("slack: { token: { env: T }, chanel: C1 }", "E003", "chanel", "did you mean `channel`?"),
];

/// What is not as the row wants it; `None` when all is.
fn difference<T>(row: &Row, checked: Result<T, Vec<Diagnostic>>) -> Option<String> {
    let (yaml, code, place, words) = row;
    let Err(problems) = checked else { return Some(format!("{yaml}\n  was taken")) };
    let shown = |problem: &Diagnostic| {
        let span = problem.place.clone().expect("every complaint has a place").span;
        (problem.code, yaml.get(span).unwrap_or_default().trim_end().to_owned(), problem.message.clone())
    };
    let got: Vec<_> = problems.iter().map(shown).collect();
    let fits = matches!(got.as_slice(), [(found, at, message)]
        if found == code && (place.is_empty() || at == place) && message.contains(words));
    (!fits).then(|| format!("{yaml}\n  wanted {code} at `{place}`: {words}\n  got    {got:?}"))
}

#[test]
fn broken_actions() {
    let wrong: Vec<String> = ACTIONS.iter().filter_map(|row| difference(row, action(row.0))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn broken_connections() {
    let wrong: Vec<String> =
        CONNECTIONS.iter().filter_map(|row| difference(row, connection(row.0))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_complaints_of_an_action_at_once() {
    let yaml = "run: ['{{ $.x }}']\nretries: 3\ntimeout: 5\nenv: { PATH: '{{ $.p }}', 1A: x }\ncwd: ''";
    let codes: Vec<&str> = action(yaml).unwrap_err().iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["E003", "E501", "E212", "E220", "E004", "E004"]);
}

#[test]
fn a_template_in_a_script_is_mended() {
    for (yaml, wanted) in [
        (
            "shell: git checkout {{ $.ref }}",
            "pass it as data:  shell: git checkout \"$REF\"   env: { REF: \"{{ $.ref }}\" }",
        ),
        (
            "shell: 'notify \"{{ $.user.name }}\"'",
            "pass it as data:  shell: notify \"$NAME\"   env: { NAME: \"{{ $.user.name }}\" }",
        ),
        (
            "shell: |\n  a\n  b {{ $.items[0] }}\n",
            "pass it as data: write  \"$ITEMS\"  in the script, and beside it  env: { ITEMS: \"{{ $.items[0] }}\" }",
        ),
    ] {
        let problems = action(yaml).unwrap_err();
        assert_eq!(problems[0].help.as_deref(), Some(wanted));
        assert_eq!(problems[0].label.as_deref(), Some("whoever sends this value could run commands here"));
    }
}
