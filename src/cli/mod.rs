//! The command line: one file a command, each with an example in its help, and the exit codes of the contract.

mod check;
mod client;
mod connections;
mod doctor;
mod edit;
mod explain;
mod filter;
mod follow;
mod given;
mod graph;
mod history;
mod letter;
mod limits;
mod load;
mod output;
mod own_key;
mod plan;
mod portrait;
mod proof;
mod providers;
mod reach;
mod recorded;
mod refused;
mod reload;
mod replay;
mod request;
mod ring;
mod rules;
mod schema;
mod serve;
mod setup;
mod store;
mod tail;
mod test;
mod unlock;
mod verify;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::draw::Style;
use crate::perform;

/// Where the admin listener is when nothing is said.
const ADMIN_DEFAULT: &str = "127.0.0.1:4981";

/// Webhooks in, actions out, nothing lost.
///
/// YAML rules match incoming webhooks by path, event type and JSONPath conditions, and dispatch templated actions:
/// Slack posts, commands, HTTP calls. A webhook is acknowledged only when it is durable.
#[derive(Parser, Debug)]
#[command(name = "doorbell", version, max_term_width = 100)]
#[command(after_help = "Start with:  doorbell check RULES.yaml   then   doorbell serve RULES.yaml
Exit codes:  0 ok · 1 the answer is no · 2 wrong usage · 3 could not run")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colour: on a terminal, always or never
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Receive webhooks and carry out what the rules say
    Serve(serve::Serve),
    /// Say everything that is wrong with rules files
    Check(check::Check),
    /// Run the test cases of rules: what is sent, and what has to come of it
    Test(test::Test),
    /// Say what edited rules would do otherwise with the events that came
    Plan(plan::Plan),
    /// Say why each rule matched an event or did not
    Explain(explain::Explain),
    /// Judge a raw request offline, as a source would
    Verify(verify::Verify),
    /// Make, sign and send a realistic event
    Ring(ring::Ring),
    /// Look at the rules: a list, or a picture
    #[command(subcommand)]
    Rules(rules::Command),
    /// Look at the events that came
    #[command(subcommand)]
    Events(history::Events),
    /// Look at what was done for them, and repair it
    #[command(subcommand)]
    Deliveries(history::Deliveries),
    /// Look at the connections, pause and resume them
    #[command(subcommand)]
    Connections(connections::Connections),
    /// Have a running doorbell read its rules again
    Reload(reload::Reload),
    /// Look at all that `serve` needs: rules, secrets, store, ports, certificates, destinations
    Doctor(doctor::Doctor),
    /// List the limits that `serve` may be given, their values and bounds
    Limits(limits::Limits),
    /// Wait for the secret that a sender hands out when its webhook is made
    Setup(setup::Setup),
    /// Look at the providers that doorbell knows: what each verifies, what to paste where
    #[command(subcommand)]
    Providers(providers::Providers),
    /// Print what happens, as it happens
    Tail(tail::Tail),
    /// Do recorded events anew: one, those of a filter, or what of them died
    Replay(replay::Replay),
    /// Copy, check, prune or move the file in which everything is kept
    #[command(subcommand)]
    Store(store::Store),
    /// Print the JSON Schema of rules files, for editors
    Schema(schema::Schema),
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The shape of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
enum Output {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// How a command ended, as the contract has it.
#[derive(Debug)]
enum End {
    /// 0: done.
    Ok,
    /// 1: the answer is no; what there is to say was said.
    No,
    /// 2: the words of the call are wrong.
    Usage(String),
    /// A code of its own, which the command's help explains.
    Code(u8),
    /// 3: could not run.
    CouldNot(String),
}

/// The rules files that a command reads.
#[derive(clap::Args, Debug, Clone)]
struct Rules {
    /// Rules files or directories (default: `doorbell.yaml` and `rules/`, looked for from here upwards)
    #[arg(value_name = "PATH", env = "DOORBELL_RULES", value_delimiter = ':')]
    paths: Vec<PathBuf>,
    /// Take rules that everybody may write, and secrets that everybody may read, as they are
    #[arg(long, env = "DOORBELL_LOOSE_FILES")]
    loose_files: bool,
}

impl Rules {
    fn permissions(&self) -> crate::config::Permissions {
        if self.loose_files { crate::config::Permissions::Loose } else { crate::config::Permissions::Strict }
    }
}

/// Runs the program with the arguments it was called with.
pub fn run() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // Started by a server, for its commands: no part of the command line, and soon over.
    match arguments.next() {
        Some(word) if word == perform::HELPER => return perform::helper(arguments),
        Some(word) if word == perform::WARDEN => return perform::warden(),
        _ => {}
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let color = cli.color;
    let end = match cli.command {
        Command::Serve(serve) => serve.run(color.on(&std::io::stderr())),
        Command::Check(check) => check.run(color.on(&std::io::stdout())),
        Command::Test(test) => test.run(color.on(&std::io::stdout())),
        Command::Plan(plan) => plan.run(),
        Command::Explain(explain) => explain.run(),
        Command::Verify(verify) => verify.run(),
        Command::Ring(ring) => ring.run(),
        Command::Rules(rules) => rules.run(),
        Command::Events(events) => events.run(),
        Command::Deliveries(deliveries) => deliveries.run(),
        Command::Connections(connections) => connections.run(),
        Command::Reload(reload) => reload.run(),
        Command::Doctor(doctor) => doctor.run(color.on(&std::io::stdout())),
        Command::Limits(limits) => limits.run(),
        Command::Setup(setup) => setup.run(),
        Command::Providers(providers) => providers.run(color.on(&std::io::stdout())),
        Command::Tail(tail) => tail.run(),
        Command::Replay(replay) => replay.run(),
        Command::Store(store) => store.run(),
        Command::Schema(schema) => schema.run(),
    };
    match end {
        End::Ok => ExitCode::SUCCESS,
        End::No => ExitCode::from(1),
        End::Code(code) => ExitCode::from(code),
        End::Usage(why) => complain(&why, 2),
        End::CouldNot(why) => complain(&why, 3),
    }
}

impl Color {
    fn on(self, stream: &impl IsTerminal) -> Style {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        let colour = match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => set("CLICOLOR_FORCE") || (stream.is_terminal() && !set("NO_COLOR")),
        };
        if colour { Style::Colour } else { Style::Plain }
    }
}

fn complain(why: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "doorbell: {}", why.trim_end());
    ExitCode::from(code)
}

/// Says something beside the data.
fn tell(words: &str) {
    let _ = writeln!(std::io::stderr(), "{}", words.trim_end());
}

/// A small runtime for commands that talk to the network.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, End> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map(|runtime| runtime.block_on(work)).map_err(|why| End::CouldNot(format!("cannot start: {why}")))
}
