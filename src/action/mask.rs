//! Where the templates stand in a text, without reading them.

use std::ops::Range;

/// The first template of a text, from its first brace to behind its last.
pub(super) fn first(text: &str) -> Option<Range<usize>> {
    templates(text).into_iter().next()
}

/// All templates of a text. One that is not closed ends with its line.
pub(super) fn templates(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = after(text, from).find("{{").map(|at| from + at) {
        let inside = after(text, open);
        let line = inside.find('\n').unwrap_or(inside.len());
        let closed = inside.find("}}").map(|at| {
            let braces = after(inside, at).bytes().take_while(|byte| *byte == b'}').count();
            at + braces
        });
        let end = open + closed.unwrap_or(line);
        found.push(open..end);
        from = end;
    }
    found
}

/// The text with every byte of its templates replaced by `_`: what the writer of the rules wrote, at its own offsets.
pub(super) fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for place in templates(text) {
        masked.push_str(text.get(from..place.start).unwrap_or_default());
        masked.push_str(&"_".repeat(place.len()));
        from = place.end;
    }
    masked.push_str(after(text, from));
    masked
}

fn after(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_and_masks_templates() {
        for (text, wanted, hidden) in [
            ("plain", vec![], "plain"),
            ("a {{ $.b }} c", vec!["{{ $.b }}"], "a _________ c"),
            ("{{a}}/{{{b}}}?", vec!["{{a}}", "{{{b}}}"], "_____/_______?"),
            ("x {{ y\nz", vec!["{{ y"], "x ____\nz"),
            ("ü{{ö}}", vec!["{{ö}}"], "ü______"),
            ("{{ a\n}} b", vec!["{{ a\n}}"], "_______ b"),
        ] {
            let got: Vec<&str> = templates(text).into_iter().map(|place| text.get(place).unwrap()).collect();
            assert_eq!(got, wanted, "{text}");
            assert_eq!(masked(text), hidden, "{text}");
        }
    }
}
