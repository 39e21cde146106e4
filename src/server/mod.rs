//! HTTP in: our own accept loop, the public listener that knows only sources, and the admin listener.

mod admin;
mod body;
mod connections;
mod framing;
mod front;
mod history;
mod patience;
mod peer;
mod public;
mod query;
mod replay;
mod setup;
mod stream;
mod upkeep;

pub use admin::{Admin, Reload, Token, router as admin_router};
pub use front::{Front, Tls, bind, serve};
pub use public::{Public, router as public_router};
