//! A token that both sides know and the sender shows with every request.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};

use super::key;
use super::part::Part;
use super::refusal::Refusal;
use super::scheme::{Named, tried, which};
use super::sign::Draft;
use super::view::View;

/// Where the token stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) from: Part,
    /// What stands before it, such as `Bearer `.
    pub(super) prefix: String,
}

/// A token with the digests of all that are right: equal lengths, so that comparing tells nothing of the length.
#[derive(Clone)]
pub(super) struct Lock {
    token: Token,
    digests: Vec<Digest>,
}

impl Token {
    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        Ok(self.lock(key::all(&key::Form::default(), secrets)?))
    }

    pub(super) fn lock(&self, keys: Vec<Vec<u8>>) -> Lock {
        let digests = keys.into_iter().map(|key| digest(&SHA256, &key)).collect();
        Lock { token: self.clone(), digests }
    }

    pub(super) fn sign(&self, (_, secret): Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let token = secret.expose_text().ok_or("the secret is not text")?;
        draft.put(&self.from, &format!("{}{token}", self.prefix))
    }
}

impl Lock {
    pub(super) fn check(&self, view: &View<'_>) -> Result<String, Refusal> {
        let Token { from, prefix } = &self.token;
        let value = view.find(from)?;
        let Some(token) = value.strip_prefix(prefix.as_bytes()) else {
            return Err(Refusal::unproven(format!("wrong prefix: {from} does not start with `{prefix}`")));
        };
        let count = self.digests.len();
        match fitting(&self.digests, token) {
            Some(index) => Ok(format!("token, {}", view.secret(index, count))),
            None => Err(Refusal::unproven(format!("the token in {from} does not match ({})", tried(count)))),
        }
    }
}

/// The first digest that is that of the text.
pub(super) fn fitting(digests: &[Digest], text: &[u8]) -> Option<usize> {
    let shown = digest(&SHA256, text);
    which(digests, |digest| verify_slices_are_equal(digest.as_ref(), shown.as_ref()).is_ok())
}
