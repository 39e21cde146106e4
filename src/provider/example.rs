//! A rules file to start from, made for each preset out of its own data.

use std::fmt::Write;

use super::compile::variable;
use super::params::{PUBLIC_URL, Param};
use super::preset::Preset;
use super::profile::Profile;
use super::public_key::Writing;
use super::scheme::Scheme;

/// Letters of a text that stands on one line.
const LINE_MAX: usize = 72;

impl Preset {
    /// The rules file: a source of this name, and a rule for its sample.
    pub(super) fn rules(
        &self,
        profile: &Profile,
        params: &[Param],
        event: &str,
        look: Option<&str>,
    ) -> String {
        let id = self.id;
        let mut text = format!("sources:\n  {id}:\n    verify: {id}\n");
        if profile.scheme.needs_secret() {
            let _ = writeln!(text, "    secret: {}", self.secret(&profile.scheme));
        }
        for param in params.iter().filter(|param| param.needed) {
            let _ = writeln!(text, "    {}: {}", param.name, self.value(param));
        }
        let _ = write!(text, "rules:\n  - name: {} to the log\n    from: {id}\n", self.name);
        if !event.is_empty() && !profile.has_one_type() {
            let _ = writeln!(text, "    event: {}", quoted(event));
        }
        let shown = look.map_or_else(|| "{{ event.id }}".to_owned(), |path| format!("{{{{ {path} }}}}"));
        let kind = if event.is_empty() || profile.has_one_type() { id } else { "{{ event.type }}" };
        let line = format!("{kind}: {shown}");
        let _ = match line.len() > LINE_MAX {
            true => writeln!(text, "    do:\n      - log: >-\n          {kind}:\n          {shown}"),
            false => writeln!(text, "    do:\n      - log: \"{line}\""),
        };
        text
    }

    /// A PEM is kept in a file.
    fn secret(&self, scheme: &Scheme) -> String {
        match is_pem(scheme) {
            true => format!("{{ file: /run/secrets/{}.pem }}", self.id),
            false => format!("{{ env: {} }}", variable(self.id)),
        }
    }

    /// The help of a parameter ends with an example of it.
    fn value(&self, param: &Param) -> String {
        if param.name == PUBLIC_URL {
            return self.url();
        }
        let example = param.help.rsplit_once(&format!("{}: ", param.name)).map(|(_, example)| example);
        quoted(example.unwrap_or("example"))
    }
}

fn is_pem(scheme: &Scheme) -> bool {
    match scheme {
        Scheme::Sig(sig) => sig.key.writing == Writing::Pem,
        Scheme::Either(all) => all.iter().any(|one| is_pem(&one.scheme)),
        _ => false,
    }
}

/// A text that YAML takes for this text and nothing else.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    match text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.chars().all(plain) {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}
