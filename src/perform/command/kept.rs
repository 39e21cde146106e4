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

    /// Bytes that came in all.
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// The output for people.
    pub(super) fn text(&self, shown: &Shown<'_>) -> String {
        self.text_without(0, shown)
    }

    /// The output so far, without what at its end may be half of a secret: the other half may come.
    pub(super) fn text_so_far(&self, shown: &Shown<'_>) -> String {
        self.text_without(shown.open_end(&self.held()), shown)
    }

    fn held(&self) -> Vec<u8> {
        let (left, right) = self.tail.as_slices();
        [&self.head, left, right].concat()
    }

    /// The output without so many bytes at its end.
    fn text_without(&self, open: usize, shown: &Shown<'_>) -> String {
        let mut held = self.held();
        let is_whole = held.len() == self.total;
        held.truncate(held.len().saturating_sub(open));
        let total = self.total.saturating_sub(open);
        if is_whole && total <= limit::COMMAND_OUTPUT_MAX_BYTES {
            return shown.head(&held, limit::COMMAND_OUTPUT_MAX_BYTES);
        }
        // What lies before the end of something longer is gone: what is taken off the end makes it shorter.
        let behind = if is_whole { TAIL_BYTES } else { TAIL_BYTES.saturating_sub(open) };
        let end = held.get(held.len().saturating_sub(behind)..).unwrap_or(&held);
        let seen = HALF_BYTES + behind.saturating_sub(SLACK_BYTES);
        format!(
            "{}\n[{} bytes left out]\n{}",
            shown.head(&self.head, HALF_BYTES),
            total.saturating_sub(seen),
            shown.tail(end, HALF_BYTES)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Secret, SecretRef, Vault};

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

    #[test]
    fn what_may_be_half_a_secret_waits_for_the_other_half() {
        let mut vault = Vault::default();
        vault.insert(SecretRef::Env("X".into()), Secret::new(*b"correct-horse-battery"));
        let shown = Shown::new(&vault);
        let bound = limit::COMMAND_OUTPUT_MAX_BYTES;
        for before in [0, 10, bound - 30, bound - 5, bound, bound + SLACK_BYTES * 2, 1_000_000] {
            let mut kept = Kept::default();
            kept.push(&vec![b'x'; before]);
            kept.push(b"correct-horse-");
            let so_far = kept.text_so_far(&shown);
            assert!(!so_far.contains("cor"), "{before}");
            let left_out = so_far.split_once("\n[").and_then(|(_, rest)| rest.split_once(" bytes"));
            let left_out: usize = left_out.map_or(0, |(count, _)| count.parse().unwrap());
            assert_eq!(left_out + so_far.matches('x').count(), before, "all that came is shown or counted");
            kept.push(b"battery\n");
            let ended = kept.text_so_far(&shown);
            assert!(ended.ends_with("[secret]\n") && ended == kept.text(&shown), "{before}");
        }
    }
}
