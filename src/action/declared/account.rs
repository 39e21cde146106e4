//! A connection of a service: its URL, its secrets, and what actions need not say.

use ipnet::IpNet;

use crate::diagnostic::Diagnostic;
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::yaml::Node;

use super::super::address::Base;
use super::super::connection::Settings;
use super::super::field;
use super::table::{Declared, Held, Setting};

/// A connection's settings.
#[derive(Debug)]
pub(in crate::action) struct Account {
    verb: &'static str,
    held: Vec<(&'static str, Base)>,
    /// Those of them that are URLs.
    urls: Vec<&'static str>,
}

impl Account {
    /// Its URLs.
    pub(in crate::action) fn bases(&self) -> Vec<&Base> {
        self.urls.iter().filter_map(|name| self.base(name)).collect()
    }

    pub(in crate::action) fn secrets(&self) -> Vec<SecretRef> {
        self.held.iter().filter_map(|(_, base)| base.secret().cloned()).collect()
    }

    pub(super) const fn verb(&self) -> &'static str {
        self.verb
    }

    /// The setting of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.base(name).map(|base| &base.value)
    }

    pub(super) fn base(&self, name: &str) -> Option<&Base> {
        self.held.iter().find(|(held, _)| *held == name).map(|(_, base)| base)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.held.iter().map(|(name, base)| (*name, &base.value))
    }
}

/// Reads what stands under the verb of a connection.
pub(in crate::action) fn account(
    declared: &'static Declared,
    node: &Node<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Settings> {
    let verb = declared.verb;
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map").help(format!("`{verb}` takes {}", names(declared))));
        return None;
    }
    let before = problems.len();
    let mut held = Vec::new();
    for setting in declared.held {
        match node.get(setting.name) {
            Some(entry) => held.extend(read(setting, &entry, problems).map(|base| (setting.name, base))),
            None => match setting.default {
                Some(default) => held.push((setting.name, plain(default.to_owned()))),
                None if setting.needed => {
                    let problem = node.key_error("E005", format!("the connection has no `{}`", setting.name));
                    problems.push(problem.help(format!("`{verb}` takes {}", names(declared))));
                }
                None => {}
            },
        }
    }
    let is_url = |setting: &&Setting<Held>| matches!(setting.kind, Held::Url);
    let urls = declared.held.iter().filter(is_url).map(|setting| setting.name).collect();
    (problems.len() == before).then_some(Settings::Declared(Account { verb, held, urls }))
}

fn names(declared: &Declared) -> String {
    crate::yaml::listed(declared.held.iter().map(|setting| setting.name))
}

fn read(setting: &Setting<Held>, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Base> {
    match setting.kind {
        Held::Url => Base::read(node, problems),
        Held::Secret => settings::secret(node, problems).map(sealed),
        Held::TextOrSecret if node.value().is_mapping() => settings::secret(node, problems).map(sealed),
        Held::Text | Held::TextOrSecret => field::literal(node, problems).map(plain),
    }
}

const fn plain(text: String) -> Base {
    Base { value: Value::Plain(text), private: Vec::<IpNet>::new() }
}

const fn sealed(secret: SecretRef) -> Base {
    Base { value: Value::Secret(secret), private: Vec::<IpNet>::new() }
}
