//! Everything that is tested from outside: the house, the program as a program, the examples.
#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected has failed, and says so by panicking"
)]

mod batch;
mod commands;
mod connections;
mod control;
mod crash;
mod delivery;
mod disk;
mod doctor;
mod emit;
mod engines;
mod errors;
mod examples;
mod explain;
mod flow;
mod forward;
mod front;
mod golden;
mod hidden;
mod house;
mod limits;
mod mail;
mod metrics;
mod misfortune;
mod mutation;
mod openapi;
mod outbound;
mod output;
mod payloads;
mod plan;
mod program;
mod providers;
mod receiver;
mod recorded;
mod redirects;
mod reference;
mod replay;
mod ring;
mod schema;
mod sealed;
mod seen;
mod services;
mod sign;
mod simulation;
mod start;
mod stream;
mod threats;
mod tls;
mod traces;
mod upkeep;
mod worst;
