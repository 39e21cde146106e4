//! What a token says once its signature is known to hold: its head, its claims, and until when they are good.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde_json::{Map, Value};

use crate::payload;
use crate::time::Timestamp;

use super::encoding::from_unpadded;
use super::jwt::Jwt;
use super::refusal::Refusal;
use super::view::View;

/// Seconds by which two clocks may differ.
const LEEWAY_SECONDS: i64 = 60;

/// The claims of a token.
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// Reads head and claims; the head must name this very algorithm and ask for nothing we do not know.
    pub(super) fn read(signed: &[u8], algorithm: &str) -> Result<Self, Refusal> {
        let dot = signed.iter().position(|byte| *byte == b'.').unwrap_or(signed.len());
        let (head, claims) = signed.split_at_checked(dot).unwrap_or((signed, &[]));
        let head = object("head", head)?;
        if head.get("alg").and_then(Value::as_str) != Some(algorithm) {
            return Err(Refusal::unproven(format!("the token is not signed by {algorithm}")));
        }
        if head.contains_key("crit") {
            return Err(Refusal::unproven("the token asks for an extension that is not known"));
        }
        object("claims", claims.get(1..).unwrap_or_default()).map(Self)
    }

    /// Whether each claim is what the scheme says.
    pub(super) fn check(&self, jwt: &Jwt, view: &View<'_>) -> Result<(), Refusal> {
        for (name, texts) in &jwt.claims {
            let said = self.texts(name);
            let mut is_one = false;
            for text in texts {
                let wanted = text.fill(view)?;
                is_one |= said.iter().any(|said| verify_slices_are_equal(said.as_bytes(), &wanted).is_ok());
            }
            if !is_one {
                return Err(Refusal::unproven(format!("the token's `{name}` is not the one of this source")));
            }
        }
        if let Some((name, form)) = &jwt.body_digest {
            let Some(Value::String(written)) = self.0.get(name) else {
                return Err(Refusal::unproven(format!("the token has no `{name}`")));
            };
            form.compare(&format!("the token's `{name}`"), written.as_bytes(), view)?;
        }
        Ok(())
    }

    /// A claim as texts: one, or each of a list.
    fn texts(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        match self.0.get(name) {
            Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
            Some(one) => text(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The words for a token that is good at this moment; `needed` says whether it must end at all.
    pub(super) fn age(&self, now: Timestamp, needed: bool) -> Result<String, Refusal> {
        let now = now.seconds();
        for name in ["nbf", "iat"] {
            let ahead = self.moment(name)?.map_or(0, |moment| moment.saturating_sub(now));
            if ahead > LEEWAY_SECONDS {
                return Err(Refusal::unproven(format!("the token's `{name}` is {ahead} s in the future")));
            }
        }
        let Some(end) = self.moment("exp")? else {
            return match needed {
                true => Err(Refusal::unproven("the token has no `exp`: it would be good for ever")),
                false => Ok(String::new()),
            };
        };
        let over = now.saturating_sub(end);
        match over > LEEWAY_SECONDS {
            true => Err(Refusal::unproven(format!("the token ended {over} s ago"))),
            false => Ok(format!(", good for {} s more", over.saturating_neg().max(0))),
        }
    }

    /// A moment in whole seconds.
    fn moment(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let wrong = || Refusal::unproven(format!("the token's `{name}` is not a time"));
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                let text = number.to_string();
                let whole = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
                whole.parse().map(Some).map_err(|_| wrong())
            }
            Some(_) => Err(wrong()),
        }
    }
}

/// How the head of a token names the key that signed it; nobody has proved that yet.
pub(super) fn key_name(signed: &[u8]) -> Result<Option<String>, Refusal> {
    let head = signed.split(|byte| *byte == b'.').next().unwrap_or_default();
    let head = object("head", head)?;
    Ok(head.get("kid").and_then(Value::as_str).map(str::to_owned))
}

fn object(what: &str, written: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let value = from_unpadded(written).and_then(|bytes| payload::read_json(&bytes).ok());
    match value {
        Some(Value::Object(map)) => Ok(map),
        _ => Err(Refusal::unproven(format!("the {what} of the token cannot be read"))),
    }
}
