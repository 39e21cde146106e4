//! `doorbell connections test`: whether a destination can be reached, step by step.

use serde_json::{Value, json};

use super::{End, Output, Rules, output};
use crate::action::Connection;
use crate::clock::{Clock as _, System};
use crate::config::{self, Secrets};
use crate::live::Live;
use crate::perform::{Depth, Goal, Step, Verdict, reach};
use crate::secret;

#[derive(clap::Args, Debug)]
pub(super) struct Test {
    /// The name of the connection, as the rules have it
    name: String,
    #[command(flatten)]
    rules: Rules,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Test {
    pub(super) fn run(self) -> End {
        self.tried().unwrap_or_else(|end| end)
    }

    fn tried(&self) -> Result<End, End> {
        let loaded = config::load(&self.rules.paths, self.rules.permissions(), Secrets::AsFound)
            .map_err(|error| End::CouldNot(error.to_string()))?;
        let live =
            loaded.live.ok_or_else(|| End::CouldNot("the rules are wrong: doorbell check".to_owned()))?;
        let connection = live.set.connections.get(self.name.as_str()).ok_or_else(|| self.unknown(&live))?;
        let steps = super::block_on(tried(connection, &live, Depth::Answer))?;
        match self.output {
            Output::Human => steps.iter().for_each(|step| output::line(&drawn(step))),
            Output::Json | Output::Jsonl => output::json(&json!({
                "format_version": 1,
                "connection": self.name,
                "reached": is_reached(&steps),
                "steps": steps.iter().map(told).collect::<Vec<_>>(),
            })),
        }
        Ok(if is_reached(&steps) { End::Ok } else { End::No })
    }

    fn unknown(&self, live: &Live) -> End {
        let known = crate::yaml::listed(live.set.connections.keys().map(|name| &**name));
        End::Usage(format!("there is no connection `{}` in these rules; there is {known}", self.name))
    }
}

/// Tries all that a connection goes to.
pub(super) async fn tried(connection: &Connection, live: &Live, depth: Depth) -> Vec<Step> {
    let mut steps = Vec::new();
    for (base, allow_private) in connection.bases() {
        match goal(base, allow_private, live) {
            Ok(goal) => steps.extend(reach(&goal, depth, System.now()).await),
            Err(words) => steps.push(Step { name: "url", verdict: Verdict::Bad, words }),
        }
    }
    if let Some((server, allow_private)) = connection.mail_server() {
        let goal = Goal { base: format!("http://{server}"), is_secret: false, allow_private };
        let depth = if depth == Depth::Answer { Depth::Connection } else { depth };
        let tried = reach(&goal, depth, System.now()).await;
        // A mail server has no URL; the one here only carries its name.
        steps.extend(tried.into_iter().filter(|step| step.name != "url" || step.verdict == Verdict::Bad));
    }
    steps
}

fn goal(base: &secret::Value, mut allow_private: Vec<ipnet::IpNet>, live: &Live) -> Result<Goal, String> {
    match base {
        secret::Value::Plain(base) => Ok(Goal { base: base.clone(), is_secret: false, allow_private }),
        secret::Value::Secret(reference) => {
            let secret = live.vault.get(reference).map_err(|missing| missing.to_string())?;
            let base = secret.expose_text().ok_or_else(|| format!("the secret `{reference}` is not text"))?;
            if let Ok(url) = url::Url::parse(base) {
                allow_private.extend(crate::effect::private_of(base, &url).unwrap_or_default());
            }
            Ok(Goal { base: base.to_owned(), is_secret: true, allow_private })
        }
    }
}

/// Whether nothing failed.
pub(super) fn is_reached(steps: &[Step]) -> bool {
    steps.iter().all(|step| step.verdict != Verdict::Bad)
}

fn drawn(step: &Step) -> String {
    let mark = match step.verdict {
        Verdict::Good => "✓",
        Verdict::Warning => "!",
        Verdict::Bad => "✗",
    };
    format!("{mark} {:<8} {}", step.name, crate::telemetry::escape(&step.words))
}

fn told(step: &Step) -> Value {
    let verdict = match step.verdict {
        Verdict::Good => "good",
        Verdict::Warning => "warning",
        Verdict::Bad => "bad",
    };
    json!({ "step": step.name, "verdict": verdict, "words": step.words })
}
