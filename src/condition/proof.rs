//! The proof: the condition's tree with what was wanted, what was found, and why that passes or not.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::look::Judged;
use super::{Field, Spot, show};

/// What came of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    Held,
    /// It does not hold.
    Failed,
    /// The steps ran out before the answer was known.
    Unknown,
}

/// A condition judged for one event, with its grounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// What came of it.
    pub verdict: Verdict,
    /// Its parts, or the test itself.
    #[serde(flatten)]
    pub part: Part,
}

/// What a proof consists of. Parts that decided nothing any more are there too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Every part had to hold.
    All(Vec<Proof>),
    /// One part had to hold.
    Any(Vec<Proof>),
    /// This must not have held; always one.
    Not(Vec<Proof>),
    /// One operator on one path.
    Test(Leaf),
}

/// One operator on one path. Texts are cut at 120 characters; values that may be secrets are hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leaf {
    /// What was looked at: `$.amount`, `headers.x`, `method`.
    pub subject: String,
    /// The operator's name.
    pub operator: &'static str,
    /// What was wanted, as JSON, or a path.
    pub wanted: String,
    /// The value that decided, as JSON before any conversion; of several the one that came nearest. `None` when
    /// nothing was found.
    pub got: Option<String>,
    /// Why it failed, or why it holds where that is not plain.
    pub reason: Option<String>,
    /// The file the test stands in.
    pub file: Arc<str>,
    /// Its bytes in the file.
    #[serde(skip)]
    pub span: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
}

/// A leaf before it is known which field it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) operator: &'static str,
    pub(super) wanted: String,
    pub(super) spot: Spot,
    pub(super) verdict: Verdict,
    pub(super) got: Option<String>,
    pub(super) reason: Option<String>,
}

impl Verdict {
    pub(super) fn of(judged: Judged) -> Self {
        match judged {
            Ok(true) => Self::Held,
            Ok(false) => Self::Failed,
            Err(_) => Self::Unknown,
        }
    }
}

impl Proof {
    /// Whether the condition holds; false as well when the steps ran out.
    pub fn holds(&self) -> bool {
        self.verdict == Verdict::Held
    }

    /// All tests, in the order of the file, each with what came of it.
    pub fn leaves(&self) -> Vec<(Verdict, &Leaf)> {
        match &self.part {
            Part::All(parts) | Part::Any(parts) | Part::Not(parts) => {
                parts.iter().flat_map(Self::leaves).collect()
            }
            Part::Test(leaf) => vec![(self.verdict, leaf)],
        }
    }

    /// The proof of one field: its only test, or all of them.
    pub(super) fn of_field(field: &Field, mut findings: Vec<Finding>, judged: Judged) -> Self {
        findings.sort_by_key(|finding| finding.spot.span.start);
        let verdict = Verdict::of(judged);
        let mut tests: Vec<Self> = findings.into_iter().map(|finding| finding.proof(field)).collect();
        match (tests.len(), tests.pop()) {
            (1, Some(only)) => Self { verdict, ..only },
            (_, last) => Self { verdict, part: Part::All(tests.into_iter().chain(last).collect()) },
        }
    }
}

impl Finding {
    fn proof(mut self, field: &Field) -> Proof {
        if field.subject.is_secret() {
            self.hide();
        }
        let leaf = Leaf {
            subject: show::short(&field.subject.to_string()),
            operator: self.operator,
            wanted: self.wanted,
            got: self.got,
            reason: self.reason,
            file: Arc::clone(&field.file),
            span: self.spot.span,
            line: self.spot.line,
        };
        Proof { verdict: self.verdict, part: Part::Test(leaf) }
    }

    /// Takes out what may be a secret. Once a value was seen, the reason speaks of it.
    fn hide(&mut self) {
        self.wanted = show::HIDDEN.to_owned();
        if self.got.is_some() {
            self.got = Some(show::HIDDEN.to_owned());
            self.reason = None;
        }
    }
}
