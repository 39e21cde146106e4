//! Numbers compared as decimals, digit by digit: identifiers of 20 digits stay apart, `1` equals `1.0` and `1e0`,
//! nothing is rounded and nothing is allocated.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde_json::Number;

/// The order of two numbers by their exact values; `-0` equals `0`.
///
/// Exponents are exact to 38 digits; larger ones are all taken for the largest.
#[must_use]
pub fn compare(left: &Number, right: &Number) -> Ordering {
    compare_texts(left.as_str(), right.as_str())
}

/// Whether two numbers have exactly the same value, however they are written.
#[must_use]
pub fn equal(left: &Number, right: &Number) -> bool {
    compare(left, right) == Ordering::Equal
}

/// Feeds the value of a number to a hash: numbers that are equal feed the same, however they are written.
pub fn hash(number: &Number, state: &mut impl Hasher) {
    match Decimal::read(number.as_str()) {
        Some(decimal) => decimal.hash(state),
        None => number.as_str().hash(state),
    }
}

/// Reads text that is a JSON number and nothing else: no spaces, no `+`, no leading zeros; digits are kept as written.
#[must_use]
pub fn parse_text(text: &str) -> Option<Number> {
    Decimal::read(text)?;
    text.parse().ok()
}

/// Whether the value of the number is whole: true of `3`, `3.0`, `0.3e1` and `1e400`.
#[must_use]
pub fn is_integer(number: &Number) -> bool {
    Decimal::read(number.as_str()).is_some_and(|decimal| decimal.is_whole())
}

/// The order of a count and a number.
pub(super) fn compare_count(count: u64, number: &Number) -> Ordering {
    let mut buffer = [b'0'; COUNT_DIGITS];
    let mut rest = count;
    for place in buffer.iter_mut().rev() {
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    let whole = trim_start(&buffer);
    let count = Decimal { negative: false, whole, fraction: &[], exponent: 0 };
    Decimal::read(number.as_str()).map_or(Ordering::Less, |number| count.compare(&number))
}

/// Decimal digits of the largest `u64`.
const COUNT_DIGITS: usize = 20;

fn compare_texts(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (Decimal::read(left), Decimal::read(right)) {
        (Some(left), Some(right)) => left.compare(&right),
        // A `Number` always holds a JSON number; should one not, its text still gives a steady order.
        _ => left.cmp(right),
    }
}

/// A JSON number taken apart: `whole.fraction * 10^exponent`, without the zeros that carry no value.
struct Decimal<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    exponent: i128,
}

impl<'t> Decimal<'t> {
    /// None unless `text` is exactly a number of the JSON grammar (RFC 8259, section 6).
    fn read(text: &'t str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (mantissa, ""),
        };
        let whole_ok = whole == "0" || (is_digits(whole) && !whole.starts_with('0'));
        if !whole_ok || !(fraction.is_empty() || is_digits(fraction)) {
            return None;
        }
        let (whole, fraction) = (trim_start(whole.as_bytes()), trim_end(fraction.as_bytes()));
        Some(Self { negative, whole, fraction, exponent })
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn is_whole(&self) -> bool {
        let places = match self.fraction.len() {
            // `120e-1`: zeros at the end of the whole part pay for a negative exponent.
            0 => -signed_length(self.whole) + signed_length(trim_end(self.whole)),
            length => i128::try_from(length).unwrap_or(i128::MAX),
        };
        self.is_zero() || self.exponent >= places
    }

    /// The power of ten just above the first digit that is not zero.
    fn magnitude(&self) -> i128 {
        let digits = match self.whole.len() {
            0 => signed_length(trim_start(self.fraction)) - signed_length(self.fraction),
            _ => signed_length(self.whole),
        };
        self.exponent.saturating_add(digits)
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        let zeros =
            if self.whole.is_empty() { self.fraction.len() - trim_start(self.fraction).len() } else { 0 };
        self.whole.iter().chain(self.fraction.iter().skip(zeros)).copied()
    }

    fn hash(&self, state: &mut impl Hasher) {
        if self.is_zero() {
            return 0_u8.hash(state);
        }
        (self.negative, self.magnitude()).hash(state);
        // `120` and `12e1`: zeros at the end of a whole number are no digits of its value.
        let last = if self.fraction.is_empty() { trim_end(self.whole).len() } else { usize::MAX };
        self.digits().take(last).for_each(|digit| state.write_u8(digit));
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => sign(other.negative).reverse(),
            (false, true) => sign(self.negative),
            (false, false) if self.negative != other.negative => sign(self.negative),
            (false, false) if self.negative => other.compare_size(self),
            (false, false) => self.compare_size(other),
        }
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        self.magnitude().cmp(&other.magnitude()).then_with(|| compare_digits(self.digits(), other.digits()))
    }
}

/// Digits behind one another, the shorter side continued with zeros.
fn compare_digits(mut left: impl Iterator<Item = u8>, mut right: impl Iterator<Item = u8>) -> Ordering {
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => match left.unwrap_or(b'0').cmp(&right.unwrap_or(b'0')) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

fn sign(negative: bool) -> Ordering {
    if negative { Ordering::Less } else { Ordering::Greater }
}

fn read_exponent(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !is_digits(digits) {
        return None;
    }
    let extreme = if text.starts_with('-') { i128::MIN } else { i128::MAX };
    Some(text.parse().unwrap_or(extreme))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn trim_start(mut digits: &[u8]) -> &[u8] {
    while let [b'0', rest @ ..] = digits {
        digits = rest;
    }
    digits
}

fn trim_end(mut digits: &[u8]) -> &[u8] {
    while let [rest @ .., b'0'] = digits {
        digits = rest;
    }
    digits
}

fn signed_length(digits: &[u8]) -> i128 {
    i128::try_from(digits.len()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    const ORDERED: &[(&str, Ordering, &str)] = &[
        ("1", Ordering::Equal, "1.0"),
        ("1", Ordering::Equal, "1e0"),
        ("100", Ordering::Equal, "1E+2"),
        ("0.01", Ordering::Equal, "1e-2"),
        ("120e-1", Ordering::Equal, "12"),
        ("1.5", Ordering::Equal, "15e-1"),
        ("10.50", Ordering::Equal, "1050e-2"),
        ("100", Ordering::Less, "100.001"),
        ("1", Ordering::Less, "10"),
        ("0", Ordering::Equal, "-0"),
        ("0.00", Ordering::Equal, "-0e9"),
        ("0e99999999999999999999999999999999999999999", Ordering::Equal, "0"),
        ("9007199254740993", Ordering::Greater, "9007199254740992"),
        ("18446744073709551616", Ordering::Greater, "18446744073709551615"),
        ("0.1", Ordering::Less, "0.10000000000000000001"),
        ("1e400", Ordering::Greater, "1e399"),
        ("10e399", Ordering::Equal, "1e400"),
        ("-1e400", Ordering::Less, "1e-400"),
        ("-2", Ordering::Less, "-1"),
        ("-0.002", Ordering::Greater, "-0.02"),
        ("0.02", Ordering::Greater, "0.019999"),
        ("10", Ordering::Greater, "9.99"),
        ("0", Ordering::Less, "1e-999"),
        ("0", Ordering::Greater, "-1e-999"),
    ];

    fn hashed(number: &Number) -> u64 {
        let mut state = DefaultHasher::new();
        hash(number, &mut state);
        state.finish()
    }

    #[test]
    fn numbers_have_their_exact_order() {
        for (left, wanted, right) in ORDERED {
            let (a, b) = (parse_text(left).unwrap(), parse_text(right).unwrap());
            assert_eq!(compare(&a, &b), *wanted, "{left} and {right}");
            assert_eq!(compare(&b, &a), wanted.reverse(), "{right} and {left}");
            assert_eq!(equal(&a, &b), wanted.is_eq(), "{left} and {right}");
            assert_eq!(hashed(&a) == hashed(&b), wanted.is_eq(), "{left} and {right}");
        }
    }

    #[test]
    fn only_json_numbers_are_read() {
        for text in [
            "", "-", "+1", "01", ".5", "1.", "1e", "1e+", " 1", "1 ", "1,0", "0x1", "NaN", "--1", "1.2.3",
            "١",
        ] {
            assert_eq!(parse_text(text), None, "{text:?}");
        }
        for text in ["0", "-0", "409.94", "1e400", "-12.50E-3"] {
            assert_eq!(
                parse_text(text).unwrap().as_str().to_lowercase().replace("e+", "e"),
                text.to_lowercase()
            );
        }
    }

    #[test]
    fn whole_numbers_are_whole_however_written() {
        for (text, wanted) in [("3", true), ("3.0", true), ("0.3e1", true), ("1e400", true), ("-0.0", true)] {
            assert_eq!(is_integer(&parse_text(text).unwrap()), wanted, "{text}");
        }
        for text in ["3.5", "0.03e1", "1e-1", "125e-1", "-0.5"] {
            assert!(!is_integer(&parse_text(text).unwrap()), "{text}");
        }
        assert!(is_integer(&parse_text("1200e-2").unwrap()));
    }

    #[test]
    fn counts_compare_with_numbers() {
        let rows = [(0, "0", Ordering::Equal), (0, "-0", Ordering::Equal), (3, "3.0", Ordering::Equal)];
        for (count, text, wanted) in rows {
            assert_eq!(compare_count(count, &parse_text(text).unwrap()), wanted, "{count} {text}");
        }
        assert_eq!(
            compare_count(u64::MAX, &parse_text("18446744073709551614.9").unwrap()),
            Ordering::Greater
        );
        assert_eq!(compare_count(2, &parse_text("1e400").unwrap()), Ordering::Less);
    }
}
