//! The environment of a command: names are written down, and those that change how programs load never hold payload.

use crate::diagnostic::Diagnostic;
use crate::secret::{SecretRef, Value};
use crate::template::{Escape, Scope};
use crate::yaml::Node;

use super::Failure;
use super::field::{self, Setting};

/// Names that choose which code runs, where it is loaded from or whom it talks to. In capitals; case does not count.
const RESERVED: &[&str] = &[
    "PATH",
    "HOME",
    "SHELL",
    "ZDOTDIR",
    "IFS",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "PROMPT_COMMAND",
    "PS4",
    "CDPATH",
    "GLOBIGNORE",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PERL5DB",
    "PERLLIB",
    "RUBYOPT",
    "RUBYLIB",
    "CLASSPATH",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "MAVEN_OPTS",
    "MAVEN_ARGS",
    "GRADLE_OPTS",
    "LUA_INIT",
    "LUA_PATH",
    "LUA_CPATH",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "MAKEFLAGS",
    "GNUMAKEFLAGS",
    "MAKEFILES",
    "TAR_OPTIONS",
    "GREP_OPTIONS",
    "RSYNC_RSH",
    "CVS_RSH",
    "SVN_SSH",
    "HGRCPATH",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "MANPAGER",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "TERMINFO",
    "TERMINFO_DIRS",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "RES_OPTIONS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "OPENSSL_CONF",
    "CURL_HOME",
    "WGETRC",
    "SSH_ASKPASS",
    "XDG_CONFIG_HOME",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTFLAGS",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "KUBECONFIG",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
];

/// The same for whole families of names.
const RESERVED_FAMILIES: &[&str] = &[
    "LD_",
    "DYLD_",
    "GIT_",
    "PYTHON",
    "BASH_FUNC_",
    "NPM_CONFIG_",
    "PIP_",
    "CARGO_",
    "DOTNET_",
    "CORECLR_",
    "DOORBELL_",
];

/// The variables of one command.
#[derive(Debug, Default)]
pub(super) struct Environment(Vec<(String, Setting)>);

impl Environment {
    /// Reads a map of names to texts with templates, or to secrets.
    pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let entries = field::entries(node, problems)?;
        let read = entries.into_iter().map(|(name, entry)| {
            let name = name_of(name, &entry, problems)?;
            let setting = Setting::read(&entry, Escape::None, problems)?;
            allowed(&name, &setting, &entry, problems).then_some((name, setting))
        });
        field::all(read.collect::<Vec<_>>().into_iter()).map(Self)
    }

    /// The variables for an event.
    pub(super) fn fill(&self, scope: &Scope<'_>) -> Result<Vec<(String, Value)>, Failure> {
        let mut variables = Vec::with_capacity(self.0.len());
        for (name, setting) in &self.0 {
            let value = setting.value(scope)?;
            if let Value::Plain(text) = &value {
                plain(name, text, setting.is_literal())?;
            }
            variables.push((name.clone(), value));
        }
        Ok(variables)
    }

    /// Whether a variable is among them.
    pub(super) fn names(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretRef> {
        self.0.iter().filter_map(|(_, setting)| setting.secret())
    }
}

fn name_of(name: &str, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let name = field::name_of(name, entry, problems)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if !name.is_empty() && name.chars().all(plain) && !name.starts_with(|first: char| first.is_ascii_digit())
    {
        return Some(name);
    }
    let problem = entry.key_error("E004", format!("`{name}` is not the name of an environment variable"));
    problems.push(problem.help("a name is made of letters, digits and `_`: `BRANCH`"));
    None
}

/// Whether the name may hold such a value.
fn allowed(name: &str, setting: &Setting, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) -> bool {
    let capital = name.to_ascii_uppercase();
    let reserved = RESERVED.contains(&capital.as_str())
        || RESERVED_FAMILIES.iter().any(|family| capital.starts_with(family));
    if setting.is_literal() || !reserved {
        return true;
    }
    let problem =
        entry.key_error("E220", format!("`{name}` decides what programs do: no template may fill it"));
    problems.push(problem.help("give the variable a name of your own, and let the program read that"));
    false
}

/// What a value from an event may not hold. A line break would end the line in whatever reads the environment by
/// lines; whole texts go by standard input.
fn plain(name: &str, text: &str, written: bool) -> Result<(), Failure> {
    if text.contains('\0') {
        return Err(Failure::Refused(format!("the value of `{name}` holds a NUL byte")));
    }
    if !written && text.contains(['\n', '\r']) {
        let mend = "take it from standard input (`stdin`)";
        return Err(Failure::Refused(format!("the value of `{name}` holds a line break; {mend}")));
    }
    Ok(())
}
