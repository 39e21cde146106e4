//! Where a value lands, and what must happen to it there. Only values are touched, never the text of the template.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a value of a template becomes a part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// A text in which nothing has a meaning: an argument, a mail, a JSON value.
    #[default]
    None,
    /// The path of a URL: a value is one segment of it, so it can neither add nor climb segments.
    UrlSegment,
    /// The query of a URL.
    Query,
    /// The value of a header: line breaks and other control characters are refused.
    Header,
    /// Slack's markup: `&`, `<` and `>` mean something there (docs.slack.dev/messaging/formatting-message-text).
    Slack,
}

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a value cannot land here; the words follow its name.
pub(super) type Unfit = &'static str;

impl Escape {
    /// A value as it may stand here.
    pub(super) fn apply(self, value: &str) -> Result<Cow<'_, str>, Unfit> {
        match self {
            Self::None => Ok(Cow::Borrowed(value)),
            Self::UrlSegment if value.is_empty() => Err("is empty, and would leave its part of the path out"),
            Self::UrlSegment | Self::Query => Ok(utf8_percent_encode(value, RESERVED).into()),
            Self::Header if value.chars().any(|letter| letter.is_control() && letter != '\t') => {
                Err("has a line break or another control character, which no header may have")
            }
            Self::Header => Ok(Cow::Borrowed(value)),
            Self::Slack if value.contains(['&', '<', '>']) => {
                Ok(Cow::Owned(value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")))
            }
            Self::Slack => Ok(Cow::Borrowed(value)),
        }
    }

    /// Whether a whole text may stand here, once its values are in it. A dot is an unreserved character, so `.` and `..`
    /// can only be seen in the whole; percent-encoding them would not help, since URL parsers read `%2e` as a dot too.
    pub(super) fn check(self, text: &str) -> Result<(), Unfit> {
        match self {
            Self::UrlSegment if path(text).split(['/', '\\']).any(climbs) => {
                Err("makes `.` or `..` a part of the path, which would lead elsewhere")
            }
            _ => Ok(()),
        }
    }
}

fn path(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

/// Whether a URL parser would take this segment away, or the one before (URL Standard, "single-dot" and "double-dot").
fn climbs(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}
