//! What parts a body into parts: the boundary in its content type, and the lines that begin with it.

use crate::payload::params::{only, params};

/// The longest boundary: <https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1>.
const BOUNDARY_MAX_BYTES: usize = 70;
/// What a boundary may have in it beside letters and digits.
const MARKS: &[u8] = b"'()+_,-./:=? ";

/// The boundary that a content type names; `None` when it names none, several, or one that is none.
pub(in crate::payload) fn boundary(content_type: &str) -> Option<String> {
    let (_, after) = content_type.split_at_checked(content_type.find(';')?)?;
    let boundary = only(&params(after)?, "boundary")?.to_owned();
    let sound = (1..=BOUNDARY_MAX_BYTES).contains(&boundary.len())
        && boundary.bytes().all(|byte| byte.is_ascii_alphanumeric() || MARKS.contains(&byte))
        && !boundary.ends_with(' ');
    sound.then_some(boundary)
}

/// A body as it is cut into its parts.
pub(super) struct Parts<'b> {
    body: &'b [u8],
    /// A line break and the line that ends a part.
    delimiter: Vec<u8>,
    /// What is read already, up to the end of a delimiter.
    read: usize,
}

/// What cannot be a part, in words, and where.
pub(super) type Broken = (&'static str, usize);

/// The bytes of a part, and where they begin.
pub(super) type Part<'b> = (&'b [u8], usize);

impl<'b> Parts<'b> {
    /// Finds the first boundary; what stands before it is nobody's.
    pub(super) fn of(body: &'b [u8], boundary: &str) -> Result<Self, Broken> {
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        let first = delimiter.strip_prefix(b"\r\n").unwrap_or_default();
        let start = if body.starts_with(first) { Some(first.len()) } else { None };
        let start = start.or_else(|| Some(find(body, &delimiter, 0)? + delimiter.len()));
        let read = start.ok_or(("the boundary is nowhere", 0))?;
        Ok(Self { body, delimiter, read })
    }

    /// The next part; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Part<'b>>, Broken> {
        let rest = self.body.get(self.read..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(None);
        }
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if !rest.get(blanks..).unwrap_or_default().starts_with(b"\r\n") {
            return Err(("a boundary is not a line of its own", self.read));
        }
        let start = self.read + blanks + 2;
        let end = find(self.body, &self.delimiter, start)
            .ok_or(("the last boundary is missing", self.body.len()))?;
        self.read = end + self.delimiter.len();
        Ok(Some((self.body.get(start..end).unwrap_or_default(), start)))
    }
}

/// Where a delimiter begins, not before `from`.
fn find(body: &[u8], delimiter: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let rest = body.get(from..)?;
        let at = rest.iter().position(|byte| *byte == b'\r')?;
        if rest.get(at..)?.starts_with(delimiter) {
            return Some(from + at);
        }
        from += at + 1;
    }
}
