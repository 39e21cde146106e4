//! What a command may not: `user`, `group`, `umask`, `limits` and `sandbox` of `run` and `shell`.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::effect::{Confinement, Limits, Sandbox};
use crate::settings::{self, names, one_or_many};
use crate::yaml::Node;

use super::field;
use super::verb::{Key, Shape};

pub(super) const USER: Key =
    Key::new("user", Shape::Text, "the user it runs as, by name or number; the server has to be root");
pub(super) const GROUP: Key =
    Key::new("group", Shape::Text, "the group it runs as, by name or number; the user's unless said");
pub(super) const UMASK: Key =
    Key::new("umask", Shape::Text, "the bits that files it makes do not get, such as `027`");
pub(super) const LIMITS: Key = Key::new("limits", Shape::Map(LIMIT_KEYS), "what it may use up");
pub(super) const SANDBOX: Key = Key::new(
    "sandbox",
    Shape::Map(SANDBOX_KEYS),
    "the only files it may see beside those of the system and its own directory; needs Landlock (Linux 5.13)",
);

/// The keys of `limits`.
pub const LIMIT_KEYS: &[Key] = &[
    Key::new("cpu", Shape::Duration, "processor time of each process, in whole seconds"),
    Key::new("memory", Shape::Size, "address space of each process; at least `32MiB`"),
    Key::new("open_files", Shape::Number(COUNT_MIN as usize, COUNT_MAX as usize), "files open at once"),
    Key::new(
        "processes",
        Shape::Number(1, COUNT_MAX as usize),
        "processes and threads that its user has at once; not counted for root",
    ),
    Key::new("file_size", Shape::Size, "the largest file that it may write"),
];
/// The keys of `sandbox`.
pub const SANDBOX_KEYS: &[Key] = &[
    Key::new("read", Shape::AnyTexts, "files and directories that it may read and run, with all below them"),
    Key::new("write", Shape::AnyTexts, "files and directories that it may change too"),
];
/// What starting a program takes: its three pipes, itself and its libraries.
const COUNT_MIN: u32 = 8;
/// More than this is no limit.
const COUNT_MAX: u32 = 1_000_000;
/// Less memory than this does not even start a program.
const MEMORY_MIN_BYTES: u64 = 32 << 20;
/// No bit beyond those of user, group and others.
const UMASK_MAX: u32 = 0o777;

/// Reads all of them; what is left out bounds nothing.
pub(super) fn read(item: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Confinement {
    let mut account = |name| item.get(name).and_then(|node| account(&node, problems));
    let (user, group) = (account("user"), account("group"));
    Confinement {
        user,
        group,
        umask: item.get("umask").and_then(|node| umask(&node, problems)),
        limits: item.get("limits").map(|node| limits(&node, problems)).unwrap_or_default(),
        sandbox: item.get("sandbox").and_then(|node| sandbox(&node, problems)),
    }
}

fn account(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let name = field::literal(node, problems)?;
    let key = node.key().unwrap_or("user");
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.$@".contains(letter);
    if name.is_empty() || !name.chars().all(plain) {
        problems.push(node.error("E004", format!("`{name}` is not the name of a {key}")));
        return None;
    }
    if key == "user" && (name == "root" || name.trim_start_matches('0').is_empty()) {
        let found = node.error("E004", "a rule does not make a command run as root");
        problems
            .push(found.help("leave `user` out for the server's own user, or name one with fewer rights"));
        return None;
    }
    Some(name)
}

fn umask(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<u32> {
    let text = field::literal(node, problems)?;
    let bits = u32::from_str_radix(&text, 8).ok().filter(|bits| *bits <= UMASK_MAX && text.len() >= 3);
    if bits.is_none() {
        problems
            .push(node.error("E004", format!("`{text}` is not a umask")).help("write three digits: `027`"));
    }
    bits
}

fn limits(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Limits {
    let mut limits = Limits::default();
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map").help("write `limits: { cpu: 30s, memory: 512MiB }`"));
        return limits;
    }
    for (key, value) in node.entries() {
        let mut number = |least| settings::count(&value, least, COUNT_MAX, problems).map(u64::from);
        match key {
            "cpu" => limits.cpu_seconds = settings::duration(&value, problems).map(whole_seconds),
            "memory" => limits.memory_bytes = memory(&value, problems),
            "open_files" => limits.open_files = number(COUNT_MIN),
            "processes" => limits.processes = number(1),
            "file_size" => limits.file_bytes = settings::size(&value, problems),
            _ if value.is_own() => {}
            _ => problems.push(value.unknown_key(&names(LIMIT_KEYS))),
        }
    }
    limits
}

/// The system counts whole seconds, and ends at once what may have none.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0)).max(1)
}

fn memory(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<u64> {
    let bytes = settings::size(node, problems)?;
    if bytes >= MEMORY_MIN_BYTES {
        return Some(bytes);
    }
    let found = node.error("E501", format!("`{}` is too little memory to start a program", node.raw()));
    problems.push(found.help("write `32MiB` or more"));
    None
}

fn sandbox(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Sandbox> {
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map").help("write `sandbox: { read: [/srv/site], write: [./out] }`"));
        return None;
    }
    let mut sandbox = Sandbox::default();
    for (key, value) in node.entries() {
        match key {
            "read" => sandbox.read = paths(&value, problems),
            "write" => sandbox.write = paths(&value, problems),
            _ if value.is_own() => {}
            _ => problems.push(value.unknown_key(&names(SANDBOX_KEYS))),
        }
    }
    Some(sandbox)
}

fn paths(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut paths = Vec::new();
    for item in one_or_many(node) {
        let path = settings::text(&item, problems).and_then(|_| field::literal(&item, problems));
        let Some(path) = path else { continue };
        if path.is_empty() || path.contains('\0') {
            problems.push(item.error("E004", "an empty text is no path"));
        } else {
            paths.push(path);
        }
    }
    paths
}
