//! Templates: `{{ money $.amount $.currency }} from {{ $.email }}`.
//!
//! handlebars reads the structure (`parse`), after a first look (`scan`) has bounded it and put plain words where paths
//! stand. The tree it gives becomes one of ours (`node`), with every name resolved and every helper found, so that a mistake
//! shows when the rules file is read. Filling it (`fill`, `find`) walks our tree over the event itself: nothing is copied, a missing
//! value is never an empty text, a lone value keeps its JSON type, and work and output are bounded.

mod budget;
mod error;
mod escape;
mod fill;
mod find;
mod helper;
mod json_text;
mod lone;
mod node;
mod parse;
mod place;
mod root;
mod scan;
mod scope;
mod tree;
mod way;

use serde_json::Value;

pub use error::{Error, Failure};
pub use escape::Escape;
pub use helper::{HELPERS, Helper, SAMPLE};
pub use root::{ROOTS, Root};
pub use scope::Scope;
pub use tree::{At, Tree};

use fill::Fill;
use find::Finder;
use node::{Expression, Node};
use parse::Uses;

/// A text with `{{ … }}` in it, ready to be filled.
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
    escape: Escape,
    body: Body,
    uses: Uses,
}

#[derive(Clone, Debug)]
enum Body {
    /// No tag at all.
    Literal(String),
    /// One tag and nothing around it.
    Lone(Expression),
    Mixed(Vec<Node>),
}

impl Template {
    /// Reads a template whose values land in such a place.
    ///
    /// # Errors
    /// When the text is no template, names what nobody knows, or passes a bound of [`crate::limit`].
    pub fn compile(text: &str, escape: Escape) -> Result<Self, Error> {
        Self::compile_with(text, escape, &[])
    }

    /// The same, with more names that are known: those the rule gives by [`Scope::with_each`].
    ///
    /// # Errors
    /// As [`Template::compile`].
    pub fn compile_with(text: &str, escape: Escape, names: &[&str]) -> Result<Self, Error> {
        let parsed = parse::parse(text, names)?;
        let mut nodes = parsed.nodes;
        let body = match (parsed.tags, nodes.len(), nodes.pop()) {
            (0, _, last) => Body::Literal(nodes.into_iter().chain(last).filter_map(plain).collect()),
            (_, 1, Some(Node::Put(expression))) => Body::Lone(expression),
            (_, _, last) => Body::Mixed(nodes.into_iter().chain(last).collect()),
        };
        Ok(Self { source: text.to_owned(), escape, body, uses: parsed.uses })
    }

    /// The template as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text, when there is nothing to fill in; `\{{` is `{{` in it.
    pub fn literal(&self) -> Option<&str> {
        if let Body::Literal(text) = &self.body { Some(text) } else { None }
    }

    /// Whether it looks at the payload.
    pub fn uses_payload(&self) -> bool {
        self.uses.payload
    }

    /// The ids of the actions whose results it looks at; the empty text stands for all of them.
    pub fn steps(&self) -> &[String] {
        &self.uses.steps
    }

    /// Of each result of another action that has to be there: the action's id, and the first step into its result.
    pub fn results(&self) -> &[(String, At)] {
        &self.uses.results
    }

    /// Whether it can be filled only where an action has died.
    pub fn needs_failure(&self) -> bool {
        self.uses.failure
    }

    /// The first value that, put into the JSON that this text is, could end the text it stands in or be several values;
    /// as it is written. What is nothing but one value is none of ours to judge.
    pub fn breaks_json(&self) -> Option<String> {
        let Body::Mixed(nodes) = &self.body else { return None };
        json_text::broken(nodes)
    }

    /// The text for an event, values escaped for where they land.
    ///
    /// # Errors
    /// When a value is missing, is no text, does not fit where it lands, or a bound of [`crate::limit`] is passed.
    pub fn text(&self, scope: &Scope<'_>) -> Result<String, Failure> {
        let fill = Fill::new(scope, self.escape);
        let mut out = String::new();
        match &self.body {
            Body::Literal(text) => return Ok(text.clone()),
            Body::Lone(expression) => fill.put(expression, None, &mut out)?,
            Body::Mixed(nodes) => fill.write(nodes, None, &mut out)?,
        }
        let unfit = |problem| Failure::Unfit { name: self.source.clone(), problem };
        self.escape.check(&out).map_err(unfit)?;
        Ok(out)
    }

    /// The value for an event: what a lone `{{ … }}` finds, with its JSON type; else the text. A text is escaped, a list or a
    /// map is given as it is.
    ///
    /// # Errors
    /// As [`Template::text`].
    pub fn value(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        let Body::Lone(expression) = &self.body else { return self.text(scope).map(Value::String) };
        let value = Finder::new(scope).value(expression, None)?;
        if value.is_string() && self.escape != Escape::None {
            return self.text(scope).map(Value::String);
        }
        Ok(value.into_owned())
    }
}

fn plain(node: Node) -> Option<String> {
    if let Node::Text(text) = node { Some(text) } else { None }
}

#[cfg(test)]
mod tests;
