//! Parts and texts of the scheme language, said for people: `{json:$.type}` is where a type stands, not how it is written.

use serde_json::Value;

use crate::yaml::Node;

/// One part: ``header X-Event``, `` `$.type` ``.
pub(super) fn part(written: &str) -> String {
    let written = written.trim_end_matches('?');
    match written.split_once(':') {
        Some(("header", name)) if name.ends_with('*') => format!("headers {name}"),
        Some(("header", name)) => format!("header {name}"),
        Some(("query", name)) => format!("query parameter {name}"),
        Some(("form", name)) => format!("form field {name}"),
        Some(("json", path)) => format!("`{path}`"),
        Some(("sig", name)) => format!("`{name}` of the signature"),
        Some(("config", name)) => format!("`{name}` of the source"),
        _ => written.to_owned(),
    }
}

/// Where an event type or an id stands.
pub(super) fn place(written: &str) -> String {
    let only = written.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match only.filter(|inner| !inner.contains(['{', '}'])) {
        Some("body|sha256|hex") => "the SHA-256 of the body".to_owned(),
        Some(inner) if !inner.contains('|') => part(inner),
        _ if written.starts_with('$') => format!("`{written}`"),
        _ if written.contains('{') => signed(written),
        _ => format!("always `{written}`"),
    }
}

/// What is signed, on one line.
pub(super) fn signed(written: &str) -> String {
    match written {
        "{body}" => "the body, byte for byte".to_owned(),
        other => format!("`{}`", other.replace('\n', "\\n")),
    }
}

/// What a request must have: one part, or a map of parts and what each must be.
pub(super) fn conditions(node: &Node<'_>) -> String {
    if let Some(one) = node.text() {
        return format!("with {}", part(one));
    }
    let one = |(key, node): &(&str, Node<'_>)| match node.json() {
        Value::Bool(true) => format!("with {}", part(key)),
        Value::Bool(false) => format!("without {}", part(key)),
        Value::String(text) => format!("{} = {}", part(key), equal(&text)),
        other => format!("{} = `{other}`", part(key)),
    };
    node.entries().iter().map(one).collect::<Vec<_>>().join(", ")
}

fn equal(written: &str) -> String {
    match written.strip_prefix("{config:").and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => format!("`{name}` of the source"),
        None => format!("`{written}`"),
    }
}

/// `sha256` as people write it.
pub(super) fn hash(name: &str) -> &str {
    match name {
        "sha1" => "SHA-1",
        "sha512" => "SHA-512",
        "" | "sha256" => "SHA-256",
        other => other,
    }
}

/// An algorithm of public keys as people write it.
pub(super) fn algorithm(name: &str) -> &str {
    match name {
        "ed25519" => "Ed25519",
        "ecdsa-p256-sha256" | "ecdsa-p256-sha256-p1363" => "ECDSA P-256",
        "rsa-sha256" => "RSA, SHA-256",
        "rsa-sha1" => "RSA, SHA-1",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_things_stand() {
        for (written, said) in [
            ("{header:X-GitHub-Event}", "header X-GitHub-Event"),
            ("{json:$.type?}", "`$.type`"),
            ("$.kind", "`$.kind`"),
            ("{body|sha256|hex}", "the SHA-256 of the body"),
            ("{header:ce-source}/{header:ce-id}", "`{header:ce-source}/{header:ce-id}`"),
            ("batch", "always `batch`"),
        ] {
            assert_eq!(place(written), said);
        }
        assert_eq!(signed("a\n{body}"), "`a\\n{body}`");
        assert_eq!(part("header:X-Sig-*"), "headers X-Sig-*");
    }
}
