//! From text to nodes. The one place that names handlebars: it reads the structure of a template — tags, blocks, blanks that
//! belong to tags — and this file turns its tree into ours, with every name and every helper checked.

use handlebars::Template as Tree;
use handlebars::template::{BlockParam, HelperTemplate, Parameter, TemplateElement};

use super::error::Error;
use super::helper::{self, Block, HELPERS, Helper, Run};
use super::lone::{self, Piece};
use super::node::{Call, Expression, Node, Part, Root};
use super::place::Names;
use super::scan::{Plain, Word, scan};
use super::tree::At;
use crate::yaml::nearest;

/// What was read, and what it uses.
pub(super) struct Parsed {
    pub(super) nodes: Vec<Node>,
    /// Whether there is anything to fill in.
    pub(super) tags: usize,
    pub(super) uses: Uses,
}

/// What a template looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    pub(super) payload: bool,
    /// Ids of other actions, in order, each once; the empty text when `steps` is used as a whole.
    pub(super) steps: Vec<String>,
    /// The first step into each result that has to be there.
    pub(super) results: Vec<(String, At)>,
    /// Whether there has to be a failure.
    pub(super) failure: bool,
}

/// Helpers that do with a value that is not there.
const FORGIVING: &[&str] = &["default", "eq", "ne", "and", "or", "not"];

/// Reads a template in which these names are known beside the usual ones.
pub(super) fn parse(text: &str, given: &[&str]) -> Result<Parsed, Error> {
    let plain = scan(text)?;
    if !text.contains("{{") {
        let nodes = vec![Node::Text(text.to_owned())];
        return Ok(Parsed { nodes, tags: 0, uses: Uses::default() });
    }
    let mut parser = Parser::new(&plain, given);
    let nodes = match lone::pieces(&plain.text) {
        Some(pieces) => parser.pieces(&pieces),
        None => parser.tree(),
    }?;
    Ok(Parsed { nodes, tags: plain.tags, uses: parser.uses })
}

struct Parser<'p, 't> {
    plain: &'p Plain<'t>,
    names: Names<'p>,
    uses: Uses,
    /// Conditions and forgiving helpers around, in which a value need not be there.
    forgiven: usize,
}

impl<'p, 't> Parser<'p, 't> {
    fn new(plain: &'p Plain<'t>, given: &'p [&'p str]) -> Self {
        Self { plain, names: Names { given, blocks: Vec::new() }, uses: Uses::default(), forgiven: 0 }
    }

    fn pieces(&mut self, pieces: &[Piece<'_>]) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Text("") => {}
                Piece::Text(text) => nodes.push(Node::Text((*text).to_owned())),
                Piece::Word(number) => {
                    let word = self.plain.words.get(*number).cloned().ok_or_else(unreadable)?;
                    nodes.push(Node::Put(self.alone(&word)?));
                }
            }
        }
        Ok(nodes)
    }

    fn tree(&mut self) -> Result<Vec<Node>, Error> {
        let tree = Tree::compile(&self.plain.text)
            .map_err(|error| Error::at(0, "this template cannot be read").help(error.reason().to_string()))?;
        self.nodes(&tree)
    }

    fn nodes(&mut self, tree: &Tree) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::with_capacity(tree.elements.len());
        for element in &tree.elements {
            match element {
                TemplateElement::RawString(text) if text.is_empty() => {}
                TemplateElement::RawString(text) => nodes.push(Node::Text(text.clone())),
                TemplateElement::Expression(tag) => nodes.push(Node::Put(self.expression(tag)?)),
                TemplateElement::HelperBlock(tag) => nodes.push(Node::Block(Box::new(self.block(tag)?))),
                TemplateElement::Comment(_) => {}
                _ => return Err(unreadable()),
            }
        }
        Ok(nodes)
    }

    /// `{{ $.a }}` or `{{ upper $.a }}`
    fn expression(&mut self, tag: &HelperTemplate) -> Result<Expression, Error> {
        let head = self.word(&tag.name)?;
        if tag.params.is_empty() {
            return self.alone(&head);
        }
        self.call(&head, &tag.params).map(Expression::Call)
    }

    /// A word without arguments.
    fn alone(&mut self, word: &Word<'t>) -> Result<Expression, Error> {
        match helper(word.text) {
            None => self.place(word),
            Some(_) => self.call(word, &[]).map(Expression::Call),
        }
    }

    fn argument(&mut self, parameter: &Parameter) -> Result<Expression, Error> {
        match parameter {
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(tag) => self.expression(tag),
                _ => Err(unreadable()),
            },
            _ => {
                let word = self.word(parameter)?;
                match &word.literal {
                    Some(value) => Ok(Expression::Literal(value.clone())),
                    None => self.place(&word),
                }
            }
        }
    }

    fn place(&mut self, word: &Word<'t>) -> Result<Expression, Error> {
        if let Some(helper) = helper(word.text) {
            return Err(Error::at(
                word.offset,
                format!("the helper `{}` stands where a value should", helper.name),
            )
            .help(format!("put it in brackets with what it works on: `({} …)`", helper.name)));
        }
        let place = self.names.place(word.text, word.offset)?;
        match place.root {
            Root::Payload => self.uses.payload = true,
            Root::Steps => {
                let id = place.path.as_ref().and_then(step_id).unwrap_or_default();
                if let Some(step) = place.path.as_ref().and_then(into_result).filter(|_| self.forgiven == 0) {
                    self.uses.results.push((id.clone(), step));
                }
                if !self.uses.steps.contains(&id) {
                    self.uses.steps.push(id);
                }
            }
            Root::FailureReason => self.uses.failure |= self.forgiven == 0,
            _ => {}
        }
        Ok(Expression::Place(place))
    }

    fn call(&mut self, head: &Word<'t>, parameters: &[Parameter]) -> Result<Call, Error> {
        let helper = helper(head.text).ok_or_else(|| no_helper(head))?;
        let Run::Value { prepare, .. } = &helper.run else {
            return Err(Error::at(head.offset, format!("`{}` is a block", helper.name))
                .help(format!("write `{}`", helper.example)));
        };
        count(helper, head.offset, parameters.len())?;
        let forgives = usize::from(FORGIVING.contains(&helper.name));
        self.forgiven += forgives;
        let arguments = parameters.iter().map(|one| self.argument(one)).collect::<Result<Vec<_>, _>>()?;
        self.forgiven -= forgives;
        let ready = prepare(&arguments).map_err(|wrong| {
            let place = parameters.get(wrong.argument).and_then(|one| self.word(one).ok());
            let offset = place.map_or(head.offset, |word| word.offset + wrong.inside);
            Error { help: wrong.help, ..Error::at(offset, wrong.message) }
        })?;
        self.uses.payload |= helper::reads_payload(helper, &arguments);
        Ok(Call { helper, arguments, ready })
    }

    fn block(&mut self, tag: &HelperTemplate) -> Result<Part, Error> {
        let head = self.word(&tag.name)?;
        let helper = helper(head.text).ok_or_else(|| no_helper(&head))?;
        let Run::Block(block) = helper.run else {
            return Err(Error::at(head.offset, format!("`{}` is not a block", helper.name))
                .help(format!("write `{}`", helper.example)));
        };
        count(helper, head.offset, tag.params.len())?;
        let over = tag.params.first().ok_or_else(unreadable)?;
        self.forgiven += usize::from(block != Block::Each);
        let over = self.argument(over)?;
        let names = self.block_names(block, tag, &head)?;
        let opens = matches!(block, Block::Each | Block::With);
        if opens {
            self.names.blocks.push(names);
        }
        let then = tag.template.as_ref().map_or(Ok(Vec::new()), |tree| self.nodes(tree))?;
        if opens {
            self.names.blocks.pop();
        }
        let otherwise = tag.inverse.as_ref().map(|tree| self.nodes(tree)).transpose()?;
        self.forgiven -= usize::from(block != Block::Each);
        Ok(Part { block, over, then, otherwise })
    }

    /// The names of `as |item index|`.
    fn block_names(
        &self,
        block: Block,
        tag: &HelperTemplate,
        head: &Word<'t>,
    ) -> Result<[Option<String>; 2], Error> {
        let name = |one: &Parameter| self.word(one).map(|word| word.text.to_owned());
        match (&tag.block_param, block) {
            (None, _) => Ok([None, None]),
            (Some(BlockParam::Single(one)), Block::Each | Block::With) => Ok([Some(name(one)?), None]),
            (Some(BlockParam::Pair((one, other))), Block::Each) => Ok([Some(name(one)?), Some(name(other)?)]),
            (Some(_), _) => Err(Error::at(head.offset, format!("`{}` does not give such names", head.text))
                .help("`{{#each …}}` takes `as |item index|`, `{{#with …}}` takes `as |value|`")),
        }
    }

    /// The word behind its stand-in.
    fn word(&self, parameter: &Parameter) -> Result<Word<'t>, Error> {
        let stand_in = parameter.as_name().and_then(|name| name.strip_prefix('w')?.parse::<usize>().ok());
        stand_in.and_then(|index| self.plain.words.get(index)).cloned().ok_or_else(unreadable)
    }
}

fn helper(name: &str) -> Option<&'static Helper> {
    HELPERS.iter().find(|helper| helper.name == name)
}

/// The id in `steps.ID…`.
fn step_id(path: &crate::path::Path) -> Option<String> {
    match path.singular_steps()?.first()? {
        crate::path::Step::Name(name) => Some(name.to_string()),
        crate::path::Step::Index(_) => None,
    }
}

/// The step behind `steps.ID`, where that is one name or place.
fn into_result(path: &crate::path::Path) -> Option<At> {
    match path.singular_steps()?.get(1)? {
        crate::path::Step::Name(name) => Some(At::Key(name.to_string())),
        crate::path::Step::Index(index) => usize::try_from(*index).ok().map(At::Item),
    }
}

fn count(helper: &Helper, offset: usize, given: usize) -> Result<(), Error> {
    let (least, most) = helper.arguments;
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let wanted = match (least, most) {
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, usize::MAX) => format!("{least} arguments or more"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    let message = format!("`{}` takes {wanted}, not {given}", helper.name);
    Err(Error::at(offset, message).help(format!("for example `{}`", helper.example)))
}

fn no_helper(head: &Word<'_>) -> Error {
    let error = Error::unknown(head.offset, format!("`{}` is not a helper", head.text));
    if head.text.starts_with(['$', '@']) || head.text.contains('.') {
        return error
            .help("a value stands alone: `{{ $.a }}`; two values are two tags: `{{ $.a }} {{ $.b }}`");
    }
    match nearest(head.text, HELPERS.iter().map(|helper| helper.name)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => {
            let known: Vec<_> = HELPERS.iter().map(|helper| helper.name).collect();
            error.help(format!("there are {}", known.join(", ")))
        }
    }
}

/// A tree that does not look as the scan made it.
fn unreadable() -> Error {
    Error::at(0, "this template cannot be read").help("make it simpler")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_words_are_read_as_the_parser_reads_them() {
        for text in [
            "{{ $.a }}",
            "a {{$.a}} b\n {{  event.type  }}",
            "{{ $.a }}{{ $.b[0].c }}",
            "{{ $.a }} { } \n\n{{ rule.name }}\n",
            "{{ upper }}",
            "{{ nobody }}",
        ] {
            let plain = scan(text).unwrap();
            let pieces = lone::pieces(&plain.text).unwrap();
            let (mut quick, mut slow) = (Parser::new(&plain, &[]), Parser::new(&plain, &[]));
            assert_eq!(format!("{:?}", quick.pieces(&pieces)), format!("{:?}", slow.tree()), "{text}");
            assert_eq!(quick.uses, slow.uses, "{text}");
        }
    }
}
