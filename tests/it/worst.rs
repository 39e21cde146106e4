//! What took the fuzz targets longest, read once more: it is read or refused with a word why, within its bounds.

use std::ops::ControlFlow;
use std::path::Path as File;

use doorbell::path::{Path, Steps};
use doorbell::rule;
use doorbell::template::{Escape, Template};
use serde_json::json;

/// Steps of one evaluation, as in the fuzz target.
const STEPS: u64 = 20_000;

fn texts(target: &str) -> Vec<String> {
    let folder = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/worst").join(target);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts: Vec<_> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    assert!(texts.len() >= 3, "{target}");
    texts
}

#[test]
fn rules() {
    for text in texts("rules") {
        let loaded = rule::load(&[rule::File { name: "rules.yaml".to_owned(), text }]);
        assert!(loaded.set.is_some() || !loaded.problems.is_empty());
    }
}

#[test]
fn paths() {
    let document = json!({ "a": [1, { "b": "c" }, [null, 0.5]], "b": { "a": true, "é": "x" } });
    for text in texts("path") {
        let written = text.split_once('\n').map_or(text.as_str(), |(path, _)| path);
        let Ok(path) = Path::parse(written) else { continue };
        let mut count = 0;
        let ended = path.each(&document, &mut Steps::new(STEPS), &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        assert!(ended.is_err() || count <= STEPS, "{count}");
    }
}

#[test]
fn templates() {
    for text in texts("template") {
        let written = text.split_once('\n').map_or(text.as_str(), |(template, _)| template);
        for escape in [Escape::None, Escape::UrlSegment, Escape::Query, Escape::Header, Escape::Slack] {
            if let Err(error) = Template::compile(&written.replace("\\n", "\n"), escape) {
                assert!(!error.message.is_empty());
            }
        }
    }
}
