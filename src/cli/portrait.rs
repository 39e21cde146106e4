//! What is known of a provider, drawn for people: at most a hundred columns, but for a URL to be copied.

use std::fmt::Write;

use crate::draw::Style;
use crate::provider::{Portrait, Way};

/// Columns of a line; only a URL may be longer.
const COLUMNS: usize = 100;
/// Columns of the names on the left.
const NAMES: usize = 14;

/// By what its webhooks are proved genuine, in a word or two.
pub(super) fn proof(one: &Portrait) -> String {
    let mut proofs: Vec<&str> = one.verifies.iter().map(|way| way.proof.as_str()).collect();
    proofs.dedup();
    proofs.join(" or ")
}

/// All of them, one under the other.
pub(super) fn list(all: &[Portrait], style: Style) -> String {
    let longest =
        |text: fn(&Portrait) -> String| all.iter().map(|one| text(one).chars().count()).max().unwrap_or(0);
    let (name, way) = (longest(|one| one.name.to_owned()), longest(proof));
    let mut out = format!("{}\n", bold(&format!("{:<name$}  {:<way$}  SENDS", "NAME", "PROOF"), style));
    for one in all {
        let sends = wrapped(&format!("{}: {}", one.provider, one.sends), COLUMNS - name - way - 4);
        for (index, line) in sends.iter().enumerate() {
            let (first, second) =
                if index == 0 { (one.name.to_owned(), proof(one)) } else { Default::default() };
            let _ = writeln!(out, "{first:<name$}  {second:<way$}  {line}");
        }
    }
    let _ = write!(out, "\n{} providers. One of them: doorbell providers show NAME\n", all.len());
    out
}

/// One of them.
pub(super) fn draw(one: &Portrait, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    let title = format!("{}  {}: {}", one.name, one.provider, one.sends);
    let _ = writeln!(page.text, "{}\n", bold(&title, style));
    for (index, way) in one.verifies.iter().enumerate() {
        page.way(way, index, one.verifies.len());
    }
    page.facts(one);
    page.numbered("Set up", &one.setup);
    page.verbatim("Rules", &one.rules);
    if !one.event_types.is_empty() {
        page.row("Event types", &format!("{} known: {}", one.event_types.len(), one.event_types.join(", ")));
    }
    page.row(
        "Try it",
        one.ring.as_deref().unwrap_or("only the provider can sign: RSA with SHA-1 is checked, never made"),
    );
    page.row("Facts from", &one.docs);
    one.read.iter().for_each(|read| page.row("", read));
    if !one.unsure.is_empty() {
        page.row("", &format!("({}: well known, but not read at the source)", one.unsure.join(", ")));
    }
    page.text
}

struct Page {
    text: String,
    style: Style,
}

impl Page {
    fn row(&mut self, name: &str, text: &str) {
        for (index, line) in wrapped(text, COLUMNS - NAMES).iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let _ = writeln!(self.text, "{}{line}", bold(&format!("{name:<NAMES$}"), self.style));
        }
    }

    fn way(&mut self, way: &Way, index: usize, count: usize) {
        let nth = if count > 1 { format!(" {}", index + 1) } else { String::new() };
        self.row(&format!("Proof{nth}"), &format!("{} in {}", way.proof, way.place));
        if let Some(when) = &way.when {
            self.row("  applies", when);
        }
        self.row("  signed", &way.signed);
        self.row("  good for", &way.age);
        if index + 1 == count {
            self.row("Secret", &way.secret);
        }
    }

    fn facts(&mut self, one: &Portrait) {
        for param in &one.params {
            let need = if param.needed { "" } else { " (may be left out)" };
            self.row("Also needs", &format!("`{}`{need}: {}", param.name, param.help));
        }
        self.row("Event type", one.event.as_deref().unwrap_or("none: leave `event` out of the rule"));
        if let Some(action) = &one.action {
            self.row("  and action", action);
        }
        self.row("Event id", one.id.as_deref().unwrap_or("none: the same webhook twice is two events"));
        if let Some(batch) = &one.batch {
            self.row("Batches", &format!("each item of `{batch}` is an event"));
        }
        self.row("Body", &format!("{}, at most {} KiB", one.body, one.body_max_bytes >> 10));
        let deadline =
            one.deadline_s.map(|seconds| format!(", wanted within {seconds} s")).unwrap_or_default();
        self.row("Answer", &format!("{} when the event is safe{deadline}", one.answer));
        self.row("Sent again", &one.retries);
        for question in &one.handshakes {
            let verified = if question.verified { "once verified" } else { "as it is" };
            self.row("Handshake", &format!("{}; answered {verified}: {}", question.asks, question.answer));
        }
    }

    fn numbered(&mut self, name: &str, steps: &[String]) {
        for (index, step) in steps.iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let lines = wrapped(step, COLUMNS - NAMES - 3);
            for (at, line) in lines.iter().enumerate() {
                let number = if at == 0 { format!("{}. ", index + 1) } else { "   ".to_owned() };
                let name = if at == 0 { name } else { "" };
                let _ = writeln!(self.text, "{}{number}{line}", bold(&format!("{name:<NAMES$}"), self.style));
            }
        }
    }

    fn verbatim(&mut self, name: &str, text: &str) {
        for (index, line) in text.lines().enumerate() {
            let name = if index == 0 { name } else { "" };
            let _ = writeln!(self.text, "{}{line}", bold(&format!("{name:<NAMES$}"), self.style));
        }
    }
}

fn bold(text: &str, style: Style) -> String {
    match style {
        Style::Plain => text.to_owned(),
        Style::Colour if text.trim().is_empty() => text.to_owned(),
        Style::Colour => format!("\u{1b}[1m{text}\u{1b}[0m"),
    }
}

/// Lines of at most so many columns, broken at blanks; a longer word is cut, unless it is a URL to be copied.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').flat_map(|word| pieces(word, columns)) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn pieces(word: &str, columns: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() <= columns || word.contains("://") {
        return vec![word.to_owned()];
    }
    letters.chunks(columns).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::PRESETS;

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrapped("ring the bell twice", 8), ["ring the", "bell", "twice"]);
        assert_eq!(wrapped("a-long-word b", 4), ["a-lo", "ng-w", "ord", "b"]);
        assert_eq!(wrapped("b https://example.com", 4), ["b", "https://example.com"]);
    }

    #[test]
    fn every_provider_fits_a_hundred_columns() {
        let all: Vec<_> = PRESETS.iter().map(|preset| preset.portrait().unwrap()).collect();
        let drawn = all.iter().map(|one| draw(one, Style::Plain)).chain([list(&all, Style::Plain)]);
        for line in drawn.flat_map(|page| page.lines().map(str::to_owned).collect::<Vec<_>>()) {
            let is_url =
                line.get(NAMES..).is_some_and(|rest| rest.starts_with("http") && !rest.contains(' '));
            assert!(line.chars().count() <= COLUMNS || is_url, "{line}");
        }
    }
}
