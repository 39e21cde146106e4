//! `email`: a mail through an SMTP server. Each recipient is one address, whatever the event holds.

use std::time::Duration;

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Attachment, Effect, Mail, Mailbox};
use crate::limit;
use crate::settings;
use crate::template::{Escape, Scope, Template};
use crate::yaml::Node;

use super::address;
use super::connection::Settings;
use super::http::unconnected;
use super::mail_server::SERVER;
use super::mailbox;
use super::options::Options;
use super::verb::{Attempts, Built, Choice, Compile, Key, Shape, Verb};
use super::{Action, Connection, Failure, Named, field};

pub(super) const VERB: Verb = Verb {
    name: "email",
    summary: "send a mail through an SMTP server",
    page: None,
    example: "email: office\nto: [\"{{ $.customer.email }}\", Sales <sales@example.com>]\nsubject: \"Order {{ $.order.id }}\"\ntext: Thank you.",
    keys: &[
        Key::new("email", Shape::Connection, "a connection"),
        Key::needed(
            "to",
            Shape::Templates,
            "who gets it, each item one address: `a@example.com` or `Name <a@example.com>`",
        ),
        Key::new("cc", Shape::Templates, "who gets a copy"),
        Key::new("bcc", Shape::Templates, "who gets a copy that nobody sees"),
        Key::new("reply_to", Shape::Template, "where answers go"),
        Key::new("from", Shape::Text, "the sender, in place of the connection's"),
        Key::needed("subject", Shape::Template, "the subject, one line"),
        Key::new("text", Shape::Template, "the mail, as plain text"),
        Key::new("html", Shape::Template, "the mail, as HTML; values are not escaped"),
        Key::new("attach", Shape::Word(&["payload"]), "`payload`: the webhook's body as a file"),
    ],
    choices: &[Choice::AtLeastOne(&["text", "html"])],
    service: Some(SERVER),
    mode: Mode::AtLeastOnce,
    attempts: Attempts::Table,
    reaches_command: false,
    compile: Compile::Own(compile),
};

/// An action without its values.
#[derive(Debug)]
struct Letter {
    named: Named,
    from: Option<Mailbox>,
    to: Vec<Template>,
    cc: Vec<Template>,
    bcc: Vec<Template>,
    reply_to: Option<Template>,
    subject: Template,
    text: Option<Template>,
    html: Option<Template>,
    attaches_payload: bool,
    timeout: Option<Duration>,
}

fn compile(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("email")?;
    let before = problems.len();
    let named = address::connection(&node, problems);
    for (key, help) in [("to", "write  to: ops@example.com"), ("subject", "write  subject: …")] {
        if item.get(key).is_none() {
            problems.push(node.key_error("E005", format!("the mail has no `{key}`")).help(help));
        }
    }
    let one = |key: &str, escape: Escape, problems: &mut Vec<Diagnostic>| {
        item.get(key).and_then(|node| field::template(&node, escape, problems))
    };
    let subject = one("subject", Escape::Header, problems);
    let (text, html) = (one("text", Escape::None, problems), one("html", Escape::None, problems));
    if item.get("text").is_none() && item.get("html").is_none() {
        let problem = node.key_error("E005", "the mail has neither `text` nor `html`");
        problems.push(problem.help("write  text: \"…\"  beside it"));
    }
    let letter = Letter {
        from: item.get("from").and_then(|node| mailbox::literal(&node, problems)),
        to: mailbox::all(item, "to", problems),
        cc: mailbox::all(item, "cc", problems),
        bcc: mailbox::all(item, "bcc", problems),
        reply_to: item.get("reply_to").and_then(|node| mailbox::template(&node, problems)),
        attaches_payload: item.get("attach").is_some_and(|node| attach(&node, problems)),
        timeout: options.timeout,
        text,
        html,
        subject: subject?,
        named: named?,
    };
    let connection = Some(letter.named.clone());
    (problems.len() == before).then(|| Built { action: Box::new(letter), connection })
}

fn attach(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> bool {
    let is_payload = settings::text(node, problems) == Some("payload");
    if !is_payload {
        problems.push(
            node.error("E004", "`attach` can only be `payload`").help("leave it out to attach nothing"),
        );
    }
    is_payload
}

impl Letter {
    fn attachment(&self, scope: &Scope<'_>) -> Option<Attachment> {
        let request = &scope.event().request;
        self.attaches_payload.then(|| {
            let content_type =
                request.header("content-type").unwrap_or("application/octet-stream").to_owned();
            let end = if content_type.contains("json") { "json" } else { "bin" };
            Attachment { name: format!("payload.{end}"), content_type, bytes: request.body.clone() }
        })
    }
}

/// Whether a subject can be one line of a mail.
fn fits(subject: &str) -> Result<(), Failure> {
    if subject.contains(char::is_control) {
        return Err(Failure::Refused("`subject` may not hold line breaks or control characters".to_owned()));
    }
    let (bytes, most) = (subject.len(), limit::SUBJECT_MAX_BYTES);
    if bytes > most {
        let mend = "shorten it: `{{ truncate $.title 200 }}`";
        return Err(Failure::Refused(format!("`subject` has {bytes} bytes; at most {most} fit: {mend}")));
    }
    Ok(())
}

impl Action for Letter {
    fn effect(&self, connection: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let (connection, server) = match connection.map(|connection| (connection, &connection.settings)) {
            Some((connection, Settings::Mail(server))) => (connection, server),
            _ => return Err(unconnected(&self.named.name, VERB.name)),
        };
        let all = |key: &str, templates: &[Template]| {
            templates
                .iter()
                .map(|template| mailbox::fill(key, template, scope))
                .collect::<Result<Vec<_>, _>>()
        };
        let reply_to = self.reply_to.as_ref().map(|template| mailbox::fill("reply_to", template, scope));
        let text = |template: &Option<Template>| template.as_ref().map(|text| text.text(scope)).transpose();
        let subject = self.subject.text(scope)?;
        fits(&subject)?;
        let timeout = self.timeout.or(connection.timeout).unwrap_or(limit::MAIL_TIMEOUT);
        Ok(Effect::Mail(Mail {
            host: server.host.clone(),
            port: server.port,
            tls: server.tls,
            credentials: server.credentials.clone(),
            from: self.from.clone().unwrap_or_else(|| server.from.clone()),
            to: all("to", &self.to)?,
            cc: all("cc", &self.cc)?,
            bcc: all("bcc", &self.bcc)?,
            reply_to: reply_to.transpose()?,
            subject,
            text: text(&self.text)?,
            html: text(&self.html)?,
            attachment: self.attachment(scope),
            timeout,
            allow_private: connection.allow_private.iter().chain(&server.private).copied().collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_that_a_mail_can_hold() {
        let told = |subject: &str| fits(subject).map_err(|why| why.to_string());
        assert_eq!(told(&"é".repeat(450)), Ok(()));
        let long = "`subject` has 901 bytes; at most 900 fit: shorten it: `{{ truncate $.title 200 }}`";
        assert_eq!(told(&"x".repeat(901)), Err(long.to_owned()));
        assert_eq!(
            told("a\r\nBcc: b"),
            Err("`subject` may not hold line breaks or control characters".to_owned())
        );
    }
}
