//! Mails on the real program, against a mail server that keeps them, fails as servers do, and is reached in each way.

mod server;

use serde_json::{Value, json};

use crate::outbound::Trap;
use crate::program::Place;
use crate::tls::Authority;
use server::{Server, Trouble, Way};

fn rules(port: u16, tls: &str, more: &str) -> String {
    format!(
        r#"
sources: {{ in: {{ verify: none }} }}
connections:
  office:
    email: {{ host: localhost, port: {port}, tls: {tls}, from: Shop <shop@example.com>{more} }}
    retry: {{ attempts: 3, first: 1ms, max: 2ms }}
rules:
  - name: mail
    from: in
    do:
      email: office
      to: ["{{{{ $.to }}}}", Sales <sales@example.com>]
      bcc: hidden@example.com
      reply_to: help@example.com
      subject: "Order {{{{ $.id }}}}"
      text: "{{{{ $.text }}}}"
      attach: payload
"#
    )
}

fn order() -> Value {
    json!({ "to": "ada@example.com", "id": "42 – é", "text": "Größe 10\n.\n.dot\nBcc: evil@example.com" })
}

#[tokio::test]
async fn a_mail_is_what_was_written_and_comes_once() {
    let authority = Authority::new();
    let server = Server::start(Way::Plain, &authority.issue("localhost")).await;
    let place = Place::new(&rules(server.port, "none", ""), &[]);
    let program = place.serve();
    let delivery = program.delivery(&program.accepted("/in", &order()).await, "delivered").await;
    let mails = server.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:#?}") };
    assert_eq!(mail.from, "shop@example.com");
    assert_eq!(mail.to, ["ada@example.com", "sales@example.com", "hidden@example.com"]);
    let id = delivery["id"].as_str().unwrap();
    for line in [
        "From: Shop <shop@example.com>\r\n".to_owned(),
        "To: ada@example.com, Sales <sales@example.com>\r\n".to_owned(),
        "Reply-To: help@example.com\r\n".to_owned(),
        format!("Message-ID: <{id}@example.com>\r\n"),
        "Auto-Submitted: auto-generated\r\n".to_owned(),
        "Subject: Order 42 ".to_owned(),
        "Content-Disposition: attachment; filename=\"payload.json\"\r\n".to_owned(),
    ] {
        assert!(mail.data.contains(&line), "{line:?} is not in\n{}", mail.data);
    }
    assert!(!mail.data.contains("hidden@"), "nobody sees who gets a hidden copy:\n{}", mail.data);
    let head = mail.data.split("\r\n\r\n").next().unwrap();
    assert!(!head.contains("\r\nBcc:"), "{head}");
    let (_, shown) = program.ask(&format!("/api/deliveries/{id}")).await;
    assert_eq!(shown["attempts"][0]["got_body"], "2.0.0 Ok: queued as 4711");
    assert_eq!(shown["attempts"][0]["words"], "mail server: 250");
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn what_a_server_says_is_tried_again_or_final() {
    let authority = Authority::new();
    let server = Server::start(Way::Plain, &authority.issue("localhost")).await;
    let place = Place::new(&rules(server.port, "none", ""), &[]);
    let program = place.serve();
    for (troubles, state, attempts, reason) in [
        (&[Trouble::Busy][..], "delivered", 2, ""),
        (&[Trouble::Later, Trouble::Later], "delivered", 3, ""),
        (&[Trouble::Drops], "delivered", 2, ""),
        (&[Trouble::Vanishes], "delivered", 2, ""),
        (&[Trouble::Nobody], "dead", 1, "mail server: 550 5.1.1 No such user here"),
        (&[Trouble::Spam], "dead", 1, "mail server: 554 5.7.1 Rejected as spam"),
        (
            &[Trouble::Later, Trouble::Later, Trouble::Later],
            "dead",
            3,
            "mail server: 451 4.7.1 Greylisted, please try again (3 of 3 attempts)",
        ),
    ] {
        server.desk.lock().unwrap().troubles = troubles.to_vec();
        let delivery = program.delivery(&program.accepted("/in", &order()).await, state).await;
        assert_eq!(delivery["attempts_made"], attempts, "{troubles:?}: {delivery:#}");
        assert_eq!(delivery["reason"].as_str().unwrap_or_default(), reason, "{troubles:?}");
        assert!(server.desk.lock().unwrap().troubles.is_empty());
    }
    assert_eq!(server.mails().len(), 4);
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn no_value_makes_a_line_or_a_second_recipient() {
    let authority = Authority::new();
    let server = Server::start(Way::Plain, &authority.issue("localhost")).await;
    let place = Place::new(&rules(server.port, "none", ""), &[]);
    let program = place.serve();
    for (to, id, wanted) in [
        ("a@b.example, evil@x.example", "1", "`to` is not one mail address"),
        ("a@b.example\r\nRCPT TO:<evil@x.example>", "1", "`to` is not one mail address"),
        ("evil@x.example <a@b.example>", "1", "`to` is not one mail address"),
        ("a@b.example", "1\r\nBcc: evil@x.example", "line break"),
    ] {
        let event = program.accepted("/in", &json!({ "to": to, "id": id, "text": "x" })).await;
        let reason = program.delivery(&event, "dead").await["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(wanted), "{to:?} {id:?}: {reason}");
    }
    assert_eq!(server.desk.lock().unwrap().talks, 0, "nothing is begun that cannot be ended");
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn passwords_go_through_tls_alone() {
    let authority = Authority::new();
    for (way, tls) in [(Way::StartTls, "starttls"), (Way::Implicit, "implicit")] {
        let server = Server::start(way, &authority.issue("localhost")).await;
        server.desk.lock().unwrap().login = Some("robot\0a password of the robot");
        let more = ", user: robot, password: { env: SMTP_PASSWORD }";
        let rules = rules(server.port, tls, more);
        let place =
            Place::new(&rules, &[("SMTP_PASSWORD", "a password of the robot"), ("SSL_CERT_FILE", "ca.pem")]);
        place.write("ca.pem", &authority.pem());
        let program = place.serve();
        program.delivery(&program.accepted("/in", &order()).await, "delivered").await;
        let mails = server.mails();
        assert_eq!(mails.len(), 1, "{way:?}");
        assert!(mails[0].is_secret, "{way:?}");
        assert_eq!(mails[0].user.as_deref(), Some("robot"), "{way:?}");
        server.desk.lock().unwrap().login = Some("robot\0another");
        let delivery = program.delivery(&program.accepted("/in", &order()).await, "dead").await;
        assert_eq!(delivery["reason"], "mail server: 535 5.7.8 Authentication credentials invalid");
        assert_eq!(program.stop(), Some(0));
        assert!(!place.log().contains("a password of the robot"));
    }
}

#[tokio::test]
async fn without_tls_or_with_a_strangers_certificate_nothing_is_said() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (way, tls, offers_tls, issuer, name, wanted) in [
        (Way::StartTls, "starttls", false, &authority, "localhost", "offers no STARTTLS"),
        (Way::StartTls, "starttls", true, &stranger, "localhost", "tls:"),
        (Way::StartTls, "starttls", true, &authority, "mail.example", "tls:"),
        (Way::Implicit, "implicit", true, &stranger, "localhost", "tls:"),
    ] {
        let server = Server::start(way, &issuer.issue(name)).await;
        server.desk.lock().unwrap().offers_tls = offers_tls;
        let more = ", user: robot, password: { env: SMTP_PASSWORD }";
        let rules = rules(server.port, tls, more);
        let place =
            Place::new(&rules, &[("SMTP_PASSWORD", "a password of the robot"), ("SSL_CERT_FILE", "ca.pem")]);
        place.write("ca.pem", &authority.pem());
        let program = place.serve();
        let delivery = program.delivery(&program.accepted("/in", &order()).await, "dead").await;
        let reason = delivery["reason"].as_str().unwrap();
        assert!(reason.contains(wanted), "{way:?} {name}: {reason}");
        assert!(server.mails().is_empty());
        assert_eq!(program.stop(), Some(0));
    }
}

#[tokio::test]
async fn what_is_said_in_clear_behind_starttls_is_no_answer() {
    let authority = Authority::new();
    for slipped in [
        // All that a talk needs: a server that refuses us seems to have taken the mail.
        "250-mail.example\r\n250 AUTH PLAIN\r\n235 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n354 Go\r\n250 Ok\r\n",
        "250 mail.example\r\n",
        // The beginning of a line, which the first answer inside TLS would end.
        "250-AUTH LOGIN",
        "\n",
    ] {
        let server = Server::start(Way::StartTls, &authority.issue("localhost")).await;
        {
            let mut desk = server.desk.lock().unwrap();
            desk.slipped = slipped;
            desk.login = Some("robot\0another");
        }
        let rules = rules(server.port, "starttls", ", user: robot, password: { env: SMTP_PASSWORD }");
        let place =
            Place::new(&rules, &[("SMTP_PASSWORD", "a password of the robot"), ("SSL_CERT_FILE", "ca.pem")]);
        place.write("ca.pem", &authority.pem());
        let program = place.serve();
        let event = program.accepted("/in", &order()).await;
        let path = format!("/api/deliveries?event={event}");
        let page = program.until(&path, |page| !page["deliveries"][0]["finished_at"].is_null()).await;
        let delivery = &page["deliveries"][0];
        assert_eq!(delivery["state"], "dead", "{slipped:?}: {delivery:#}");
        assert!(delivery["reason"].as_str().unwrap().starts_with("tls:"), "{slipped:?}: {delivery:#}");
        assert!(server.mails().is_empty());
        assert_eq!(program.stop(), Some(0));
    }
}

#[tokio::test]
async fn a_host_that_is_not_named_as_private_is_not_dialled() {
    let trap = Trap::new();
    let port = trap.address().rsplit(':').next().unwrap().parse().unwrap();
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // Names that lead to 127.0.0.1, or nearby, without saying so.
    let names = ["localhost.localdomain", own.trim()].into_iter().filter(|name| !name.is_empty());
    for (name, tls) in names.flat_map(|name| ["none", "starttls", "implicit"].map(|tls| (name, tls))) {
        let rules = rules(port, tls, "").replace("host: localhost", &format!("host: {name}"));
        let place = Place::new(&rules, &[]);
        let program = place.serve();
        let reason =
            program.delivery(&program.accepted("/in", &order()).await, "dead").await["reason"].clone();
        let reason = reason.as_str().unwrap();
        // Where a name is known nowhere, nothing can be dialled either.
        assert!(reason.contains("blocked_address") || reason.contains("unreachable"), "{name}: {reason}");
        assert_eq!(program.stop(), Some(0));
    }
    assert!(trap.is_untouched(), "a connection was made");
}
