//! What people may see of an attempt: redacted first, cut to its bound after.

use url::Url;

use crate::secret::{self, REDACTED, Vault};

/// What is looked at beyond a bound, so that a secret across the cut is still known as one. Longer secrets are rare.
pub(super) const SLACK_BYTES: usize = 4 * 1024;
/// Shorter texts are not looked for: they would blacken half of every page.
const HIDDEN_MIN_BYTES: usize = 8;

/// As many bytes as showing the first `max_bytes` of something longer takes: the slack, and one more that tells that it
/// is longer.
pub(super) const fn window(max_bytes: usize) -> usize {
    max_bytes + SLACK_BYTES + 1
}

/// Knows what must not be shown in this attempt.
pub(super) struct Shown<'v> {
    vault: &'v Vault,
    hidden: Vec<String>,
}

impl<'v> Shown<'v> {
    pub(super) const fn new(vault: &'v Vault) -> Self {
        Self { vault, hidden: Vec::new() }
    }

    /// Hides this too: a form of a secret that the vault does not hold, such as encoded credentials.
    pub(super) fn hide(&mut self, form: impl Into<String>) {
        let form = form.into();
        if form.len() >= HIDDEN_MIN_BYTES {
            // Some write a slash in JSON as `\/`.
            self.hidden.extend(form.contains('/').then(|| form.replace('/', r"\/")));
            self.hidden.push(form);
        }
    }

    /// Hides a URL: a destination may repeat parts of a secret one, such as what it was asked for.
    pub(super) fn hide_url(&mut self, url: &Url) {
        self.hide(url.as_str());
        self.hide(url.as_str().trim_end_matches('/'));
        self.hide(url.path().trim_end_matches('/'));
        if let Some(query) = url.query() {
            self.hide(query);
        }
    }

    /// The text without its secrets, at most `max_bytes` of it.
    pub(super) fn text(&self, text: &str, max_bytes: usize) -> String {
        self.head(text.as_bytes(), max_bytes)
    }

    /// The beginning of these bytes as text without secrets, at most `max_bytes`. Of something that was cut, give
    /// `window(max_bytes)` of them.
    pub(super) fn head(&self, bytes: &[u8], max_bytes: usize) -> String {
        let seen = bytes.get(..window(max_bytes)).unwrap_or(bytes);
        let mut text = self.redacted(seen);
        // Where it was cut, its end may be half of a secret.
        let lost = if seen.len() == window(max_bytes) { SLACK_BYTES } else { 0 };
        let end = text.len().saturating_sub(lost).min(max_bytes);
        text.truncate(text.floor_char_boundary(end));
        text
    }

    /// The end of these bytes as text without secrets, at most `max_bytes`. They are the rest of something longer.
    pub(super) fn tail(&self, bytes: &[u8], max_bytes: usize) -> String {
        let mut text = self.redacted(bytes);
        let begin = text.len().saturating_sub(max_bytes).max(SLACK_BYTES.min(text.len()));
        text.split_off(text.ceil_char_boundary(begin))
    }

    /// How many bytes at the end of something that goes on are not to be shown yet: they may be half of a secret, or of a
    /// letter.
    pub(super) fn open_end(&self, bytes: &[u8]) -> usize {
        let hidden = secret::open_end(bytes, &self.hidden.iter().map(String::as_bytes));
        self.vault.open_end(bytes).max(hidden).max(open_letter(bytes))
    }

    fn redacted(&self, bytes: &[u8]) -> String {
        let text = self.vault.redact(&String::from_utf8_lossy(bytes));
        self.hidden.iter().fold(
            text,
            |text, form| {
                if text.contains(form) { text.replace(form, REDACTED) } else { text }
            },
        )
    }
}

/// The bytes at the end of a text that only begin a letter of UTF-8.
fn open_letter(bytes: &[u8]) -> usize {
    let last = bytes.get(bytes.len().saturating_sub(3)..).unwrap_or(bytes);
    let begin = last.iter().rposition(|byte| byte & 0b1100_0000 == 0b1100_0000);
    let open = last.get(begin.unwrap_or(last.len())..).unwrap_or_default();
    match std::str::from_utf8(open) {
        Err(error) if error.error_len().is_none() => open.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Secret, SecretRef};

    const SECRET: &str = "correct-horse-battery";

    fn vault() -> Vault {
        let mut vault = Vault::default();
        vault.insert(SecretRef::Env("X".into()), Secret::new(*b"correct-horse-battery"));
        vault
    }

    #[test]
    fn no_part_of_a_secret_is_shown_wherever_the_cut_falls() {
        let vault = vault();
        let mut shown = Shown::new(&vault);
        shown.hide("dXNlcjpwYXNzd29yZA==");
        assert_eq!(shown.text("Basic dXNlcjpwYXNzd29yZA==", 100), "Basic [secret]");
        for shift in 0..SECRET.len() {
            // A secret across the bound, and one across the end of the window.
            let text = format!("{}{SECRET}{}", "a".repeat(100 - shift), "b".repeat(9000));
            assert!(!shown.text(&text, 100).contains("cor"), "{shift}");
            let text = "x".repeat(shift) + &SECRET.repeat(1000);
            assert!(!shown.text(&text, 100).contains("corr"), "{shift}");
            let end = text.as_bytes().get(shift..).unwrap();
            assert!(!shown.tail(end, 100).contains("tery"), "{shift}");
        }
    }

    #[test]
    fn what_goes_on_may_end_in_half_a_letter() {
        for (bytes, open) in [
            (&b""[..], 0),
            (b"a", 0),
            (b"a\xc3", 1),
            (b"a\xc3\xa9", 0),
            (b"\xf0\x9f\x94", 3),
            (b"\xff", 0),
            (b"\xbf\xbf", 0),
        ] {
            assert_eq!(Shown::new(&Vault::default()).open_end(bytes), open, "{bytes:?}");
        }
        let vault = vault();
        let mut shown = Shown::new(&vault);
        shown.hide("dXNlcjpwYXNzd29yZA==");
        assert_eq!((shown.open_end(b"a correct-"), shown.open_end(b"Basic dXNl")), (8, 4));
    }

    #[test]
    fn the_bound_holds_at_the_edge_of_a_letter() {
        let vault = Vault::default();
        let shown = Shown::new(&vault);
        assert_eq!(shown.text("ééé", 3), "é");
        assert_eq!(shown.head(&[b'a', 0xff, b'b'], 100), "a\u{fffd}b");
        assert!(shown.head(&vec![0xff; 100_000], 1000).len() <= 1000);
        assert_eq!(shown.text("", 0), "");
    }
}
