//! doorbell: webhooks in, actions out, nothing lost.

pub mod delivery;
pub mod diagnostic;
pub mod effect;
pub mod event;
pub mod glob;
pub mod id;
pub mod limit;
pub mod path;
pub mod payload;
pub mod route;
pub mod secret;
pub mod store;
pub mod template;
pub mod time;
pub mod unit;
