//! Where a signature stands and how it is written: one value, or a list of named items such as `t=1,v1=ab,v1=cd`.

use super::encoding::Encoding;
use super::part::Part;
use super::refusal::Refusal;
use super::view::{Lack, View};

/// Signatures of one request that are looked at; senders send one, or two while a secret is changed.
const CANDIDATES_MAX: usize = 16;
/// Headers that each bear one signature; DocuSign sends one for each active key, up to this many.
const HEADERS_MAX: usize = 100;

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
    /// The signatures the request claims to have, decoded; what stands beside them becomes `sig:NAME`.
    pub(super) fn claims(&self, view: &View<'_>) -> Result<Vec<Vec<u8>>, Refusal> {
        let (part, values) = self.values(view)?;
        match (&self.items, values.as_slice()) {
            (None, [value]) => self.one(part, value).map(|claim| vec![claim]),
            (None, values) => Ok(values.iter().filter_map(|value| self.one(part, value).ok()).collect()),
            (Some(items), values) => {
                let value = values.first().map(Vec::as_slice).unwrap_or_default();
                self.several(items, part, value, view)
            }
        }
    }

    /// The part that is there, and its value; several only where several headers are meant.
    fn values(&self, view: &View<'_>) -> Result<(&Part, Vec<Vec<u8>>), Refusal> {
        for part in &self.from {
            if let Part::Headers(start) = part {
                let values = view.headers(start);
                if values.len() > HEADERS_MAX {
                    return Err(Refusal::unproven(format!("too many {part}")));
                }
                if !values.is_empty() {
                    return Ok((part, values.into_iter().map(<[u8]>::to_vec).collect()));
                }
                continue;
            }
            match view.find(part) {
                Ok(value) if value.is_empty() => return Err(Refusal::unproven(format!("{part} is empty"))),
                Ok(value) => return Ok((part, vec![value.into_owned()])),
                Err(Lack::Missing(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        let names: Vec<_> = self.from.iter().map(ToString::to_string).collect();
        Err(Refusal::unproven(format!("missing {}", names.join(" or "))))
    }

    fn one(&self, part: &Part, value: &[u8]) -> Result<Vec<u8>, Refusal> {
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

    fn several(
        &self,
        items: &Items,
        part: &Part,
        value: &[u8],
        view: &View<'_>,
    ) -> Result<Vec<Vec<u8>>, Refusal> {
        let text =
            std::str::from_utf8(value).map_err(|_| Refusal::unproven(format!("{part} is not text")))?;
        let pairs = text
            .split(items.separator.as_str())
            .filter_map(|item| item.trim().split_once(items.assign.as_str()));
        let (taken, others): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| *name == items.take);
        if taken.is_empty() || taken.len() > CANDIDATES_MAX {
            let many = if taken.is_empty() { "no" } else { "too many" };
            return Err(Refusal::unproven(format!("{many} `{}` signature in {part}", items.take)));
        }
        let claims = taken.iter().filter_map(|(_, value)| self.one(part, value.as_bytes()).ok()).collect();
        view.set_marks(others.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
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
