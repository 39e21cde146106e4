//! JSONPath (RFC 9535): parsed once, evaluated often, with exact numbers and a bound on the work.
//!
//! The text is cut into words (`scan`), brought into a plain form (`skeleton`), parsed (`parser`) and turned into what is
//! walked (`query`, `walk`, `filter`). Two things differ from the standard on purpose: a pattern of `match` or `search`
//! must be written in the path, and the number that is compared may have any size.

mod brackets;
mod calls;
mod equal;
mod error;
mod explain;
mod filter;
mod function;
mod limits;
mod mend;
pub mod number;
mod numeral;
mod parser;
mod pattern;
mod query;
mod quoted;
mod regexp;
mod scan;
mod simple;
mod skeleton;
mod steps;
mod token;
mod walk;

#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

pub use equal::equal;
pub use error::Error;
pub use query::{Step, element};
pub use steps::{OutOfSteps, Steps};

use query::Query;
use skeleton::Skeleton;
use token::Token;
use walk::Walk;

/// A path, ready to be evaluated; a clone shares everything with the original.
#[derive(Clone)]
pub struct Path(Arc<Parsed>);

struct Parsed {
    text: Box<str>,
    query: Query,
}

/// What a path may do beyond the usual.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Whether a pattern may come from the payload, as the compliance suite wants it.
    pub(crate) dynamic_patterns: bool,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// When the text is not a path of RFC 9535, a pattern comes from the payload, or a limit is passed; the error
    /// points at the byte where the path breaks.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, Options::default())
    }

    pub(crate) fn parse_with(text: &str, options: Options) -> Result<Self, Error> {
        let tokens = scan::scan(text)?;
        match simple::read(text, &tokens) {
            Some(query) => Ok(Self::new(text, query)),
            None => Self::parse_tokens(text, &tokens, options),
        }
    }

    /// Reads the path with the parser, however simple it is.
    fn parse_tokens(text: &str, tokens: &[Token], options: Options) -> Result<Self, Error> {
        let skeleton = Skeleton::new(text, tokens);
        let tree = parser::parse(&skeleton.text).map_err(|refusal| match refusal.offset {
            Some(offset) => explain::explain(text, tokens, skeleton.token_at(offset)),
            None => explain::explain_calls(text, tokens),
        })?;
        let query = parser::compile(tree, &skeleton.numbers, calls::places(text, tokens), options)?;
        Ok(Self::new(text, query))
    }

    fn new(text: &str, query: Query) -> Self {
        Self(Arc::new(Parsed { text: text.into(), query }))
    }

    /// The path as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether the path can find at most one value, because it consists of names and indexes alone.
    #[must_use]
    pub fn is_singular(&self) -> bool {
        self.0.query.is_singular()
    }

    /// The names and indexes of a singular path, none otherwise.
    #[must_use]
    pub fn singular_steps(&self) -> Option<&[Step]> {
        self.is_singular().then(|| self.first_steps())
    }

    /// The names and indexes at its start: where these find nothing, the path finds nothing. Of a singular path all.
    #[must_use]
    pub fn first_steps(&self) -> &[Step] {
        &self.0.query.steps
    }

    /// The first value the path finds, in the order of the document.
    ///
    /// # Errors
    /// When [`Steps::DEFAULT`] does not suffice; never for a singular path.
    pub fn first<'v>(&self, root: &'v Value) -> Result<Option<&'v Value>, OutOfSteps> {
        let query = &self.0.query;
        let node = walk::follow(&query.steps, root);
        if query.is_singular() || node.is_none() {
            return Ok(node);
        }
        let mut first = None;
        self.each(root, &mut Steps::default(), &mut |found| {
            first = Some(found);
            ControlFlow::Break(())
        })?;
        Ok(first)
    }

    /// Shows `visit` each value the path finds, until it breaks off; a value that is found twice is shown twice.
    ///
    /// # Errors
    /// When `steps` run out; what was shown until then is not all.
    pub fn each<'v>(
        &self,
        root: &'v Value,
        steps: &mut Steps,
        visit: &mut dyn FnMut(&'v Value) -> ControlFlow<()>,
    ) -> Result<(), OutOfSteps> {
        Walk::new(root, steps).query(&self.0.query, root, visit)
    }

    /// All values the path finds.
    ///
    /// # Errors
    /// When [`Steps::DEFAULT`] does not suffice.
    pub fn all<'v>(&self, root: &'v Value) -> Result<Vec<&'v Value>, OutOfSteps> {
        let mut all = Vec::new();
        self.each(root, &mut Steps::default(), &mut |found| {
            all.push(found);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Path {}

impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.text())
    }
}

impl std::fmt::Debug for Path {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Path({})", self.text())
    }
}
