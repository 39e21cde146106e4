//! Redirects on the real program: off unless a connection says so, judged hop by hop, and without what shows who we are.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::outbound::Trap;
use crate::program::{Place, Program};

/// Somebody who is asked: gives these answers in turn, the last again and again, over connections that stay open.
struct Destination {
    address: String,
    /// What came, in lower case.
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Destination {
    fn new(answers: &[String]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (asked, connections) = (Arc::default(), Arc::new(Mutex::new(0)));
        let (desk, count, answers) = (Arc::clone(&asked), Arc::clone(&connections), answers.to_vec());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                *count.lock().unwrap() += 1;
                let (desk, answers) = (Arc::clone(&desk), answers.clone());
                std::thread::spawn(move || talk(stream, &desk, &answers));
            }
        });
        Self { address, asked, connections }
    }

    fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn talk(stream: TcpStream, desk: &Mutex<Vec<String>>, answers: &[String]) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = request(&mut stream) {
        let answer = {
            let mut asked = desk.lock().unwrap();
            asked.push(request.to_ascii_lowercase());
            answers[(asked.len() - 1).min(answers.len() - 1)].clone()
        };
        if stream.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn request(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}

fn ok() -> String {
    "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone".to_owned()
}

fn lead(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} On\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

/// One connection with all that shows who we are, and one rule.
fn rules(url: &str, redirects: &str, allow_private: &str, action: &str) -> String {
    format!(
        r#"
sources: {{ open: {{ verify: none }} }}
connections:
  there:
    http:
      url: "{url}"
      auth: {{ bearer: {{ env: TOKEN }} }}
      headers: {{ X-Own: own-header, Cookie: {{ env: COOKIE }} }}
      sign: {{ standard_webhooks: {{ secret: {{ env: SIGNING }} }} }}
{redirects}
    allow_private: [{allow_private}]
    retry: {{ attempts: 3, first: 1ms, max: 2ms }}
rules:
  - name: r
    from: open
    do: {action}
"#
    )
}

const SECRETS: [(&str, &str); 3] = [
    ("TOKEN", "a token for home alone"),
    ("SIGNING", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw"),
    ("COOKIE", "own-cookie=for home alone"),
];
const POST: &str = "{ http: there, json: { a: 1 } }";
const GET: &str = "{ http: there, method: GET }";

/// The end of the delivery of one event, and its one attempt.
async fn ended(program: &Program) -> (Value, Value) {
    let event = program.accepted("/open", &json!({})).await;
    let path = format!("/api/deliveries?event={event}");
    let page = program.until(&path, |page| !page["deliveries"][0]["finished_at"].is_null()).await;
    let delivery = page["deliveries"][0].clone();
    let (_, shown) = program.ask(&format!("/api/deliveries/{}", delivery["id"].as_str().unwrap())).await;
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "{shown:#}");
    (delivery, shown["attempts"][0].clone())
}

async fn check(rules: &str, state: &str, reason: &str) -> Value {
    let place = Place::new(rules, &SECRETS);
    let program = place.serve();
    let (delivery, attempt) = ended(&program).await;
    assert_eq!(delivery["state"], state, "{delivery:#}");
    let said = delivery["reason"].as_str().unwrap_or_default();
    assert!(said.contains(reason), "{reason:?} is not in {said:?}");
    assert!(!attempt.to_string().contains(SECRETS[0].1) && !place.log().contains(SECRETS[0].1));
    attempt
}

#[tokio::test]
async fn none_is_followed_unless_the_connection_says_so() {
    for redirects in ["", "      redirects: 0"] {
        let trap = Trap::new();
        let home = Destination::new(&[lead(308, &format!("http://{}/", trap.address()))]);
        check(
            &rules(&format!("http://{}", home.address), redirects, "127.0.0.0/8", POST),
            "dead",
            "status 308",
        )
        .await;
        assert!(trap.is_untouched());
        assert_eq!(home.asked().len(), 1);
    }
}

#[tokio::test]
async fn on_the_same_origin_all_goes_along() {
    let home = Destination::new(&[lead(307, "/moved"), ok()]);
    let rules = rules(&format!("http://{}/in", home.address), "      redirects: 1", "", POST);
    let attempt = check(&rules, "delivered", "").await;
    let [first, second] = home.asked().try_into().unwrap();
    assert!(first.starts_with("post /in http/1.1") && second.starts_with("post /moved http/1.1"));
    for kept in
        ["bearer a token for home alone", "own-header", "own-cookie", "webhook-signature: v1,", "{\"a\":1}"]
    {
        assert!(first.contains(kept) && second.contains(kept), "{kept}: {second}");
    }
    let head = attempt["got_head"].as_str().unwrap();
    let line = format!("\n`{0}` answered 307: on to `{0}`\n", home.address);
    assert!(head.starts_with("HTTP/1.1 200 OK\n") && head.ends_with(&line), "{head}");
    assert_eq!(attempt["got_body"], "done");
}

#[tokio::test]
async fn to_another_port_or_name_nothing_of_ours_goes_along() {
    let there = Destination::new(&[ok()]);
    for (base, goal, action) in [
        ("127.0.0.1", "127.0.0.1", POST),
        ("127.0.0.1", "localhost", POST),
        ("localhost", "127.0.0.1", POST),
        ("127.0.0.1", "127.0.0.1", "{ forward: there, headers: x-sent }"),
    ] {
        let home = Destination::new(&[lead(308, &format!("http://{goal}:{}/moved", there.port()))]);
        let base = format!("http://{base}:{}/in", home.port());
        let rules = rules(&base, "      redirects: 1", "127.0.0.0/8, \"::1/128\"", action);
        let attempt = check(&rules, "delivered", "").await;
        assert!(home.asked()[0].contains("a token for home alone"));
        let request = there.asked().pop().unwrap();
        assert!(request.starts_with("post /moved http/1.1"), "{request}");
        for gone in ["authorization", "token", "own-", "cookie", "webhook-"] {
            assert!(!request.contains(gone), "{gone}: {request}");
        }
        let key = attempt["sent"]
            .as_str()
            .unwrap()
            .lines()
            .find(|line| line.starts_with("idempotency-key"))
            .unwrap();
        assert!(
            request.contains(&key.to_ascii_lowercase()) && request.contains("content-type: application/json")
        );
        let head = attempt["got_head"].as_str().unwrap();
        assert!(head.contains(&format!("answered 308: on to `{goal}:{}`, without", there.port())), "{head}");
    }
}

#[tokio::test]
async fn where_nobody_may_go_nobody_is_led() {
    let trap = Trap::new();
    let port = trap.address().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "0", "[::1]"] {
        for location in [format!("http://{host}:{port}/"), format!("//{host}:{port}/x")] {
            let home = Destination::new(&[lead(307, &location)]);
            // The address that the URL names by itself is open there, and not for whatever it leads to.
            let rules = rules(&format!("http://{}", home.address), "      redirects: 3", "10.0.0.0/8", POST);
            check(&rules, "dead", "blocked_address").await;
        }
    }
    for (location, reason) in [
        (format!("http://me:you@127.0.0.1:{port}/"), "has a user in it"),
        (format!("ftp://127.0.0.1:{port}/"), "begins with `ftp:`"),
        ("file:///etc/passwd".to_owned(), "begins with `file:`"),
    ] {
        let home = Destination::new(&[lead(307, &location)]);
        let rules = rules(&format!("http://{}", home.address), "      redirects: 3", "127.0.0.0/8", POST);
        check(&rules, "dead", reason).await;
    }
    assert!(trap.is_untouched());
}

#[tokio::test]
async fn no_post_becomes_a_get() {
    for status in [301, 302, 303] {
        let there = Destination::new(&[ok()]);
        let home = Destination::new(&[lead(status, &format!("http://{}/", there.address))]);
        let rules =
            |action| rules(&format!("http://{}", home.address), "      redirects: 3", "127.0.0.1", action);
        let words = format!("status {status}, which is not followed: a POST would become a GET");
        check(&rules(POST), "dead", &words).await;
        assert!(there.asked().is_empty());
        check(&rules(GET), "delivered", "").await;
        assert!(there.asked()[0].starts_with("get / http/1.1"));
    }
}

#[tokio::test]
async fn a_loop_ends() {
    let home = Destination::new(&[lead(307, "/")]);
    let rules = rules(&format!("http://{}", home.address), "      redirects: 4", "", POST);
    check(&rules, "dead", "`redirects: 4` is the bound").await;
    assert_eq!(home.asked().len(), 5);
}

#[tokio::test]
async fn an_action_with_a_url_of_its_own_has_its_own_bound() {
    for (redirects, state, reason) in [("", "dead", "status 307"), (", redirects: 1", "delivered", "")] {
        let home = Destination::new(&[lead(307, "/moved"), ok()]);
        let action = format!("{{ http: \"http://{}/in\"{redirects} }}", home.address);
        let rules = format!(
            "sources: {{ open: {{ verify: none }} }}\nrules: [{{ name: r, from: open, do: {action} }}]\n"
        );
        check(&rules, state, reason).await;
    }
}

#[tokio::test]
async fn after_a_reload_no_resting_connection_leads_to_a_denied_address() {
    let there = Destination::new(&[ok()]);
    let home = Destination::new(&[lead(307, &format!("http://localhost:{}/", there.port()))]);
    let rules = |networks| rules(&format!("http://{}", home.address), "      redirects: 1", networks, POST);
    let place = Place::new(&rules("127.0.0.0/8"), &SECRETS);
    let program = place.serve();
    for _ in 0..2 {
        assert_eq!(ended(&program).await.0["state"], "delivered");
    }
    assert_eq!(*there.connections.lock().unwrap(), 1, "the connection rests in between");
    place.write("doorbell.yaml", &rules("10.0.0.0/8"));
    assert_eq!(program.want("/api/reload").await.0, 200);
    let delivery = ended(&program).await.0;
    assert_eq!(delivery["state"], "dead");
    assert!(delivery["reason"].as_str().unwrap().starts_with("blocked_address: `localhost`"), "{delivery:#}");
    assert_eq!((there.asked().len(), *there.connections.lock().unwrap()), (2, 1));
}
