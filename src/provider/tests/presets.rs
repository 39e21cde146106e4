//! The table of presets and the folder of their files are one; each preset understands its own sample.

use std::collections::BTreeSet;

use super::preset;
use crate::provider::PRESETS;

#[test]
fn each_file_has_its_row_and_each_row_its_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/provider/presets");
    let files: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".yaml").unwrap_or(&name).to_owned())
        .collect();
    let rows: Vec<_> = PRESETS.iter().map(|preset| preset.id.to_owned()).collect();
    assert!(rows.is_sorted(), "{rows:?}");
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), files);
}

#[test]
fn each_preset_is_whole() {
    for preset in PRESETS {
        let about = preset.about().unwrap_or_else(|problems| panic!("{}: {problems:#?}", preset.id));
        assert!(about.docs.starts_with("https://"), "{}", preset.id);
        assert!(
            !preset.name.is_empty() && !preset.summary.is_empty() && !about.retries.is_empty(),
            "{}",
            preset.id
        );
        preset.profile().unwrap_or_else(|problems| panic!("{}: {problems:#?}", preset.id));
    }
}

#[test]
fn a_list_of_event_types_holds_that_of_the_sample() {
    for listed in ["github", "gitlab", "shopify", "slack", "stripe"] {
        assert!(PRESETS.iter().any(|preset| preset.id == listed && !preset.kinds().is_empty()), "{listed}");
    }
    for preset in PRESETS {
        let kinds = preset.kinds();
        let sample = preset.about().unwrap().event;
        assert!(kinds.is_empty() || kinds.contains(&sample), "{}: {sample}", preset.id);
        assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "{}", preset.id);
    }
}

#[test]
fn github_may_send_25_mib() {
    for (id, wanted) in [("github", 25 << 20), ("github-form", 25 << 20), ("stripe", 1 << 20)] {
        assert_eq!(preset(id).body_max_bytes, wanted, "{id}");
    }
}
