//! Tokens that are well signed and still no good: each with the cause our log tells.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};

use super::{armed_raw, receive, request, source};
use crate::provider::encoding::unpadded;

const SECRET: &str = "a secret of thirty-two characters";
const SCHEME: &str = "verify: { kind: jwt, from: header:X-S, prefix: \"Bearer \", alg: HS256, claims: { iss: bell } }\n\
     secret: { env: S }";

fn token(head: &str, claims: &str, key: &[u8]) -> String {
    let signed = format!("{}.{}", unpadded(head.as_bytes()), unpadded(claims.as_bytes()));
    let tag = sign(&Key::new(HMAC_SHA256, key), signed.as_bytes());
    format!("{signed}.{}", unpadded(tag.as_ref()))
}

#[test]
fn what_is_signed_is_not_all() {
    const HEAD: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
    let armed = armed_raw(source(SCHEME), &[SECRET]);
    let no_match = "the signature of the token does not match (1 secret tried)";
    let good = r#"{"iss":"bell","exp":1785600300}"#;
    let rows: &[(&str, &str, &str)] = &[
        (HEAD, good, ""),
        (HEAD, r#"{"iss":["x","bell"],"exp":1785599999.5,"iat":1785600060,"nbf":1785600000}"#, ""),
        (HEAD, r#"{"iss":"bell"}"#, "the token has no `exp`: it would be good for ever"),
        (HEAD, r#"{"iss":"bell","exp":"1785600300"}"#, "the token's `exp` is not a time"),
        (HEAD, r#"{"iss":"bell","exp":1e99}"#, "the token's `exp` is not a time"),
        (HEAD, r#"{"iss":"bell","exp":null}"#, "the token's `exp` is not a time"),
        (HEAD, r#"{"iss":"bell","exp":1785599939}"#, "the token ended 61 s ago"),
        (HEAD, r#"{"iss":"bell","exp":-9223372036854775808}"#, "the token ended 9223372036854775807 s ago"),
        (
            HEAD,
            r#"{"iss":"bell","exp":1785600300,"nbf":1785600061}"#,
            "the token's `nbf` is 61 s in the future",
        ),
        (
            HEAD,
            r#"{"iss":"bell","exp":1785600300,"iat":1785600061}"#,
            "the token's `iat` is 61 s in the future",
        ),
        (HEAD, r#"{"iss":"Bell","exp":1785600300}"#, "the token's `iss` is not the one of this source"),
        (HEAD, r#"{"iss":{},"exp":1785600300}"#, "the token's `iss` is not the one of this source"),
        (HEAD, r#"{"exp":1785600300}"#, "the token's `iss` is not the one of this source"),
        (HEAD, r#"{"iss":"evil","iss":"bell","exp":1785600300}"#, "the claims of the token cannot be read"),
        (HEAD, "[]", "the claims of the token cannot be read"),
        (r#"{"alg":"none"}"#, good, "the token is not signed by HS256"),
        (r#"{"alg":"RS256"}"#, good, "the token is not signed by HS256"),
        (
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
            good,
            "the token asks for an extension that is not known",
        ),
        ("x", good, "the head of the token cannot be read"),
    ];
    for (head, claims, wanted) in rows {
        let value = format!("Bearer {}", token(head, claims, SECRET.as_bytes()));
        let got = receive(&armed, &request(&[("X-S", &value)], "", b"{}")).err().map(|refusal| refusal.cause);
        assert_eq!(got.unwrap_or_default(), *wanted, "{head} {claims}");
    }
    let signed = token(HEAD, good, SECRET.as_bytes());
    let bare = signed.rsplit_once('.').unwrap().0;
    for (value, wanted) in [
        (format!("Bearer {bare}."), no_match),
        (format!("Bearer {bare}"), no_match),
        (format!("Bearer {signed}="), "the signature of the token is not base64url"),
        (format!("Bearer {}", token(HEAD, good, b"")), no_match),
        (format!("Bearer {}", token(HEAD, good, b"another secret")), no_match),
        (signed.clone(), "wrong prefix: header x-s does not start with `Bearer `"),
        ("Bearer ".to_owned(), "header x-s is no token"),
        ("Bearer ..".to_owned(), no_match),
    ] {
        let refusal = receive(&armed, &request(&[("X-S", &value)], "", b"{}")).unwrap_err();
        assert_eq!((refusal.status, refusal.cause.as_str()), (401, wanted), "{value}");
    }
}
