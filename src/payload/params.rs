//! The parameters of a header's value: `; name="a b"; filename=c.txt`.

/// Name, in small letters, and value, quotes taken away; `None` when it is no such list.
///
/// A backslash in quotes stands before a quote or another backslash; before anything else it is a letter like others, as
/// in `C:\dir`, which some senders write for a file's name.
pub(super) fn params(text: &str) -> Option<Vec<(String, String)>> {
    let mut all = Vec::new();
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        rest = rest.strip_prefix(';')?.trim_ascii_start();
        if rest.is_empty() || rest.starts_with(';') {
            continue;
        }
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_ascii().to_ascii_lowercase();
        let (value, after) = match after.trim_ascii_start().strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => bare(after),
        };
        all.push((name, value));
        rest = after.trim_ascii_start();
    }
    Some(all)
}

/// The value of the one parameter of this name; `None` when there are several too.
pub(super) fn only<'p>(params: &'p [(String, String)], name: &str) -> Option<&'p str> {
    let mut found = params.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    found.next().filter(|_| found.next().is_none())
}

fn bare(text: &str) -> (String, &str) {
    let end = text.find(';').unwrap_or(text.len());
    let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (value.trim_ascii().to_owned(), rest)
}

/// What stands before the closing quote, and what comes behind it.
pub(super) fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some((value, letters.as_str())),
            '\\' => match letters.clone().next() {
                Some(escaped @ ('"' | '\\')) => {
                    value.push(escaped);
                    letters.next();
                }
                _ => value.push('\\'),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_parameters() {
        for (text, wanted) in [
            ("", Some(vec![])),
            ("; a=b", Some(vec![("a", "b")])),
            (";A = b ;c=\"d;e\" ", Some(vec![("a", "b"), ("c", "d;e")])),
            (";; a=b;", Some(vec![("a", "b")])),
            ("; a=\"\\\"\\\\\\x\"", Some(vec![("a", "\"\\\\x")])),
            ("; a=", Some(vec![("a", "")])),
            ("; a=b; a=c", Some(vec![("a", "b"), ("a", "c")])),
            ("; a", None),
            ("a=b", None),
            ("; a=\"b", None),
            ("; a=\"b\"c", None),
        ] {
            let wanted: Option<Vec<_>> = wanted
                .map(|all| all.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect());
            assert_eq!(params(text), wanted, "{text}");
        }
        let twice = [("a".to_owned(), "b".to_owned()), ("a".to_owned(), "c".to_owned())];
        assert_eq!((only(&twice, "a"), only(&twice, "b"), only(&twice[..1], "a")), (None, None, Some("b")));
    }
}
