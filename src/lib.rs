//! doorbell: webhooks in, actions out, nothing lost.
//!
//! # The house
//!
//! One package in layers. A module uses only modules of lower rows, never of its own row; everything below the line is
//! pure: no async, clock, randomness, disk, network, environment, logging or locks. `tests/it/house.rs` holds both.
//!
//! ```text
//! 11 program    cli  (main)                              only this layer knows everything
//! 10            app                                      the program running: start, reload, orderly end
//!  9 faces      config  server  telemetry                files, environment, HTTP in, our log
//!  8 stages     intake  worker  replay  view             async, short, no decisions; what both admit: admit
//!  7 outside    clock  perform  store  live  stop        the only IO; what is counted and told: meter  feed
//! 12 program    cli  (main)                              only this layer knows everything
//! 11            app                                      the program running: start, reload, orderly end
//! 10 faces      config  server  telemetry  otlp          files, environment, HTTP in, our log and traces
//!  9 stages     intake  worker  replay  view             async, short, no decisions
//!               simulation                               the store in the time of a test case
//!  8 told       meter  feed  steps                       what is counted, shown as it happens, read back
//!  7 outside    clock  perform  store  live  stop        the only IO
//!  -------------------------------------------------     below the line everything is pure
//!  6 pictures   schema  backtest                     the rules language as an editor knows it; edited rules on events
//!  5 trials     rehearse                             test cases: sent, routed, compared, nothing done
//!  4 rules      rule                                     the rule set: load, check, index, route
//!  3 decisions  condition  provider  action              does it match, is it genuine, what is to be done
//!  2 texts      settings  payload  template  schedule    settings, bodies and templates read; who is next;
//!               report bounds                           what a check found; the limits that may be set
//!  1 things     event  effect  delivery  draw  yaml  redact  trace
//!  0 words      diagnostic secret unit time id path glob route limit hex
//! ```
//!
//! # The straight line
//!
//! ```text
//! POST /github
//!   server    reads at most body_max bytes                         -> Request   (nothing in it is to be believed)
//!   provider  signature over the raw bytes, in constant time       -> Event     (proven; 401 otherwise)
//!   rule      candidates by source and type, then the conditions   -> the deliveries owed
//!   store     ONE commit: dedupe key, event, deliveries            -> New | Duplicate | Conflict
//!   202       only after that commit (503 when it cannot be made)
//!
//! worker      woken by the commit, by the earliest due time, by a rescan
//!   schedule  the next due delivery of a destination with room
//!   action    templates filled from the event: pure                -> Effect    (plain data; secrets by reference)
//!   perform   the only network, the only processes                 -> Outcome
//!   delivery  what follows: a pure function                        -> State
//!   store     settle: attempt and state in one commit, fenced by the attempt's number
//! ```
//!
//! # What is promised
//!
//! * A 2xx means that event and deliveries survive kill -9 at any later instruction.
//! * Nothing is done before it is durable, and nothing after its end state.
//! * At least once, said aloud: a crash may repeat what was under way, with the same `Idempotency-Key`. Commands run at
//!   most once unless their rule says otherwise: a crash leaves them `in_doubt`, for a person to decide.
//! * A rule set is kept under its digest with the deliveries it made: what was decided is what is done. Connections are
//!   looked up at the attempt: a moved address or a rotated secret heals what is still pending.
//!
//! # What is absent
//!
//! No second queue, no state outside the store, no text interpolation of the environment, no template in a condition or a
//! host, no unbounded buffer, no `unsafe`.

pub mod action;
pub mod admit;
pub mod app;
pub mod backtest;
pub mod bounds;
pub mod cli;
pub mod clock;
pub mod condition;
pub mod config;
pub mod delivery;
pub mod diagnostic;
pub mod draw;
pub mod effect;
pub mod event;
pub mod feed;
pub mod glob;
pub mod hex;
pub mod id;
pub mod intake;
pub mod limit;
pub mod live;
pub mod meter;
pub mod otlp;
pub mod path;
pub mod payload;
pub mod perform;
pub mod provider;
pub mod redact;
pub mod rehearse;
pub mod replay;
pub mod report;
pub mod route;
pub mod rule;
pub mod schedule;
pub mod schema;
pub mod secret;
pub mod server;
pub mod settings;
pub mod simulation;
pub mod steps;
pub mod stop;
pub mod store;
pub mod telemetry;
pub mod template;
pub mod time;
pub mod trace;
pub mod unit;
pub mod view;
pub mod worker;
pub mod yaml;
