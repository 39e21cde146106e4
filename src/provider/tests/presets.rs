//! The table of presets and the folder of their files are one; each preset understands its own sample.

use std::collections::BTreeSet;

use super::{NOW_SECONDS, armed_raw, event, preset, receive, request, seconds, secret};
use crate::provider::sign::Unsigned;
use crate::provider::{PRESETS, Preset};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

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
fn each_preset_understands_its_own_sample() {
    for Preset { id, .. } in PRESETS {
        let source = preset(id);
        let about = Preset::find(id).unwrap().about().unwrap();
        let body = source.body(&about.payload);
        let unsigned = Unsigned {
            path: "/test",
            query: "",
            body: &body,
            event: &about.event,
            id: "msg_1",
            now: seconds(NOW_SECONDS),
        };
        let signed = source.sign(&secret(SECRET), &unsigned).unwrap();
        let mut sent = request(&[], &signed.query, &body);
        sent.headers = signed.headers;
        let got = event(receive(&armed_raw(source, &[SECRET]), &sent));
        assert_eq!((got.kind, got.payload), (about.event, about.payload), "{id}");
        assert!(got.dedupe_key.is_some_and(|key| !key.is_empty()), "{id}");
    }
}

#[test]
fn a_list_of_event_types_holds_that_of_the_sample() {
    let listed = ["github", "github-form", "gitlab", "gitlab-token", "shopify", "slack", "stripe"];
    for preset in PRESETS {
        let kinds = preset.kinds();
        assert_eq!(!kinds.is_empty(), listed.contains(&preset.id), "{}", preset.id);
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
