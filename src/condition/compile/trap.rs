//! What people write who know other languages, and the words that lead them on.

use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Other names of operators.
const OTHER_NAMES: &[(&str, &[&str])] = &[
    ("eq", &["=", "==", "===", "equal", "equals", "equal_to", "is", "value", "const"]),
    ("ne", &["!=", "!==", "<>", "neq", "not_eq", "not_equal", "not_equals", "is_not", "isnt", "nequals"]),
    ("gt", &[">", "greater", "greater_than", "more", "more_than", "above", "over", "exclusive_min"]),
    ("gte", &[">=", "=>", "ge", "greater_or_equal", "at_least", "min", "minimum", "from"]),
    ("lt", &["<", "less", "less_than", "below", "under", "exclusive_max"]),
    ("lte", &["<=", "=<", "le", "less_or_equal", "at_most", "max", "maximum", "to"]),
    ("in", &["one_of", "oneof", "any_of", "anyof", "any", "is_in", "among", "enum"]),
    ("not_in", &["nin", "notin", "none_of", "not_one_of", "!in"]),
    ("matches", &["regex", "regexp", "regex_match", "re", "match", "=~", "~", "pattern", "search"]),
    ("contains", &["contain", "include", "includes", "has", "substring", "contains_any"]),
    ("starts_with", &["startswith", "starts", "begins_with", "beginswith", "prefix", "has_prefix"]),
    ("ends_with", &["endswith", "ends", "suffix", "has_suffix"]),
    ("glob", &["like", "wildcard", "fnmatch"]),
    ("exists", &["exist", "present", "is_present", "defined", "is_set", "missing", "absent"]),
    ("type", &["typeof", "is_type", "is_a", "kind"]),
    ("length", &["len", "size", "strlen", "min_length", "max_length"]),
    ("every", &["all", "each", "all_of", "for_all"]),
    ("none", &["no", "never"]),
    ("not", &["!", "unless", "negate"]),
    ("between", &["range", "within"]),
    ("as", &["cast", "convert", "to_type", "coerce"]),
    ("before", &["older", "older_than", "earlier", "until"]),
    ("after", &["newer", "newer_than", "later", "since"]),
    ("cidr", &["network", "subnet", "in_network", "ip_in", "ip"]),
    ("ieq", &["iequals", "equals_ignore_case", "eq_ignore_case", "case_insensitive"]),
];

/// Signs that stand for an operator when a plain value starts with them, longest first.
const SIGNS: &[(&str, &str)] = &[
    ("!==", "ne"),
    ("===", "eq"),
    (">=", "gte"),
    ("<=", "lte"),
    ("!=", "ne"),
    ("<>", "ne"),
    ("==", "eq"),
    ("=~", "matches"),
    (">", "gt"),
    ("<", "lt"),
];
/// Words that do so before a number.
const SIGN_WORDS: &[&str] = &["gte", "gt", "lte", "lt"];

/// The operator that another name means.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase().replace(['-', ' '], "_");
    let bare: String = name.chars().filter(|letter| *letter != '_').collect();
    let known = |other: &&str| *other == name || (!bare.is_empty() && other.replace('_', "") == bare);
    OTHER_NAMES.iter().find(|(_, others)| others.iter().any(known)).map(|(meant, _)| *meant)
}

/// A plain value that looks like an operator and its right side: `> 100`, `!= main`.
pub(super) fn sign(node: &Node<'_>) -> Option<Diagnostic> {
    let text = node.text()?;
    let trimmed = text.trim_start();
    let (sign, operator) =
        SIGNS.iter().copied().find(|(sign, _)| trimmed.starts_with(sign)).or_else(|| {
            let word = SIGN_WORDS
                .iter()
                .find(|word| trimmed.strip_prefix(**word).is_some_and(|rest| rest.starts_with(' ')))?;
            Some((*word, *word))
        })?;
    let right = trimmed.strip_prefix(sign)?.trim();
    // `<html>` is a text like any other; an order is asked of numbers.
    let plain_text = matches!(operator, "gt" | "lt") || sign == operator;
    if right.is_empty() || (plain_text && right.parse::<f64>().is_err()) {
        return None;
    }
    let offset = text.len() - trimmed.len();
    let key = node.key().map(|key| format!("{key}: ")).unwrap_or_default();
    let problem =
        node.error_inside(offset, sign.len(), "E102", format!("a value cannot start with `{sign}`"));
    let mend = format!("operators are keys: `{key}{{ {operator}: {} }}`", quoted(right));
    Some(problem.help(format!("{mend}; for the text itself write `{{ eq: … }}`")))
}

fn quoted(right: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '/' | '-' | '_');
    if right.chars().all(is_plain) { right.to_owned() } else { format!("'{}'", right.replace('\'', "''")) }
}

/// A template where none is filled in.
pub(super) fn template(text: &str, error: impl Fn(usize, usize, String) -> Diagnostic) -> Option<Diagnostic> {
    let start = text.find("{{")?;
    let length = text.get(start..)?.find("}}")? + 2;
    let shown = text.get(start..start + length)?;
    let message = format!("`{shown}`: a condition holds no templates");
    let path = shown.trim_matches(['{', '}']).trim();
    Some(error(start, length, message).help(if path.starts_with('$') {
        format!("compare with another part of the payload by `{{ eq: {{ path: {path} }} }}`")
    } else {
        "name what is looked at as the key: `headers.x-event: push`".to_owned()
    }))
}
