//! Any text as a JSONPath, evaluated on any JSON: the first line is the path, the rest the document.

#![no_main]

use doorbell::path::{Path, Steps};
use doorbell::payload;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::ops::ControlFlow;

/// Far fewer than an event may take, so that a round is short; what is found within them is found with more.
const STEPS: u64 = 20_000;

fuzz_target!(|text: &str| {
    let (written, document) = text.split_once('\n').unwrap_or((text, ""));
    let path = match Path::parse(written) {
        Ok(path) => path,
        Err(error) => return assert!(written.is_char_boundary(error.offset), "{error:?}"),
    };
    assert!(Path::parse(path.text()).is_ok_and(|again| again == path), "it does not read back");
    let document = payload::read_json(document.as_bytes())
        .unwrap_or_else(|_| json!({ "a": [1, { "b": "c" }, [null, 0.5]], "b": { "a": true, "é": "x" } }));
    let mut found = Vec::new();
    let ended = path.each(&document, &mut Steps::new(STEPS), &mut |value| {
        found.push(value);
        ControlFlow::Continue(())
    });
    if ended.is_ok() {
        assert!(!path.is_singular() || found.len() <= 1, "a singular path found {}", found.len());
        assert_eq!(path.first(&document).ok().flatten(), found.first().copied());
    }
});
