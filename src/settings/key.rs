//! The keys of maps in a rules file as rows of tables: what stands behind each and what it means. The loader reads
//! their names, the editor's schema all of them.

/// One key of a map.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What stands behind it.
    pub shape: Shape,
    /// What it means, in a few words.
    pub about: &'static str,
    /// Whether the map is nothing without it.
    pub is_needed: bool,
}

/// What may stand behind a key.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A text as it is, without templates; a number, `true` or `false` is taken as it is written.
    Text,
    /// A name that may stand in a template: letters, digits and `_`.
    Identifier,
    /// Names that may stand in a template: a list of them, or one.
    Ids,
    /// A path into the payload: `$.items`.
    Place,
    /// The name of a connection.
    Connection,
    /// A text that may hold `{{ }}`.
    Template,
    /// A list of texts that may hold `{{ }}`.
    Templates,
    /// A map of names to texts that may hold `{{ }}`.
    Fields,
    /// A map of names to texts that may hold `{{ }}`, or secret references.
    Settings,
    /// Anything; its texts may hold `{{ }}`.
    Json,
    /// A list of anything; its texts may hold `{{ }}`.
    List,
    /// `true` or `false`.
    Truth,
    /// `true`, where to leave it out is the only other way.
    True,
    /// A whole number between these bounds, which it may be.
    Number(usize, usize),
    /// A number between these bounds, which it may be.
    Decimal(usize, usize),
    /// A duration such as `15m`.
    Duration,
    /// A size in bytes such as `256KiB`.
    Size,
    /// A rate such as `10/s`.
    Rate,
    /// A rate, or a map with these keys.
    RateOr(&'static [Key]),
    /// A duration, or a map with these keys.
    DurationOr(&'static [Key]),
    /// A list of exit codes, or one.
    Codes,
    /// A list of networks such as `10.0.0.0/8`, or one.
    Networks,
    /// A retry policy.
    Retry,
    /// The failures after which to try again.
    Failures,
    /// Conditions, as in a rule's `if`.
    Conditions,
    /// A secret reference.
    Secret,
    /// Several secret references while one is rotated, or one.
    Secrets,
    /// A text or a secret reference.
    TextOrSecret,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words of another table.
    Named(fn() -> Vec<&'static str>),
    /// A list of these words, or one.
    Words(&'static [&'static str]),
    /// A text, and nothing that YAML reads as something else; not empty.
    Plain,
    /// The same without templates, and not blank.
    Name,
    /// A list of names, or one.
    Names,
    /// A text, or a list of them.
    Plains,
    /// A text, or a list of them, even empty ones.
    AnyTexts,
    /// A map of names to texts, or lists of them.
    Texts,
    /// The name of an environment variable, or a list of them.
    Variables,
    /// A text, even an empty one.
    AnyText,
    /// A path pattern such as `/sensors/{site}`.
    Path,
    /// How a webhook is proved genuine: a preset, a scheme, `none`.
    Verification,
    /// What a body is read as.
    Format,
    /// How old a signature may be.
    Tolerance,
    /// The version of the rules language.
    Version,
    /// A map of names to sources.
    Sources,
    /// A map of names to connections.
    Connections,
    /// A list of rules.
    Rules,
    /// A list of maps with these keys.
    Maps(&'static [Key]),
    /// A list of test cases.
    Cases,
    /// What a test case expects: `nothing`, or a list.
    Expectation,
    /// A map of texts to anything.
    Entries,
    /// A list of actions, or one.
    Actions,
    /// A map with these keys.
    Map(&'static [Key]),
    /// A map with exactly one of these keys.
    OneOf(&'static [Key]),
}

/// What keys of one map have to do with each other.
#[derive(Clone, Copy, Debug)]
pub enum Choice {
    /// One of these is there, or more.
    AtLeastOne(&'static [&'static str]),
    /// One of these is there, or none.
    AtMostOne(&'static [&'static str]),
    /// One of these is there.
    ExactlyOne(&'static [&'static str]),
    /// With the first, one of the others is there.
    Needs(&'static str, &'static [&'static str]),
}

impl Key {
    /// A key that may be left out.
    pub const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, about, is_needed: false }
    }

    /// A key without which the map is nothing.
    pub const fn needed(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, about, is_needed: true }
    }
}

/// The names of keys.
pub fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}
