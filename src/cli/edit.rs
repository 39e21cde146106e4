//! `--set '$.a.b=1'`: one value of a payload put in the place of another.

pub(super) use crate::rehearse::{Edit, change, items};
