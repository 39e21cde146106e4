//! What stands beside a signature in one value, such as `t=1` in `t=1,v1=ab`.

/// The items that are no signatures; of their text one copy is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    text: String,
    /// Where each name and its value end in the text.
    ends: Vec<(usize, usize)>,
}

impl Marks {
    /// None yet, of those in this text.
    pub(super) fn of(text: &str) -> Self {
        Self { text: String::with_capacity(text.len()), ends: Vec::new() }
    }

    /// Adds an item.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let end = self.text.len();
        self.text.push_str(value);
        self.ends.push((end, self.text.len()));
    }

    /// The values of the items of this name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        let items = starts.zip(&self.ends).filter_map(|(start, (middle, end))| {
            Some((self.text.get(start..*middle)?, self.text.get(*middle..*end)?))
        });
        items.filter(move |(key, _)| *key == name).map(|(_, value)| value.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_by_its_name() {
        let mut marks = Marks::of("t=1");
        for (name, value) in [("t", "1"), ("", "x"), ("v0", ""), ("t", "22")] {
            marks.push(name, value);
        }
        for (name, wanted) in [("t", vec!["1", "22"]), ("", vec!["x"]), ("v0", vec![""]), ("v1", vec![])] {
            let found: Vec<_> = marks.named(name).map(|value| std::str::from_utf8(value).unwrap()).collect();
            assert_eq!(found, wanted, "{name}");
        }
    }
}
