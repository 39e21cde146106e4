//! Signatures as senders make them, written apart from the program's own code.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;

/// HMAC-SHA256 in lower-case hex.
pub fn hex_hmac(secret: &str, message: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, message).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `X-Hub-Signature-256` of GitHub.
pub fn github(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex_hmac(secret, body))
}

/// `Stripe-Signature`, made so many seconds ago.
pub fn stripe(secret: &str, body: &str, seconds_ago: i64) -> String {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let at = now - seconds_ago;
    format!("t={at},v1={}", hex_hmac(secret, format!("{at}.{body}").as_bytes()))
}
