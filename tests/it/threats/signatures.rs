//! Signatures that are missing, cut, extended, of another algorithm, of other bytes, too old or too young.

use serde_json::json;

use crate::program::{Place, Program};
use crate::sign;

const HUB: &str = "a github secret that is long enough";
const STRIPE: &str = "whsec_a stripe secret that is long enough";
const LAB: &str = "A Gitlab Token That Is Long";
const RULES: &str = "
sources:
  hub: { verify: github, secret: { env: HUB } }
  stripe: { verify: stripe, secret: { env: STRIPE } }
  lab: { verify: gitlab-token, secret: { env: LAB } }
  standard: { verify: standard-webhooks, secret: { env: STANDARD } }
rules:
  - { name: write, do: { run: [sh, -c, 'echo ran >> ran'], cwd: . } }
";
const BODY: &str = r#"{"zen":"Half measures are as bad as nothing at all.", "n": 1.0,"b":1,"a":"\u00e9"}"#;

fn place() -> Place {
    let standard = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    Place::new(RULES, &[("HUB", HUB), ("STRIPE", STRIPE), ("LAB", LAB), ("STANDARD", standard)])
}

/// A name, the headers and the body.
type Row<'r> = (&'r str, Vec<(&'r str, String)>, &'r str);

/// The statuses of these requests; each row is a name, the headers and the body.
async fn check(program: &Program, path: &str, wanted: u16, rows: &[Row<'_>]) {
    for (name, headers, body) in rows {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, answer) = program.post(path, &headers, *body).await;
        assert_eq!(status, wanted, "{name}: {answer}");
        assert!(!answer.to_string().contains("sha256"), "{name}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn github() {
    let place = place();
    let program = place.serve();
    let right = sign::github(HUB, BODY.as_bytes());
    let hex = right.strip_prefix("sha256=").unwrap();
    let of = |name: &'static str, value: &str| {
        vec![("x-github-event", "ping".to_owned()), (name, value.to_owned())]
    };
    let signed = |value: &str| of("x-hub-signature-256", value);
    let other = BODY.replace("1.0", "1");
    let refused: Vec<Row<'_>> = vec![
        ("no header", vec![("x-github-event", "ping".to_owned())], BODY),
        ("nothing behind the prefix", signed("sha256="), BODY),
        ("empty", signed(""), BODY),
        ("cut", signed(right.get(..15).unwrap()), BODY),
        ("longer", signed(&format!("{right}00")), BODY),
        ("another body", signed(&right), &other),
        (
            "another secret",
            signed(&sign::github("another secret that is long enough", BODY.as_bytes())),
            BODY,
        ),
        ("the empty secret", signed(&sign::github("", BODY.as_bytes())), BODY),
        ("only the old header", of("x-hub-signature", "sha1=2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"), BODY),
        ("the old header with the new digest", of("x-hub-signature", &right), BODY),
        ("no prefix", signed(hex), BODY),
        ("another prefix", signed(&format!("sha1={hex}")), BODY),
        ("in capitals before", signed(&right.replace("sha256", "SHA256")), BODY),
        ("a list", signed(&format!("sha256={}, {right}", "0".repeat(64))), BODY),
    ];
    check(&program, "/hub", 401, &refused).await;
    let twice = [("x-hub-signature-256", "sha256=00"), ("x-hub-signature-256", right.as_str())];
    assert_eq!(program.post("/hub", &twice, BODY).await.0, 401);
    let (_, list) = program.ask("/api/rejections").await;
    assert!(!list.to_string().contains(hex), "the right digest is told nowhere");
    assert!(!place.log().contains(hex) && !place.file("ran").exists());
    let mut genuine = signed(&right);
    genuine.push(("x-github-delivery", "d-1".to_owned()));
    check(&program, "/hub", 202, &[("right", genuine.clone(), BODY)]).await;
    program.until("/api/deliveries?state=delivered", |list| list["deliveries"][0]["rule"] == "write").await;
    check(&program, "/hub", 200, &[("again", genuine, BODY)]).await;
    assert_eq!(program.stop(), Some(0));
    assert_eq!(std::fs::read_to_string(place.file("ran")).unwrap(), "ran\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stripe() {
    let place = place();
    let program = place.serve();
    let body = json!({ "id": "evt_1", "type": "charge.failed" }).to_string();
    let at = |seconds_ago: i64| sign::stripe(STRIPE, &body, seconds_ago);
    let right = at(0);
    let (stamp, digest) = right.split_once(',').unwrap();
    let (_, old_digest) = {
        let old = at(4000);
        let (a, b) = old.split_once(',').unwrap();
        (a.to_owned(), b.to_owned())
    };
    let of = |value: String| vec![("stripe-signature", value)];
    let mut refused = vec![
        ("old", of(at(302)), body.as_str()),
        ("too young", of(at(-303)), &body),
        ("a fresh moment and an old digest", of(format!("{stamp},{old_digest}")), &body),
        ("only a test digest", of(right.replace("v1=", "v0=")), &body),
        ("two moments", of(format!("t=1,{right}")), &body),
        ("no moment", of(digest.to_owned()), &body),
        ("no digest", of(stamp.to_owned()), &body),
    ];
    for odd in ["1e99", "99999999999999999999", "0x10", "", "NaN", "-1", "+1"] {
        refused.push(("an odd moment", of(format!("t={odd},{digest}")), &body));
    }
    check(&program, "/stripe", 401, &refused).await;
    let rotated = of(format!("{stamp},v1={},{digest}", "0".repeat(64)));
    check(&program, "/stripe", 202, &[("the second of two", rotated, &body)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_and_empty_signatures() {
    let place = place();
    let program = place.serve();
    let token =
        |value: &str| vec![("x-gitlab-token", value.to_owned()), ("x-gitlab-event", "Push Hook".to_owned())];
    let rows = [
        ("in another case", token(&LAB.to_lowercase()), "{}"),
        ("with a blank", token("A Gitlab Token That Is  Long"), "{}"),
        ("none", token(""), "{}"),
    ];
    check(&program, "/lab", 401, &rows).await;
    let query = format!("/lab?token={}&x-gitlab-token={0}&private_token={0}", LAB.replace(' ', "%20"));
    check(&program, &query, 401, &[("in the query", vec![], "{}")]).await;
    check(&program, "/lab", 202, &[("right", token(LAB), "{}")]).await;
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().to_string();
    let standard = |signature: &str| {
        vec![
            ("webhook-id", "msg_1".to_owned()),
            ("webhook-timestamp", now.clone()),
            ("webhook-signature", signature.to_owned()),
        ]
    };
    let rows =
        [("v1,", standard("v1,"), "{}"), ("nothing", standard(""), "{}"), ("v1", standard("v1"), "{}")];
    check(&program, "/standard", 401, &rows).await;
}
