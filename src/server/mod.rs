//! HTTP in: our own accept loop, the public listener that knows only sources, and the admin listener.

mod admin;
mod body;
mod connections;
mod front;
mod history;
mod public;
mod setup;

pub use admin::{Admin, Reload, Token, router as admin_router};
pub use front::{Front, Tls, bind, serve};
pub use public::{Public, router as public_router};
