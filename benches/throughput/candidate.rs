//! What is measured: doorbell and the three servers that do less, each a row.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::process::Process;
use crate::push::SECRET;

/// One server under load.
pub(crate) struct Candidate {
    /// In words.
    pub(crate) name: &'static str,
    /// How it is started.
    pub(crate) role: Role,
}

/// What a candidate is.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// This program again, with this argument.
    Limit(&'static str),
    /// The real program with these rules; `{url}` stands for the destination.
    Doorbell {
        /// Its rules file.
        rules: &'static str,
        /// Whether its events are delivered to the destination.
        delivers: bool,
    },
}

/// In the order of their rounds; the first three are limits, the last is what doorbell is for.
pub(crate) const CANDIDATES: &[Candidate] = &[
    Candidate { name: "axum, reads the body", role: Role::Limit("serve-body") },
    Candidate { name: "axum, HMAC and serde_json", role: Role::Limit("serve-proof") },
    Candidate { name: "minimal: commits the event", role: Role::Limit("serve-commit") },
    Candidate {
        name: "doorbell, no rule matches",
        role: Role::Doorbell { rules: NO_MATCH, delivers: false },
    },
    Candidate {
        name: "doorbell, one delivery each",
        role: Role::Doorbell { rules: DELIVERS, delivers: true },
    },
];
/// Which of them is the minimal durable server.
pub(crate) const MINIMAL: usize = 2;

const NO_MATCH: &str = r#"
sources: { github: { verify: github, secret: { env: GITHUB_WEBHOOK_SECRET } } }
connections: { there: { http: { url: "{url}" }, concurrency: 32 } }
rules:
  - name: forward
    from: github
    event: push
    if: { $.ref: refs/heads/next, $.deleted: false }
    do: [{ http: there, path: /got, json: { event: "{{ event.id }}", after: "{{ $.after }}" } }]
"#;
const DELIVERS: &str = r#"
sources: { github: { verify: github, secret: { env: GITHUB_WEBHOOK_SECRET } } }
connections: { there: { http: { url: "{url}" }, concurrency: 32 } }
rules:
  - name: forward
    from: github
    event: push
    if: { $.ref: refs/heads/main, $.deleted: false }
    do: [{ http: there, path: /got, json: { event: "{{ event.id }}", after: "{{ $.after }}" } }]
"#;

impl Candidate {
    /// Starts it in this directory; deliveries go to `destination`.
    pub(crate) fn start(&self, directory: &Path, destination: SocketAddr) -> Process {
        match self.role {
            Role::Limit("serve-commit") => {
                Process::start(again(&["serve-commit", &directory.to_string_lossy()]))
            }
            Role::Limit(argument) => Process::start(again(&[argument])),
            Role::Doorbell { rules, .. } => {
                doorbell(directory, &rules.replace("{url}", &format!("http://{destination}")))
            }
        }
    }

    /// Whether its events are delivered.
    pub(crate) fn delivers(&self) -> bool {
        matches!(self.role, Role::Doorbell { delivers: true, .. })
    }
}

/// The real program with these rules, and a store of its own.
pub(crate) fn doorbell(directory: &Path, rules: &str) -> Process {
    std::fs::write(directory.join("doorbell.yaml"), rules).unwrap();
    let log = std::fs::File::create(directory.join("log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorbell"));
    command
        .args(["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GITHUB_WEBHOOK_SECRET", SECRET)
        .stderr(log);
    Process::start(command)
}

/// This program again, as something else.
pub(crate) fn again(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments).stderr(Stdio::inherit());
    command
}

/// A fresh directory for a store.
pub(crate) fn directory() -> TempDir {
    match std::env::var_os("DOORBELL_BENCH_DIR") {
        Some(parent) => tempfile::tempdir_in(parent).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
}
