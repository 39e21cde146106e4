//! A JSON value with templates for texts: the body of a request is built as a value, so nothing sent to us can break out of
//! the text it stands in.

use serde_json::{Map, Value};

use super::{Error, Escape, Failure, Scope, Template};

/// A JSON value whose texts are templates.
#[derive(Clone, Debug)]
pub struct Tree(Node);

#[derive(Clone, Debug)]
enum Node {
    /// Holds no template.
    Fixed(Value),
    Text(Template),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// One step on the way to a text that is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The entry of a map.
    Key(String),
    /// The item of a list.
    Item(usize),
}

impl Tree {
    /// Reads all texts of a value as templates in which `names` are known beside the usual ones. Each text that is none is
    /// told to `problem` with the way to it; the answer is `None` when there was one.
    pub fn compile(
        json: &Value,
        escape: Escape,
        names: &[&str],
        problem: &mut dyn FnMut(&[At], Error),
    ) -> Option<Self> {
        let mut reader = Reader { escape, names, problem, way: Vec::new(), complete: true };
        let node = reader.node(json);
        reader.complete.then_some(Self(node))
    }

    /// The value for an event: a text that is one lone `{{ … }}` becomes what it finds, whatever its type.
    ///
    /// # Errors
    /// When one of the templates cannot be filled.
    pub fn value(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        self.0.value(scope)
    }

    /// The value, when it holds no template.
    pub fn literal(&self) -> Option<&Value> {
        if let Node::Fixed(value) = &self.0 { Some(value) } else { None }
    }

    /// All templates in it.
    pub fn templates(&self) -> Vec<&Template> {
        let mut found = Vec::new();
        self.0.collect(&mut found);
        found
    }

    /// Whether one of its templates looks at the payload.
    pub fn uses_payload(&self) -> bool {
        self.templates().iter().any(|template| template.uses_payload())
    }
}

struct Reader<'r> {
    escape: Escape,
    names: &'r [&'r str],
    problem: &'r mut dyn FnMut(&[At], Error),
    way: Vec<At>,
    complete: bool,
}

impl Reader<'_> {
    fn node(&mut self, json: &Value) -> Node {
        match json {
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                let read = |(index, item)| self.step(At::Item(index), item);
                let nodes: Vec<Node> = items.iter().enumerate().map(read).collect();
                let fixed = nodes.iter().map(Node::fixed).collect::<Option<Vec<_>>>();
                fixed.map_or(Node::List(nodes), |items| Node::Fixed(Value::Array(items)))
            }
            Value::Object(entries) => {
                let nodes: Vec<_> =
                    entries.iter().map(|(key, value)| (key.clone(), self.entry(key, value))).collect();
                let fixed = nodes
                    .iter()
                    .map(|(key, node)| Some((key.clone(), node.fixed()?)))
                    .collect::<Option<Map<_, _>>>();
                fixed.map_or(Node::Map(nodes), |entries| Node::Fixed(Value::Object(entries)))
            }
            other => Node::Fixed(other.clone()),
        }
    }

    fn step(&mut self, step: At, json: &Value) -> Node {
        self.way.push(step);
        let node = self.node(json);
        self.way.pop();
        node
    }

    fn entry(&mut self, key: &str, value: &Value) -> Node {
        if key.contains("{{") {
            self.way.push(At::Key(key.to_owned()));
            let error = Error::at(0, format!("the key `{key}` cannot be a template"));
            self.refuse(error.help("only values are templates"));
            self.way.pop();
        }
        self.step(At::Key(key.to_owned()), value)
    }

    fn text(&mut self, text: &str) -> Node {
        match Template::compile_with(text, self.escape, self.names) {
            Ok(template) => match template.literal() {
                Some(literal) => Node::Fixed(Value::from(literal)),
                None => Node::Text(template),
            },
            Err(error) => {
                self.refuse(error);
                Node::Fixed(Value::Null)
            }
        }
    }

    fn refuse(&mut self, error: Error) {
        self.complete = false;
        (self.problem)(&self.way, error);
    }
}

impl Node {
    /// Moves a fixed value out.
    fn fixed(&self) -> Option<Value> {
        if let Self::Fixed(value) = self { Some(value.clone()) } else { None }
    }

    fn value(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Text(template) => template.value(scope),
            Self::List(items) => {
                items.iter().map(|item| item.value(scope)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Map(entries) => {
                let filled = entries.iter().map(|(key, node)| Ok((key.clone(), node.value(scope)?)));
                filled.collect::<Result<_, _>>().map(Value::Object)
            }
        }
    }

    fn collect<'n>(&'n self, found: &mut Vec<&'n Template>) {
        match self {
            Self::Fixed(_) => {}
            Self::Text(template) => found.push(template),
            Self::List(items) => items.iter().for_each(|item| item.collect(found)),
            Self::Map(entries) => entries.iter().for_each(|(_, node)| node.collect(found)),
        }
    }
}
