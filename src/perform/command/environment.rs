//! The environment of a command: a few variables that every one gets, then its own. Nothing is inherited.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::Surroundings;
use crate::effect::Command;
use crate::perform::Ticket;
use crate::secret::{REDACTED, Value, Vault};

/// By which the processes of a command are known.
pub(super) const DELIVERY_ID: &str = "DOORBELL_DELIVERY_ID";

/// The name under which programs are looked for.
const PATH: &str = "PATH";

/// Variables in the order they are set; a later one of the same name counts.
pub(super) type Variables = Vec<(String, OsString)>;

/// All variables of a run.
///
/// # Errors
/// Names the variable that cannot be passed, or the secret that is missing.
pub(super) fn variables(
    effect: &Command,
    surroundings: &Surroundings,
    vault: &Vault,
    ticket: &Ticket,
) -> Result<Variables, String> {
    let mut variables: Variables = [
        (PATH, surroundings.path.clone()),
        ("HOME", surroundings.home.clone()),
        ("LANG", "C.UTF-8".into()),
        ("DOORBELL_EVENT_ID", ticket.event.to_string().into()),
        (DELIVERY_ID, ticket.delivery.to_string().into()),
        ("DOORBELL_RULE", ticket.rule.to_string().into()),
        ("DOORBELL_ATTEMPT", ticket.attempt.to_string().into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    variables.extend(ticket.is_replay.then(|| ("DOORBELL_REPLAY".to_owned(), "1".into())));
    for (name, value) in &effect.env {
        let value = match value {
            Value::Plain(text) => text.into(),
            Value::Secret(reference) => {
                let secret = vault.get(reference).map_err(|missing| missing.to_string())?;
                OsString::from_vec(secret.expose().to_vec())
            }
        };
        variables.push((name.clone(), value));
    }
    variables.iter().try_for_each(|(name, value)| check(name, value))?;
    Ok(variables)
}

/// Where programs are looked for.
pub(super) fn search(variables: &Variables) -> &OsStr {
    variables.iter().rfind(|(name, _)| name == PATH).map_or(OsStr::new(""), |(_, value)| value)
}

/// Tells a command who it runs as, but for what its rule says itself.
pub(super) fn belong_to(variables: &mut Variables, effect: &Command, name: &str, home: &str) {
    for (variable, value) in [("HOME", home), ("USER", name), ("LOGNAME", name)] {
        if !effect.env.iter().any(|(own, _)| own == variable) {
            variables.push((variable.to_owned(), value.into()));
        }
    }
}

/// The command's own variables as lines, the secret ones as `[secret]`.
pub(super) fn lines(effect: &Command) -> String {
    let mut lines = String::new();
    for (name, value) in &effect.env {
        let value = match value {
            Value::Plain(text) => text,
            Value::Secret(_) => REDACTED,
        };
        lines.extend([name, "=", value, "\n"]);
    }
    lines
}

fn check(name: &str, value: &OsStr) -> Result<(), String> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!(
            "`{}` is not a variable's name: letters, digits and `_` only",
            name.escape_debug()
        ));
    }
    if value.as_bytes().contains(&0) {
        return Err(format!(
            "the variable `{name}` has a NUL byte, which no program can be given; pass the value on standard input"
        ));
    }
    Ok(())
}
