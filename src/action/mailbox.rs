//! Addresses of mails: one text is one address, with a name before it or not, and nothing in it makes it two.

use crate::diagnostic::Diagnostic;
use crate::effect::Mailbox;
use crate::settings;
use crate::template::{Escape, Scope, Template};
use crate::yaml::Node;

use super::{Failure, field};

/// Characters that mean something between addresses.
const SIGNS: &[char] = &['<', '>', '(', ')', '[', ']', ',', ';', ':', '"', '\\'];
/// Bytes of an address (RFC 5321, section 4.5.3.1.3).
const ADDRESS_MAX_BYTES: usize = 254;
/// Bytes of a name before it.
const NAME_MAX_BYTES: usize = 256;
const HELP: &str = "write `ops@example.com` or `Operations <ops@example.com>`; several are items of a list";

/// Reads an address that is written down.
pub(super) fn literal(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Mailbox> {
    let text = field::literal(node, problems)?;
    parse(&text).map_err(|why| problems.push(node.error("E004", why).help(HELP))).ok()
}

/// Reads an address that may hold values of the event.
pub(super) fn template(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Template> {
    let template = field::template(node, Escape::None, problems)?;
    if let Some(Err(why)) = template.literal().map(parse) {
        problems.push(node.error("E004", why).help(HELP));
        return None;
    }
    Some(template)
}

/// The addresses under a key: one, or a list of them.
pub(super) fn all(item: &Node<'_>, key: &str, problems: &mut Vec<Diagnostic>) -> Vec<Template> {
    let Some(node) = item.get(key) else { return Vec::new() };
    let items = settings::one_or_many(&node);
    if items.is_empty() {
        problems.push(node.error("E004", format!("`{key}` is an empty list")).help(HELP));
    }
    items.iter().filter_map(|item| template(item, problems)).collect()
}

/// The address for an event.
pub(super) fn fill(key: &str, template: &Template, scope: &Scope<'_>) -> Result<Mailbox, Failure> {
    let text = template.text(scope)?;
    parse(&text).map_err(|_| Failure::Refused(format!("`{key}` is not one mail address for this event")))
}

/// Reads one address.
fn parse(text: &str) -> Result<Mailbox, String> {
    let wrong = || format!("`{}` is not one mail address", text.escape_debug());
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|inner| inner.rsplit_once('<')) {
        Some((name, address)) => (Some(name.trim()), address),
        None => (None, text),
    };
    let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.contains(SIGNS)
            && !part.contains(|letter: char| letter == '@' || letter.is_whitespace() || letter.is_control())
    };
    let is_domain =
        is_plain(domain) && !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
    let name_is_plain = name.is_none_or(|name| {
        name.len() <= NAME_MAX_BYTES
            && !name.contains(|letter: char| "<>\"\\@".contains(letter) || letter.is_control())
    });
    if !is_plain(local) || !is_domain || !name_is_plain || address.len() > ADDRESS_MAX_BYTES {
        return Err(wrong());
    }
    let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Mailbox { name, address: address.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_address_or_none() {
        for (text, wanted) in [
            ("a@b.example", Some((None, "a@b.example"))),
            (" a+b@b.example ", Some((None, "a+b@b.example"))),
            ("Ada L. <a@b.example>", Some((Some("Ada L."), "a@b.example"))),
            ("Lovelace, Ada <a@b.example>", Some((Some("Lovelace, Ada"), "a@b.example"))),
            ("<a@b.example>", Some((None, "a@b.example"))),
            ("ä@bücher.example", Some((None, "ä@bücher.example"))),
            ("a@b.example, evil@x.example", None),
            ("a@b.example;evil@x.example", None),
            ("evil@x.example <a@b.example>", None),
            ("a@b.example> <evil@x.example>", None),
            ("a <x> <a@b.example>", None),
            ("a\r\nBcc: evil@x.example <a@b.example>", None),
            ("a@b.example\r\nBcc: evil@x.example", None),
            ("a@b.example\r\nRCPT TO:<evil@x.example>", None),
            ("a b@c.example", None),
            ("a@b@c.example", None),
            ("a@", None),
            ("@b.example", None),
            ("a@.b.example", None),
            ("", None),
            ("a@[127.0.0.1]", None),
            ("\"a\"@b.example", None),
        ] {
            let got = parse(text).ok();
            let got = got.as_ref().map(|found| (found.name.as_deref(), found.address.as_str()));
            assert_eq!(got, wanted, "{text:?}");
        }
    }
}
