//! How long the proof of a webhook takes, beside the bare cost of the cryptography over the same bytes, in one run:
//! `cargo bench --bench verify`. Only the ratios mean something on another machine.
//!
//! `proved` is the whole check: headers found, signature decoded, age judged. `received` reads the body as well.

use std::error::Error;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, VerificationAlgorithm,
};
use doorbell::event::Request;
use doorbell::id::EventId;
use doorbell::provider::{Armed, Around, Source, Unsigned};
use doorbell::secret::{Secret, SecretRef, Vault};
use doorbell::time::Timestamp;
use doorbell::yaml::Document;

const SIZES_KIB: &[usize] = &[1, 10, 100];
/// How long each is repeated for one round; the best of the rounds counts.
const ROUND: Duration = Duration::from_millis(40);
const ROUNDS: usize = 11;
const NOW: Timestamp = Timestamp::from_millis(1_785_600_000_000);
const SECRET: &str = "whsec_a_secret_of_more_than_thirty_two_bytes";

const STRIPE: &str = "{ verify: stripe, secret: { env: S } }";
const DISCORD: &str = "{ verify: discord, secret: { env: S } }";
const SENDGRID: &str = "{ verify: sendgrid, secret: { env: S } }";
const RSA: &str = "{ verify: { kind: sig, alg: rsa-sha256, key: { encoding: pem }, signature: { from: \"header:X-Signature\", encoding: base64 } }, secret: { env: S } }";

type Failure = Box<dyn Error>;
type Signer = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, String>>;
type Check = Box<dyn Fn() -> bool>;

/// Who signs: with a shared secret, or with a private key and the public half that checks it.
enum Hand {
    Shared,
    Private { sign: Signer, raw: Vec<u8>, spki: Vec<u8>, algorithm: &'static dyn VerificationAlgorithm },
}

fn main() -> Result<(), Failure> {
    println!("microseconds; the ratio is proved : bare\n");
    println!(
        "{:<22} {:>8} {:>10} {:>10} {:>7} {:>10}",
        "scheme", "body", "bare", "proved", "ratio", "received"
    );
    let mut worst: f64 = 0.0;
    for (name, yaml, hand) in [
        ("HMAC-SHA-256 (stripe)", STRIPE, Hand::Shared),
        ("Ed25519 (discord)", DISCORD, ed25519()?),
        ("ECDSA P-256 (sendgrid)", SENDGRID, ecdsa()?),
        ("RSA-2048, SHA-256", RSA, rsa_2048()?),
    ] {
        for kib in SIZES_KIB {
            worst = worst.max(row(name, yaml, &hand, *kib)?);
        }
    }
    println!("\nworst ratio: {worst:.2}");
    Ok(())
}

fn row(name: &str, yaml: &str, hand: &Hand, kib: usize) -> Result<f64, Failure> {
    let document = Document::parse("bench", yaml).map_err(|why| format!("{why:?}"))?;
    let source = Source::compile("bench", &document.root(), &mut Vec::new()).ok_or("no source")?;
    let body = body(kib * 1024);
    let (request, armed, bare) = signed(&source, hand, &body)?;
    armed.prove(&request, NOW).map_err(|why| why.cause)?;
    if !bare() {
        return Err("the bare check fails".into());
    }
    let proved = || armed.prove(black_box(&request), NOW).is_ok();
    let received =
        || armed.receive(black_box(request.clone()), EventId::new(0, [0; 10]), &Around::at(NOW)).is_ok();
    let [bare, proved, received] = best([&bare, &proved, &received]);
    let ratio = proved / bare;
    println!(
        "{name:<22} {:>8} {bare:>10.2} {proved:>10.2} {ratio:>7.2} {received:>10.2}",
        format!("{kib} KiB")
    );
    Ok(ratio)
}

/// The request, the source that judges it, and the bare check of the same bytes.
fn signed(source: &Source, hand: &Hand, body: &[u8]) -> Result<(Request, Armed, Check), Failure> {
    let unsigned = Unsigned { path: "/bench", query: "", body, event: "ring", id: "1", now: NOW };
    let message = std::cell::RefCell::new(Vec::new());
    let (signed, secret) = match hand {
        Hand::Shared => (source.sign(&Secret::new(SECRET.as_bytes()), &unsigned)?, SECRET.to_owned()),
        Hand::Private { sign, raw, spki, .. } => {
            let key = source.sender_key().ok_or("the source takes no public key")?;
            let pen = |bytes: &[u8]| {
                *message.borrow_mut() = bytes.to_vec();
                sign(bytes)
            };
            (source.sign_with(&pen, &unsigned)?, key.write(raw, spki).ok_or("no such key")?)
        }
    };
    let mut vault = Vault::default();
    vault.insert(SecretRef::Env("S".to_owned()), Secret::new(secret.into_bytes()));
    let armed = source.arm(&vault).map_err(|why| why.join(", "))?;
    let request = Request {
        method: signed.method,
        path: "/bench".to_owned(),
        params: Vec::new(),
        query: signed.query,
        headers: signed.headers,
        body: signed.body,
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        received_at: NOW,
    };
    let check = bare(hand, message.into_inner(), body)?;
    Ok((request, armed, check))
}

fn bare(hand: &Hand, message: Vec<u8>, body: &[u8]) -> Result<Check, Failure> {
    match hand {
        Hand::Shared => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            let message = [format!("{}.", NOW.seconds()).as_bytes(), body].concat();
            let tag = hmac::sign(&key, &message).as_ref().to_vec();
            Ok(Box::new(move || hmac::verify(&key, black_box(&message), &tag).is_ok()))
        }
        Hand::Private { sign, spki, algorithm, .. } => {
            let key = ParsedPublicKey::new(*algorithm, spki)?;
            let signature = sign(&message)?;
            Ok(Box::new(move || key.verify_sig(black_box(&message), &signature).is_ok()))
        }
    }
}

fn ed25519() -> Result<Hand, Failure> {
    let pair = Ed25519KeyPair::generate()?;
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let (raw, spki) = (pair.public_key().as_ref().to_vec(), spki.as_ref().to_vec());
    let sign: Signer = Box::new(move |bytes| Ok(pair.sign(bytes).as_ref().to_vec()));
    Ok(Hand::Private { sign, raw, spki, algorithm: &ED25519 })
}

fn ecdsa() -> Result<Hand, Failure> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let (raw, spki) = (pair.public_key().as_ref().to_vec(), spki.as_ref().to_vec());
    let sign: Signer = Box::new(move |bytes| {
        pair.sign(&SystemRandom::new(), bytes)
            .map(|made| made.as_ref().to_vec())
            .map_err(|why| why.to_string())
    });
    Ok(Hand::Private { sign, raw, spki, algorithm: &ECDSA_P256_SHA256_ASN1 })
}

fn rsa_2048() -> Result<Hand, Failure> {
    let pair = rsa::KeyPair::generate(KeySize::Rsa2048)?;
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let (raw, spki) = (pair.public_key().as_ref().to_vec(), spki.as_ref().to_vec());
    let sign: Signer = Box::new(move |bytes| {
        let mut made = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut made)
            .map_err(|why| why.to_string())?;
        Ok(made)
    });
    Ok(Hand::Private { sign, raw, spki, algorithm: &RSA_PKCS1_2048_8192_SHA256 })
}

/// A JSON document of about so many bytes.
fn body(bytes: usize) -> Vec<u8> {
    let mut body = br#"{"id":"evt_1","type":"ring","items":["#.to_vec();
    while body.len() + 60 < bytes {
        body.extend_from_slice(br#"{"door":"front","times":2,"note":"please"},"#);
    }
    body.extend_from_slice(br#"{"door":"back"}]}"#);
    body
}

/// Microseconds of one call of each, in its best round; the rounds take turns, so that what else the machine does
/// meets them alike.
fn best<const N: usize>(calls: [&dyn Fn() -> bool; N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (best, call) in best.iter_mut().zip(calls) {
            *best = best.min(round(call));
        }
    }
    best
}

fn round(call: &dyn Fn() -> bool) -> f64 {
    let (started, mut calls) = (Instant::now(), 0_u32);
    while started.elapsed() < ROUND {
        for _ in 0..8 {
            black_box(call());
        }
        calls += 8;
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}
