//! Whether a request is the one meant: by which method it comes, and what must be there, be missing or be equal.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::Method;

use super::part::Part;
use super::text::Text;
use super::view::View;

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct When {
    /// `None` for any.
    pub(super) method: Option<Method>,
    pub(super) wants: Vec<(Part, Want)>,
}

/// What a part must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Want {
    Present,
    Missing,
    /// Equal to what this text becomes; a text that cannot be filled is equal to nothing.
    Equal(Text),
}

impl When {
    pub(super) fn holds(&self, view: &View<'_>) -> bool {
        self.method.as_ref().is_none_or(|method| *method == view.request.method)
            && self.wants.iter().all(|(part, want)| want.holds(part, view))
    }

    /// Every part of a request it looks at.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.wants.iter().flat_map(|(part, want)| {
            let text = match want {
                Want::Equal(text) => Some(text.parts()),
                Want::Present | Want::Missing => None,
            };
            std::iter::once(part).chain(text.into_iter().flatten())
        })
    }
}

impl Want {
    /// A part that is there twice, or in a body that cannot be read, is neither there nor missing.
    fn holds(&self, part: &Part, view: &View<'_>) -> bool {
        match (self, view.find(part)) {
            (Self::Present, found) => found.is_ok(),
            (Self::Missing, found) => found.is_err_and(|lack| lack.is_missing()),
            (Self::Equal(text), Ok(found)) => {
                text.fill(view).is_ok_and(|wanted| verify_slices_are_equal(&found, &wanted).is_ok())
            }
            (Self::Equal(_), Err(_)) => false,
        }
    }
}
