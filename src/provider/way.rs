//! One way of proving a webhook genuine, said for people, from the data that the check itself is made of.

use serde::Serialize;

use crate::yaml::Node;

use super::words;

/// How a preset proves its webhooks, or one of several ways it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// To which requests it applies; all of them unless said.
    pub when: Option<String>,
    /// By what is proved, such as `HMAC-SHA-256`.
    pub proof: String,
    /// Where the proof stands, and how it is written.
    pub place: String,
    /// What is signed.
    pub signed: String,
    /// For how long a signature is good.
    pub age: String,
    /// What the secret is.
    pub secret: String,
}

const UNSIGNED: &str = "nothing: who knows the secret is believed";
const AGELESS: &str = "without limit; a repeat is known by its id";

impl Way {
    /// Reads a scheme as a preset writes it.
    pub(super) fn read(node: &Node<'_>) -> Self {
        let when = node.get("when").map(|node| words::conditions(&node));
        let kind = word(node, "kind");
        let (signed, age) = match kind {
            "token" | "basic" => (UNSIGNED.to_owned(), AGELESS.to_owned()),
            "jwt" => claimed(node),
            _ => (
                words::signed(node.get("signed").and_then(|node| node.text()).unwrap_or("{body}")),
                age(node),
            ),
        };
        Self {
            when,
            proof: proof(kind, node),
            place: place(kind, node),
            signed,
            age,
            secret: secret(kind, node),
        }
    }
}

fn word<'d>(node: &Node<'d>, key: &str) -> &'d str {
    node.get(key).and_then(|node| node.text()).unwrap_or_default()
}

fn inner<'d>(node: &Node<'d>, outer: &str, key: &str) -> &'d str {
    node.get(outer).map(|node| word(&node, key)).unwrap_or_default()
}

fn proof(kind: &str, node: &Node<'_>) -> String {
    match kind {
        "hmac" => format!("HMAC-{}", words::hash(word(node, "hash"))),
        "digest" => format!("{} digest", words::hash(word(node, "hash"))),
        "sig" => words::algorithm(word(node, "alg")).to_owned(),
        "jwt" => format!("JWT, {}", word(node, "alg")),
        "token" => "token".to_owned(),
        "basic" => "HTTP Basic".to_owned(),
        other => other.to_owned(),
    }
}

fn place(kind: &str, node: &Node<'_>) -> String {
    if kind == "basic" {
        return "header Authorization".to_owned();
    }
    let signature = node.get("signature").unwrap_or_else(|| node.clone());
    let from = signature.get("from").map(|from| match from.text() {
        Some(one) => words::part(one),
        None => from.items().iter().filter_map(Node::text).map(words::part).collect::<Vec<_>>().join(" or "),
    });
    let from = from.unwrap_or_default();
    let (items, take) = (word(&signature, "items"), word(&signature, "take"));
    let prefix = word(&signature, "prefix");
    let named = match (items, prefix) {
        ("", "") => from,
        ("", prefix) => format!("{from}, behind `{prefix}`"),
        (" ", _) => {
            format!("{from}, as `{take}{}…` among items parted by a blank", word(&signature, "assign"))
        }
        (items, _) => {
            format!("{from}, as `{take}{}…` among items parted by `{items}`", word(&signature, "assign"))
        }
    };
    match (kind, word(&signature, "encoding")) {
        ("token" | "jwt", _) => named,
        (_, "" | "hex") => format!("{named}, in hex"),
        (_, other) => format!("{named}, in {other}"),
    }
}

/// What a token's claims prove, and until when.
fn claimed(node: &Node<'_>) -> (String, String) {
    let body = inner(node, "body_digest", "claim");
    match body {
        "" => (
            "the claims of the token; nothing of the body".to_owned(),
            "until the token ends (`exp`)".to_owned(),
        ),
        claim => {
            let signed = format!("the claims of the token, of which `{claim}` is a digest of the body");
            (signed, "until the token ends (`exp`), where it says when".to_owned())
        }
    }
}

fn age(node: &Node<'_>) -> String {
    let Some(moment) = node.get("timestamp") else { return AGELESS.to_owned() };
    let from = words::part(word(&moment, "from"));
    let tolerance = moment.get("tolerance").map_or("none", |node| node.raw());
    match tolerance {
        "none" => format!("without limit, though {from} is signed; a repeat is known by its id"),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{digits} s before or after now, by {from}")
        }
        other => format!("{other} before or after now, by {from}"),
    }
}

fn secret(kind: &str, node: &Node<'_>) -> String {
    let (encoding, strip) = (inner(node, "key", "encoding"), stripped(node));
    let strip = if strip.is_empty() { strip } else { format!(", with or without its `{strip}`") };
    let shown = match node.get("key").and_then(|key| key.get("x509_url")) {
        Some(url) => Some(words::part(word(&url, "from"))),
        None => node.get("jwks").map(|url| format!("`{}`", url.raw())),
    };
    if let Some(shown) = shown {
        return format!("none: the sender's public key is fetched, from {shown}; or that key");
    }
    match (kind, encoding) {
        ("sig", "pem") | ("jwt", "pem") => {
            "the sender's public key, or a certificate that holds it, as a PEM".to_owned()
        }
        ("sig", "raw-hex") => format!("the sender's public key, in hex{strip}"),
        ("sig", _) => format!("the sender's public key, in base64{strip}"),
        ("token", _) => "the token".to_owned(),
        ("basic", _) => "`user:password`".to_owned(),
        (_, "" | "utf8") => format!("shared, taken as it is written{strip}"),
        (_, other) => format!("shared, written in {other}{strip}"),
    }
}

fn stripped(node: &Node<'_>) -> String {
    let strip = node.get("key").and_then(|key| key.get("strip"));
    let all = strip.map(|strip| crate::settings::one_or_many(&strip)).unwrap_or_default();
    all.iter().filter_map(Node::text).collect::<Vec<_>>().join("` or `")
}
