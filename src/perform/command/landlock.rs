//! Landlock: a process and all that it starts see only the files it names. Fails where the kernel cannot hold it.

use std::error::Error as _;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use super::order::Paths;

/// What a kernel must know at the least (Linux 5.13); what later ones know beside it is used where it is there.
const LEAST: ABI = ABI::V1;
/// The latest whose rights to files are known here.
const LATEST: ABI = ABI::V6;
/// Why a sandbox cannot be.
const MISSING: &str = "this kernel has no Landlock, which `sandbox` needs (Linux 5.13 or later, with `landlock` among \
                       its `lsm`); nothing was run";

/// Whether this kernel can hold a sandbox.
pub fn is_available() -> bool {
    ruleset().and_then(Ruleset::create).is_ok()
}

/// Restricts this process for good.
///
/// # Errors
/// Names the path that is not there, or says that the kernel cannot do it.
pub(super) fn restrict(paths: &Paths) -> Result<(), String> {
    let mut rules = ruleset().and_then(Ruleset::create).map_err(|_| MISSING.to_owned())?;
    for path in &paths.read {
        rules = allow(rules, path, AccessFs::from_read(LATEST))?;
    }
    for path in paths.read_if_there.iter().filter(|path| path.exists()) {
        rules = allow(rules, path, AccessFs::from_read(LATEST))?;
    }
    for path in &paths.write {
        rules = allow(rules, path, AccessFs::from_all(LATEST))?;
    }
    let status = rules.restrict_self().map_err(|error| format!("the sandbox cannot be closed: {error}"))?;
    if status.ruleset == RulesetStatus::NotEnforced { Err(MISSING.to_owned()) } else { Ok(()) }
}

fn ruleset() -> Result<Ruleset, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LATEST))?
        // Nor does it send signals to the server, or talk to it by abstract sockets.
        .scope(Scope::from_all(LATEST))
}

fn allow(rules: RulesetCreated, path: &Path, rights: BitFlags<AccessFs>) -> Result<RulesetCreated, String> {
    let beneath = PathFd::new(path).map_err(|error| {
        // The error itself names the path once more.
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        format!("`sandbox` names `{}`, which cannot be opened: {why}", path.display())
    })?;
    // A file has no rights of directories.
    let rights = if path.is_dir() { rights } else { rights & AccessFs::from_file(LATEST) };
    rules
        .add_rule(PathBeneath::new(beneath, rights))
        .map_err(|error| format!("`sandbox` cannot hold `{}`: {error}", path.display()))
}

/// What nearly every program reads: itself, its libraries, names and certificates.
const SYSTEM: &[&str] = &[
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki",
    "/etc/resolv.conf",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/nix/store",
    "/dev/random",
    "/dev/urandom",
];
/// What every program may write to: there is nothing in it.
const NOWHERE: &[&str] = &["/dev/null", "/dev/zero", "/dev/full"];

/// What is of the system, for the lists of a sandbox.
pub(super) fn system() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect();
    let there = NOWHERE.iter().copied().filter(|path| Path::new(path).exists()).collect::<Vec<_>>();
    (paths(SYSTEM), paths(&there))
}
