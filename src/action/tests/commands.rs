//! `run` and `shell`.

use super::*;

#[test]
fn commands_take_values_as_data() {
    let run = |argv: &[&str]| Effect::Command(command(argv));
    check(vec![
        ("run: [./ci.sh]", "", run(&["./ci.sh"])),
        ("run: [./ci.sh, '{{ $.after }}']", "", run(&["./ci.sh", "abc123"])),
        (
            "run: [./ci.sh, 'commit={{ $.after }}', 5, true, 1.50]",
            "",
            run(&["./ci.sh", "commit=abc123", "5", "true", "1.50"]),
        ),
        ("run: [./ci.sh, '{{ $.semi }}']", "", run(&["./ci.sh", "; rm -rf / #"])),
        ("run: [./ci.sh, '--', '{{ $.dash }}']", "", run(&["./ci.sh", "--", "--upload-pack=evil"])),
        ("run: [./ci.sh, '--ref={{ $.dash }}', -v]", "", run(&["./ci.sh", "--ref=--upload-pack=evil", "-v"])),
        ("run: [./ci.sh, '{{ params.site }}', '{{ headers.x-tag }}']", "", run(&["./ci.sh", "berlin", "v1"])),
        ("run: [sh, ./x.sh, '{{ $.semi }}']", "", run(&["sh", "./x.sh", "; rm -rf / #"])),
        (
            "run: [sh, -c, 'echo \"$1\"', x, '{{ $.semi }}']",
            "",
            run(&["sh", "-c", "echo \"$1\"", "x", "; rm -rf / #"]),
        ),
        (
            "run: [./ci.sh]\nenv: { REF: '{{ $.ref }}', DEPTH: 1, TOKEN: { env: CI_TOKEN }, PATH: /usr/bin }",
            "",
            Effect::Command(Command {
                env: vec![
                    ("REF".to_owned(), plain("refs/heads/main")),
                    ("DEPTH".to_owned(), plain("1")),
                    ("TOKEN".to_owned(), Value::Secret(env("CI_TOKEN"))),
                    ("PATH".to_owned(), plain("/usr/bin")),
                ],
                ..command(&["./ci.sh"])
            }),
        ),
        (
            "run: [./ci.sh]\nenv: { X: '{{ $.shock }}' }",
            "",
            Effect::Command(Command {
                env: settings(&[("X", "() { :; }; echo pwned")]),
                ..command(&["./ci.sh"])
            }),
        ),
        (
            "run: [./ci.sh]\nenv: { X: \"one\\ntwo\" }",
            "",
            Effect::Command(Command { env: settings(&[("X", "one\ntwo")]), ..command(&["./ci.sh"]) }),
        ),
        (
            "run: [./ci.sh]\ncwd: /srv/ci\ntimeout: 15m\nstdin: none",
            "",
            Effect::Command(Command {
                cwd: Some("/srv/ci".to_owned()),
                timeout: Duration::from_secs(900),
                stdin: Bytes::new(),
                ..command(&["./ci.sh"])
            }),
        ),
        (
            "run: [./ci.sh]\nstdin: 'from {{ $.lines }}'",
            "",
            Effect::Command(Command { stdin: "from a\r\nX-Evil: 1".into(), ..command(&["./ci.sh"]) }),
        ),
        ("run: [./ci.sh]\nstdin: payload", "", run(&["./ci.sh"])),
        (
            "shell: git checkout \"$REF\"\nenv: { REF: '{{ $.semi }}' }",
            "",
            Effect::Command(Command {
                env: settings(&[("REF", "; rm -rf / #")]),
                ..command(&["/bin/sh", "-c", "git checkout \"$REF\""])
            }),
        ),
        (
            "shell: |\n  set -e\n  make\ntimeout: 2m\ncwd: /srv",
            "",
            Effect::Command(Command {
                cwd: Some("/srv".to_owned()),
                timeout: Duration::from_secs(120),
                ..command(&["/bin/sh", "-c", "set -e\nmake\n"])
            }),
        ),
    ]);
}

#[test]
fn commands_name_their_secrets_and_say_what_they_are() {
    let compiled = action("run: [./ci.sh]\nenv: { A: { env: ONE }, B: { file: /run/two }, C: x }").unwrap();
    assert_eq!(compiled.action.secrets(), [env("ONE"), SecretRef::File("/run/two".to_owned())]);
    assert!(compiled.reaches_command());
    assert!(action("shell: make").unwrap().reaches_command());
    assert!(!action("log: x").unwrap().reaches_command());
}
