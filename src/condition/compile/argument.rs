//! The right side of one operator, as the operators read it.

use super::{Context, Scope, literal, map, spot};
use crate::condition::cast::As;
use crate::condition::each::Each;
use crate::condition::moment::When;
use crate::condition::operand::Operand;
use crate::condition::operator::Operator;
use crate::condition::show;
use crate::condition::test::{Test, Tests};
use crate::diagnostic::Diagnostic;
use crate::path::Path;
use crate::yaml::Node;

/// What stands on the right side of an operator, and where complaints about it go.
pub(in crate::condition) struct Argument<'a, 'd> {
    pub(super) operator: &'static Operator,
    pub(super) node: &'a Node<'d>,
    pub(super) context: Context<'a>,
    pub(super) problems: &'a mut Vec<Diagnostic>,
}

impl<'d> Argument<'_, 'd> {
    pub(in crate::condition) fn name(&self) -> &'static str {
        self.operator.name
    }

    pub(in crate::condition) fn node(&self) -> &Node<'d> {
        self.node
    }

    pub(in crate::condition) fn scope(&self) -> Scope {
        self.context.scope
    }

    pub(in crate::condition) fn is_list(&self) -> bool {
        self.node.value().is_sequence()
    }

    /// Whether it is `{ path: … }`.
    pub(in crate::condition) fn is_path(&self) -> bool {
        path_node(self.node).is_some()
    }

    /// Whether there is nothing, not even `~`.
    pub(in crate::condition) fn is_blank(&self) -> bool {
        literal::is_blank(self.node)
    }

    /// Complains about the right side.
    pub(in crate::condition) fn refuse<T>(
        &mut self,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.report(self.node.error("E104", message).help(help))
    }

    /// Complains when the operator looks at all values but stands where only one is looked at.
    pub(in crate::condition) fn beside_others(&mut self) -> Option<()> {
        if self.context.scope == Scope::Field {
            return Some(());
        }
        let name = self.name();
        let problem = self
            .node
            .key_error("E104", format!("`{name}` looks at all values of the path, and here is only one"));
        self.report(problem.help("write it beside `every` or `none`, not in them"))
    }

    /// One value, time or path.
    pub(in crate::condition) fn operand(&mut self) -> Option<Operand> {
        let node = self.node;
        self.operand_at(node)
    }

    /// One value, time or path, or a list of them of which one suffices.
    pub(in crate::condition) fn operands(&mut self) -> Option<Vec<Operand>> {
        if !self.is_list() {
            return self.operand().map(|only| vec![only]);
        }
        let items = self.items()?;
        let read: Vec<Option<Operand>> = items.iter().map(|item| self.operand_at(item)).collect();
        read.into_iter().collect()
    }

    /// One text or a list of texts, each read by `read`.
    pub(in crate::condition) fn texts<T>(
        &mut self,
        read: impl Fn(&Node<'d>, &str, &mut Vec<Diagnostic>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = if self.is_list() { self.items()? } else { vec![self.node.clone()] };
        let all: Vec<Option<T>> = items.iter().map(|item| self.text(item, &read)).collect();
        all.into_iter().collect()
    }

    fn text<T>(
        &mut self,
        node: &Node<'d>,
        read: impl Fn(&Node<'d>, &str, &mut Vec<Diagnostic>) -> Option<T>,
    ) -> Option<T> {
        if let Some(problem) = literal::template(node) {
            return self.report(problem);
        }
        if let Some(text) = node.text() {
            return read(node, text, self.problems);
        }
        let name = self.name();
        self.report(if path_node(node).is_some() {
            node.error("E104", format!("`{name}` takes nothing from the payload"))
                .help("whoever sends the event could choose what it is tested by")
        } else if literal::is_blank(node) {
            literal::blank(node)
        } else {
            node.error("E104", format!("`{name}` takes a text or a list of texts, this is {}", node.kind()))
                .help("quote what YAML reads as another kind")
        })
    }

    /// A time of the rules file, or a path.
    pub(in crate::condition) fn time(&mut self) -> Option<Operand> {
        let node = self.node;
        self.path(node).unwrap_or_else(|| self.time_at(node))
    }

    /// Tests that stand in this one.
    pub(in crate::condition) fn inner(&mut self, scope: Scope) -> Option<Tests> {
        let casts: &[As] = if scope == Scope::Amount { &[] } else { self.context.casts };
        let context = Context { scope, casts, depth: self.context.depth + 1, ..self.context };
        map::tests(self.node, context, self.problems)
    }

    /// The check as the only test, of the same values.
    pub(in crate::condition) fn alone(&self, check: Each) -> Tests {
        Tests { casts: self.context.casts.to_vec(), each: vec![self.test(check)], whole: Vec::new() }
    }

    /// The check with its place.
    pub(super) fn test<C>(&self, check: C) -> Test<C> {
        Test { operator: self.operator, wanted: wanted(self.node).into(), spot: spot(self.node), check }
    }

    fn report<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.problems.push(problem);
        None
    }

    fn items(&mut self) -> Option<Vec<Node<'d>>> {
        let items = self.node.items();
        if items.is_empty() {
            return self.refuse("an empty list", "write at least one value in it");
        }
        Some(items)
    }

    fn operand_at(&mut self, node: &Node<'d>) -> Option<Operand> {
        if let Some(path) = self.path(node) {
            return path;
        }
        if self.context.scope != Scope::Amount && self.context.casts.last() == Some(&As::Time) {
            return self.time_at(node);
        }
        literal::literal(node, self.operator.name, self.context, self.problems).map(Operand::Literal)
    }

    /// The path, when it is `{ path: … }`; nothing inside when that is wrong.
    fn path(&mut self, node: &Node<'d>) -> Option<Option<Operand>> {
        let inner = path_node(node)?;
        let Some(text) = inner.text() else {
            return Some(
                self.report(inner.error("E104", format!("`path` takes a path, this is {}", inner.kind()))),
            );
        };
        Some(match Path::parse(text) {
            Ok(path) => Some(Operand::Path(path)),
            Err(why) => {
                let problem = inner.error_inside(why.offset, 1, "E101", why.message);
                let help = if text.starts_with('$') { why.help } else { Some(format!("write `$.{text}`")) };
                self.report(match help {
                    Some(help) => problem.help(help),
                    None => problem,
                })
            }
        })
    }

    fn time_at(&mut self, node: &Node<'d>) -> Option<Operand> {
        if let Some(problem) = literal::template(node) {
            return self.report(problem);
        }
        match node.text().and_then(When::parse) {
            Some(when) => Some(Operand::Time(when)),
            None => {
                let problem = node.error("E104", format!("`{}` is not a time", node.raw()));
                self.report(problem.help("write `2026-11-21T00:00:00Z`, `now`, `7d ago` or `in 2h`"))
            }
        }
    }
}

/// What stands under `path`, when that is all there is.
fn path_node<'d>(node: &Node<'d>) -> Option<Node<'d>> {
    let mut entries = node.entries();
    match (entries.len(), entries.pop()) {
        (1, Some(("path", inner))) => Some(inner),
        _ => None,
    }
}

/// The right side as people are shown it.
fn wanted(node: &Node<'_>) -> String {
    match path_node(node).as_ref().and_then(Node::text) {
        Some(path) => show::short(path),
        None => show::value(&node.json()),
    }
}
