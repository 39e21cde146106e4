//! The table of verbs is whole: examples compile, and every key is known to its compiler.

use super::super::{CONNECTION_OPTIONS, OPTIONS, VERBS};
use super::*;

#[test]
fn every_example_compiles() {
    for verb in VERBS {
        let compiled = action(verb.example).unwrap_or_else(|problems| panic!("{}: {problems:#?}", verb.name));
        assert_eq!(compiled.verb.name, verb.name);
        assert_eq!(compiled.connection.is_some(), verb.service.is_some(), "{}", verb.name);
        if let Some(service) = &verb.service {
            let site = connection(service.example).unwrap_or_else(|problems| panic!("{problems:#?}"));
            assert!(compiled.misfit(&site).is_none());
        }
    }
}

#[test]
fn every_row_is_whole() {
    for verb in VERBS {
        assert_eq!(verb.keys[0].name, verb.name);
        assert!(!verb.summary.is_empty() && !verb.summary.ends_with('.'));
        let services = verb.service.iter().flat_map(|service| service.keys.iter());
        for key in verb.keys.iter().chain(services) {
            assert!(!key.about.is_empty(), "{} {}", verb.name, key.name);
        }
        for option in OPTIONS {
            assert!(verb.keys.iter().all(|key| key.name != option.name), "{} {}", verb.name, option.name);
        }
    }
    let mut names: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), VERBS.len());
    assert_eq!(CONNECTION_OPTIONS.len(), 7);
}
