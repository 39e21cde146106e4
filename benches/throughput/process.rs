//! A candidate as a process: started, waited for, looked at, ended.

use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks of processor time a second, in `/proc/PID/stat`; Linux tells the same to all programs.
const TICKS_PER_SECOND: f64 = 100.0;
/// Where user and system time stand behind the program's name, from 0.
const TIMES_AT: usize = 11;

/// A running candidate; it ends when this is dropped.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where it takes webhooks.
    pub(crate) address: SocketAddr,
    /// From the start to the readiness line.
    pub(crate) ready_after: Duration,
}

impl Process {
    /// Starts it and waits for its readiness line.
    pub(crate) fn start(mut command: Command) -> Self {
        let started = Instant::now();
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said(&mut lines, "ready");
        Self { child, lines, address, ready_after: started.elapsed() }
    }

    /// Where doorbell's admin listener is: the line after the readiness line.
    pub(crate) fn admin(&mut self) -> SocketAddr {
        said(&mut self.lines, "admin")
    }

    /// Memory in MiB: what it holds now (`VmRSS`).
    pub(crate) fn memory(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("memory");
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// Seconds of processor time it has used, with the commands it has waited for.
    pub(crate) fn processor(&self) -> f64 {
        let stat = self.proc("stat");
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks: f64 =
            fields[TIMES_AT..TIMES_AT + 4].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        ticks / TICKS_PER_SECOND
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("the candidate runs")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn said(lines: &mut Lines<BufReader<ChildStdout>>, word: &str) -> SocketAddr {
    let line = lines.next().and_then(Result::ok).unwrap_or_default();
    let address = line.strip_prefix(word).map(str::trim).and_then(|text| text.strip_prefix("http://"));
    address.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("wanted `{word}`, it said `{line}`"))
}
