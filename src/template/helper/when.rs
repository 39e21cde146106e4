//! `date`: a moment in a format and a time zone. The zone database is part of the program; no file is read.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::Value;

use super::{Inputs, Ready, Wrong};
use crate::template::error::Failure;
use crate::template::node::Expression;

/// Without a format: RFC 3339 with the zone's offset.
const FORMAT: &str = "%Y-%m-%dT%H:%M:%S%:z";
/// From here on a number counts milliseconds: as seconds it would lie behind the year 5138, as milliseconds in 1973.
const MILLIS_FROM: i128 = 100_000_000_000;
const NANOS_PER_SECOND: i128 = 1_000_000_000;
const NANOS_PER_MILLI: i128 = 1_000_000;

/// A time zone, found when the template was read.
#[derive(Clone, Debug)]
pub(in crate::template) struct Zone(TimeZone);

pub(super) fn date<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let Ready::Zone(Zone(zone)) = inputs.ready() else {
        return Err(inputs.failure("the zone is not ready".to_owned()));
    };
    let value = inputs.value(0)?;
    let moment = match &*value {
        Value::Number(number) => unix(&number.to_string()),
        Value::String(text) => text.parse().ok().or_else(|| unix(text)),
        other => return Err(inputs.unfit(0, other, "a moment: unix seconds or milliseconds, or RFC 3339")),
    };
    let moment = moment
        .ok_or_else(|| inputs.wrong(0, "is not a moment: unix seconds or milliseconds, or RFC 3339"))?;
    let format = if inputs.len() > 1 { inputs.text(1)? } else { Cow::Borrowed(FORMAT) };
    let shown = shown(moment, &format, zone).map_err(|_| inputs.wrong(1, "is not a format of strftime"))?;
    inputs.made(shown)
}

/// Checks the format and finds the zone; both must be literals, so that a mistake shows when the rules file is read.
pub(super) fn prepare(arguments: &[Expression]) -> Result<Ready, Wrong> {
    if let Some(format) = literal(arguments, 1, "%Y-%m-%d")?
        && let Err(error) = shown(Timestamp::UNIX_EPOCH, format, &TimeZone::UTC)
    {
        let message = format!("`{format}` is not a format of strftime: {error}");
        let help = Some("for example `%Y-%m-%d %H:%M`".to_owned());
        return Err(Wrong { argument: 1, inside: 0, message, help });
    }
    let zone = match literal(arguments, 2, "Europe/Berlin")? {
        None => TimeZone::UTC,
        Some(name) => TimeZoneDatabase::bundled().get(name).map_err(|_| Wrong {
            argument: 2,
            inside: 0,
            message: format!("`{name}` is not a time zone"),
            help: Some("use an IANA name such as `Europe/Berlin` or `UTC`".to_owned()),
        })?,
    };
    Ok(Ready::Zone(Zone(zone)))
}

fn literal<'e>(
    arguments: &'e [Expression],
    argument: usize,
    example: &str,
) -> Result<Option<&'e str>, Wrong> {
    match arguments.get(argument) {
        None => Ok(None),
        Some(Expression::Literal(Value::String(text))) => Ok(Some(text)),
        Some(other) => Err(Wrong {
            argument,
            inside: 0,
            message: format!("`{other}` must be a text in quotes here"),
            help: Some(format!("for example `\"{example}\"`")),
        }),
    }
}

fn shown(moment: Timestamp, format: &str, zone: &TimeZone) -> Result<String, jiff::Error> {
    jiff::fmt::strtime::format(format, &moment.to_zoned(zone.clone()))
}

/// Seconds or milliseconds since 1970, perhaps with a fraction: `1700000000`, `1700000000123`, `1700000000.000200`.
fn unix(digits: &str) -> Option<Timestamp> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let count: i128 = whole.parse().ok()?;
    let unit = if count.abs() < MILLIS_FROM { NANOS_PER_SECOND } else { NANOS_PER_MILLI };
    if fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let nine: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let part = nine.parse::<i128>().ok()? * unit / NANOS_PER_SECOND;
    let part = if whole.starts_with('-') { -part } else { part };
    Timestamp::from_nanosecond(count.checked_mul(unit)?.checked_add(part)?).ok()
}
