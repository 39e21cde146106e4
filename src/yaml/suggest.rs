//! The nearest right word for a wrong one.

/// How alike two words must be (Jaro-Winkler, 0 to 1) before one is offered for the other.
const ALIKE: f64 = 0.8;

/// The known word that was most likely meant.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|other| (likeness(&word, &other.to_lowercase()), other))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (two, _)| one.total_cmp(two))
        .map(|(_, other)| other)
}

/// From 0 to 1. One slip of the finger counts as nearly the same: any in a word of three letters or more, and two
/// letters that changed places in a shorter one.
fn likeness(one: &str, two: &str) -> f64 {
    let alike = strsim::jaro_winkler(one, two);
    let is_long = one.chars().count() >= 3;
    let is_slip = one.chars().rev().eq(two.chars()) || is_long && strsim::osa_distance(one, two) == 1;
    if is_slip { alike.max(0.95) } else { alike }
}

/// The words, each in backticks, with commas: `` `a`, `b`, `c` ``.
pub fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The known words that are most like this one, the likest first; capitals do not count.
pub fn near<'w>(word: &str, known: impl IntoIterator<Item = &'w str>, most: usize) -> Vec<&'w str> {
    let word = word.to_lowercase();
    let alike = known.into_iter().map(|other| (likeness(&word, &other.to_lowercase()), other));
    let mut all: Vec<(f64, &str)> = alike.filter(|(likeness, _)| *likeness >= ALIKE).collect();
    all.sort_by(|(one, _), (two, _)| two.total_cmp(one));
    all.into_iter().map(|(_, other)| other).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let known = ["eq", "ne", "retry", "timeout", "github", "starts_with", "sales-chat"];
        for (word, wanted) in [
            ("equal", Some("eq")),
            ("retries", Some("retry")),
            ("time_out", Some("timeout")),
            ("GitHub", Some("github")),
            ("startswith", Some("starts_with")),
            ("sales_chat", Some("sales-chat")),
            ("gihtub", Some("github")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), wanted, "{word}");
        }
        assert_eq!(listed(["a", "b"]), "`a`, `b`");
        let events = ["pull_request", "pull_request_review", "push", "issues"];
        assert_eq!(near("pull_requests", events, 2), ["pull_request", "pull_request_review"]);
        assert!(near("zzz", events, 2).is_empty());
    }
}
