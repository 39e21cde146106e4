//! What is measured: doorbell and the four servers that do less, each a row.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::process::Process;
use crate::push::SECRET;

/// One server under load.
pub(crate) struct Candidate {
    /// In words.
    pub(crate) name: String,
    /// How it is started.
    pub(crate) role: Role,
}

/// What a candidate is.
pub(crate) enum Role {
    /// This program again, with this argument.
    Limit(&'static str),
    /// The real program with these rules; `{url}` stands for the destination.
    Doorbell {
        /// The program.
        program: PathBuf,
        /// Its rules file.
        rules: &'static str,
        /// Whether its events are delivered to the destination.
        delivers: bool,
    },
}

/// The servers that do less.
const LIMITS: &[(&str, &str)] = &[
    ("axum, reads the body", "serve-body"),
    ("axum, HMAC and serde_json", "serve-proof"),
    ("minimal: commits the body", "serve-body-commit"),
    ("minimal: commits the same rows", "serve-rows-commit"),
];
/// Which of the candidates is the minimal durable server: it stores what doorbell stores.
pub(crate) const MINIMAL: usize = 3;
/// What doorbell is measured at.
const WORKS: &[(&str, &str, bool)] =
    &[("no rule matches", NO_MATCH, false), ("one delivery each", DELIVERS, true)];
/// Which of the candidates is doorbell as it only stores.
pub(crate) const STORING: usize = 4;
/// Which of the candidates is doorbell as it delivers.
pub(crate) const DELIVERING: usize = 5;

/// All, in the order of their rounds: the limits, doorbell, and the other programs that stand in `DOORBELL_BENCH_BESIDE`.
pub(crate) fn candidates() -> Vec<Candidate> {
    let beside = std::env::var("DOORBELL_BENCH_BESIDE").unwrap_or_default();
    let others = beside.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).map(|program| {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, program)
    });
    let ours = [("doorbell".to_owned(), PathBuf::from(env!("CARGO_BIN_EXE_doorbell")))];
    let programs = ours.into_iter().chain(others).flat_map(|(name, program)| {
        WORKS.iter().map(move |(work, rules, delivers)| Candidate {
            name: format!("{name}, {work}"),
            role: Role::Doorbell { program: program.clone(), rules, delivers: *delivers },
        })
    });
    let limits = LIMITS
        .iter()
        .map(|(name, argument)| Candidate { name: (*name).to_owned(), role: Role::Limit(argument) });
    limits.chain(programs).collect()
}

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
        match &self.role {
            Role::Limit(argument) => Process::start(again(&[argument, &directory.to_string_lossy()])),
            Role::Doorbell { program, rules, .. } => {
                doorbell(program, directory, &rules.replace("{url}", &format!("http://{destination}")))
            }
        }
    }

    /// Whether its events are delivered.
    pub(crate) fn delivers(&self) -> bool {
        matches!(self.role, Role::Doorbell { delivers: true, .. })
    }
}

/// A doorbell with these rules, and a store of its own.
pub(crate) fn doorbell(program: &Path, directory: &Path, rules: &str) -> Process {
    std::fs::write(directory.join("doorbell.yaml"), rules).unwrap();
    let log = std::fs::File::create(directory.join("log")).unwrap();
    let mut command = Command::new(program);
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
