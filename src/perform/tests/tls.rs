//! Certificates that do not hold.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, version};

use super::*;

/// A certificate for `localhost` and 127.0.0.1 that signs itself, valid until 2126; and its key.
const CERTIFICATE: &str = "\
MIIBnDCCAUGgAwIBAgIUAXDZVYh1ch6KcPCMxwjHykk6fscwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3\
N0MCAXDTI2MTEyMTExMTUxNloYDzIxMjYxMDI4MTExNTE2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjO\
PQIBBggqhkjOPQMBBwNCAASScS2MmpslbdCgwXRzYev2OEjq58YKQbAfgNFANjONuNyzS85SUtOv6CufhtMghGkm8r\
+Z+At9omouZR6NP4aHo28wbTAdBgNVHQ4EFgQUxkCN+ZSGHtVUKw1uSfyTjKaLkPAwHwYDVR0jBBgwFoAUxkCN+ZSG\
HtVUKw1uSfyTjKaLkPAwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj\
0EAwIDSQAwRgIhAMRJ74j/Es7AE8NPyebFOpOYvLAZ/9pvJi6WTjSdDA0hAiEAsUd7EtrrLIITU5Udm8yOHIAzFleT\
8DKx0QwYmJIn40E=";
const KEY: &str = "\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJG81YIQV7eGAzboBzlC2bQv6sqw/vR5x6rYNmEhzYZ\
OhRANCAASScS2MmpslbdCgwXRzYev2OEjq58YKQbAfgNFANjONuNyzS85SUtOv6CufhtMghGkm8r+Z+At9omouZR6N\
P4aH";

fn self_signed() -> TlsAcceptor {
    let certificate = CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let serving = async {
        let (stream, _) = listener.accept().await.unwrap();
        self_signed().accept(stream).await.is_err()
    };
    let vault = Vault::default();
    let (outcome, refused) = tokio::join!(perform(post(&base), &vault), serving);
    assert!(refused, "nothing may be sent behind a handshake that failed");
    assert_eq!(outcome.answer.kind(), "tls", "{:?}", outcome.answer);
}

#[tokio::test]
async fn what_is_no_tls_is_a_tls_failure() {
    /// What a server says that speaks TLS 1.0 only: the alert `protocol_version`.
    const OLD: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
    for answer in [OLD, b"HTTP/1.1 400 plain HTTP here\r\n\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
            stream
        };
        let vault = Vault::default();
        let (outcome, _stream) = tokio::join!(perform(post(&base), &vault), serving);
        assert_eq!(outcome.answer.kind(), "tls", "{:?}", outcome.answer);
    }
}

#[tokio::test]
async fn a_certificate_of_ours_is_shown_or_said_to_be_none() {
    let key = rcgen::KeyPair::generate().unwrap();
    let ours = rcgen::CertificateParams::new(vec!["us".to_owned()]).unwrap().self_signed(&key).unwrap();
    let vault = vault(&[
        ("OURS", &format!("{}{}", ours.pem(), key.serialize_pem())),
        ("ODD", "no certificate at all"),
    ]);
    let stub = stub::Stub::new("HTTP/1.1 204 No\r\n\r\n", stub::Then::Keep).await;
    for (name, kind) in [("OURS", "success"), ("ODD", "invalid"), ("ABSENT", "invalid")] {
        let outcome =
            perform(Http { auth: Auth::Certificate(env(name)), ..post(&stub.base()) }, &vault).await;
        assert_eq!(outcome.answer.kind(), kind, "{name}: {:?}", outcome.answer);
        assert!(!format!("{outcome:?}").contains("PRIVATE KEY"), "{outcome:?}");
    }
}
