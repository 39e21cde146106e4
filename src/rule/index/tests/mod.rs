//! The index leaves out what cannot match, and nothing else.

mod random;
mod sharp;
