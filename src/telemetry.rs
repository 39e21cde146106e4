//! Our log: one line for each thing that happened. For people on a terminal, JSON otherwise; control characters never get through.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people when standard error is a terminal, JSON otherwise.
    #[default]
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Starts the log on standard error. `level` is a filter such as `info` or `doorbell=debug`.
///
/// # Errors
/// When the filter cannot be read, in words with the mend.
pub fn start(format: LogFormat, level: &str, color: bool) -> Result<(), String> {
    let filter = filter(level)
        .ok_or_else(|| format!("`{level}` is not a log level: write error, warn, info, debug or trace"))?;
    let human = match format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = if human {
        builder.with_ansi(color).event_format(Human).try_init()
    } else {
        builder.with_ansi(false).event_format(Json).try_init()
    };
    started.map_err(|why| format!("the log cannot be started: {why}"))
}

/// A word that is no level would be taken for the name of a part, and everything else would be silent.
fn filter(level: &str) -> Option<EnvFilter> {
    let is_known = |part: &str| {
        let word = part.rsplit('=').next().filter(|word| !word.is_empty()).unwrap_or("none");
        part.contains('[') || word.parse::<LevelFilter>().is_ok_and(|_| word.parse::<u8>().is_err())
    };
    level.split(',').map(str::trim).all(is_known).then(|| EnvFilter::try_new(level).ok()).flatten()
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// `14:32:15  event accepted  source=github …`
struct Human;

impl<S, N> FormatEvent<S, N> for Human
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = *event.metadata().level();
        let time = now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%H:%M:%S%.3f").to_string();
        let (start, end) = if out.has_ansi_escapes() { (color_of(level), "\x1b[0m") } else { ("", "") };
        write!(out, "{time}  {start}{level:<5}{end}  {}", escape(&fields.message))?;
        for (name, value) in &fields.rest {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            write!(out, "  {name}={}", escape(&value))?;
        }
        writeln!(out)
    }
}

fn color_of(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[2m",
    }
}

/// `{"at":"…","level":"info","message":"event accepted","source":"github", …}`
struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        write!(out, "{{\"at\":\"{:.3}\",\"level\":\"{}\"", now(), level_word(*metadata.level()))?;
        let mut line = JsonLine { out: &mut out, written: Ok(()) };
        event.record(&mut line);
        line.written?;
        out.write_str("}\n")
    }
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Writes each field of a log event as it comes, as a member of an object that is begun.
struct JsonLine<'l, 'w> {
    out: &'l mut Writer<'w>,
    written: fmt::Result,
}

impl JsonLine<'_, '_> {
    fn member(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.written = self.written.and_then(|()| write!(self.out, ",\"{}\":{value}", field.name()));
    }

    fn text(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.written = self.written.and_then(|()| {
            write!(self.out, ",\"{}\":\"", field.name())?;
            JsonText(self.out).write_fmt(value)?;
            self.out.write_char('"')
        });
    }
}

impl Visit for JsonLine<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, format_args!("{value}"));
    }
}

/// The inside of a JSON text: what is written comes out escaped. Also U+2028 and U+2029, which JSON would leave as they
/// are: some readers break lines there.
struct JsonText<'l, 'w>(&'l mut Writer<'w>);

impl fmt::Write for JsonText<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let escaped =
            |letter: char| letter.is_control() || matches!(letter, '"' | '\\' | '\u{2028}' | '\u{2029}');
        for piece in text.split_inclusive(escaped) {
            match piece.chars().next_back().filter(|last| escaped(*last)) {
                None => self.0.write_str(piece)?,
                Some(last) => {
                    self.0.write_str(piece.strip_suffix(last).unwrap_or_default())?;
                    match last {
                        '"' | '\\' => write!(self.0, "\\{last}")?,
                        '\n' => self.0.write_str("\\n")?,
                        '\r' => self.0.write_str("\\r")?,
                        '\t' => self.0.write_str("\\t")?,
                        _ => write!(self.0, "\\u{:04x}", u32::from(last))?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// The fields of one log event.
#[derive(Default)]
struct Fields {
    message: String,
    rest: Vec<(&'static str, serde_json::Value)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: serde_json::Value) {
        if field.name() == "message" {
            self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        } else {
            self.rest.push((field.name(), value));
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

/// The text with everything that could end or recolour a line escaped.
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let hidden = letter.is_control()
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if hidden {
            let _ = write!(shown, "{}", letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_text_reads_back_as_it_was() {
        for text in
            ["", "plain é 漢字 🔔", "a\"b\\c", "\n\r\t\0\u{1b}[31m\u{7f}\u{85}", "\u{2028}x\u{2029}", "\\\""]
        {
            let mut written = String::new();
            write!(JsonText(&mut Writer::new(&mut written)), "{text}").unwrap();
            assert_eq!(serde_json::from_str::<String>(&format!("\"{written}\"")).unwrap(), text);
            assert!(
                !written.contains(|letter: char| letter.is_control() || "\u{2028}\u{2029}".contains(letter))
            );
        }
    }

    #[test]
    fn a_level_is_one_that_there_is() {
        for (level, wanted) in [
            ("info", true),
            ("DEBUG", true),
            ("off", true),
            ("info,doorbell=debug", true),
            ("doorbell::store=trace", true),
            ("", false),
            ("loud", false),
            ("warning", false),
            ("info,loud", false),
            ("doorbell=loud", false),
            ("3", false),
        ] {
            assert_eq!(filter(level).is_some(), wanted, "{level}");
        }
    }

    #[test]
    fn nothing_ends_a_line_early() {
        assert_eq!(escape("a\nb\r\x1b[31m\u{2028}é"), "a\\u{a}b\\u{d}\\u{1b}[31m\\u{2028}é");
    }
}
