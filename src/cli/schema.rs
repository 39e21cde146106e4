//! `doorbell schema`: the JSON Schema of rules files, for editors.

use std::path::PathBuf;

use super::{End, output};
use crate::config::{self, Permissions, Secrets};
use crate::schema;

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:
  doorbell schema > doorbell.schema.json

and as the first line of a rules file, for editors that run yaml-language-server:
  # yaml-language-server: $schema=./doorbell.schema.json")]
pub(super) struct Schema {
    /// Rules files or directories whose own `services` are to be in it
    paths: Vec<PathBuf>,
}

impl Schema {
    pub(super) fn run(self) -> End {
        if self.paths.is_empty() {
            output::json(&schema::document());
            return End::Ok;
        }
        match config::load(&self.paths, Permissions::Loose, Secrets::AsFound) {
            Err(error) => End::CouldNot(error.to_string()),
            Ok(loaded) => match loaded.live {
                Some(live) => {
                    output::json(&schema::document_with(&live.set.verbs));
                    End::Ok
                }
                None => End::CouldNot("the rules are wrong: doorbell check says what".to_owned()),
            },
        }
    }
}
