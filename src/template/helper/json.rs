//! `json` and `jsonpath`.

use std::borrow::Cow;

use serde_json::Value;

use super::{Helper, Inputs, Ready, Wrong};
use crate::path::Path;
use crate::template::error::Failure;
use crate::template::node::Expression;

pub(super) fn json<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let value = inputs.value(0)?;
    inputs.look(&value)?;
    inputs.made(value.to_string())
}

/// `jsonpath "$.a"` looks into the payload, `jsonpath $.a "$.b"` into a value.
pub(super) fn jsonpath<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let Ready::Path(path) = inputs.ready() else {
        return Err(inputs.failure("the path is not ready".to_owned()));
    };
    let whole = if inputs.len() == 1 { Cow::Borrowed(inputs.finder.payload()) } else { inputs.value(0)? };
    let found = match whole {
        Cow::Borrowed(whole) => inputs.finder.follow(Some(path), whole, path.text())?,
        Cow::Owned(whole) => inputs.finder.copied(Some(path), &whole, path.text())?,
    };
    match found {
        Some(value) if value.is_null() => Err(inputs.missing(true)),
        found => found.ok_or_else(|| inputs.missing(false)),
    }
}

/// Reads the path, so that a mistake in it is found when the rules file is read.
pub(super) fn prepare(arguments: &[Expression]) -> Result<Ready, Wrong> {
    let argument = arguments.len().saturating_sub(1);
    let Some(Expression::Literal(Value::String(text))) = arguments.last() else {
        let message = "the path of `jsonpath` must be a text in quotes".to_owned();
        let help = Some(r#"for example `{{ jsonpath "$.items[*].id" }}`"#.to_owned());
        return Err(Wrong { argument, inside: 0, message, help });
    };
    Path::parse(text).map(Ready::Path).map_err(|error| {
        // One byte further in, behind the quote.
        Wrong { argument, inside: error.offset + 1, message: error.message, help: error.help }
    })
}

/// Whether a call looks at the payload without naming it.
pub(in crate::template) fn reads_payload(helper: &Helper, arguments: &[Expression]) -> bool {
    helper.name == "jsonpath" && arguments.len() == 1
}
