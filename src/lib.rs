//! doorbell: webhooks in, actions out, nothing lost.

pub mod path;
