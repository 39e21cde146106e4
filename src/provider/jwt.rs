//! A JSON Web Token (RFC 7519): claims that are signed, of which some must be as the source says. It binds a body only by
//! a digest among the claims, so without one it must end soon.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::ParsedPublicKey;
use serde_json::{Map, Value, json};

use crate::time::Timestamp;

use super::encoding::unpadded;
use super::fetched::{Wanted, opened};
use super::jwks::Jwks;
use super::jwt_claims::{Claims, key_name};
use super::key;
use super::message::DigestForm;
use super::part::Part;
use super::public_key;
use super::refusal::{Doubt, Refusal};
use super::scheme::{Named, Origin, which};
use super::sign::Draft;
use super::text::Text;
use super::view::View;

/// For how long a token of our own making is good.
const LIFE_SECONDS: i64 = 300;

/// Where the token stands, who signs it, and what it must say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Jwt {
    pub(super) from: Part,
    /// What stands before it, such as `Bearer `.
    pub(super) prefix: String,
    /// Whether the prefix may be missing.
    pub(super) prefix_optional: bool,
    pub(super) maker: Maker,
    /// Claims, and the texts of which each must be one.
    pub(super) claims: Vec<(String, Vec<Text>)>,
    /// The claim that holds a digest of the body.
    pub(super) body_digest: Option<(String, DigestForm)>,
}

/// By what is signed; one algorithm only, so that no public key is ever taken for a secret.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Maker {
    /// `HS256`.
    Secret(key::Form),
    /// `RS256` or `ES256`.
    Key(public_key::Algorithm, public_key::Form),
    /// The same, with keys that the issuer shows at a URL; a secret is such a set of keys, and then none is fetched.
    Shown(public_key::Algorithm, Text),
}

/// The scheme with its keys.
#[derive(Clone)]
pub(super) struct Lock {
    jwt: Jwt,
    keys: Keys,
}

#[derive(Clone)]
enum Keys {
    Secret(Vec<hmac::Key>),
    Public(Vec<ParsedPublicKey>),
    /// Sets of keys; none when they are at a URL.
    Shown(Vec<Jwks>),
}

impl Maker {
    /// As the head of a token names it.
    fn name(&self) -> &'static str {
        match self {
            Self::Secret(_) => "HS256",
            Self::Key(public_key::Algorithm::Es256, _) | Self::Shown(public_key::Algorithm::Es256, _) => {
                "ES256"
            }
            Self::Key(..) | Self::Shown(..) => "RS256",
        }
    }
}

impl Jwt {
    pub(super) fn parts(&self) -> Vec<&Part> {
        let claims = self.claims.iter().flat_map(|(_, texts)| texts.iter().flat_map(Text::parts));
        let url = match &self.maker {
            Maker::Shown(_, url) => Some(url.parts()),
            Maker::Secret(_) | Maker::Key(..) => None,
        };
        std::iter::once(&self.from).chain(claims).chain(url.into_iter().flatten()).collect()
    }

    /// Whether its keys are at no URL.
    pub(super) fn is_secret_needed(&self) -> bool {
        !matches!(self.maker, Maker::Shown(..))
    }

    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        match &self.maker {
            Maker::Secret(form) => Ok(self.lock(&key::all(form, secrets)?)),
            Maker::Key(algorithm, form) => {
                let keys = secrets.iter().map(|(reference, secret)| {
                    let key = form.read(secret.expose(), *algorithm);
                    key.map_err(|why| format!("the secret `{reference}` {why}"))
                });
                Ok(Lock { jwt: self.clone(), keys: Keys::Public(key::collect(keys)?) })
            }
            Maker::Shown(..) => {
                let sets = secrets.iter().map(|(reference, secret)| {
                    let set = Jwks::read(secret.expose());
                    set.ok_or_else(|| format!("the secret `{reference}` is not a set of public keys (JWKS)"))
                });
                Ok(Lock { jwt: self.clone(), keys: Keys::Shown(key::collect(sets)?) })
            }
        }
    }

    pub(super) fn lock(&self, keys: &[Vec<u8>]) -> Lock {
        let keys = keys.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key)).collect();
        Lock { jwt: self.clone(), keys: Keys::Secret(keys) }
    }

    pub(super) fn sign(&self, (_, secret): Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let key = match (&self.maker, draft.pen) {
            (Maker::Secret(form), _) => Some(hmac::Key::new(hmac::HMAC_SHA256, &form.decode(secret)?)),
            (Maker::Key(..) | Maker::Shown(..), Some(_)) => None,
            (Maker::Key(..) | Maker::Shown(..), None) => {
                return Err(format!(
                    "{} needs its sender's private key, which nobody else has",
                    self.maker.name()
                ));
            }
        };
        let head = unpadded(json!({ "alg": self.maker.name(), "typ": "JWT" }).to_string().as_bytes());
        let claims = unpadded(Value::Object(self.says(draft)?).to_string().as_bytes());
        let signed = format!("{head}.{claims}");
        let signature = match (&key, draft.pen) {
            (Some(key), _) => unpadded(hmac::sign(key, signed.as_bytes()).as_ref()),
            (None, Some(pen)) => unpadded(&pen(signed.as_bytes())?),
            (None, None) => String::new(),
        };
        draft.put(&self.from, &format!("{}{signed}.{signature}", self.prefix))
    }

    /// The claims of a token of our own making.
    fn says(&self, draft: &Draft<'_>) -> Result<Map<String, Value>, String> {
        let now = draft.now.seconds();
        let view = draft.view();
        let mut claims = Map::new();
        for (name, texts) in &self.claims {
            let Some(text) = texts.first() else { continue };
            let bytes = text.fill(&view).map_err(|lack| Refusal::from(lack).cause)?;
            claims.insert(name.clone(), Value::from(String::from_utf8_lossy(&bytes)));
        }
        claims.insert("iat".to_owned(), Value::from(now));
        claims.insert("exp".to_owned(), Value::from(now.saturating_add(LIFE_SECONDS)));
        if let Some((name, form)) = &self.body_digest {
            claims.insert(name.clone(), Value::from(form.write(&view.request.body)));
        }
        Ok(claims)
    }
}

impl Lock {
    pub(super) fn check(&self, view: &View<'_>, now: Timestamp) -> Result<String, Doubt> {
        let jwt = &self.jwt;
        let value = view.find(&jwt.from)?;
        let token = match value.strip_prefix(jwt.prefix.as_bytes()) {
            Some(token) => token,
            None if jwt.prefix_optional => &value,
            None => {
                let (from, prefix) = (&jwt.from, &jwt.prefix);
                let cause = format!("wrong prefix: {from} does not start with `{prefix}`");
                return Err(Refusal::unproven(cause).into());
            }
        };
        let wrong = || Refusal::unproven(format!("{} is no token", jwt.from));
        let dot = token.iter().rposition(|byte| *byte == b'.').ok_or_else(wrong)?;
        let (signed, signature) = token.split_at_checked(dot).ok_or_else(wrong)?;
        let who = self.made(signed, signature.get(1..).unwrap_or_default(), view)?;
        let claims = Claims::read(signed, jwt.maker.name())?;
        claims.check(jwt, view)?;
        let age = claims.age(now, jwt.body_digest.is_none())?;
        Ok(format!("jwt {}, {who}{age}", jwt.maker.name()))
    }

    /// The words for the key that made this signature.
    fn made(&self, signed: &[u8], signature: &[u8], view: &View<'_>) -> Result<String, Doubt> {
        let wrong = || Refusal::unproven("the signature of the token is not base64url");
        let signature = &super::encoding::from_unpadded(signature).ok_or_else(wrong)?;
        let (found, origin) = match (&self.keys, &self.jwt.maker) {
            (Keys::Secret(keys), _) => {
                let fits = |key: &hmac::Key| {
                    verify_slices_are_equal(hmac::sign(key, signed).as_ref(), signature).is_ok()
                };
                (which(keys, fits), Origin::Secrets(keys.len()))
            }
            (Keys::Public(keys), _) => {
                (which(keys, |key| key.verify_sig(signed, signature).is_ok()), Origin::Secrets(keys.len()))
            }
            (Keys::Shown(sets), Maker::Shown(algorithm, url)) => {
                let name = key_name(signed)?;
                let made = |set: &Jwks| set.made(name.as_deref(), *algorithm, signed, signature);
                if sets.is_empty() {
                    (made(&shown(url, name.as_deref(), *algorithm, view)?).then_some(0), Origin::Url)
                } else {
                    (which(sets, made), Origin::Secrets(sets.len()))
                }
            }
            (Keys::Shown(_), _) => (None, Origin::Url),
        };
        let why = || format!("the signature of the token does not match ({})", origin.tried());
        found.map(|index| origin.key(index, view).to_string()).ok_or_else(|| Refusal::unproven(why()).into())
    }
}

/// The keys that the issuer shows; when none of them could have made the token, there may be newer ones.
fn shown(
    url: &Text,
    name: Option<&str>,
    algorithm: public_key::Algorithm,
    view: &View<'_>,
) -> Result<Jwks, Doubt> {
    let url = String::from_utf8_lossy(&url.fill(view)?).into_owned();
    let found = opened(&url, view)?;
    let set = Jwks::read(&found.bytes);
    match set.filter(|set| set.has(name, algorithm)) {
        Some(set) => Ok(set),
        None if found.is_latest => {
            Err(Refusal::unproven("the token is signed by a key that its issuer does not show").into())
        }
        None => Err(Doubt::NeedsKey(Wanted { url, newer: true })),
    }
}
