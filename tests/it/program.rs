//! The real program on real sockets and a real file, for tests; it ends with the test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Nothing a test waits for takes longer; it is a bound, never a wait.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running `doorbell serve`.
pub struct Program {
    child: Child,
    /// `http://127.0.0.1:PORT` of the webhook listener.
    pub address: String,
    /// The same of the admin listener.
    pub admin: String,
    /// Talks to both.
    pub client: reqwest::Client,
}

/// A directory for rules and a store, and the environment of the programs started in it.
pub struct Place {
    directory: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Place {
    /// A fresh directory with these rules.
    pub fn new(rules: &str, environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = Self {
            directory,
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        place.write("doorbell.yaml", rules);
        place
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file as an editor does: a new one, put in the place of the old one.
    pub fn write(&self, name: &str, text: &str) {
        let new = self.file(&format!(".{name}.new"));
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, self.file(name)).unwrap();
    }

    /// The program with these arguments, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_by(&[], arguments)
    }

    /// The same, started by another program that turns into it.
    pub fn command_by(&self, starter: &[&str], arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_doorbell");
        let words = [starter, &[program], arguments].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DOORBELL_DISK_RESERVE", "0")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts `serve` and waits until it says that it is ready.
    pub fn serve(&self) -> Program {
        self.serve_with(&[])
    }

    /// The same with more arguments.
    pub fn serve_with(&self, more: &[&str]) -> Program {
        self.serve_by(&[], more)
    }

    /// The same with so many file descriptors at the most.
    pub fn serve_limited(&self, descriptors: u32) -> Program {
        self.serve_by(&["sh", "-c", &format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"")], &[])
    }

    /// The same, started by another program that turns into it.
    pub fn serve_by(&self, starter: &[&str], more: &[&str]) -> Program {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.file("log")).unwrap();
        let mut arguments = vec!["serve", "doorbell.yaml", "--listen", "127.0.0.1:0"];
        if !more.contains(&"--admin") {
            arguments.extend(["--admin", "127.0.0.1:0"]);
        }
        arguments.extend(more);
        let mut child =
            self.command_by(starter, &arguments).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = |word: &str| {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            let Some(address) = line.strip_prefix(word) else {
                let log = std::fs::read_to_string(self.file("log")).unwrap_or_default();
                panic!("wanted `{word}`, the program said `{line}`; its log:\n{log}");
            };
            address.trim().to_owned()
        };
        let address = said("ready");
        let admin = said("admin");
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Program { child, address, admin, client }
    }

    /// The log of all programs started here.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap()
    }
}

impl Program {
    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Asks it to stop and waits for its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    /// A webhook with these headers: status and body.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> (u16, Value) {
        let mut request = self.client.post(format!("{}{path}", self.address)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await
    }

    /// A webhook of JSON that has to be accepted: its event's id.
    pub async fn accepted(&self, path: &str, payload: &Value) -> String {
        let headers = [("content-type", "application/json")];
        let (status, answer) = self.post(path, &headers, payload.to_string()).await;
        assert_eq!(status, 202, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }

    /// The first delivery of an event, once it is in this state.
    pub async fn delivery(&self, event: &str, state: &str) -> Value {
        let path = format!("/api/deliveries?event={event}");
        let page = self.until(&path, |page| page["deliveries"][0]["state"] == state).await;
        page["deliveries"][0].clone()
    }

    /// Asks the admin listener.
    pub async fn ask(&self, path: &str) -> (u16, Value) {
        read(self.client.get(format!("{}{path}", self.admin)).send().await.unwrap()).await
    }

    /// Wants something done by the admin listener.
    pub async fn want(&self, path: &str) -> (u16, Value) {
        read(self.client.post(format!("{}{path}", self.admin)).send().await.unwrap()).await
    }

    /// Asks again until the answer is as wanted. The history settles a moment after the world has seen the effect.
    pub async fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let started = std::time::Instant::now();
        loop {
            let (_, answer) = self.ask(path).await;
            if is_so(&answer) {
                return answer;
            }
            assert!(started.elapsed() < PATIENCE, "{path} never became so: {answer:#}");
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// What a program printed, as text.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut bytes = bytes;
    bytes.read_to_string(&mut text).unwrap();
    text
}
