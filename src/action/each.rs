//! What makes several deliveries of one action, and what makes one wait for others: `for_each`, `as`, `needs`.

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Place};
use crate::limit;
use crate::path::Path;
use crate::settings;
use crate::template::ROOTS;
use crate::yaml::Node;

use super::options;

/// What an element is called where nothing is said.
const ITEM: &str = "item";

/// One delivery for each element of a list.
#[derive(Clone, Debug)]
pub struct Each {
    /// Where the list is: a path to it, or one that finds its elements.
    pub path: Path,
    /// What templates call an element.
    pub name: String,
}

/// Why there are no elements, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoItems {
    /// There is no list: nothing is to be done.
    #[error("{0}")]
    NoList(String),
    /// There is more than one event may ask for: something is to be done, and is not.
    #[error("{0}")]
    TooMany(String),
}

/// An action whose success is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its id.
    pub id: String,
    /// Where it is named.
    pub place: Place,
}

impl Each {
    /// The elements, in order.
    ///
    /// # Errors
    /// When no list is there, or one that is too long.
    pub fn items<'v>(&self, payload: &'v Value) -> Result<Vec<&'v Value>, NoItems> {
        let path = self.path.text();
        let too_long = |_| NoItems::TooMany(format!("`for_each`: `{path}` takes too long to find"));
        let none = |words: String| NoItems::NoList(format!("`for_each`: {words}"));
        let items: Vec<&Value> = if self.path.is_singular() {
            match self.path.first(payload).map_err(too_long)? {
                None => return Err(none(format!("the payload has no `{path}`"))),
                Some(Value::Array(items)) => items.iter().collect(),
                Some(_) => return Err(none(format!("`{path}` is no list"))),
            }
        } else {
            self.path.all(payload).map_err(too_long)?
        };
        match items.len() {
            0..=limit::FOR_EACH_MAX => Ok(items),
            count => {
                let most = limit::FOR_EACH_MAX;
                Err(NoItems::TooMany(format!("`for_each`: {count} elements; at most {most}")))
            }
        }
    }
}

/// What an action calls an element.
pub(super) fn name<'d>(item: &Node<'d>) -> &'d str {
    item.get("as").and_then(|node| node.text()).unwrap_or(ITEM)
}

pub(super) fn read(item: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Each> {
    let name = item.get("as").map(|node| (given(&node, problems), node));
    let Some(node) = item.get("for_each") else {
        if let Some((_, node)) = name {
            let problem = node.key_error("E005", "`as` names an element, and there is no `for_each`");
            problems.push(problem.help("write the list: `for_each: $.items`"));
        }
        return None;
    };
    let path = path(&node, problems)?;
    let name = match name {
        Some((name, _)) => name?,
        None => ITEM.to_owned(),
    };
    Some(Each { path, name })
}

fn path(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Path> {
    let text = settings::text(node, problems)?;
    let read = Path::parse(text).map_err(|why| {
        let problem = node.error_inside(why.offset, 1, "E101", why.message);
        problems
            .push(problem.help(why.help.unwrap_or_else(|| "write a path: `for_each: $.items`".to_owned())));
    });
    read.ok()
}

/// A name for elements: none that means something else already.
fn given(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let name = options::id(node, problems)?;
    if ROOTS.iter().any(|root| root.name == name) || name == "this" {
        let problem = node.error("E004", format!("`{name}` means something else in templates"));
        problems.push(problem.help("choose another name, such as `as: item`"));
        return None;
    }
    Some(name)
}

/// Reads the ids of `needs`.
pub(super) fn needs(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Need> {
    let items = settings::one_or_many(node);
    if items.is_empty() {
        problems
            .push(node.error("E004", "`needs` is an empty list").help("leave it out to wait for nothing"));
    }
    let read = |item: &Node<'_>| Some(Need { id: options::id(item, problems)?, place: item.place() });
    items.iter().filter_map(read).collect()
}
