//! `doorbell deliveries show ID --follow`: what a delivery says, as it comes, until it ends.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::Admin;
use super::history::text;
use super::{End, Output, output};
use crate::limit;
use crate::telemetry::escape;

/// Between two looks: the program itself writes down less often what is said.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest beginning of an output that was bounded.
const HEAD_MAX_BYTES: usize = limit::COMMAND_OUTPUT_MAX_BYTES / 2;

/// Who follows.
pub(super) struct Follower {
    shape: Output,
    /// The attempt whose output is printed, and what of it is known.
    current: (String, String),
    known: String,
    /// Attempts that have ended, and were told.
    told: Vec<(String, String)>,
    /// Whether somebody reads what is printed.
    is_read: bool,
}

/// Prints what the attempts of a delivery say until it ends, well or not.
pub(super) fn follow(admin: &Admin, id: &str, shape: Output) -> Result<End, End> {
    let nothing = (String::new(), String::new());
    let mut follower =
        Follower { shape, current: nothing, known: String::new(), told: Vec::new(), is_read: true };
    let mut is_first = true;
    while follower.is_read {
        let delivery = admin.get(&format!("/api/deliveries/{id}"), &[])?;
        let has_ended = !text(&delivery, "finished_at").is_empty();
        follower.look(&delivery, is_first && !has_ended);
        if has_ended {
            let state = text(&delivery, "state");
            follower.say(&json!({ "state": state }), &state);
            return Ok(if state == "delivered" { End::Ok } else { End::No });
        }
        is_first = false;
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(End::Ok)
}

impl Follower {
    /// Prints what is new. Of attempts that ended before, nothing is said to whoever came later.
    fn look(&mut self, delivery: &Value, is_late: bool) {
        let attempts = delivery.get("attempts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for attempt in attempts {
            let name = name(attempt);
            if self.told.contains(&name) {
                continue;
            }
            if !is_late {
                self.hear(&name, &text(attempt, "got_body"));
                let number = &name.0;
                let (kind, words) = (text(attempt, "outcome"), text(attempt, "words"));
                let ended = json!({ "attempt": attempt.get("number"), "outcome": kind, "words": words });
                self.say(&ended, &format!("attempt {number}: {words}"));
            }
            self.told.push(name);
        }
        if let Some(running) = delivery.get("running").filter(|running| running.is_object()) {
            self.hear(&name(running), &text(running, "output"));
        }
    }

    /// Prints what came since the last look at this attempt.
    fn hear(&mut self, name: &(String, String), output: &str) {
        if self.current != *name {
            self.current = name.clone();
            self.known.clear();
        }
        let (left_out, fresh) = fresh(&self.known, output);
        if left_out > 0 || !fresh.is_empty() {
            self.print(left_out, fresh);
        }
        output.clone_into(&mut self.known);
    }

    fn print(&mut self, left_out: usize, fresh: &str) {
        let text = match self.shape {
            Output::Human => {
                if left_out > 0 {
                    output::note(&format!("{left_out} bytes left out"));
                }
                fresh.split('\n').map(escape_line).collect::<Vec<_>>().join("\n")
            }
            Output::Json | Output::Jsonl => {
                let number: u64 = self.current.0.parse().unwrap_or(0);
                format!("{}\n", json!({ "attempt": number, "left_out": left_out, "output": fresh }))
            }
        };
        self.is_read = output::piece(&text);
    }

    /// Says something that is no output.
    fn say(&mut self, value: &Value, words: &str) {
        match self.shape {
            Output::Human => output::note(words),
            Output::Json | Output::Jsonl => self.is_read = output::piece(&format!("{value}\n")),
        }
    }
}

/// By what an attempt is known: several may have one number.
fn name(attempt: &Value) -> (String, String) {
    (text(attempt, "number"), text(attempt, "started_at"))
}

/// A line as a terminal may have it; columns stay columns.
fn escape_line(line: &str) -> String {
    line.split('\t').map(escape).collect::<Vec<_>>().join("\t")
}

/// What an output has that was not known: how many bytes of it are left out, and the rest. Both may be bounded.
fn fresh<'t>(known: &str, output: &'t str) -> (usize, &'t str) {
    if let Some(rest) = output.strip_prefix(known) {
        return (0, rest);
    }
    let Some((before, tail)) = bounded(output) else { return (0, output) };
    let seen = bounded(known).map_or(known.len(), |(before, tail)| before.saturating_add(tail.len()));
    let came = before.saturating_add(tail.len()).saturating_sub(seen);
    match tail.len().checked_sub(came) {
        Some(begin) => (0, tail.get(tail.ceil_char_boundary(begin)..).unwrap_or_default()),
        None => (came - tail.len(), tail),
    }
}

/// The tail of an output that was bounded, and how many bytes come before it; `None` when all of it is there.
fn bounded(output: &str) -> Option<(usize, &str)> {
    let marks = output.match_indices("\n[").take_while(|(at, _)| *at <= HEAD_MAX_BYTES);
    // What a command prints that looks like our mark stands before it.
    marks.filter_map(|(at, mark)| tail(at, output.get(at + mark.len()..)?)).last()
}

fn tail(at: usize, rest: &str) -> Option<(usize, &str)> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let left_out: usize = rest.get(..digits)?.parse().ok()?;
    let tail = rest.get(digits..)?.strip_prefix(" bytes left out]\n")?;
    Some((at.saturating_add(left_out), tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An output as it is shown when it is longer than both ends.
    fn ends(output: &str, end: usize) -> String {
        let (head, rest) = output.split_at(end);
        let (middle, tail) = rest.split_at(rest.len() - end);
        format!("{head}\n[{} bytes left out]\n{tail}", middle.len())
    }

    #[test]
    fn what_was_not_known_is_told_once() {
        let digits = "0123456789".repeat(10);
        let so_far = |length: usize| digits.split_at(length).0;
        let bounded = |length: usize| ends(so_far(length), 10);
        let fake = "\n[7 bytes left out]\n";
        // What was known, what is known now, and what is new: so many bytes left out, and the rest.
        let rows: &[(String, String, usize, &str)] = &[
            (String::new(), String::new(), 0, ""),
            (String::new(), "one\n".to_owned(), 0, "one\n"),
            ("one\n".to_owned(), "one\ntwo".to_owned(), 0, "two"),
            (so_far(12).to_owned(), so_far(18).to_owned(), 0, "234567"),
            // Beyond the bound: from one look to the next, and where more came than is kept.
            (so_far(18).to_owned(), bounded(24), 0, "890123"),
            (bounded(24), bounded(24), 0, ""),
            (bounded(24), bounded(31), 0, "4567890"),
            (bounded(24), bounded(34), 0, "4567890123"),
            (bounded(24), bounded(40), 6, "0123456789"),
            (so_far(4).to_owned(), bounded(90), 0, "456789\n[70 bytes left out]\n0123456789"),
            // What only looks like our mark is output.
            (format!("a{fake}b"), format!("a{fake}bc"), 0, "c"),
        ];
        for (known, output, left_out, rest) in rows {
            assert_eq!(fresh(known, output), (*left_out, *rest), "{known} -> {output}");
        }
        let spoof = |length: usize| ends(&format!("{fake}{}", so_far(length)), 21);
        assert_eq!(fresh(&spoof(60), &spoof(64)), (0, "0123"));
    }

    #[test]
    fn nothing_recolours_a_terminal() {
        assert_eq!(escape_line("a\tb\u{1b}[31m\r"), "a\tb\\u{1b}[31m\\u{d}");
    }
}
