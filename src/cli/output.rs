//! Printing: tables for people, JSON for programs. A closed pipe ends the printing, not in an error.

use std::io::{self, Write};

use serde_json::Value;

use crate::telemetry::escape;

/// Prints text as it is, with a line end.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Says something beside what is printed.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", escape(text));
}

/// Prints text as it is.
pub(super) fn text(text: &str) {
    bytes(text.as_bytes());
}

/// Prints bytes as they are.
pub(super) fn bytes(bytes: &[u8]) {
    let _ = io::stdout().lock().write_all(bytes);
}

/// Prints a piece of something that goes on; whether somebody still reads.
pub(super) fn piece(text: &str) -> bool {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

/// Prints a JSON document, indented.
pub(super) fn json(value: &Value) {
    line(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Prints rows under their names, in columns; what strangers sent is escaped.
pub(super) fn table(names: &[&str], rows: &[Vec<String>]) {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    let width = |column: usize, name: &str| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .fold(name.len(), usize::max)
    };
    let widths: Vec<usize> = names.iter().enumerate().map(|(column, name)| width(column, name)).collect();
    let print = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}", width = *width))
            .collect();
        line(padded.join("  ").trim_end());
    };
    print(names.to_vec());
    for row in &rows {
        print(row.iter().map(String::as_str).collect());
    }
}
