//! `money`: an amount in a currency's smallest unit, as people write it. Digits are moved, nothing is calculated.

use std::borrow::Cow;

use serde_json::Value;

use super::Inputs;
use crate::template::error::Failure;

/// Currencies that do not have two decimals, by ISO 4217 (list one of SIX, the standard's keeper).
///
/// Stripe, which also counts in smallest units, differs for three: it sends ISK and UGX in hundredths and MGA in whole
/// units (docs.stripe.com/currencies). The third argument of `money` settles that: `{{ money $.amount "isk" 2 }}`.
const DECIMALS: &[(&str, usize)] = &[
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("ISK", 0),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("PYG", 0),
    ("RWF", 0),
    ("UGX", 0),
    ("UYI", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
    ("BHD", 3),
    ("IQD", 3),
    ("JOD", 3),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("TND", 3),
    ("CLF", 4),
    ("UYW", 4),
];

/// Currencies that are written with a sign before the amount; others follow it by name.
const SIGNS: &[(&str, &str)] = &[("USD", "$"), ("EUR", "€"), ("GBP", "£"), ("JPY", "¥")];

/// More decimals than any currency has.
const DECIMALS_MAX: usize = 18;

pub(super) fn money<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let amount = inputs.number(0)?.to_string();
    let (minus, digits) = amount.strip_prefix('-').map_or(("", amount.as_str()), |digits| ("-", digits));
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(
            inputs.wrong(0, "is not a whole number; an amount is counted in the currency's smallest unit")
        );
    }
    let code = inputs.text(1)?.to_ascii_uppercase();
    if code.len() != 3 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(inputs.wrong(1, "is not a currency; it has three letters, such as `usd`"));
    }
    let decimals = if inputs.len() > 2 { inputs.count(2)? } else { decimals(&code) };
    if decimals > DECIMALS_MAX {
        return Err(inputs.wrong(2, "is more decimals than any currency has"));
    }
    let minus = if digits.bytes().all(|digit| digit == b'0') { "" } else { minus };
    let amount = point(digits, decimals);
    inputs.made(match SIGNS.iter().find(|(known, _)| *known == code) {
        Some((_, sign)) => format!("{minus}{sign}{amount}"),
        None => format!("{minus}{amount} {code}"),
    })
}

fn decimals(code: &str) -> usize {
    DECIMALS.iter().find(|(known, _)| *known == code).map_or(2, |(_, decimals)| *decimals)
}

/// `15000` and 2 make `150.00`, `5` and 2 make `0.05`.
fn point(digits: &str, decimals: usize) -> String {
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    match padded.split_at_checked(padded.len() - decimals) {
        Some((whole, fraction)) if !fraction.is_empty() => format!("{whole}.{fraction}"),
        _ => padded,
    }
}
