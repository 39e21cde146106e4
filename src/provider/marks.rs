//! What stands beside a signature in one value, such as `t=1` in `t=1,v1=ab`.

use smallvec::SmallVec;

/// The items that are no signatures; the few and short ones that senders write take no allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Names and values, one behind the other.
    bytes: SmallVec<[u8; 32]>,
    /// Where each name and its value end.
    ends: SmallVec<[(usize, usize); 2]>,
}

impl Marks {
    /// Adds an item.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.bytes.extend_from_slice(name.as_bytes());
        let end = self.bytes.len();
        self.bytes.extend_from_slice(value.as_bytes());
        self.ends.push((end, self.bytes.len()));
    }

    /// The values of the items of this name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        let items = starts.zip(&self.ends).filter_map(|(start, (middle, end))| {
            Some((self.bytes.get(start..*middle)?, self.bytes.get(*middle..*end)?))
        });
        items.filter(move |(key, _)| *key == name.as_bytes()).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_by_its_name() {
        let mut marks = Marks::default();
        for (name, value) in [("t", "1"), ("", "x"), ("v0", ""), ("t", "22")] {
            marks.push(name, value);
        }
        for (name, wanted) in [("t", vec!["1", "22"]), ("", vec!["x"]), ("v0", vec![""]), ("v1", vec![])] {
            let found: Vec<_> = marks.named(name).map(|value| std::str::from_utf8(value).unwrap()).collect();
            assert_eq!(found, wanted, "{name}");
        }
    }
}
