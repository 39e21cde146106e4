//! Carries out a mail: the only file that knows which crate speaks SMTP. It dials only what the guard permits, and the
//! server's certificate is that of the name that was written down.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::by_line::ByLine;
use super::lookup::Lookups;
use super::shown::Shown;
use super::{Ticket, without_answer};
use crate::delivery::{Answer, Outcome};
use crate::effect::{self, Mail, MailTls, guard};
use crate::limit;
use crate::secret::{Value, Vault};

/// How we may prove who we are, best first.
const MECHANISMS: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];
/// What attachments are whose type nobody understands.
const BYTES: &str = "application/octet-stream";

/// A mail before it is sent.
struct Prepared {
    message: Message,
    credentials: Option<Credentials>,
}

/// Sends the mail and says what the server said.
pub(super) async fn perform(lookups: &Lookups, effect: Mail, vault: &Vault, ticket: &Ticket) -> Outcome {
    let now = Instant::now();
    let deadline = now.checked_add(effect.timeout).unwrap_or(now);
    let shown = Shown::new(vault);
    let sent = shown.text(&told(&effect, ticket), limit::SENT_MAX_BYTES);
    let prepared = match prepare(&effect, vault, ticket) {
        Ok(prepared) => prepared,
        Err(why) => return without_answer(Answer::Invalid(shown.text(&why, limit::SENT_MAX_BYTES)), ""),
    };
    let said = timeout_at(deadline, deliver(lookups, &effect, prepared)).await;
    let (answer, got) = match said {
        Err(_) => (Answer::TimedOut, String::new()),
        Ok(Err(answer)) => (answer, String::new()),
        Ok(Ok(said)) => (Answer::Mail { code: 250, words: String::new() }, said),
    };
    let words = |text: &str| shown.text(text, limit::SENT_MAX_BYTES);
    let answer = match answer {
        Answer::Mail { code, words: said } => Answer::Mail { code, words: words(&said) },
        Answer::Unreachable(why) => Answer::Unreachable(words(&why)),
        Answer::Tls(why) => Answer::Tls(words(&why)),
        other => other,
    };
    Outcome { got_body: shown.text(&got, limit::ANSWER_MAX_BYTES), ..without_answer(answer, &sent) }
}

/// What would be sent; the error says why nothing could be.
pub(super) fn rehearse(effect: &Mail, vault: &Vault, ticket: &Ticket) -> Result<String, String> {
    let shown = Shown::new(vault);
    let words = |text: &str| shown.text(text, limit::SENT_MAX_BYTES);
    prepare(effect, vault, ticket).map(|_| words(&told(effect, ticket))).map_err(|why| words(&why))
}

/// The mail as people read it.
fn told(effect: &Mail, ticket: &Ticket) -> String {
    let all =
        |boxes: &[effect::Mailbox]| boxes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut told =
        format!("SMTP {}:{}\nFrom: {}\nTo: {}\n", effect.host, effect.port, effect.from, all(&effect.to));
    for (name, boxes) in [("Cc", &effect.cc), ("Bcc", &effect.bcc)] {
        if !boxes.is_empty() {
            told.push_str(&format!("{name}: {}\n", all(boxes)));
        }
    }
    if let Some(reply_to) = &effect.reply_to {
        told.push_str(&format!("Reply-To: {reply_to}\n"));
    }
    told.push_str(&format!("Subject: {}\nMessage-ID: {}\n", effect.subject, message_id(effect, ticket)));
    for text in effect.text.iter().chain(&effect.html) {
        told.push_str(&format!("\n{text}\n"));
    }
    if let Some(file) = &effect.attachment {
        told.push_str(&format!("\n[{}, {}, {} bytes]\n", file.name, file.content_type, file.bytes.len()));
    }
    told
}

/// By which servers and readers know a repeat.
fn message_id(effect: &Mail, ticket: &Ticket) -> String {
    let domain = effect.from.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("<{}@{domain}>", ticket.idempotency_key)
}

fn prepare(effect: &Mail, vault: &Vault, ticket: &Ticket) -> Result<Prepared, String> {
    let millis = u64::try_from(ticket.now.millis()).unwrap_or_default();
    let mut builder = Message::builder()
        .from(mailbox(&effect.from)?)
        .subject(effect.subject.clone())
        .message_id(Some(message_id(effect, ticket)))
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
        .header(AutoSubmitted);
    let mut recipients = Vec::new();
    for (boxes, place) in [(&effect.to, 0), (&effect.cc, 1), (&effect.bcc, 2)] {
        for one in boxes {
            let one = mailbox(one)?;
            recipients.push(one.email.clone());
            builder = match place {
                0 => builder.to(one),
                1 => builder.cc(one),
                _ => builder,
            };
        }
    }
    if let Some(reply_to) = &effect.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    let envelope = Envelope::new(Some(mailbox(&effect.from)?.email), recipients)
        .map_err(|why| format!("the mail cannot be sent: {why}"))?;
    let message = builder.envelope(envelope).multipart(body(effect));
    let message = message.map_err(|why| format!("the mail cannot be written: {why}"))?;
    let credentials = match &effect.credentials {
        None => None,
        Some((user, password)) => {
            let exposed = |reference| -> Result<String, String> {
                let secret = vault.get(reference).map_err(|missing| missing.to_string())?;
                let text =
                    secret.expose_text().ok_or_else(|| format!("the secret `{reference}` is not text"))?;
                Ok(text.to_owned())
            };
            let user = match user {
                Value::Plain(user) => user.clone(),
                Value::Secret(user) => exposed(user)?,
            };
            Some(Credentials::new(user, exposed(password)?))
        }
    };
    Ok(Prepared { message, credentials })
}

fn mailbox(mailbox: &effect::Mailbox) -> Result<Mailbox, String> {
    let address = mailbox.address.parse();
    let address = address.map_err(|why| format!("`{}` is not a mail address: {why}", mailbox.address))?;
    Ok(Mailbox::new(mailbox.name.clone(), address))
}

/// Text, HTML or both, and the file behind them.
fn body(effect: &Mail) -> MultiPart {
    let words = match (&effect.text, &effect.html) {
        (Some(text), Some(html)) => MultiPart::alternative_plain_html(text.clone(), html.clone()),
        (_, Some(html)) => MultiPart::mixed().singlepart(SinglePart::html(html.clone())),
        (text, None) => MultiPart::mixed().singlepart(SinglePart::plain(text.clone().unwrap_or_default())),
    };
    let Some(file) = &effect.attachment else { return words };
    let kind = ContentType::parse(&file.content_type).or_else(|_| ContentType::parse(BYTES));
    let kind = kind.unwrap_or(ContentType::TEXT_PLAIN);
    let file = Attachment::new(file.name.clone()).body(file.bytes.to_vec(), kind);
    MultiPart::mixed().multipart(words).singlepart(file)
}

/// Nobody's vacation notice answers us (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The whole talk with the server; what it said last, or what went wrong.
async fn deliver(lookups: &Lookups, effect: &Mail, prepared: Prepared) -> Result<String, Answer> {
    let mut connection = connect(lookups, effect).await?;
    if let Some(credentials) = &prepared.credentials {
        connection.auth(MECHANISMS, credentials).await.map_err(|why| failure(&why))?;
    }
    let envelope = prepared.message.envelope().clone();
    let said =
        connection.send(&envelope, &prepared.message.formatted()).await.map_err(|why| failure(&why))?;
    // It is done: what follows changes nothing.
    let _ = connection.quit().await;
    Ok(said.message().collect::<Vec<_>>().join("\n"))
}

/// A talk begun with the first address that answers, all of them judged before.
async fn connect(lookups: &Lookups, effect: &Mail) -> Result<AsyncSmtpConnection, Answer> {
    let found = lookups.addresses(effect.host.clone(), effect.port).await;
    let found = found.map_err(|why| Answer::Unreachable(why.to_string()))?;
    let blocked = |kind: String| {
        Answer::Blocked(format!(
            "`{}` is {kind}; if it is meant, name its network in `allow_private`",
            effect.host
        ))
    };
    let permitted = guard::permitted(found, &effect.allow_private).map_err(blocked)?;
    let mut last = Answer::Unreachable("the name has no address".to_owned());
    for address in permitted {
        if effect.tls == MailTls::None && guard::decide(address.ip(), &[]).is_ok() {
            return Err(Answer::Invalid(format!(
                "`{}` is on the public internet: `tls: none` is for private networks only",
                effect.host
            )));
        }
        match begin(effect, address, lookups.connect_time).await {
            Ok(connection) => return Ok(connection),
            Err(answer @ (Answer::Unreachable(_) | Answer::TimedOut)) => last = answer,
            Err(answer) => return Err(answer),
        }
    }
    Err(last)
}

async fn begin(effect: &Mail, address: SocketAddr, within: Duration) -> Result<AsyncSmtpConnection, Answer> {
    let tls = || TlsParameters::new(effect.host.clone()).map_err(|why| Answer::Tls(words(&why)));
    let hello = ClientId::default();
    if effect.tls == MailTls::Implicit {
        let connecting =
            AsyncSmtpConnection::connect_tokio1(address, Some(within), &hello, Some(tls()?), None);
        return connecting.await.map_err(|why| failure(&why));
    }
    let stream = match timeout(within, TcpStream::connect(address)).await {
        Err(_) => return Err(Answer::TimedOut),
        Ok(Err(why)) => return Err(Answer::Unreachable(why.to_string())),
        Ok(Ok(stream)) => Box::new(ByLine::new(stream)),
    };
    let connecting = AsyncSmtpConnection::connect_with_transport(stream, &hello);
    let mut connection = connecting.await.map_err(|why| failure(&why))?;
    if effect.tls == MailTls::StartTls {
        if !connection.can_starttls() {
            connection.abort().await;
            return Err(Answer::Tls("the server offers no STARTTLS; nothing is sent in clear".to_owned()));
        }
        connection.starttls(tls()?, &hello).await.map_err(|why| match failure(&why) {
            // Behind STARTTLS only the handshake can break before it has begun.
            Answer::Unreachable(why) => Answer::Tls(why),
            other => other,
        })?;
    }
    Ok(connection)
}

impl AsyncTokioStream for ByLine {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Self::peer_addr(self)
    }
}

/// What a failed talk means.
fn failure(error: &Error) -> Answer {
    if let Some(code) = error.status() {
        return Answer::Mail { code: code.into(), words: words(error) };
    }
    if error.is_timeout() {
        return Answer::TimedOut;
    }
    if error.is_tls() {
        return Answer::Tls(words(error));
    }
    // While nothing is said in clear, only TLS reads anything that could be invalid.
    let invalid = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::InvalidData)
    };
    if causes(error).any(invalid) {
        return Answer::Tls(words(error));
    }
    match error.is_client() {
        true => Answer::Invalid(words(error)),
        false => Answer::Unreachable(words(error)),
    }
}

/// The innermost cause, which says it most plainly.
fn words(error: &Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// The errors behind an error, outermost first.
fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let first: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    std::iter::successors(first, |&cause| match cause.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|wrapped| wrapped as _),
        None => cause.source(),
    })
}
