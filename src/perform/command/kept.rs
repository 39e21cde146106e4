//! A command's output, bounded: the first half of the bound and the last, and how much lay between.

use std::collections::VecDeque;

use crate::limit;
use crate::perform::shown::{SLACK_BYTES, Shown, window};

/// Bytes shown from either end.
const HALF_BYTES: usize = limit::COMMAND_OUTPUT_MAX_BYTES / 2;
/// Bytes held of the beginning.
const HEAD_BYTES: usize = window(HALF_BYTES);
/// Bytes held of the end.
const TAIL_BYTES: usize = HALF_BYTES + SLACK_BYTES;

/// What is held of an output, however long it is.
#[derive(Default)]
pub(super) struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// Bytes that came in all.
    total: usize,
}

impl Kept {
    /// Takes the next bytes in.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.total = self.total.saturating_add(bytes.len());
        let (first, rest) = bytes.split_at(bytes.len().min(HEAD_BYTES - self.head.len()));
        self.head.extend_from_slice(first);
        let rest = rest.get(rest.len().saturating_sub(TAIL_BYTES)..).unwrap_or(rest);
        let surplus = (self.tail.len() + rest.len()).saturating_sub(TAIL_BYTES);
        self.tail.drain(..surplus);
        self.tail.extend(rest);
    }

    /// The first bytes that came.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The output for people.
    pub(super) fn text(&self, shown: &Shown<'_>) -> String {
        let (left, right) = self.tail.as_slices();
        let held = [&self.head, left, right].concat();
        if self.total <= limit::COMMAND_OUTPUT_MAX_BYTES {
            return shown.head(&held, limit::COMMAND_OUTPUT_MAX_BYTES);
        }
        let end = held.get(held.len().saturating_sub(TAIL_BYTES)..).unwrap_or(&held);
        format!(
            "{}\n[{} bytes left out]\n{}",
            shown.head(&self.head, HALF_BYTES),
            self.total - HALF_BYTES * 2,
            shown.tail(end, HALF_BYTES)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Vault;

    fn text_of(output: &[u8], chunk: usize) -> String {
        let mut kept = Kept::default();
        output.chunks(chunk).for_each(|bytes| kept.push(bytes));
        assert!(kept.head.len() + kept.tail.len() <= HEAD_BYTES + TAIL_BYTES);
        kept.text(&Shown::new(&Vault::default()))
    }

    #[test]
    fn keeps_both_ends_however_it_comes() {
        let bound = limit::COMMAND_OUTPUT_MAX_BYTES;
        for total in [0, 1, HEAD_BYTES, bound - 1, bound, bound + 1, bound + SLACK_BYTES * 3, 1_000_000] {
            let output: Vec<u8> = (0..total).map(|at| b'a' + u8::try_from(at % 23).unwrap()).collect();
            let whole = String::from_utf8(output.clone()).unwrap();
            let wanted = if total <= bound {
                whole
            } else {
                let (head, tail) = (whole.split_at(HALF_BYTES).0, whole.split_at(total - HALF_BYTES).1);
                format!("{head}\n[{} bytes left out]\n{tail}", total - bound)
            };
            for chunk in [1000, 8192, 2_000_000] {
                assert!(text_of(&output, chunk) == wanted, "{total} by {chunk}");
            }
        }
    }
}
