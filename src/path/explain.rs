//! Why the parser refused words that are right one by one: the word it stopped at and the one before it tell.

use super::calls::closing;
use super::error::Error;
use super::function;
use super::token::{Kind, Token};

/// Explains a refusal at the token of that number; the number of tokens stands for the end of the path.
pub(super) fn explain(text: &str, tokens: &[Token], refused: usize) -> Error {
    let strangers =
        tokens.windows(2).position(|pair| matches!(pair, [before, here] if !follows(before.kind, here.kind)));
    let view = View { text, tokens, refused: strangers.map_or(refused, |before| before + 1) };
    let offset = view.here().map_or(text.len(), |here| here.start);
    let (message, help) = view
        .call_trouble()
        .or_else(|| view.group_trouble())
        .or_else(|| view.missing())
        .or_else(|| view.comparison_trouble())
        .or_else(|| view.filter_trouble())
        .or_else(|| view.step_trouble())
        .unwrap_or_else(|| view.misplaced());
    Error { offset, message, help: help.map(str::to_owned) }
}

/// Explains a refusal without a place: only calls of functions are refused so late.
pub(super) fn explain_calls(text: &str, tokens: &[Token]) -> Error {
    let word = |token: &Token| text.get(token.start..token.end).unwrap_or_default();
    for (place, call) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Function) {
        let argument = tokens.get(place + 2).filter(|argument| argument.kind.is_literal());
        if let Some(argument) = argument.filter(|_| word(call) == "count") {
            return Error::at(argument.start, format!("`count` wants a path, not `{}`", word(argument)))
                .help("write `count(@.items)`");
        }
        let compared = [place.checked_sub(1), Some(closing(tokens, place + 1) + 1)].into_iter().flatten();
        let compared =
            compared.filter_map(|beside| tokens.get(beside)).any(|beside| beside.kind == Kind::Compare);
        if compared && function::is_test(word(call)) {
            return Error::at(call.start, format!("`{}` already is true or false", word(call)))
                .help("leave the comparison out, or write `!` before it");
        }
    }
    Error::at(0, "this is not a path")
}

type Trouble = (String, Option<&'static str>);

struct View<'t> {
    text: &'t str,
    tokens: &'t [Token],
    refused: usize,
}

impl<'t> View<'t> {
    fn here(&self) -> Option<&'t Token> {
        self.tokens.get(self.refused)
    }

    fn earlier(&self) -> &'t [Token] {
        self.tokens.get(..self.refused).unwrap_or_default()
    }

    fn kinds(&self) -> (Option<Kind>, Option<Kind>) {
        (self.earlier().last().map(|before| before.kind), self.here().map(|here| here.kind))
    }

    fn word(&self, token: Option<&Token>) -> &'t str {
        token.and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default()
    }

    /// The innermost bracket or parenthesis that is open before the refused word.
    fn enclosing(&self) -> Option<usize> {
        let mut depth = 0_usize;
        self.earlier().iter().rposition(|token| match token.kind {
            Kind::Close | Kind::CloseRound => {
                depth += 1;
                false
            }
            Kind::Open | Kind::OpenRound if depth > 0 => {
                depth -= 1;
                false
            }
            kind => matches!(kind, Kind::Open | Kind::OpenRound),
        })
    }

    /// A function with too few or too many arguments, or with a test as one.
    fn call_trouble(&self) -> Option<Trouble> {
        let name =
            self.tokens.get(self.enclosing()?.checked_sub(1)?).filter(|name| name.kind == Kind::Function)?;
        let name = self.word(Some(name));
        let message = match self.here()?.kind {
            Kind::Comma | Kind::CloseRound => format!("`{name}` does not take these arguments"),
            Kind::Compare | Kind::And | Kind::Or => format!("`{name}` does not take a test"),
            _ => return None,
        };
        Some((message, function::usage(name)))
    }

    /// A group of tests that is compared.
    fn group_trouble(&self) -> Option<Trouble> {
        let behind = self.tokens.get(self.refused + 1)?;
        let grouped = self.here()?.kind == Kind::CloseRound && behind.kind == Kind::Compare;
        grouped.then(|| {
            ("parentheses group tests, which cannot be compared".into(), Some("compare the values inside"))
        })
    }

    /// Something has to stand between two words, or before the end.
    fn missing(&self) -> Option<Trouble> {
        let (before, here) = (self.word(self.earlier().last()), self.word(self.here()));
        let closes = matches!(self.kinds().1, None | Some(Kind::Close | Kind::CloseRound | Kind::Comma));
        let joins = matches!(self.kinds().1, Some(Kind::And | Kind::Or | Kind::Compare));
        Some(match self.kinds().0? {
            Kind::Open if here == "," => ("nothing stands before `,`".into(), Some("remove the comma")),
            Kind::Open if closes => {
                ("the brackets hold nothing".into(), Some("write an index, a name in quotes, or `*`"))
            }
            Kind::Comma if closes => ("nothing stands behind `,`".into(), Some("remove the comma")),
            Kind::Question if closes || joins => {
                ("the filter tests nothing".into(), Some("write a test, as in `[?@.price > 10]`"))
            }
            Kind::Compare if here == "[" => (
                "a list cannot be written in a path".into(),
                Some("compare with text in quotes, a number, `true`, `false`, `null`, or another path"),
            ),
            Kind::Compare if closes || joins => (format!("a value is missing behind `{before}`"), None),
            Kind::And | Kind::Or | Kind::Not if closes || joins => {
                (format!("a test is missing behind `{before}`"), None)
            }
            Kind::OpenRound if closes || joins => ("the parentheses hold nothing".into(), None),
            Kind::Not if self.here()?.kind.is_literal() => {
                ("`!` stands before a test, not before a value".into(), Some("compare with `!=`"))
            }
            kind if kind.is_literal() && (closes || matches!(here, "&&" | "||")) => {
                (format!("`{before}` alone tests nothing"), Some("compare it, as in `@.price == 10`"))
            }
            _ => return None,
        })
    }

    /// A comparison whose sides are not two single values.
    fn comparison_trouble(&self) -> Option<Trouble> {
        self.enclosing()?;
        let (before, here) = (self.kinds().0?, self.kinds().1?);
        let of_tests =
            |token: &&Token| matches!(token.kind, Kind::And | Kind::Or | Kind::Question | Kind::Compare);
        let compares = self.earlier().iter().rfind(of_tests).is_some_and(|last| last.kind == Kind::Compare);
        let several = "a comparison needs a single value on each side, and this path may find several";
        let help = "name one place, compare `count(…)`, or filter the list itself: `$.items[?@.price > 10]`";
        match here {
            Kind::Compare if compares => {
                Some(("comparisons do not chain".into(), Some("join two comparisons with `&&`")))
            }
            Kind::Compare if matches!(before, Kind::Close | Kind::Star | Kind::Member) => {
                Some((several.into(), Some(help)))
            }
            Kind::Dot | Kind::Descend | Kind::Open if compares => Some((several.into(), Some(help))),
            _ if compares && before == Kind::Open => Some((several.into(), Some(help))),
            _ => None,
        }
    }

    /// A filter without its `?`, a `?` that is out of place, or a test outside of a filter.
    fn filter_trouble(&self) -> Option<Trouble> {
        let (before, here) = (self.kinds().0?, self.kinds().1?);
        let selects = matches!(before, Kind::Open | Kind::Comma);
        match here {
            Kind::Current | Kind::Root | Kind::Not | Kind::Function | Kind::Word if selects => {
                Some(("a filter starts with `?`".into(), Some("write `[?…]`; a key needs quotes")))
            }
            Kind::Question => {
                Some(("`?` starts a filter and stands right behind `[` or `,`".into(), Some("write `[?…]`")))
            }
            Kind::Compare | Kind::And | Kind::Or if self.enclosing().is_none() => {
                Some(("a test stands in a filter".into(), Some("write `[?@.name == 'value']`")))
            }
            Kind::Number if ends_operand(before) => Some((
                format!("an operator is missing before `{}`", self.word(self.here())),
                Some("a path does no arithmetic"),
            )),
            _ if self.enclosing().is_some() && ends_operand(before) && starts_operand(here) => {
                let message = format!("an operator is missing before `{}`", self.word(self.here()));
                Some((message, Some("compare with `==`, join tests with `&&` or `||`")))
            }
            _ => None,
        }
    }

    /// A step that is not written as one.
    fn step_trouble(&self) -> Option<Trouble> {
        Some(match self.kinds().1? {
            Kind::Colon | Kind::Index if self.enclosing().is_some() => (
                "a slice is up to three whole numbers".into(),
                Some("write `[start:end]` or `[start:end:step]`"),
            ),
            Kind::Colon => ("a slice stands in brackets".into(), Some("write `[start:end]`")),
            Kind::Star => ("`*` is a step of its own".into(), Some("write `.*` or `[*]`")),
            Kind::Text => ("a name in quotes stands in brackets".into(), Some("write `['name']`")),
            Kind::Index => ("an index stands in brackets".into(), Some("write `[0]`")),
            Kind::Comma => ("`,` joins names inside of brackets".into(), Some("write `$['a', 'b']`")),
            Kind::Root => {
                ("`$` starts a path and stands nowhere else".into(), Some("quote a key: `['a$b']`"))
            }
            Kind::Current => ("`@` is the item a filter looks at".into(), Some("quote a key: `['@type']`")),
            _ => return None,
        })
    }

    fn misplaced(&self) -> Trouble {
        match (self.earlier().last(), self.here()) {
            (Some(before), Some(_)) => {
                let before = self.word(Some(before));
                (format!("`{}` cannot follow `{before}`", self.word(self.here())), None)
            }
            (None, Some(_)) => (format!("`{}` cannot stand here", self.word(self.here())), None),
            (_, None) => ("the path ends too early".into(), None),
        }
    }
}

/// Whether a path or a value may end with the word.
fn ends_operand(kind: Kind) -> bool {
    kind.is_literal()
        || matches!(
            kind,
            Kind::Root | Kind::Current | Kind::Member | Kind::Star | Kind::Close | Kind::CloseRound
        )
}

/// Whether a test or a value may start with the word.
fn starts_operand(kind: Kind) -> bool {
    kind.is_literal()
        || matches!(kind, Kind::Root | Kind::Current | Kind::Function | Kind::Not | Kind::OpenRound)
}

/// Whether the word `here` may ever stand right behind the word `before`.
fn follows(before: Kind, here: Kind) -> bool {
    use Kind::{
        And, Close, CloseRound, Colon, Comma, Compare, Descend, Dot, Index, Member, Open, OpenRound, Or,
    };
    use Kind::{Current, Function, Not, Number, Question, Root, Star, Text, Word};
    match before {
        Root | Current | Member | Star | Close => {
            matches!(here, Dot | Descend | Open | Close | CloseRound | Comma | Compare | And | Or)
        }
        Dot | Descend => matches!(here, Member | Star | Open),
        Open => matches!(here, Text | Index | Star | Colon | Question),
        Comma => starts_operand(here) || matches!(here, Index | Star | Colon | Question),
        OpenRound | Question | And | Or => starts_operand(here),
        // An index only outside of a filter, where the comparison itself is the mistake.
        Compare => here == Index || (starts_operand(here) && !matches!(here, Not | OpenRound)),
        Not => matches!(here, Root | Current | Function | OpenRound),
        Colon => matches!(here, Index | Colon | Close | Comma),
        Index => matches!(here, Close | Comma | Colon),
        Number | Text | Word | CloseRound => matches!(here, Close | CloseRound | Comma | Compare | And | Or),
        Function => here == OpenRound,
    }
}
