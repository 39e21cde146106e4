//! Lists what is data: each file of `src/provider/presets` is a provider's preset, each of `src/action/services` a verb of
//! a service, so that adding one is adding its file.

#[path = "build/file.rs"]
mod file;
#[path = "build/presets.rs"]
mod presets;
#[path = "build/services.rs"]
mod services;

use std::error::Error;

/// What ends the build: a file that cannot be read, or says what nobody understands.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build");
    presets::list()?;
    services::list()
}
