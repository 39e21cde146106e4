//! The editor's schema as people get it: the program prints what stands in `docs/`, and files to start from are good by it.
//!
//! `DOORBELL_UPDATE=1` writes the file instead of comparing; read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use doorbell::yaml::Document;
use doorbell::{rule, schema};

use crate::program::{Place, text};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The rules files that people start from.
fn rules() -> Vec<PathBuf> {
    let inside = |folder: &str| fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let examples = inside("examples").map(|folder| folder.join("rules.yaml")).filter(|file| file.exists());
    inside("rules").chain(examples).collect()
}

#[test]
fn the_program_prints_what_the_file_holds() {
    let printed = Place::new("", &[]).run(&["schema"]);
    assert!(printed.status.success() && printed.stderr.is_empty());
    let printed = text(&printed.stdout);
    let file = root().join("docs/doorbell.schema.json");
    if std::env::var_os("DOORBELL_UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &printed).unwrap();
    }
    let held = fs::read_to_string(&file).unwrap_or_default();
    assert!(held == printed, "{} is not of today: DOORBELL_UPDATE=1 writes it anew", file.display());
}

#[test]
fn files_to_start_from_are_good_by_it() {
    let files = rules();
    assert!(files.len() >= 9, "{files:?}");
    for file in files {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        let document = Document::parse(&name, &text).unwrap();
        let set = rule::load(&[rule::File { name: name.clone(), text }]).set;
        let verbs = set.map(|set| set.verbs.clone()).unwrap_or_default();
        let validator = jsonschema::validator_for(&schema::document_with(&verbs)).unwrap();
        let complaints: Vec<String> =
            validator.iter_errors(&document.root().json()).map(|error| error.to_string()).collect();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }
}

#[test]
fn verbs_of_ones_own_are_in_it() {
    let example = root().join("examples/own-service/rules.yaml").display().to_string();
    let printed = Place::new("", &[]).run(&["schema", &example]);
    assert!(printed.status.success(), "{}", text(&printed.stderr));
    let schema: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert!(schema["$defs"]["action-statuspage"]["properties"]["title"].is_object());
    assert!(schema["$defs"]["connection-statuspage"].is_object());
}
