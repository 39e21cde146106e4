//! The names that are known in every template: one row each.

use super::error::Error;
use super::node::{EventField, Root as Place};
use super::way;

/// One name that is known everywhere.
#[derive(Debug)]
pub struct Root {
    /// How it begins.
    pub name: &'static str,
    /// What it stands for, in one line.
    pub summary: &'static str,
    /// How it is written.
    pub example: &'static str,
    find: Find,
}

/// How the text behind a name is understood.
#[derive(Debug)]
enum Find {
    /// A way into a value; `$` is read elsewhere, as a whole.
    Way(Place),
    /// The name of one text, dots and all, or nothing.
    Member(fn(Option<String>) -> Place),
    /// One of these and nothing else.
    Field(&'static [(&'static str, Place)]),
}

/// All names.
pub const ROOTS: &[Root] = &[
    Root {
        name: "$",
        summary: "The payload.",
        example: "{{ $.items[0]['unit price'] }}",
        find: Find::Way(Place::Payload),
    },
    Root {
        name: "headers",
        summary: "A header of the request, by its name in any case.",
        example: "{{ headers.x-github-event }}",
        find: Find::Member(|name| Place::Headers(name.map(|name| name.to_ascii_lowercase()))),
    },
    Root {
        name: "query",
        summary: "A parameter of the query; the first of several.",
        example: "{{ query.name }}",
        find: Find::Member(Place::Query),
    },
    Root {
        name: "params",
        summary: "What the path pattern of the source captured.",
        example: "{{ params.site }}",
        find: Find::Member(Place::Params),
    },
    Root {
        name: "event",
        summary: "The event: its id, type, source and time.",
        example: "{{ event.id }} {{ event.type }} {{ event.source }} {{ event.received_at }}",
        find: Find::Field(&[
            ("id", Place::Event(EventField::Id)),
            ("type", Place::Event(EventField::Type)),
            ("source", Place::Event(EventField::Source)),
            ("received_at", Place::Event(EventField::ReceivedAt)),
        ]),
    },
    Root {
        name: "rule",
        summary: "The rule that matched.",
        example: "{{ rule.name }}",
        find: Find::Field(&[("name", Place::RuleName)]),
    },
    Root {
        name: "steps",
        summary: "The result of another action of the rule, by its id.",
        example: "{{ steps.build.json.url }}",
        find: Find::Way(Place::Steps),
    },
    Root {
        name: "failure",
        summary: "Why an action died, for `on_failure`.",
        example: "{{ failure.reason }}",
        find: Find::Field(&[("reason", Place::FailureReason)]),
    },
];

/// Where a name begins, and what is left of its way; `None` when nobody knows it.
pub(super) fn find<'t>(name: &str, rest: &'t str, offset: usize) -> Result<Option<(Place, &'t str)>, Error> {
    let Some(root) = ROOTS.iter().find(|root| root.name == name) else { return Ok(None) };
    let found = match &root.find {
        Find::Way(place) => Some((place.clone(), rest)),
        Find::Member(place) => way::member(rest).map(|member| (place(member), "")),
        Find::Field(fields) => fields
            .iter()
            .find(|(field, _)| rest.strip_prefix('.') == Some(field))
            .map(|(_, place)| (place.clone(), "")),
    };
    found.map(Some).ok_or_else(|| {
        Error::unknown(offset, format!("`{name}{rest}` is not known")).help(match &root.find {
            Find::Field(_) => format!("there is `{}`; the payload is `$`", root.example),
            _ => format!("write `{name}.name` or `{name}['name']`, and nothing behind it"),
        })
    })
}
