//! Addresses that are not dialled, however they are spelt, and requests that cannot be made.

use tokio::net::TcpListener;

use super::stub::{Stub, Then};
use super::*;

/// Hosts that lead to this machine or to nobody's business.
pub(super) const HOSTS: &[&str] = &[
    "127.0.0.1",
    "0",
    "0.0.0.0",
    "127.0.0.1.",
    "127。0。0。1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "%31%32%37.0.0.1",
    "0x7f.1",
    "127.0.1",
    "017700000001",
    "0x7f000001.",
    "0300.0250.0.1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "ＬＯＣＡＬＨＯＳＴ",
    "4294967295",
    "[::127.0.0.1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[2001:470:1:2:0:5efe:7f00:1]",
    "[::1]",
    "[::]",
    "[::ffff:7f00:1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::1]",
    "[2001:0:7f00:1::1]",
    "[ff02::1]",
    "[fe80::1]",
    "[fd00::1]",
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "10.0.0.5",
    "192.168.0.1",
    "172.16.0.1",
    "localhost",
    "LOCALHOST",
];

#[tokio::test]
async fn private_addresses_are_not_dialled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let performer = Performer::new().unwrap();
    for host in HOSTS {
        let effect = Http { allow_private: Vec::new(), ..post(&format!("http://{host}:{port}/")) };
        let outcome = performer.perform(Effect::Http(effect), &Vault::default(), &ticket()).await;
        assert_eq!(outcome.answer.kind(), "blocked_address", "{host}: {:?}", outcome.answer);
        assert!(outcome.answer.words().contains("allow_private"), "{host}");
    }
    // A connection that had been made would be waiting here.
    let listener = listener.into_std().unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn what_a_connection_opens_is_open_to_it_alone() {
    let stub = Stub::new("HTTP/1.1 204 No\r\n\r\n", Then::Keep).await;
    let port = stub.address.port();
    let performer = Performer::new().unwrap();
    for (host, network, open) in [
        ("127.0.0.1", "127.0.0.1/32", true),
        ("127.0.0.1", "127.0.0.2/32", false),
        ("localhost", "127.0.0.0/8", true),
        // The connection to it that still rests is not for this one.
        ("localhost", "10.0.0.0/8", false),
        ("127.0.0.1", "10.0.0.0/8", false),
    ] {
        let allow_private = vec![network.parse().unwrap()];
        let effect = Http { allow_private, ..post(&format!("http://{host}:{port}")) };
        let outcome = performer.perform(Effect::Http(effect), &Vault::default(), &ticket()).await;
        assert_eq!(outcome.answer.is_success(), open, "{host} {network}: {:?}", outcome.answer);
    }
}

#[tokio::test]
async fn a_secret_base_of_the_operator_may_be_private_and_is_never_named() {
    let stub = Stub::new("HTTP/1.1 204 No\r\n\r\n", Then::Keep).await;
    for host in ["127.0.0.1", "localhost"] {
        let vault = vault(&[("URL", &format!("http://{host}:{}/in", stub.address.port()))]);
        for base_is_operators in [true, false] {
            let base = Value::Secret(env("URL"));
            let effect = Http { base, base_is_operators, allow_private: Vec::new(), ..post("") };
            let outcome = perform(effect, &vault).await;
            assert_eq!(outcome.answer.is_success(), base_is_operators);
            assert!(!format!("{outcome:?}").contains(host), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn more_private_lists_than_are_kept_still_work() {
    let stub = Stub::new("HTTP/1.1 204 No\r\n\r\n", Then::Keep).await;
    let performer = Performer::new().unwrap();
    for number in (0..40).chain(0..3) {
        let allow_private =
            vec!["127.0.0.0/8".parse().unwrap(), format!("10.0.0.{number}/32").parse().unwrap()];
        let effect = Http { allow_private, ..post(&format!("http://localhost:{}", stub.address.port())) };
        let outcome = performer.perform(Effect::Http(effect), &Vault::default(), &ticket()).await;
        assert!(outcome.answer.is_success(), "{number}: {:?}", outcome.answer);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_invalid_and_says_why() {
    let header = |name: &str, value: Value| Http {
        headers: vec![(name.to_owned(), value)],
        ..post("http://127.0.0.1:9")
    };
    let plain = |text: &str| Value::Plain(text.to_owned());
    let secret = |name: &str| Value::Secret(env(name));
    let base = |base: Value| Http { base, ..post("") };
    for (effect, wanted) in [
        (base(secret("ABSENT")), "the secret `env ABSENT` is not set"),
        (base(secret("NO_URL")), "the secret `env NO_URL`: the base is not a URL"),
        (base(secret("WITH_USER")), "the secret `env WITH_USER`: the base has a user in it"),
        (base(plain("file:///etc/passwd")), "`file` is not spoken here"),
        (Http { path: "../x".to_owned(), ..post("http://127.0.0.1:9/in") }, "the segment `.` or `..`"),
        (Http { auth: Auth::Bearer(env("ABSENT")), ..post("http://127.0.0.1:9") }, "`env ABSENT` is not set"),
        (
            Http { auth: Auth::Bearer(env("LINES")), ..post("http://127.0.0.1:9") },
            "`authorization` has a line break",
        ),
        (header("x y", plain("1")), "`x y` is not a header's name"),
        (header("Host", plain("evil")), "`Host` is set by the client itself"),
        (header("transfer-encoding", plain("chunked")), "set by the client itself"),
        (header("x-a", plain("1\r\nx-b: 2")), "`x-a` has a line break"),
        (header("x-a", secret("LINES")), "`x-a` has a line break"),
        (header("x-a", secret("ABSENT")), "`env ABSENT` is not set"),
    ] {
        let vault = vault(&[
            ("NO_URL", "this-is-no-url"),
            ("WITH_USER", "https://user:password@a.example/in"),
            ("LINES", "secret\r\nx: y-z"),
        ]);
        let outcome = perform(effect, &vault).await;
        let Answer::Invalid(why) = &outcome.answer else { panic!("{wanted}: {:?}", outcome.answer) };
        assert!(why.contains(wanted), "{wanted}: {why}");
        assert!(
            !why.contains("this-is-no-url") && !why.contains("a.example") && !why.contains("y-z"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn a_proxy_is_used_only_where_it_is_named_and_opens_nothing() {
    let proxy = Stub::new("HTTP/1.1 204 No\r\n\r\n", Then::Keep).await;
    let means = Means { proxy: proxy.base().parse().ok(), ..Means::default() };
    let performer = Performer::with(means).unwrap();
    for (host, kind) in [
        ("no-such-name.invalid", "success"),
        ("127.0.0.1", "blocked_address"),
        ("localhost", "blocked_address"),
        ("localhost.", "blocked_address"),
        ("no-such-name.localhost", "blocked_address"),
    ] {
        let effect = Http { allow_private: Vec::new(), ..post(&format!("http://{host}/in")) };
        let outcome = performer.perform(Effect::Http(effect), &Vault::default(), &ticket()).await;
        assert_eq!(outcome.answer.kind(), kind, "{host}: {:?}", outcome.answer);
    }
    let [request] = proxy.requests().try_into().unwrap();
    assert!(request.starts_with("POST http://no-such-name.invalid/in HTTP/1.1\r\n"), "{request}");
}
