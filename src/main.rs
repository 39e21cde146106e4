//! The `doorbell` program: everything it does is in the library.

use std::process::ExitCode;

/// An event is some hundred small values that one thread makes and another drops; the system's allocator spent a fifth
/// of the processor on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    doorbell::cli::run()
}
