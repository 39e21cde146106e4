//! Tests of paths: the official suite, our own tables, the worst cases, and another implementation beside ours.

mod found;
mod peer;
mod refused;
mod suite;
mod worst;
