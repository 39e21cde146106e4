//! `ring` of every preset: taken by a running server with the rules of the preset's own page, and by `verify`.

use std::collections::HashMap;

use doorbell::provider::{PRESETS, Portrait};
use serde_json::Value;

use crate::program::{Place, text};

/// Hex, base64 and plain text at once, so that it is a key however a preset reads it.
const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// Signed by RSA with SHA-1, which doorbell checks and never makes.
const NOBODY_SIGNS: &[&str] = &["aws-sns-sha1", "travis"];

/// All presets in one rules file, with secrets that are there.
struct Everybody {
    place: Place,
    presets: Vec<Portrait>,
}

fn has_key(one: &Portrait) -> bool {
    one.verifies.iter().any(|way| way.secret.contains("public key"))
}

/// The rules of its page, with the secret in a file that is there when it is a key.
fn rules(one: &Portrait) -> String {
    let own = format!("    secret: {{ file: rules/{}.public }}\n", one.name);
    let lines = one.rules.lines().filter(|line| !has_key(one) || !line.contains("secret:"));
    let own = |line: &str| if has_key(one) && line.contains("verify:") { own.as_str() } else { "" };
    lines.map(|line| format!("{line}\n{}", own(line))).collect()
}

fn everybody() -> Everybody {
    let portraits = PRESETS.iter().map(|preset| preset.portrait().unwrap());
    let presets: Vec<_> = portraits.filter(|one| !NOBODY_SIGNS.contains(&one.name)).collect();
    let mut environment = Vec::new();
    for one in &presets {
        let variable = one.rules.split_once("env: ").and_then(|(_, rest)| rest.split_once(' '));
        let secret =
            if one.verifies[0].proof == "HTTP Basic" { format!("robin:{SECRET}") } else { SECRET.to_owned() };
        environment.extend(variable.map(|(name, _)| (name.to_owned(), secret)));
    }
    let pairs: Vec<_> = environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let place = Place::new("", &pairs);
    std::fs::create_dir(place.file("rules")).unwrap();
    for one in &presets {
        std::fs::write(place.file(&file(one)), rules(one)).unwrap();
    }
    let everybody = Everybody { place, presets };
    everybody.make_keys();
    everybody
}

fn file(one: &Portrait) -> String {
    format!("rules/{}.yaml", one.name)
}

impl Everybody {
    fn ring(&self, one: &Portrait, more: &[&str]) -> std::process::Output {
        let file = file(one);
        let mut arguments = vec!["ring", one.name, "--rules", &file];
        if has_key(one) {
            arguments.extend(["--keys", "rules"]);
        }
        arguments.extend(more);
        self.place.run(&arguments)
    }

    fn make_keys(&self) {
        for one in self.presets.iter().filter(|one| has_key(one)) {
            let output = self.ring(one, &["--public-key"]);
            assert!(output.status.success(), "{}: {}", one.name, text(&output.stderr));
            let file = self.place.file(&format!("rules/{}.public", one.name));
            assert_eq!(
                text(&output.stdout).trim(),
                std::fs::read_to_string(file).unwrap().trim(),
                "{}",
                one.name
            );
        }
    }
}

/// The request as it travels.
fn raw(letter: &Value) -> Vec<u8> {
    use base64::Engine;
    let body =
        base64::engine::general_purpose::STANDARD.decode(letter["body_base64"].as_str().unwrap()).unwrap();
    let mut head =
        format!("{} {} HTTP/1.1\r\n", letter["method"].as_str().unwrap(), letter["url"].as_str().unwrap());
    for (name, value) in letter["headers"].as_object().unwrap() {
        head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
    }
    [format!("{head}content-length: {}\r\n\r\n", body.len()).into_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_takes_the_ring_of_every_preset() {
    let everybody = everybody();
    let everyone: String = {
        let parts: Vec<_> = everybody.presets.iter().map(rules).collect();
        let halves = parts.iter().map(|text| text.split_once("rules:\n").unwrap());
        let (sources, rules): (Vec<_>, Vec<_>) = halves.unzip();
        let sources = sources.concat().replace("sources:\n", "");
        let rules =
            rules.iter().enumerate().map(|(index, rule)| rule.replacen("log", &format!("log {index}"), 1));
        format!("sources:\n{sources}rules:\n{}", rules.collect::<String>())
    };
    everybody.place.write("doorbell.yaml", &everyone);
    let program = everybody.place.serve();
    let mut wrong = HashMap::new();
    for one in &everybody.presets {
        let output = everybody.ring(one, &["--to", &program.address]);
        if !output.status.success() {
            wrong.insert(one.name, text(&output.stdout) + &text(&output.stderr));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", everybody.place.log());
    let count = everybody.presets.len();
    let history = program
        .until("/api/deliveries?limit=500", |answer| {
            let all = answer["deliveries"].as_array().unwrap();
            all.len() == count && all.iter().all(|one| one["state"] == "delivered" || one["state"] == "dead")
        })
        .await;
    for delivery in history["deliveries"].as_array().unwrap() {
        assert_eq!(delivery["state"], "delivered", "{delivery:#}");
    }
}

#[test]
fn verify_takes_the_ring_of_every_preset() {
    let everybody = everybody();
    let mut wrong = HashMap::new();
    for one in &everybody.presets {
        let output = everybody.ring(one, &["-o", "json"]);
        let letter: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}: {}", one.name, text(&output.stderr)));
        std::fs::write(everybody.place.file("request.http"), raw(&letter)).unwrap();
        let output = everybody.place.run(&["verify", "request.http", &file(one)]);
        if !output.status.success() {
            wrong.insert(one.name, text(&output.stdout) + &text(&output.stderr));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn without_rules_it_needs_what_it_lacks() {
    let place = Place::new("", &[("S", SECRET)]);
    std::fs::remove_file(place.file("doorbell.yaml")).unwrap();
    for (arguments, code, words) in [
        (vec!["stripe", "--secret-env", "S", "-o", "json"], 0, "stripe-signature"),
        (
            vec!["twilio", "--secret-env", "S", "--to", "https://hooks.example.com/twilio", "--curl"],
            0,
            "x-twilio-signature",
        ),
        (vec!["paypal", "--keys", "keys", "--curl"], 2, "webhook_id"),
        (vec!["paypal", "--keys", "keys", "--curl", "--param", "webhook_id=1"], 0, "paypal-transmission-sig"),
        (vec!["discord", "--secret-env", "S"], 3, "--keys DIR"),
        (vec!["discord"], 2, "--keys DIR"),
        (vec!["stripe"], 2, "--secret-env"),
        (vec!["stripe", "--keys", "keys"], 2, "--keys has no use"),
        (vec!["travis", "--keys", "keys"], 3, "SHA-1"),
        (vec!["stripes"], 2, "did you mean `stripe`"),
    ] {
        let output = place.run(&[vec!["ring"], arguments.clone()].concat());
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_event_is_changed_and_sent_again() {
    let rules = "sources: { pay: { verify: stripe, secret: { env: PAY } } }\nrules: [{ name: large, if: { $.data.object.amount: { gt: 100 } }, do: { log: x } }]\n";
    let place = Place::new(rules, &[("PAY", "whsec_0123456789abcdef0123456789abcdef")]);
    let program = place.serve();
    let (to, admin) =
        (format!("{}/pay", program.address), program.admin.trim_start_matches("http://").to_owned());
    let ring = |more: &[&str]| {
        let all = [&["ring", "pay", "--rules", "doorbell.yaml", "--to", to.as_str()][..], more].concat();
        place.run(&all)
    };
    let first =
        ring(&["charge.failed", "--set", "$.data.object.amount=5", "--set", "$.data.object.note=kept"]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let (_, list) = program.ask("/api/events").await;
    let id = list["events"][0]["id"].as_str().unwrap().to_owned();
    let again = ring(&["--from", &id, "--admin", &admin, "--set", "$.data.object.amount=500"]);
    assert!(again.status.success(), "{}{}", text(&again.stdout), text(&again.stderr));
    let (_, list) = program.ask("/api/events?rule=large").await;
    let events = list["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{list:#}");
    assert_eq!(events[0]["type"], "charge.failed");
    let (_, shown) = program.ask(&format!("/api/events/{}", events[0]["id"].as_str().unwrap())).await;
    assert_eq!(shown["payload"]["data"]["object"]["note"], "kept", "{shown:#}");
    assert_ne!(shown["id"], Value::from(id));
}

/// Rules files that are there to start from: the source that is rung, the event type, what is set, the rule that matches.
const SHIPPED: &[(&str, &str, &str, &str, &str)] = &[
    ("rules/ci.yaml", "github", "push", "$.ref: refs/heads/main", "CI on push to main"),
    (
        "rules/payments.yaml",
        "stripe",
        "payment_intent.succeeded",
        "$.data.object.amount: 15000",
        "Big payments to sales chat",
    ),
    ("rules/orders.yaml", "shopify", "orders/paid", "$.total_price: \"409.94\"", "Paid orders to the ERP"),
    ("examples/ci-on-push/rules.yaml", "github", "push", "$.ref: refs/heads/main", "CI on push to main"),
    (
        "examples/payment-to-chat/rules.yaml",
        "stripe",
        "payment_intent.succeeded",
        "$.livemode: true",
        "Big payments to sales chat",
    ),
    (
        "examples/order-to-erp/rules.yaml",
        "shopify",
        "orders/paid",
        "$.currency: EUR",
        "Paid orders to the ERP",
    ),
];

#[test]
fn what_is_shipped_is_matched_by_what_is_rung() {
    let place = Place::new("", &[]);
    for (file, source, kind, set, rule) in SHIPPED {
        let rules = std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        place.write("doorbell.yaml", &text(&rules));
        place.write(
            "rung.test.yaml",
            &format!("tests:\n  - name: rung\n    send: {{ to: {source}, event: {kind}, set: {{ {set} }} }}\n    expect: [{rule}]\n"),
        );
        let output = place.run(&["test", "doorbell.yaml", "rung.test.yaml"]);
        assert!(output.status.success(), "{file}: {}{}", text(&output.stdout), text(&output.stderr));
    }
}
