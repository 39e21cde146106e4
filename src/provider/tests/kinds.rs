//! Digests, public keys and tokens: what another implementation made is accepted, and with any byte of it changed refused.

use super::keys::{
    BODY, DIGEST, DIGEST_URL, ED25519_HEX, ED25519_SIGNED, ES256, P256_DER, P256_PEM, P256_SPKI, RS256,
    RSA_CERTIFICATE, RSA_PEM, RSA_SHA1, RSA_SHA256,
};
use super::{armed_raw, event, receive, receive_at, request, source, vault};
use crate::event::Request;
use crate::provider::Refusal;
use crate::provider::receive::Armed;

use super::NOW_SECONDS;

const SECRET: &str = "a secret of thirty-two characters";

/// The rest of a source; a `sig` of the whole body in the header `X-S`.
macro_rules! sig {
    ($algorithm:literal, $key:literal, $encoding:literal) => {
        concat!(
            "verify: { kind: sig, alg: ",
            $algorithm,
            ", key: { encoding: ",
            $key,
            " }, signature: { from: header:X-S, encoding: ",
            $encoding,
            " } }"
        )
    };
}

const RS256_SCHEME: &str = "verify: { kind: jwt, from: header:X-S, alg: RS256, key: { encoding: pem }, \
     claims: { aud: \"{config:audience}\" }, body_digest: { claim: digest, encoding: base64 } }\naudience: doorbell";
const ES256_SCHEME: &str = "verify: { kind: jwt, from: header:X-S, alg: ES256, key: { encoding: spki-base64 }, \
     body_digest: { claim: digest, encoding: base64 } }";
const DIGEST_URL_SCHEME: &str = "verify: { kind: digest, signature: { from: header:X-S }, \
     signed: \"{secret}{method}{url}{body}\" }\npublic_url: https://hooks.example.com";

/// The scheme, its secret, what stands in `X-S`, how it was verified.
const ROWS: &[(&str, &str, &str, &str)] = &[
    (sig!("rsa-sha256", "pem", "base64"), RSA_PEM, RSA_SHA256, "rsa-sha256, secret 1 of 1"),
    (sig!("rsa-sha256", "pem", "base64"), RSA_CERTIFICATE, RSA_SHA256, "rsa-sha256, secret 1 of 1"),
    (sig!("rsa-sha1", "pem", "base64"), RSA_PEM, RSA_SHA1, "rsa-sha1, secret 1 of 1"),
    (
        sig!("ecdsa-p256-sha256", "spki-base64", "base64"),
        P256_SPKI,
        P256_DER,
        "ecdsa-p256-sha256, secret 1 of 1",
    ),
    (sig!("ecdsa-p256-sha256", "pem", "base64"), P256_PEM, P256_DER, "ecdsa-p256-sha256, secret 1 of 1"),
    (sig!("ed25519", "raw-hex", "hex"), ED25519_HEX, ED25519_SIGNED, "ed25519, secret 1 of 1"),
    ("verify: { kind: digest, signature: { from: header:X-S } }", SECRET, DIGEST, "sha256, secret 1 of 1"),
    (DIGEST_URL_SCHEME, SECRET, DIGEST_URL, "sha256, secret 1 of 1"),
    (RS256_SCHEME, RSA_PEM, RS256, "jwt RS256, secret 1 of 1, good for 300 s more"),
    (ES256_SCHEME, P256_SPKI, ES256, "jwt ES256, secret 1 of 1, good for 300 s more"),
];

fn armed(scheme: &str, secret: &str) -> Armed {
    let source = source(&format!("{scheme}\nsecret: {{ env: S }}"));
    source.arm(&vault(&[("S", secret)])).unwrap_or_else(|why| panic!("{scheme}: {why:?}"))
}

fn refusal(armed: &Armed, request: &Request) -> Refusal {
    receive(armed, request).map(|_| ()).unwrap_err()
}

#[test]
fn what_another_implementation_signed_is_accepted() {
    for (scheme, secret, value, wanted) in ROWS {
        let got = event(receive(&armed(scheme, secret), &request(&[("X-S", value)], "", BODY)));
        assert_eq!(got.verified, *wanted, "{scheme}");
    }
}

#[test]
fn each_byte_of_a_signature_counts() {
    for (scheme, secret, value, _) in ROWS {
        let armed = armed(scheme, secret);
        for at in 0..value.len() {
            let now = value.as_bytes()[at];
            for other in [now ^ 1, now ^ 2, now ^ 32, b'A', b'/', b'='] {
                if other == now || !(0x20..0x7f).contains(&other) {
                    continue;
                }
                let mut changed = value.as_bytes().to_vec();
                changed[at] = other;
                let changed = String::from_utf8(changed).unwrap();
                let got = refusal(&armed, &request(&[("X-S", &changed)], "", BODY));
                assert_eq!(got.status, 401, "{scheme}: {changed}");
            }
        }
        for changed in
            ["", value.get(1..).unwrap(), &format!("{value}A"), &format!("{value} "), &value.repeat(2)]
        {
            let got = refusal(&armed, &request(&[("X-S", changed)], "", BODY));
            assert_eq!(got.status, 401, "{scheme}: {changed}");
        }
        assert_eq!(refusal(&armed, &request(&[], "", BODY)).cause, "missing header x-s", "{scheme}");
    }
}

#[test]
fn each_bit_of_the_body_counts() {
    for (scheme, secret, value, _) in ROWS {
        let armed = armed(scheme, secret);
        for at in 0..BODY.len() {
            for bit in 0..8 {
                let mut body = BODY.to_vec();
                body[at] ^= 1 << bit;
                let got = refusal(&armed, &request(&[("X-S", value)], "", &body));
                assert_eq!(got.status, 401, "{scheme}: {at} {bit}");
            }
        }
        let longer = [BODY, b" "].concat();
        assert_eq!(refusal(&armed, &request(&[("X-S", value)], "", &longer)).status, 401, "{scheme}");
    }
}

#[test]
fn a_key_of_another_kind_does_not_arm() {
    let pem = "is not a PEM that starts with `-----BEGIN PUBLIC KEY-----` or";
    for (scheme, secret, wanted) in [
        (sig!("ed25519", "raw-hex", "hex"), "03a1", "is not a public key for ed25519"),
        (sig!("ed25519", "raw-hex", "hex"), "nonsense", "is not hex: paste the public key"),
        (sig!("ed25519", "raw-base64", "hex"), "!", "is not base64: paste the public key"),
        (sig!("ed25519", "raw-hex", "hex"), " ", "is blank"),
        (sig!("ed25519", "pem", "hex"), RSA_PEM, "is not a public key for ed25519"),
        (sig!("rsa-sha256", "pem", "hex"), P256_PEM, "is not a public key for rsa-sha256"),
        (sig!("rsa-sha256", "pem", "hex"), "-----BEGIN CERTIFICATE-----", pem),
        (
            sig!("rsa-sha256", "pem", "hex"),
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            pem,
        ),
        (
            sig!("ecdsa-p256-sha256", "spki-base64", "hex"),
            "AAAA",
            "is not a public key for ecdsa-p256-sha256",
        ),
    ] {
        let source = source(&format!("{scheme}\nsecret: {{ env: S }}"));
        let why = source.arm(&vault(&[("S", secret)])).err().unwrap_or_else(|| panic!("armed: {scheme}"));
        let start = format!("source `test`: the secret `env S` {wanted}");
        assert!(why.len() == 1 && why[0].starts_with(&start), "{why:?}");
    }
}

#[test]
fn two_keys_while_one_is_changed() {
    let scheme = sig!("rsa-sha256", "pem", "base64");
    let other = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5wqx41uybUeNVdYwZSZr\n\
        oOplcNt4rdk9L3XiWyyjVuuuLRj9UYLJykZ5dpxgYDaIHgKpMYhrhHLATjWdPgmV\n\
        ARzwed3CYuiQmzV0fYb85ctelQ4pemYcKzpo3bv0AOScMO+cdiRVMArgaNjynTUV\n\
        1HLmU+RwoLG8joZbUXW1VsVT+ztDAZV2pQo8HWL2g7rv3TVUqS3lN42yCFXdq4EV\n\
        HHEDk+V5KROhLHVIeSu19QBuq5eulGgfyx/ENHpOUTc6eQydM0D6z9LbYwWrylWV\n\
        eshrPmFhpSRmOXVmVD4YywyUPUetRdiFIA+TmRKETkuLzBMuCpDyt0Iv2beAr3PS\n\
        DwIDAQAB\n-----END PUBLIC KEY-----";
    let armed = armed_raw(source(&format!("{scheme}\nsecret: {{ env: [A, B] }}")), &[other, RSA_CERTIFICATE]);
    let got = event(receive(&armed, &request(&[("X-S", RSA_SHA256)], "", BODY)));
    assert_eq!(got.verified, "rsa-sha256, secret 2 of 2 (env B)");
}

#[test]
fn a_token_ends_and_is_for_us() {
    let request = request(&[("X-S", RS256)], "", BODY);
    let doorbell = armed(RS256_SCHEME, RSA_PEM);
    for (offset, wanted) in [
        (0, None),
        (360, None),
        (361, Some("the token ended 61 s ago")),
        (86_400, Some("the token ended 86100 s ago")),
    ] {
        let got = receive_at(&doorbell, &request, NOW_SECONDS + offset);
        assert_eq!(got.err().map(|refusal| refusal.cause).as_deref(), wanted, "{offset}");
    }
    let bell = armed(&RS256_SCHEME.replace("audience: doorbell", "audience: bell"), RSA_PEM);
    assert_eq!(refusal(&bell, &request).cause, "the token's `aud` is not the one of this source");
    let es256 = armed(&RS256_SCHEME.replace("RS256", "ES256"), P256_PEM);
    assert!(refusal(&es256, &request).cause.starts_with("the signature of the token does not match"));
}
