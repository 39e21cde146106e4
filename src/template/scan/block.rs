//! Blocks that are open: `{{#if …}}` needs its `{{/if}}`, one `{{else}}`, and not too many others around it.

use crate::limit;
use crate::template::error::Error;

/// The blocks around the place the scan has reached, the innermost last.
#[derive(Default)]
pub(super) struct Blocks<'t> {
    open: Vec<Open<'t>>,
}

struct Open<'t> {
    name: &'t str,
    /// The index of its word: the end gets the same.
    word: usize,
    offset: usize,
    /// Each `{{else if …}}` stands inside the one before.
    chained: usize,
    /// Whether `{{else}}` was seen.
    last_part: bool,
}

impl<'t> Blocks<'t> {
    /// How deep the place is.
    fn depth(&self) -> usize {
        self.open.iter().map(|open| 1 + open.chained).sum()
    }

    /// Whether something so many levels deeper is still within bounds.
    pub(super) fn room(&self, offset: usize, levels: usize) -> Result<(), Error> {
        if self.depth() + levels <= limit::TEMPLATE_DEPTH_MAX {
            return Ok(());
        }
        let message = format!("a template nested deeper than {} levels", limit::TEMPLATE_DEPTH_MAX);
        Err(Error::at(offset, message)
            .help("make it simpler: blocks, `else if` and brackets count as levels"))
    }

    pub(super) fn begin(&mut self, offset: usize, name: &'t str, word: usize) -> Result<(), Error> {
        self.room(offset, 1)?;
        self.open.push(Open { name, word, offset, chained: 0, last_part: false });
        Ok(())
    }

    /// `{{else}}`, or with a further block `{{else if …}}`.
    pub(super) fn part(&mut self, offset: usize, chained: bool) -> Result<(), Error> {
        self.room(offset, usize::from(chained))?;
        let Some(open) = self.open.last_mut() else {
            let help = "it belongs between `{{#if …}}` and `{{/if}}`";
            return Err(Error::at(offset, "`else` outside of a block").help(help));
        };
        if open.last_part {
            let message = format!("`{{{{#{}}}}}` has its `else` already", open.name);
            return Err(Error::at(offset, message).help("`{{else}}` is the last part of a block"));
        }
        open.last_part = !chained;
        open.chained += usize::from(chained);
        Ok(())
    }

    /// The end of the innermost block; gives the index of the word that began it.
    pub(super) fn close(&mut self, offset: usize, name: &str) -> Result<usize, Error> {
        match self.open.pop() {
            Some(open) if open.name == name => Ok(open.word),
            Some(open) => {
                let message = format!("`{{{{/{name}}}}}` where `{{{{#{}}}}}` is open", open.name);
                Err(Error::at(offset, message)
                    .help(format!("end the inner block first: `{{{{/{}}}}}`", open.name)))
            }
            None => {
                let message = format!("`{{{{/{name}}}}}` ends a block that was never begun");
                Err(Error::at(offset, message).help(format!("begin it with `{{{{#{name} …}}}}`")))
            }
        }
    }

    /// The end of the template.
    pub(super) fn end(&self) -> Result<(), Error> {
        let Some(open) = self.open.last() else { return Ok(()) };
        let message = format!("the block `{{{{#{}}}}}` is never ended", open.name);
        Err(Error::at(open.offset, message).help(format!("add `{{{{/{}}}}}`", open.name)))
    }
}
