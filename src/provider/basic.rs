//! HTTP Basic (RFC 7617): a user and a password in the `Authorization` header.

use aws_lc_rs::digest::{Digest, SHA256, digest};
use http::header::AUTHORIZATION;

use super::encoding::Encoding;
use super::key::{self, Form};
use super::part::Part;
use super::refusal::Refusal;
use super::scheme::{Named, tried};
use super::sign::Draft;
use super::token::fitting;
use super::view::View;

/// The secret is `user:password`, or the password alone when the scheme names the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Basic {
    pub(super) user: Option<String>,
}

/// The digests of all credentials that are right.
#[derive(Clone)]
pub(super) struct Lock {
    digests: Vec<Digest>,
}

impl Basic {
    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        let credentials = secrets.iter().map(|(reference, secret)| {
            let key = Form::default().decode(secret);
            key.and_then(|key| self.credentials(&key))
                .map_err(|why| format!("the secret `{reference}` {why}"))
        });
        Ok(Self::lock(key::collect(credentials)?))
    }

    pub(super) fn lock(credentials: Vec<Vec<u8>>) -> Lock {
        Lock { digests: credentials.into_iter().map(|pair| digest(&SHA256, &pair)).collect() }
    }

    /// `user:password`, with a password that is not blank.
    pub(super) fn credentials(&self, secret: &[u8]) -> Result<Vec<u8>, String> {
        if let Some(user) = &self.user {
            return Ok([user.as_bytes(), b":", secret].concat());
        }
        let colon = secret.iter().position(|byte| *byte == b':');
        match colon.and_then(|colon| secret.get(colon + 1..)) {
            None => Err("must be `user:password`, or name the user: { kind: basic, user: NAME }".to_owned()),
            Some(password) if password.trim_ascii().is_empty() => Err("has a blank password".to_owned()),
            Some(_) => Ok(secret.to_vec()),
        }
    }

    pub(super) fn sign(&self, (_, secret): Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let pair = self.credentials(secret.expose())?;
        draft.put(&Part::Header(AUTHORIZATION), &format!("Basic {}", Encoding::Base64.encode(&pair)))
    }
}

impl Lock {
    pub(super) fn check(&self, view: &View<'_>) -> Result<String, Refusal> {
        let value = view.find(&Part::Header(AUTHORIZATION))?;
        let (scheme, written) = value.split_at_checked("Basic ".len()).unwrap_or((&value, &[]));
        if !scheme.eq_ignore_ascii_case(b"Basic ") {
            return Err(Refusal::unproven("wrong prefix: header authorization does not start with `Basic `"));
        }
        let Some(pair) = Encoding::Base64.signature(written) else {
            return Err(Refusal::unproven("header authorization is not base64"));
        };
        let count = self.digests.len();
        match fitting(&self.digests, &pair) {
            Some(index) => Ok(format!("basic, {}", view.secret(index, count))),
            None => Err(Refusal::unproven(format!("user or password does not match ({})", tried(count)))),
        }
    }
}
