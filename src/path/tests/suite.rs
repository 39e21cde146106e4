//! The official compliance suite, read in place and never copied.

use std::path::PathBuf;

use serde_json::Value;

use super::super::{Options, Path};

/// Every case of the suite; none is left out.
const CASES: usize = 703;

#[test]
fn the_compliance_suite_passes_whole() {
    let Ok(text) = std::fs::read_to_string(suite()) else {
        println!("SKIPPED: the JSONPath compliance suite is not at {}", suite().display());
        return;
    };
    let suite: Value = serde_json::from_str(&text).unwrap();
    let cases = suite["tests"].as_array().unwrap();
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    assert_eq!(cases.len(), CASES);
    println!("{} of {CASES} cases of the JSONPath compliance suite pass", cases.len());
}

/// Where the suite lies: beside the checkout unless the environment says otherwise.
fn suite() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/jsonpath/cts.json");
    std::env::var_os("DOORBELL_JSONPATH_CTS").map_or_else(beside, PathBuf::from)
}

fn check(case: &Value) -> Result<(), String> {
    let selector = case["selector"].as_str().unwrap();
    let fails = |why: String| format!("{}: {selector:?}: {why}", case["name"]);
    let parsed = Path::parse_with(selector, Options { dynamic_patterns: true });
    let wanted_invalid = case["invalid_selector"] == true;
    let path = match parsed {
        Err(error) if wanted_invalid => return well_formed(selector, &error).map_err(fails),
        Err(error) => return Err(fails(format!("refused: {error}"))),
        Ok(_) if wanted_invalid => return Err(fails("accepted".into())),
        Ok(path) => path,
    };
    let found = path.all(&case["document"]).map_err(|error| fails(error.to_string()))?;
    let found = Value::Array(found.into_iter().cloned().collect());
    let wanted =
        case["results"].as_array().map_or_else(|| vec![&case["result"]], |results| results.iter().collect());
    if wanted.contains(&&found) { Ok(()) } else { Err(fails(format!("found {found}, wanted {wanted:?}"))) }
}

/// Every refusal points into the text and says something.
fn well_formed(selector: &str, error: &super::super::Error) -> Result<(), String> {
    match selector.is_char_boundary(error.offset) && !error.message.is_empty() {
        true => Ok(()),
        false => Err(format!("the refusal is not well-formed: {error:?}")),
    }
}
