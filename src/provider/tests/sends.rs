//! What is known of a source's event types before any event comes.

use super::compile;

const SECRET: &str = "\nsecret: { env: S }";

/// YAML, the one type of all its events, the unsigned part that says it.
const ROWS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("verify: none", Some(""), None),
    ("verify: none\nevent: alarm", Some("alarm"), None),
    ("verify: none\nevent: $.kind", None, None),
    ("verify: none\nevent: header:X-Kind", None, None),
    ("verify: github", None, Some("header x-github-event")),
    ("verify: github\nevent: $.action", None, None),
    ("verify: stripe", None, None),
    ("verify: gitlab-token", None, None),
    (
        "verify: { kind: hmac, signature: { from: header:S } }\nevent: query:kind",
        None,
        Some("query parameter kind"),
    ),
    (
        "verify: { kind: hmac, signature: { from: header:S }, signed: '{url}{body}' }\npublic_url: https://a.example\nevent: query:kind",
        None,
        None,
    ),
    (
        "verify: { kind: hmac, signature: { from: header:S }, signed: '{header:X-Kind}.{body}' }\nevent: header:X-Kind",
        None,
        None,
    ),
];

#[test]
fn types_are_fixed_or_unsigned() {
    for (yaml, fixed, unsigned) in ROWS {
        let secret = if yaml.starts_with("verify: none") { "" } else { SECRET };
        let source = compile(&format!("{yaml}{secret}")).unwrap_or_else(|why| panic!("{yaml}: {why:#?}"));
        assert_eq!(source.fixed_kind().as_deref(), *fixed, "{yaml}");
        assert_eq!(source.unsigned_kind().as_deref(), *unsigned, "{yaml}");
    }
}

#[test]
fn a_provider_has_known_types_unless_the_source_reads_them_elsewhere() {
    let sends = |yaml: &str| compile(&format!("{yaml}{SECRET}")).unwrap().sends();
    let github = sends("verify: github").unwrap();
    assert!(github.kinds.contains(&"push".to_owned()) && github.has_action);
    assert_eq!(sends("verify: github-form").unwrap().kinds, github.kinds);
    assert_eq!(sends("verify: github\nevent: $.kind"), None);
    assert_eq!(sends("verify: svix"), None);
}
