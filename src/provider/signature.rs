//! Where a signature stands and how it is written: one value, or a list of named items such as `t=1,v1=ab,v1=cd`.

use smallvec::{SmallVec, smallvec};

use super::encoding::{Bytes, Encoding};
use super::marks::Marks;
use super::part::Part;
use super::refusal::Refusal;
use super::view::{Lack, View};

/// Signatures of one request that are looked at; senders send one, or two while a secret is changed.
const CANDIDATES_MAX: usize = 16;
/// Headers that each bear one signature; DocuSign sends one for each active key, up to this many.
const HEADERS_MAX: usize = 100;

/// One signature, decoded.
pub(super) type Claim = Bytes;
/// The signatures of one request: one nearly always, two while a secret is changed.
type Claims = SmallVec<[Claim; 1]>;

/// How a sender writes its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// Where it stands: the first of these that is there.
    pub(super) from: Vec<Part>,
    /// What stands before it and must stand there, such as `sha256=`.
    pub(super) prefix: String,
    /// `None` when the whole value is one signature.
    pub(super) items: Option<Items>,
    pub(super) encoding: Encoding,
}

/// A list of `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Items {
    /// Between two items, such as `,`.
    pub(super) separator: String,
    /// Between name and value, such as `=`.
    pub(super) assign: String,
    /// The name that a signature bears, such as `v1`; other items are no signatures.
    pub(super) take: String,
}

impl Signature {
    /// The signatures the request claims to have, decoded; what stands beside them becomes `sig:NAME`. They stand in the
    /// first part that is there.
    pub(super) fn claims(&self, view: &View<'_>) -> Result<Claims, Refusal> {
        for part in &self.from {
            if let Part::Headers(start) = part {
                let values = view.headers(start);
                if values.len() > HEADERS_MAX {
                    return Err(Refusal::unproven(format!("too many {part}")));
                }
                if !values.is_empty() {
                    return self.each(part, &values, view);
                }
                continue;
            }
            match view.find(part) {
                Ok(value) if value.is_empty() => return Err(Refusal::unproven(format!("{part} is empty"))),
                Ok(value) => return self.each(part, &[&value], view),
                Err(Lack::Missing(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        let names: Vec<_> = self.from.iter().map(ToString::to_string).collect();
        Err(Refusal::unproven(format!("missing {}", names.join(" or "))))
    }

    /// Several values only where several headers are meant.
    fn each(&self, part: &Part, values: &[&[u8]], view: &View<'_>) -> Result<Claims, Refusal> {
        match (&self.items, values) {
            (None, [value]) => self.one(part, value).map(|claim| smallvec![claim]),
            (None, values) => Ok(values.iter().filter_map(|value| self.one(part, value).ok()).collect()),
            (Some(items), values) => {
                self.several(items, part, values.first().copied().unwrap_or_default(), view)
            }
        }
    }

    fn one(&self, part: &Part, value: &[u8]) -> Result<Claim, Refusal> {
        let Some(written) = value.strip_prefix(self.prefix.as_bytes()) else {
            return Err(Refusal::unproven(format!(
                "wrong prefix: {part} does not start with `{}`",
                self.prefix
            )));
        };
        match self.encoding.signature(written).filter(|claim| !claim.is_empty()) {
            Some(claim) => Ok(claim),
            None => Err(Refusal::unproven(format!("{part} is not {}", self.encoding.name()))),
        }
    }

    fn several(&self, items: &Items, part: &Part, value: &[u8], view: &View<'_>) -> Result<Claims, Refusal> {
        let text =
            std::str::from_utf8(value).map_err(|_| Refusal::unproven(format!("{part} is not text")))?;
        let (mut taken, mut claims, mut marks) = (0, Claims::new(), Marks::default());
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (item, behind) =
                cut(text, &items.separator).map_or((text, None), |(item, rest)| (item, Some(rest)));
            rest = behind;
            match cut(item.trim(), &items.assign) {
                Some((name, value)) if name == items.take => {
                    taken += 1;
                    claims.extend(self.one(part, value.as_bytes()).ok().filter(|_| taken <= CANDIDATES_MAX));
                }
                Some((name, value)) => marks.push(name, value),
                None => {}
            }
        }
        if taken == 0 || taken > CANDIDATES_MAX {
            let many = if taken == 0 { "no" } else { "too many" };
            return Err(Refusal::unproven(format!("{many} `{}` signature in {part}", items.take)));
        }
        view.set_marks(marks);
        Ok(claims)
    }

    /// The text of a signature, as a sender writes it; `stamp` is an item it carries beside it.
    pub(super) fn write(&self, signature: &[u8], stamp: Option<(&str, &str)>) -> String {
        let written = format!("{}{}", self.prefix, self.encoding.encode(signature));
        let Some(items) = &self.items else { return written };
        let item = |name: &str, value: &str| format!("{name}{}{value}", items.assign);
        let stamp = stamp.map(|(name, value)| item(name, value) + &items.separator).unwrap_or_default();
        stamp + &item(&items.take, &written)
    }
}

/// What stands before a sign and behind it. Nearly all are one ASCII character, which is found faster than a text is.
fn cut<'t>(text: &'t str, sign: &str) -> Option<(&'t str, &'t str)> {
    let [letter @ 0..=127] = sign.as_bytes() else { return text.split_once(sign) };
    let at = memchr::memchr(*letter, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
