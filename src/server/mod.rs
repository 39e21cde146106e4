//! HTTP in: our own accept loop, the public listener that knows only sources, and the admin listener.

mod admin;
mod body;
mod connections;
mod door;
mod framing;
mod front;
mod history;
mod openapi;
mod patience;
mod peer;
mod public;
mod query;
mod replay;
mod setup;
mod stream;
mod upkeep;

pub use admin::{Admin, Guard, Reload, router as admin_router};
pub use door::{Address, Door, Socket, bind, bind_socket};
pub use front::{Front, Tls, serve};
pub use public::{Public, router as public_router};
