//! The error index: `docs/errors.md`, one entry a code, cut out of the page for whoever asks for one.

/// The page. A test makes it from the table of codes and the examples, so that it is never out of date.
const PAGE: &str = include_str!("../../docs/errors.md");
/// Where the page stands in the sources.
const FILE: &str = "docs/errors.md";
/// Starts an entry.
const ENTRY: &str = "\n## ";
/// Starts and ends an example.
const FENCE: &str = "```";

/// The entry of a code as Markdown, without its heading.
pub(super) fn entry(code: &str) -> Option<&'static str> {
    PAGE.split(ENTRY).skip(1).find_map(|part| part.strip_prefix(code)?.strip_prefix('\n')).map(str::trim)
}

/// The entry of a code as plain text: title, reason, a wrong example with what is said about it, and a right one.
pub fn explain(code: &str) -> Option<String> {
    let mut is_example = false;
    let mut text = format!("{code}: ");
    for line in entry(code)?.lines() {
        if line.starts_with(FENCE) {
            is_example = !is_example;
        } else if is_example && !line.is_empty() {
            text.push_str(&format!("    {line}\n"));
        } else {
            text.push_str(&format!("{}\n", line.replace("**", "")));
        }
    }
    Some(text)
}

/// The address of a code's entry: in the repository when the package names one, else in the sources.
pub fn page(code: &str) -> String {
    let anchor = code.to_ascii_lowercase();
    match env!("CARGO_PKG_REPOSITORY") {
        "" => format!("{FILE}#{anchor}"),
        repository => format!("{repository}/blob/main/{FILE}#{anchor}"),
    }
}
