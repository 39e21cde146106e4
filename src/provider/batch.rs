//! A body that holds several events: where their list stands, and each item as the body of a request of its own.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use crate::event::{Format, Request};
use crate::limit::{BATCH_HEADS_MAX_BYTES, BATCH_ITEMS_MAX};
use crate::path::Path;
use crate::payload;

use super::part::{Part, Wrong};
use super::refusal::Refusal;
use super::text::Text;

/// What `batch` says when the whole body is one event, whatever is in it.
pub(super) const NONE: &str = "none";

const HELP: &str = "name one list, such as `$` or `$.events`; or `none`, and all of the body is one event";

/// Where the list of events stands in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch(Path);

impl Batch {
    /// Reads `$.events`, or `$.events[*]`, which says the same; `None` for `none`.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, Wrong> {
        if text == NONE {
            return Ok(None);
        }
        let list = text.strip_suffix("[*]").unwrap_or(text);
        let path = Path::parse(list).map_err(|error| Wrong {
            code: "E101",
            offset: error.offset,
            message: error.message,
            help: Some(error.help.unwrap_or_else(|| HELP.to_owned())),
        })?;
        if !path.is_singular() {
            let message = format!("`{text}` may find several lists");
            return Err(Wrong { code: "E101", ..Wrong::new(0, message) }.help(HELP));
        }
        Ok(Some(Self(path)))
    }

    /// The body itself, when it is a list.
    pub(super) fn of_all() -> Option<Self> {
        Path::parse("$").ok().map(Self)
    }

    /// Where the list stands.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The items of a payload; `None` when all of it is one event, because no list stands there.
    ///
    /// `null` is a list without items. In formats that have no lists of one, such as XML, the one item stands in the
    /// place of its list.
    pub(super) fn items<'v>(&self, payload: &'v Value) -> Option<&'v [Value]> {
        match self.0.first(payload).ok().flatten() {
            Some(Value::Array(items)) => Some(items),
            Some(other) if std::ptr::eq(other, payload) => None,
            Some(Value::Null) => Some(&[]),
            Some(item) => Some(std::slice::from_ref(item)),
            None => None,
        }
    }
}

/// Whether so many items of this request may become events: each keeps the request's head.
pub(super) fn bounded(request: &Request, items: usize) -> Result<(), Refusal> {
    if items > BATCH_ITEMS_MAX {
        let cause = format!("the batch has {items} items; {BATCH_ITEMS_MAX} are taken at once");
        return Err(Refusal::too_large(cause));
    }
    let headers = request.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let head = request.path.len() + request.query.len() + headers.sum::<usize>();
    if head.saturating_mul(items) > BATCH_HEADS_MAX_BYTES {
        let cause = format!("the batch has {items} items, each of which would keep {head} bytes of headers");
        return Err(Refusal::too_large(cause));
    }
    Ok(())
}

/// The request in which one item would have come alone, and how its body is read.
pub(super) fn alone(request: &Request, format: &Format, item: &Value) -> (Request, Format) {
    let format = match format {
        Format::CloudEvents => Format::CloudEvents,
        _ => Format::Json,
    };
    let mut headers = request.headers.clone();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(payload::content_type(Some(&format))));
    let body = Bytes::from(item.to_string());
    let request = Request {
        method: request.method.clone(),
        path: request.path.clone(),
        params: request.params.clone(),
        query: request.query.clone(),
        headers,
        body,
        peer: request.peer,
        received_at: request.received_at,
    };
    (request, format)
}

/// Whether a text says something of the item; what stands elsewhere is the same for all of them.
pub(super) fn is_of_item(text: &Text) -> bool {
    text.parts().any(|part| matches!(part, Part::Json(_) | Part::Body))
}

/// The part of a text that no item has: a field of the form that the whole body is.
pub(super) fn of_form(text: &Text) -> Option<&Part> {
    text.parts().find(|part| matches!(part, Part::Form(_) | Part::Pairs))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_the_items() {
        for (path, payload, wanted) in [
            ("$", json!([1, [2], {}]), Some(json!([1, [2], {}]))),
            ("$[*]", json!([1, [2]]), Some(json!([1, [2]]))),
            ("$", json!([]), Some(json!([]))),
            ("$", json!({ "a": [1] }), None),
            ("$[*]", json!({ "a": [1] }), None),
            ("$", json!(null), None),
            ("$.a", json!({ "a": [1], "b": 2 }), Some(json!([1]))),
            ("$.a.b[*]", json!({ "a": { "b": [null] } }), Some(json!([null]))),
            ("$.a", json!({ "a": null }), Some(json!([]))),
            ("$.a", json!({ "a": { "x": 1 } }), Some(json!([{ "x": 1 }]))),
            ("$.a", json!({ "b": [1] }), None),
            ("$.a", json!([1]), None),
        ] {
            let batch = Batch::parse(path).unwrap().unwrap();
            let found = batch.items(&payload).map(|items| Value::Array(items.to_vec()));
            assert_eq!(found, wanted, "{path} {payload}");
        }
        assert_eq!(Batch::parse(NONE), Ok(None));
    }

    #[test]
    fn refuses_what_is_no_list() {
        for text in ["", "events", "$.a[", "$.a[*].b", "$..a", "$.a[*][*]", "$.*"] {
            assert!(Batch::parse(text).is_err(), "{text}");
        }
    }
}
