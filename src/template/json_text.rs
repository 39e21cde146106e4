//! JSON that is written as a text: which values could break out of the place they are put into.

use super::node::{Call, EventField, Expression, Node, Place, Root};

/// Helpers whose outcome is JSON by itself.
const JSON: &[&str] = &["json", "length", "number", "eq", "ne", "and", "or", "not"];
/// Helpers whose outcome may stand between quotes: no quote, backslash or control character is ever in it.
const PLAIN: &[&str] =
    &["base64", "sha256", "hmac_sha256", "length", "number", "eq", "ne", "and", "or", "not"];

/// The first value that could break out, as it is written.
pub(super) fn broken(nodes: &[Node]) -> Option<String> {
    Reader::default().nodes(nodes)
}

/// Where in JSON a text stands.
#[derive(Clone, Copy, Default)]
struct Reader {
    between_quotes: bool,
    escaped: bool,
}

impl Reader {
    fn nodes(&mut self, nodes: &[Node]) -> Option<String> {
        nodes.iter().find_map(|node| match node {
            Node::Text(text) => {
                text.chars().for_each(|letter| self.letter(letter));
                None
            }
            Node::Put(expression) => (!self.holds(expression)).then(|| expression.to_string()),
            Node::Block(part) => {
                let mut otherwise = *self;
                let then = self.nodes(&part.then);
                then.or_else(|| otherwise.nodes(part.otherwise.as_deref().unwrap_or_default()))
            }
        })
    }

    fn letter(&mut self, letter: char) {
        match letter {
            _ if self.escaped => self.escaped = false,
            '\\' if self.between_quotes => self.escaped = true,
            '"' => self.between_quotes = !self.between_quotes,
            _ => {}
        }
    }

    /// Whether the place holds such a value, whatever the event says.
    fn holds(&self, expression: &Expression) -> bool {
        match expression {
            // What the rules file says itself.
            Expression::Literal(_) => true,
            Expression::Place(Place { root, .. }) => match root {
                Root::Index(_) | Root::First(_) | Root::Last(_) => true,
                Root::Event(EventField::Id | EventField::ReceivedAt) | Root::RuleName => self.between_quotes,
                _ => false,
            },
            Expression::Call(Call { helper, arguments, .. }) if helper.name == "default" => {
                arguments.iter().all(|argument| self.holds(argument))
            }
            Expression::Call(Call { helper, .. }) => {
                let safe = if self.between_quotes { PLAIN } else { JSON };
                safe.contains(&helper.name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::template::{Escape, Template};

    #[test]
    fn what_could_break_out_is_found() {
        for (text, wanted) in [
            (r#"{"a":"{{ $.p }}"}"#, Some("$.p")),
            (r#"{"a":{{ $.p }}}"#, Some("$.p")),
            (r#"{"a":{{ json $.p }},"b":{{ length $.l }}}"#, None),
            (r#"{"a":"{{ json $.p }}"}"#, Some("(json $.p)")),
            (r#"{"a":"\"{{ sha256 $.p }}","b":"{{ event.id }}"}"#, None),
            (r#"{"a":{{ event.id }}}"#, Some("event.id")),
            (r#"{"a":"{{ default $.p "x" }}"}"#, Some("(default $.p \"x\")")),
            (r#"{"a":{{ default (json $.p) "null" }}}"#, None),
            (r#"[{{#each $.l}}{{#if @index}},{{/if}}{{ json this }}{{/each}}]"#, None),
            (r#"{{#if $.a}}{}{{else}}"{{ upper $.b }}"{{/if}}"#, Some("(upper $.b)")),
            ("{{ $.p }}", None),
            ("{}", None),
        ] {
            let template = Template::compile(text, Escape::None).unwrap();
            assert_eq!(template.breaks_json().as_deref(), wanted, "{text}");
        }
    }
}
