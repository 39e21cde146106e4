//! Redirects: what is followed, what goes along, and where nobody is led.

use tokio::net::TcpListener;

use super::blocked::HOSTS;
use super::stub::{Stub, Then};
use super::*;
use crate::effect::{First, Landing, Redirects, Sealed, Sign};
use crate::limit;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// An answer that leads on.
fn lead(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} On\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

/// A `POST` that is led to all of the loopback.
fn led(base: &str, most: usize) -> Http {
    let effect = post(base);
    Http { redirects: Redirects { most, allow_private: effect.allow_private.clone() }, ..effect }
}

/// A `POST` with all that shows who we are.
fn credentialed(base: &str) -> Http {
    Http {
        headers: vec![
            ("X-Own".to_owned(), Value::Plain("own-header".to_owned())),
            ("Cookie".to_owned(), Value::Plain("own-cookie".to_owned())),
            ("User-Agent".to_owned(), Value::Plain("own-agent".to_owned())),
            ("Idempotency-Key".to_owned(), Value::Plain("own-key".to_owned())),
        ],
        auth: Auth::Bearer(env("TOKEN")),
        sign: Some(Sign::StandardWebhooks(env("SIGN"))),
        content_type: Some("text/own".to_owned()),
        ..led(base, 5)
    }
}

fn secrets() -> Vault {
    vault(&[("TOKEN", "correct-horse"), ("SIGN", "whsec_MDEyMzQ1Njc4OWFiY2RlZg==")])
}

/// The last of what a destination was asked, without what differs from run to run.
fn asked(stub: &Stub) -> String {
    stub.requests().pop().unwrap_or_default().to_ascii_lowercase()
}

/// Whether nobody came to a listener.
fn untouched(listener: TcpListener) -> bool {
    let listener = listener.into_std().unwrap();
    listener.accept().is_err_and(|why| why.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn on_the_same_origin_all_goes_along() {
    let home = Stub::new(lead(308, "/there?x=1"), Then::Keep).await;
    let outcome = perform(Http { path: "in".to_owned(), ..credentialed(&home.base()) }, &secrets()).await;
    let Answer::Invalid(why) = &outcome.answer else { panic!("{outcome:?}") };
    assert!(why.contains("status 308") && why.contains("`redirects: 5` is the bound"), "{why}");
    let requests = home.requests();
    assert_eq!(requests.len(), 6, "the first, and five that it led to");
    assert!(requests[0].starts_with("POST /in HTTP"), "{}", requests[0]);
    for request in &requests[1..] {
        let (line, rest) = request.split_once("\r\n").unwrap();
        assert_eq!(line, "POST /there?x=1 HTTP/1.1");
        assert_eq!(Some(rest), requests[0].split_once("\r\n").map(|(_, rest)| rest));
        assert!(rest.contains("Bearer correct-horse") && rest.contains("webhook-signature: v1,"), "{rest}");
    }
    assert_eq!(outcome.got_head.matches("` answered 308: on to `").count(), 5, "{}", outcome.got_head);
    assert!(outcome.got_head.starts_with("HTTP/1.1 308"), "{}", outcome.got_head);
}

#[tokio::test]
async fn to_another_origin_only_the_body_goes_along() {
    for status in [307, 308] {
        let there = Stub::new(OK, Then::Keep).await;
        for base in ["127.0.0.1", "localhost"] {
            // Another port, then another name beside.
            let home = Stub::new(lead(status, &format!("{}/there", there.base())), Then::Keep).await;
            let base = format!("http://{base}:{}", home.address.port());
            let outcome = perform(credentialed(&base), &secrets()).await;
            assert!(outcome.answer.is_success(), "{outcome:?}");
            assert_eq!(outcome.got_body, "ok");
            assert!(asked(&home).contains("correct-horse"));
            let request = asked(&there);
            assert!(
                request.starts_with("post /there http/1.1\r\n") && request.ends_with("\r\n\r\n{\"a\":1}")
            );
            for gone in ["own-", "horse", "authorization", "cookie", "webhook-", "x-own"] {
                assert!(!request.contains(gone), "{gone}: {request}");
            }
            let key = format!("idempotency-key: {}", ticket().idempotency_key).to_ascii_lowercase();
            for kept in [key.as_str(), "content-type: text/own", "user-agent: doorbell/"] {
                assert!(request.contains(kept), "{kept}: {request}");
            }
            let line = format!(
                "` answered {status}: on to `{}`, without the headers and credentials of the rule\n",
                there.address
            );
            assert!(outcome.got_head.starts_with("HTTP/1.1 200 OK\n"), "{}", outcome.got_head);
            assert!(outcome.got_head.ends_with(&line), "{}", outcome.got_head);
        }
    }
}

#[tokio::test]
async fn what_was_dropped_on_the_way_stays_dropped() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let back = format!("http://{}/back", listener.local_addr().unwrap());
    let there = Stub::new(lead(307, &back), Then::Keep).await;
    let home = Stub::on(listener, lead(307, &format!("{}/there", there.base())), Then::Keep);
    let effect = Http { redirects: led("", 2).redirects, ..credentialed(&home.base()) };
    let outcome = perform(effect, &secrets()).await;
    assert!(outcome.answer.words().contains("`redirects: 2`"), "{outcome:?}");
    let [first, last] = home.requests().try_into().unwrap();
    assert!(first.contains("correct-horse") && last.starts_with("POST /back "), "{last}");
    assert!(
        !asked(&there).contains("horse") && !last.contains("horse") && !last.contains("own-key"),
        "{last}"
    );
}

#[tokio::test]
async fn only_what_keeps_its_method_is_followed() {
    for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for status in [300, 301, 302, 303, 304, 305, 306, 307, 308] {
            let answer = if method == Method::HEAD { "HTTP/1.1 204 No\r\n\r\n" } else { OK };
            let there = Stub::new(answer, Then::Keep).await;
            let home = Stub::new(lead(status, &there.base()), Then::Keep).await;
            let effect = Http { method: method.clone(), ..led(&home.base(), 1) };
            let outcome = perform(effect, &Vault::default()).await;
            let is_safe = matches!(method, Method::GET | Method::HEAD);
            let is_followed = matches!(status, 307 | 308) || (is_safe && matches!(status, 301..=303));
            assert_eq!(outcome.answer.is_success(), is_followed, "{method} {status}: {:?}", outcome.answer);
            if is_followed {
                assert!(there.requests().concat().starts_with(&format!("{method} / ")), "{method} {status}");
                continue;
            }
            assert_eq!(there.connections(), 0, "{method} {status}");
            let words = outcome.answer.words();
            assert!(words.starts_with(&format!("status {status}")), "{words}");
            let says_why = words.contains(&format!("a {method} would become a GET"));
            assert_eq!(says_why, matches!(status, 301..=303), "{method} {status}: {words}");
        }
    }
}

#[tokio::test]
async fn nothing_is_followed_unless_it_is_asked_for() {
    let there = Stub::new(OK, Then::Keep).await;
    let home = Stub::new(lead(307, &there.base()), Then::Keep).await;
    let outcome = perform(post(&home.base()), &Vault::default()).await;
    assert_eq!(outcome.answer, Answer::Status { status: 307, retry_after: None, refused: None });
    // What is asked for before is never led anywhere, whatever is said of it.
    let first = First {
        http: led(&home.base(), 5),
        take: Vec::new(),
        puts: Vec::new(),
        keep: None,
        cookies: false,
        absent: Vec::new(),
    };
    let outcome =
        perform(Http { first: Some(Box::new(first)), ..led(&there.base(), 5) }, &Vault::default()).await;
    assert_eq!(outcome.answer, Answer::Status { status: 307, retry_after: None, refused: None });
    assert_eq!(there.connections(), 0);
}

#[tokio::test]
async fn a_loop_ends_at_its_bound() {
    let home = Stub::new(lead(307, "/again"), Then::Keep).await;
    for most in [1, 3, limit::REDIRECTS_MAX] {
        let before = home.requests().len();
        let outcome = perform(led(&home.base(), most), &Vault::default()).await;
        assert_eq!(outcome.answer.kind(), "invalid");
        assert!(outcome.answer.words().contains(&format!("{most} were")), "{:?}", outcome.answer);
        assert_eq!(home.requests().len() - before, most + 1);
    }
}

#[tokio::test]
async fn a_redirect_opens_no_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let performer = Performer::new().unwrap();
    for host in HOSTS {
        let home = Stub::new(lead(307, &format!("http://{host}:{port}/")), Then::Close).await;
        let effect = led(&home.base(), 3);
        // What the base names by itself is open to its own port alone.
        let redirects = Redirects { allow_private: Vec::new(), ..effect.redirects };
        let effect = Effect::Http(Http { redirects, ..effect });
        let outcome = performer.perform(effect, &Vault::default(), &ticket()).await;
        assert_eq!(outcome.answer.kind(), "blocked_address", "{host}: {:?}", outcome.answer);
        assert!(outcome.got_head.contains("answered 307: on to"), "{}", outcome.got_head);
    }
    assert!(untouched(listener), "a connection was made");
}

#[tokio::test]
async fn a_connection_that_rests_is_not_for_who_may_not_go_there() {
    let there = Stub::new(OK, Then::Keep).await;
    let home = Stub::new(lead(307, &format!("http://localhost:{}/", there.address.port())), Then::Keep).await;
    let performer = Performer::new().unwrap();
    for (networks, kind) in [
        (vec!["127.0.0.0/8"], "success"),
        (vec![], "blocked_address"),
        (vec!["10.0.0.0/8"], "blocked_address"),
        (vec!["127.0.0.0/8"], "success"),
    ] {
        let allow_private = networks.iter().map(|network| network.parse().unwrap()).collect();
        let effect = Http { redirects: Redirects { most: 1, allow_private }, ..post(&home.base()) };
        let outcome = performer.perform(Effect::Http(effect), &Vault::default(), &ticket()).await;
        assert_eq!(outcome.answer.kind(), kind, "{networks:?}: {:?}", outcome.answer);
    }
    assert_eq!((there.requests().len(), there.connections()), (2, 1), "the connection did rest");
}

#[tokio::test]
async fn a_secret_in_the_body_stays_at_home() {
    let body = Bytes::from_static(b"{\"key\":\"[secret]\"}");
    let sealed = || vec![Sealed { place: Landing::Json, at: 8, secret: env("TOKEN") }];
    let there = Stub::new(OK, Then::Keep).await;
    let home = Stub::new(lead(307, &there.base()), Then::Keep).await;
    let effect = Http { body: body.clone(), sealed: sealed(), ..led(&home.base(), 3) };
    let outcome = perform(effect, &secrets()).await;
    let Answer::Invalid(why) = &outcome.answer else { panic!("{outcome:?}") };
    assert!(why.contains("a secret is in the body"), "{why}");
    assert!(asked(&home).contains("correct-horse"));
    assert_eq!(there.connections(), 0);
    let home = Stub::new(lead(307, "/same"), Then::Keep).await;
    perform(Http { body, sealed: sealed(), ..led(&home.base(), 1) }, &secrets()).await;
    assert!(asked(&home).starts_with("post /same") && asked(&home).contains("correct-horse"));
}

#[tokio::test]
async fn a_secret_base_is_not_told_by_where_it_leads() {
    let there = Stub::new(lead(307, "/T0P5ECRET/again"), Then::Keep).await;
    let home =
        Stub::new(lead(307, &format!("{}/m0ved/T0P5ECRET?k=K3YK3YK3Y", there.base())), Then::Keep).await;
    let vault = vault(&[("URL", &format!("{}/in/T0P5ECRET", home.base()))]);
    for most in [1, 2, 4] {
        let effect = Http { base: Value::Secret(env("URL")), ..led("", most) };
        let outcome = perform(effect, &vault).await;
        assert_eq!(outcome.answer.kind(), "invalid", "{outcome:?}");
        let told = format!("{outcome:?}");
        for hidden in ["T0P5ECRET", "K3YK3YK3Y", "m0ved", "127.0.0.1"] {
            assert!(!told.contains(hidden), "{hidden}: {told}");
        }
        assert!(outcome.got_head.contains("`[secret]` answered 307: on to `[secret]`"), "{told}");
    }
}

#[tokio::test]
async fn one_time_is_for_all_hops() {
    let there = Stub::new("HTTP/1.1 200 OK\r\n", Then::Hang).await;
    let home = Stub::new(lead(307, &there.base()), Then::Keep).await;
    let effect = Http { timeout: Duration::from_millis(300), ..led(&home.base(), 3) };
    let outcome = perform(effect, &Vault::default()).await;
    assert_eq!(outcome.answer, Answer::TimedOut);
    assert!(outcome.took < Duration::from_secs(2));
    assert!(outcome.got_head.contains("answered 307: on to"), "{}", outcome.got_head);
}
