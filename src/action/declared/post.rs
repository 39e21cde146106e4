//! An action of a service, filled: the request that its settings make.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::Value as Json;

use crate::effect::{self, Auth, Effect, Http, Landing, Put, Redirects, Sealed, Success};
use crate::secret::{SecretRef, Value};
use crate::template::Scope;
use crate::yaml::listed;

use super::super::connection::Settings;
use super::super::http::{timeout, unconnected};
use super::super::{Action, Connection, Failure, Named};
use super::account::Account;
use super::compile::{Written, fits, too_long};
use super::table::{Body, Declared, First, Given, Piece, Request, Setting, Show};
use super::values::{self, Filled, Values};
use super::write;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// An action without its values.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) declared: &'static Declared,
    pub(super) named: Named,
    pub(super) written: Vec<(&'static str, Written)>,
    pub(super) defaults: Vec<(&'static str, Written)>,
    pub(super) timeout: Option<Duration>,
}

impl Post {
    /// What is needed, is not there, and no connection can have.
    pub(super) fn missing(&self) -> impl Iterator<Item = &'static str> {
        let held = |name: &str| self.declared.held.iter().any(|held| held.name == name);
        self.needed().filter(move |name| !held(name))
    }

    /// What is needed and neither written nor there by itself.
    fn needed(&self) -> impl Iterator<Item = &'static str> {
        let settings = self.declared.settings.iter();
        let needed = settings.filter(|setting| setting.needed && self.own(&setting.name).is_none());
        needed.filter(|setting| self.may_count(setting)).map(|setting| setting.name.as_str())
    }

    fn own(&self, name: &str) -> Option<&Written> {
        let of = |list: &'_ [(&'static str, Written)]| list.iter().position(|(known, _)| *known == name);
        let written = of(&self.written).and_then(|at| self.written.get(at));
        let found = written.or_else(|| of(&self.defaults).and_then(|at| self.defaults.get(at)));
        found.map(|(_, written)| written)
    }

    /// Whether a setting counts as far as can be known without an event: what it depends on is one of its words.
    fn may_count(&self, setting: &Setting<Given>) -> bool {
        let Some((other, words)) = &setting.only_with else { return true };
        match self.own(other) {
            Some(_) if words.is_empty() => true,
            Some(written) => written.literal().is_some_and(|text| words.iter().any(|word| word == text)),
            None => false,
        }
    }

    fn account<'c>(
        &self,
        connection: Option<&'c Connection>,
    ) -> Result<(&'c Connection, &'c Account), Failure> {
        match connection.map(|connection| (connection, &connection.settings)) {
            Some((connection, Settings::Declared(account))) if account.verb() == self.declared.verb => {
                Ok((connection, account))
            }
            _ => Err(unconnected(&self.named.name, &self.declared.verb)),
        }
    }

    fn values(&self, account: &Account, scope: &Scope<'_>) -> Result<Values, Failure> {
        let mut values = Values::default();
        for (name, value) in account.values() {
            values.put(
                name,
                match value {
                    Value::Plain(text) => Filled::Json(Json::from(text.as_str())),
                    Value::Secret(secret) => Filled::Secret(secret.clone()),
                },
            );
        }
        for setting in &self.declared.settings {
            if let Some(value) = self.value(setting, &values, scope)? {
                values.put(&setting.name, Filled::Json(value));
            }
        }
        Ok(values)
    }

    /// The value of a setting; `None` when it does not count, or only the connection has one.
    fn value(
        &self,
        setting: &Setting<Given>,
        values: &Values,
        scope: &Scope<'_>,
    ) -> Result<Option<Json>, Failure> {
        if let Some((other, words)) = &setting.only_with
            && !values
                .text(other)
                .is_some_and(|text| words.is_empty() || words.iter().any(|word| *word == text))
        {
            return Ok(None);
        }
        let is_written = self.written.iter().any(|(name, _)| *name == setting.name);
        if !is_written && values.get(&setting.name).is_some() {
            return Ok(None);
        }
        let value = match self.own(&setting.name) {
            Some(Written::Text(template)) => Json::from(template.text(scope)?),
            Some(Written::Json(tree)) => tree.value(scope)?,
            None if setting.needed => {
                return Err(Failure::Refused(format!("`{}` has no `{}`", self.declared.verb, setting.name)));
            }
            None => return Ok(None),
        };
        let value = bounded(setting, value)?;
        match value.as_str() {
            Some(text) if !fits(setting, text) => Err(Failure::Refused(format!(
                "`{}` is none of {}",
                setting.name,
                listed(setting.one_of.iter().map(String::as_str))
            ))),
            _ => Ok(Some(value)),
        }
    }

    fn http(
        &self,
        request: &Request,
        (connection, account): (&Connection, &Account),
        values: &Values,
    ) -> Result<Http, Failure> {
        let base =
            account.base(&request.base).ok_or_else(|| unconnected(&self.named.name, &self.declared.verb))?;
        let mut sealed = Vec::new();
        let path = values.join(&request.path, Landing::Path, 0, &mut sealed, values::segment)?;
        let path = path.ok_or_else(|| Failure::Refused("a part of the path is missing".to_owned()))?;
        let (body, content_type) = body(&request.body, values, &mut sealed)?;
        Ok(Http {
            method: request.method.clone(),
            base: base.value.clone(),
            base_is_operators: true,
            path,
            query: write::fields(&request.query, values)?,
            headers: headers(request, values)?,
            auth: auth(&request.show, account),
            content_type,
            body,
            sealed,
            sign: None,
            first: None,
            timeout: timeout(self.timeout, Some(connection)),
            allow_private: connection.allow_private.iter().chain(&base.private).copied().collect(),
            redirects: Redirects::default(),
            success: Success::Said(&self.declared.says),
        })
    }

    /// What is asked for before, and where it goes then.
    fn first(
        &self,
        first: &First,
        request: &Request,
        reach: (&Connection, &Account),
        values: &Values,
    ) -> Result<effect::First, Failure> {
        let http = self.http(&first.request, reach, values)?;
        let mut puts = Vec::new();
        for (header, pieces) in &request.headers {
            let Some(at) = pieces.iter().position(|piece| matches!(piece, Piece::Taken(_))) else { continue };
            let (Some(before), Some(Piece::Taken(name))) = (pieces.get(..at), pieces.get(at)) else {
                continue;
            };
            let before = [(header.clone(), before.iter().map(Piece::clone).collect::<Vec<_>>())];
            let before = write::fields(&before, values)?.into_iter().next().map(|(_, text)| text);
            puts.push(Put { header: header.clone(), before: before.unwrap_or_default(), name: name.clone() });
        }
        let (take, absent) = (first.take.clone(), first.absent.clone());
        Ok(effect::First { http, take, puts, keep: first.keep, cookies: first.cookies, absent })
    }

    fn request(&self, values: &Values) -> Result<&'static Request, Failure> {
        let fits = |request: &&Request| request.with.as_ref().is_none_or(|with| values.get(with).is_some());
        let none = || Failure::Refused(format!("`{}` says nothing of what it is to do", self.declared.verb));
        self.declared.requests.iter().find(fits).ok_or_else(none)
    }
}

impl Action for Post {
    fn effect(&self, connection: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let (connection, account) = self.account(connection)?;
        let values = self.values(account, scope)?;
        let request = self.request(&values)?;
        let mut http = self.http(request, (connection, account), &values)?;
        if let Some(first) = &self.declared.first {
            http.first = Some(Box::new(self.first(first, request, (connection, account), &values)?));
        }
        Ok(Effect::Http(http))
    }

    fn lacks(&self, connection: &Connection) -> Option<(String, String)> {
        let Settings::Declared(account) = &connection.settings else { return None };
        let missing = self.needed().find(|name| account.get(name).is_none())?;
        let name = &connection.name;
        Some((
            format!("neither the action nor the connection `{name}` has `{missing}`"),
            format!("write  {missing}: …  in one of them"),
        ))
    }
}

/// A value that has no more than it may: a text of a setting that is cut loses its end.
fn bounded(setting: &Setting<Given>, value: Json) -> Result<Json, Failure> {
    let Some(max) = setting.max else { return Ok(value) };
    let count = match &value {
        Json::String(text) => text.chars().count(),
        Json::Array(items) => items.len(),
        Json::Object(entries) => entries.len(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    };
    match value {
        value if count <= max => Ok(value),
        Json::String(text) if setting.cut => {
            let kept: String = text.chars().take(max.saturating_sub(1)).collect();
            Ok(Json::from(format!("{kept}…")))
        }
        _ => Err(Failure::Refused(too_long(setting))),
    }
}

fn body(body: &Body, values: &Values, sealed: &mut Vec<Sealed>) -> Result<(Bytes, Option<String>), Failure> {
    Ok(match body {
        Body::Json(part) => {
            let mut out = String::new();
            if !write::json(part, values, &mut out, sealed)? {
                out.push_str("{}");
            }
            (out.into(), Some(JSON.to_owned()))
        }
        Body::None => (Bytes::new(), None),
        Body::Entries(name) => (write::entries(values.get(name), name)?.into(), Some(FORM.to_owned())),
        Body::Form(fields) => (write::form(fields, values, sealed)?.into(), Some(FORM.to_owned())),
    })
}

fn headers(request: &Request, values: &Values) -> Result<Vec<(String, Value)>, Failure> {
    let is_later = |pieces: &[Piece]| pieces.iter().any(|piece| matches!(piece, Piece::Taken(_)));
    let now = request.headers.iter().filter(|(_, pieces)| !is_later(pieces)).cloned();
    let fields = write::fields(&now.collect::<Vec<_>>(), values)?;
    if let Some((name, _)) = fields.iter().find(|(_, text)| HeaderValue::from_bytes(text.as_bytes()).is_err())
    {
        return Err(Failure::Refused(format!(
            "the header `{name}` may not hold line breaks or control characters"
        )));
    }
    Ok(fields.into_iter().map(|(name, text)| (name, Value::Plain(text))).collect())
}

fn auth(show: &Show, account: &Account) -> Auth {
    let secret = |name: &str| -> Option<SecretRef> {
        match account.get(name) {
            Some(Value::Secret(secret)) => Some(secret.clone()),
            _ => None,
        }
    };
    let shown = match show {
        Show::Nothing => None,
        Show::Bearer(token) => secret(token).map(Auth::Bearer),
        Show::Basic(user, password) => account
            .get(user)
            .zip(secret(password))
            .map(|(user, password)| Auth::Basic { user: user.clone(), password }),
        Show::Header(name, value) => secret(value).map(|value| Auth::Header { name: name.clone(), value }),
        Show::Scheme(word, value) => secret(value).map(|secret| Auth::Scheme { word: word.clone(), secret }),
    };
    shown.unwrap_or_default()
}
