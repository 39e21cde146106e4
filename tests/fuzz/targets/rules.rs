//! Any text as a rules file: it is read or refused, and every complaint can be drawn.

#![no_main]

use doorbell::draw::{self, Style, Texts};
use doorbell::rule::{self, File};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = File { name: "rules.yaml".to_owned(), text: text.to_owned() };
    let loaded = rule::load(&[file.clone()]);
    assert!(loaded.set.is_some() || !loaded.problems.is_empty(), "nothing, and no word why");
    let texts: Texts<'_> = [(file.name.as_str(), file.text.as_str())].into();
    draw::diagnostics(&loaded.problems, &texts, Style::Plain);
});
