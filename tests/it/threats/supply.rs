//! What the program is built of: nothing that is known to be broken or given up.

use std::collections::BTreeMap;
use std::path::Path;

/// Crates that nobody keeps, or whose YAML has killed programs.
const ABSENT: &[&str] = &["serde_yml", "libyml", "yaml-rust", "openssl", "native-tls", "rsa"];
/// The oldest versions with what was mended.
const AT_LEAST: &[(&str, [u64; 3])] = &[
    ("tracing-subscriber", [0, 3, 20]),
    ("h2", [0, 4, 16]),
    ("tokio", [1, 44, 2]),
    ("idna", [1, 0, 0]),
    ("bytes", [1, 11, 1]),
    ("rustls", [0, 23, 18]),
];

fn locked() -> BTreeMap<String, Vec<[u64; 3]>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let mut all: BTreeMap<String, Vec<[u64; 3]>> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        let value = |key: &str| line.strip_prefix(key).map(|rest| rest.trim_matches('"').to_owned());
        if let Some(found) = value("name = ") {
            name = found;
        }
        if let Some(version) = value("version = ").filter(|_| !name.is_empty()) {
            let release = version.split(['-', '+']).next().unwrap();
            let numbers: Vec<u64> = release.split('.').map(|part| part.parse().unwrap()).collect();
            all.entry(std::mem::take(&mut name)).or_default().push([numbers[0], numbers[1], numbers[2]]);
        }
    }
    all
}

#[test]
fn no_crate_is_given_up_or_too_old() {
    let locked = locked();
    assert!(locked.len() > 100, "{}", locked.len());
    for name in ABSENT {
        assert!(!locked.contains_key(*name), "{name}");
    }
    for (name, least) in AT_LEAST {
        let versions = locked.get(*name).unwrap_or_else(|| panic!("{name} is not there"));
        assert!(versions.iter().all(|version| version >= least), "{name}: {versions:?}");
    }
}
