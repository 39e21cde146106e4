//! The line that the webhooks of a case go down, in the case's own time: where they become durable, and where what is owed
//! for them comes to its end. What is decided there is the store's; a case with one webhook needs none of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::delivery::State;
use crate::event::Event;
use crate::id::DeliveryId;
use crate::rule::Owed;
use crate::time::Timestamp;

/// Makes a line with nothing on it; the error is a sentence.
pub type Lines<'l> = &'l dyn Fn() -> Result<Box<dyn Line>, String>;

/// One event on its way to be durable.
#[derive(Debug)]
pub struct Taken {
    /// The event.
    pub event: Event,
    /// How long its id is remembered.
    pub dedupe_for: Duration,
    /// What is owed for it; ids are given once in a case.
    pub owed: Owed,
    /// The rules that matched.
    pub matched: Vec<Arc<str>>,
    /// How long each of its deliveries takes.
    pub takes: Duration,
    /// Deliveries whose actions cannot be filled: their only attempt fails.
    pub unfillable: HashSet<DeliveryId>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landed {
    /// It is new.
    New,
    /// The same came before.
    Duplicate,
    /// The same id came before with another body.
    Conflict,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// When its attempt began, if one did.
    pub began: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
}

/// Where webhooks become durable and what is owed for them is done, one moment after the other.
pub trait Line {
    /// Takes the events of one webhook: all of them or none.
    ///
    /// # Errors
    /// In words, when it cannot.
    fn accept(&mut self, taken: Vec<Taken>, now: Timestamp) -> Result<Vec<Landed>, String>;

    /// Lets what is due begin and end up to this moment; `None` for all that will ever be.
    ///
    /// # Errors
    /// In words, when it cannot.
    fn pass(&mut self, until: Option<Timestamp>) -> Result<(), String>;

    /// What became of a delivery; `None` when it was never accepted.
    ///
    /// # Errors
    /// In words, when it cannot be told.
    fn fate(&mut self, delivery: DeliveryId) -> Result<Option<Fate>, String>;
}

/// A line for one event alone: it is new, and nothing was there before that could stand in its way.
pub(super) struct Alone;

impl Line for Alone {
    fn accept(&mut self, taken: Vec<Taken>, _: Timestamp) -> Result<Vec<Landed>, String> {
        Ok(taken.iter().map(|_| Landed::New).collect())
    }

    fn pass(&mut self, _: Option<Timestamp>) -> Result<(), String> {
        Ok(())
    }

    fn fate(&mut self, _: DeliveryId) -> Result<Option<Fate>, String> {
        Ok(None)
    }
}
