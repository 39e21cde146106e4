//! What `explain` is given: a payload alone, a request as it travels, or a curl command; told apart by how it begins.

use std::fs;

use clap::ValueEnum;

use super::{End, request};
use crate::event::Request;
use crate::rehearse;
use crate::time::Timestamp;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// The body alone
    Payload,
    /// Start line, headers, a blank line, the exact bytes of the body
    Http,
    /// A curl command, as browsers and documentation show one
    Curl,
}

/// What was read.
pub(super) enum Given {
    Payload(Vec<u8>),
    Request(Box<Request>),
}

/// Reads a file, or standard input for `-`; `None` lets its name and its first line tell what it is.
pub(super) fn read(file: &str, form: Option<Form>, now: Timestamp) -> Result<Given, End> {
    let bytes = request::bytes(file)?;
    Ok(match form.unwrap_or_else(|| looks_like(file, &bytes)) {
        Form::Payload => Given::Payload(bytes),
        Form::Http => Given::Request(Box::new(request::raw(&bytes, now)?)),
        Form::Curl => Given::Request(Box::new(curl(&bytes, now)?)),
    })
}

fn looks_like(file: &str, bytes: &[u8]) -> Form {
    let text = String::from_utf8_lossy(bytes);
    let first = text.lines().next().unwrap_or_default().trim_end();
    let is_http = first.rsplit_once(' ').is_some_and(|(_, last)| last.starts_with("HTTP/"));
    if file.ends_with(".http") || is_http {
        Form::Http
    } else if rehearse::is_curl(&text) {
        Form::Curl
    } else {
        Form::Payload
    }
}

/// Files that the command names are read from here.
fn curl(bytes: &[u8], now: Timestamp) -> Result<Request, End> {
    let wrong = |why: String| End::Usage(format!("this curl command cannot be followed: {why}"));
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
    let read = |name: &str| fs::read(name).map_err(|why| format!("`{name}` cannot be read: {why}"));
    rehearse::parse_curl(text, now, &read).map_err(wrong)
}
