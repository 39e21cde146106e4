//! Mail servers that are not dialled, and names that are looked up as those of requests are.

use tokio::net::TcpListener;

use super::*;
use crate::bounds::Limits;
use crate::effect::{Mail, MailTls, Mailbox};
use crate::perform::lookup::Lookups;
use crate::perform::mail;

/// Hosts that lead to this machine, in spellings that the system's lookup understands too.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "0",
    "0.0.0.0",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
];

fn letter(host: &str, port: u16, tls: MailTls) -> Mail {
    let robot = Mailbox { name: None, address: "robot@example.com".to_owned() };
    Mail {
        host: host.to_owned(),
        port,
        tls,
        credentials: None,
        from: robot.clone(),
        to: vec![robot],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: None,
        subject: "x".to_owned(),
        text: Some("x".to_owned()),
        html: None,
        attachment: None,
        timeout: Duration::from_secs(5),
        allow_private: Vec::new(),
    }
}

/// A listener, and whether anybody came.
async fn untouched(listener: TcpListener) -> bool {
    let listener = listener.into_std().unwrap();
    listener.accept().is_err_and(|why| why.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_mail_server_at_a_blocked_address_gets_no_connection() {
    let four = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = four.local_addr().unwrap().port();
    // The same port where there is IPv6, and it is free.
    let six = TcpListener::bind(("::1", port)).await.ok();
    let performer = Performer::new().unwrap();
    for host in HOSTS {
        for tls in [MailTls::Implicit, MailTls::StartTls, MailTls::None] {
            let effect = Effect::Mail(letter(host, port, tls));
            let outcome = performer.perform(effect, &Vault::default(), &ticket()).await;
            assert_eq!(outcome.answer.kind(), "blocked_address", "{host}: {:?}", outcome.answer);
            assert!(outcome.answer.words().contains("allow_private"), "{host}");
        }
    }
    assert!(untouched(four).await, "a connection was made");
    if let Some(six) = six {
        assert!(untouched(six).await, "a connection was made");
    }
}

#[tokio::test]
async fn a_mail_waits_for_its_turn_to_look_a_name_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let effect = Mail {
        timeout: Duration::from_millis(50),
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        ..letter("localhost", port, MailTls::None)
    };
    let outcome = mail::perform(
        &Lookups::new(&Limits { lookups: 0, ..Limits::default() }),
        effect,
        &Vault::default(),
        &ticket(),
    )
    .await;
    assert_eq!(outcome.answer, Answer::TimedOut);
    assert!(untouched(listener).await);
}
