//! Commands that are really run.

mod endings;
mod inputs;
mod refusals;
mod telling;

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;

use super::process::Patience;
use super::{PATH_DEFAULT, Surroundings, perform};
use crate::delivery::{Answer, Outcome};
use crate::effect::Command;
use crate::perform::tests::{env, ticket, vault};
use crate::secret::{Value, Vault};

/// A server that stands in this directory and waits for nobody.
fn server_in(directory: &Path) -> Surroundings {
    Surroundings {
        directory: directory.to_owned(),
        path: PATH_DEFAULT.into(),
        home: "/home/of-server".into(),
        patience: Patience {
            kill_after: Duration::from_millis(300),
            drain: Duration::from_millis(300),
            tell_every: Duration::from_millis(10),
        },
        own: None,
    }
}

fn command(argv: &[&str]) -> Command {
    Command {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        env: Vec::new(),
        cwd: None,
        stdin: Bytes::new(),
        timeout: Duration::from_secs(20),
        success: Vec::new(),
        confinement: Box::default(),
    }
}

fn shell(script: &str) -> Command {
    command(&["sh", "-c", script])
}

async fn run(effect: Command) -> Outcome {
    run_with(effect, &Vault::default()).await
}

async fn run_with(effect: Command, vault: &Vault) -> Outcome {
    let directory = TempDir::new().unwrap();
    perform(&server_in(directory.path()), effect, vault, &ticket(), None).await
}

/// Whether a process is there and does anything.
fn lives(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // What follows the name is the state; a zombie waits for init.
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

/// Returns once a killed process is gone.
async fn gone(process: &str) {
    assert!(process.parse::<u32>().is_ok(), "`{process}` is no process");
    let mut beat = tokio::time::interval(Duration::from_millis(5));
    let waiting = async {
        while lives(process) {
            beat.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap();
}
