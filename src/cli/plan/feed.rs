//! Where a plan's events come from: the store, newest first, or a file; a piece at a time, so that memory stays small.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::backtest::Kept;
use crate::cli::End;
use crate::event::Event;
use crate::id::EventId;
use crate::rehearse::{Recorded, replay};
use crate::rule::Set;
use crate::store::sqlite::{Archive, Stored};
use crate::time::Timestamp;

/// Bytes of one line of a file.
const LINE_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Events of a file in one piece.
const PIECE_EVENTS: usize = 64;
/// Larger than every event's id.
const LAST: EventId = EventId::from_bytes([0xff; 16]);

/// Events, a piece at a time.
pub(super) enum Feed {
    /// Of a store.
    Store {
        archive: Box<Archive>,
        since: Option<Timestamp>,
        before: EventId,
        /// About how many there are.
        all: Option<u64>,
    },
    /// Of a file.
    File { values: Values, sets: [Arc<Set>; 2], number: usize },
}

/// The JSON values of a file, one after the other; those of a list count as if they stood alone.
pub(super) struct Values {
    form: Form,
    name: String,
}

enum Form {
    /// One value a line: what a line says is read elsewhere.
    Lines { reader: Box<dyn BufRead + Send>, first: Option<Vec<u8>> },
    /// Values as they stand, over several lines.
    Stream {
        stream: Box<dyn Iterator<Item = serde_json::Result<Value>> + Send>,
        waiting: std::vec::IntoIter<Value>,
    },
}

/// Some events that are read elsewhere, since that is most of the work.
pub(super) enum Piece {
    Stored(Vec<Stored>),
    Recorded { values: Vec<Written>, sets: [Arc<Set>; 2], first: usize },
}

/// A recorded event of a file.
pub(super) enum Written {
    Line(Vec<u8>),
    Value(Value),
}

impl Feed {
    /// Of a store, newest first.
    pub(super) fn store(archive: Archive, since: Option<Timestamp>) -> Self {
        let all = archive.count(since).ok();
        Self::Store { archive: Box::new(archive), since, before: LAST, all }
    }

    /// Of a file, or of standard input for `-`; sources are looked up in both sets.
    pub(super) fn file(path: &Path, old: Arc<Set>, new: Arc<Set>) -> Result<Self, End> {
        let name = path.display().to_string();
        let reader: Box<dyn Read + Send> = if name == "-" {
            Box::new(std::io::stdin())
        } else {
            let file = File::open(path);
            Box::new(file.map_err(|why| End::CouldNot(format!("cannot read `{name}`: {why}")))?)
        };
        let values = Values::new(BufReader::new(reader), name)?;
        Ok(Self::File { values, sets: [old, new], number: 0 })
    }

    /// About how many events there are, where that is known.
    pub(super) fn all(&self) -> Option<u64> {
        match self {
            Self::Store { all, .. } => *all,
            Self::File { .. } => None,
        }
    }

    /// The next piece; `None` when there are no more.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, End> {
        match self {
            Self::Store { archive, since, before, .. } => {
                let page = archive.page(*before, *since).map_err(|why| End::CouldNot(why.to_string()))?;
                Ok(page.map(|page| {
                    *before = page.last;
                    Piece::Stored(page.events)
                }))
            }
            Self::File { values, sets, number } => {
                let (first, taken) = (*number, values.take()?);
                *number += taken.len();
                let piece = Piece::Recorded { values: taken, sets: sets.clone(), first };
                Ok((*number > first).then_some(piece))
            }
        }
    }
}

impl Values {
    /// A first line that is a whole value tells that each line is one.
    fn new(mut reader: BufReader<Box<dyn Read + Send>>, name: String) -> Result<Self, End> {
        let first = line(&mut reader, &name)?.unwrap_or_default();
        let is_whole = serde_json::from_slice::<Value>(&first).is_ok_and(|value| value.is_object());
        let form = if is_whole {
            Form::Lines { reader: Box::new(reader), first: Some(first) }
        } else {
            let all = Cursor::new(first).chain(reader);
            let stream = Box::new(serde_json::Deserializer::from_reader(all).into_iter());
            Form::Stream { stream, waiting: Vec::new().into_iter() }
        };
        Ok(Self { form, name })
    }

    fn take(&mut self) -> Result<Vec<Written>, End> {
        let mut taken = Vec::new();
        while taken.len() < PIECE_EVENTS {
            let Some(next) = self.next()? else { break };
            taken.push(next);
        }
        Ok(taken)
    }

    fn next(&mut self) -> Result<Option<Written>, End> {
        match &mut self.form {
            Form::Lines { reader, first } => match first.take() {
                Some(first) => Ok(Some(Written::Line(first))),
                None => Ok(line(reader, &self.name)?.map(Written::Line)),
            },
            Form::Stream { stream, waiting } => loop {
                if let Some(value) = waiting.next() {
                    return Ok(Some(Written::Value(value)));
                }
                match stream.next() {
                    None => return Ok(None),
                    Some(Ok(Value::Array(list))) => *waiting = list.into_iter(),
                    Some(Ok(value)) => return Ok(Some(Written::Value(value))),
                    Some(Err(why)) => {
                        return Err(End::CouldNot(format!("`{}` is not JSON: {why}", self.name)));
                    }
                }
            },
        }
    }
}

/// The next line with anything on it; `None` at the end.
fn line(reader: &mut dyn BufRead, name: &str) -> Result<Option<Vec<u8>>, End> {
    loop {
        let mut line = Vec::new();
        let read = Read::take(&mut *reader, LINE_MAX_BYTES).read_until(b'\n', &mut line);
        match read.map_err(|why| End::CouldNot(format!("cannot read `{name}`: {why}")))? {
            0 => return Ok(None),
            _ if line.iter().all(u8::is_ascii_whitespace) => {}
            _ => return Ok(Some(line)),
        }
    }
}

impl Piece {
    /// How many events are in it, at least.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Stored(all) => all.len(),
            Self::Recorded { values, .. } => values.len(),
        }
    }

    /// How its events were kept.
    pub(super) fn kept(&self) -> Kept {
        match self {
            Self::Stored(_) => Kept::Raw,
            Self::Recorded { .. } => Kept::Payload,
        }
    }

    /// Reads its events. One that cannot be read is given as its complaint.
    pub(super) fn read(self, each: &mut dyn FnMut(Result<Event, String>)) {
        match self {
            Self::Stored(all) => {
                all.into_iter().for_each(|stored| each(stored.event().map_err(|why| why.to_string())));
            }
            Self::Recorded { values, sets, first } => {
                for (number, written) in (first + 1..).zip(values) {
                    match written.value().and_then(|value| recorded(&value, &sets, number)) {
                        Ok(events) => events.into_iter().for_each(|event| each(Ok(event))),
                        Err(why) => each(Err(format!("event {number}: {why}"))),
                    }
                }
            }
        }
    }
}

impl Written {
    fn value(self) -> Result<Value, String> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Line(line) => serde_json::from_slice(&line).map_err(|why| format!("it is not JSON: {why}")),
        }
    }
}

fn recorded(value: &Value, sets: &[Arc<Set>; 2], number: usize) -> Result<Vec<Event>, String> {
    let recorded = Recorded::read(value)
        .filter(|recorded| recorded.source.is_some())
        .ok_or("it is no recorded event: `doorbell events show ID --as json` prints one")?;
    let name = recorded.source.clone().unwrap_or_default();
    let source = sets.iter().find_map(|set| set.source(&name));
    let source =
        source.ok_or_else(|| format!("neither the old nor the new rules have its source `{name}`"))?;
    replay(source, recorded, EventId::from_bytes([0; 16]).later(number))
}
