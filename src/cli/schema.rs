//! `doorbell schema`: the JSON Schema of rules files, for editors.

use super::{End, output};
use crate::schema;

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:
  doorbell schema > doorbell.schema.json

and as the first line of a rules file, for editors that run yaml-language-server:
  # yaml-language-server: $schema=./doorbell.schema.json")]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(self) -> End {
        output::json(&schema::document());
        End::Ok
    }
}
