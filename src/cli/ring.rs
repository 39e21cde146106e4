//! `doorbell ring`: make, sign and send a realistic event, or print it as a curl line.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::edit::{Edit, apply};
use super::{End, output};
use crate::clock::{Clock, System, random};
use crate::config::{self, Permissions, Secrets};
use crate::id::EventId;
use crate::provider::{Preset, Source, Unsigned};
use crate::secret::Secret;
use crate::yaml::Document;

/// Time for the answer.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell ring github push --set '$.ref=refs/heads/main'
  doorbell ring stripe --set '$.data.object.amount=15000'
  doorbell ring hello --file payload.json --curl
  doorbell ring shopify orders/paid --secret-env SHOPIFY_SECRET --to https://hooks.example.com/shopify

NAME is a source of the rules, whose secret and path are used, or a provider that doorbell knows.")]
pub(super) struct Ring {
    /// A source of the rules, or a provider such as github, stripe, shopify
    name: String,
    /// The event type; the one of the sample when left out
    event: Option<String>,
    /// Rules files or directories (default: looked for from here upwards)
    #[arg(long = "rules", value_name = "PATH", env = "DOORBELL_RULES", value_delimiter = ':')]
    rules: Vec<PathBuf>,
    /// Change the payload: a path and a JSON value or text; may be given many times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<Edit>,
    /// The payload, in place of the sample; sent byte for byte when nothing is --set
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The id that makes a repeat recognisable; a new one when left out
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Where it goes (default: the path of the source at DOORBELL_LISTEN or 127.0.0.1:4980)
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The environment variable that holds the secret, when no rules tell it
    #[arg(long, value_name = "NAME")]
    secret_env: Option<String>,
    /// Print it as a curl line in place of sending it
    #[arg(long)]
    curl: bool,
    /// Take rules that everybody may write, and secrets that everybody may read, as they are
    #[arg(long, env = "DOORBELL_LOOSE_FILES")]
    loose_files: bool,
}

/// Whose event is made, and with which secret.
struct Sender {
    source: Source,
    secret: Secret,
}

/// What goes out.
struct Letter {
    method: http::Method,
    url: String,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Ring {
    pub(super) fn run(self) -> End {
        let sender = match self.sender() {
            Ok(sender) => sender,
            Err(end) => return end,
        };
        match self.letter(&sender) {
            Ok(letter) if self.curl => {
                output::line(&curl(&letter));
                End::Ok
            }
            Ok(letter) => send(letter).unwrap_or_else(|end| end),
            Err(end) => end,
        }
    }

    /// The source of the rules by this name, else one made of the preset.
    fn sender(&self) -> Result<Sender, End> {
        let permissions = if self.loose_files { Permissions::Loose } else { Permissions::Strict };
        let loaded = config::load(&self.rules, permissions, Secrets::AsFound);
        let live = match loaded {
            Ok(loaded) => loaded.live,
            Err(config::Error::NoRules) => None,
            Err(error) => return Err(End::CouldNot(error.to_string())),
        };
        if let Some(live) = live {
            let mut sources = live.set.sources.iter();
            let by_name = sources.clone().find(|source| *source.name == *self.name);
            if let Some(source) =
                by_name.or_else(|| sources.find(|source| source.preset == Some(self.name.as_str())))
            {
                let secret = match (&self.secret_env, source.secrets().first()) {
                    (Some(name), _) => from_environment(name)?,
                    (None, None) => Secret::new(Vec::new()),
                    (None, Some(reference)) => {
                        live.vault.get(reference).map_err(|why| End::CouldNot(why.to_string()))?.clone()
                    }
                };
                return Ok(Sender { source: source.clone(), secret });
            }
        }
        self.preset()
    }

    fn preset(&self) -> Result<Sender, End> {
        if Preset::find(&self.name).is_none() {
            return Err(End::Usage(format!(
                "`{}` is neither a source of the rules nor a provider that doorbell knows",
                self.name
            )));
        }
        let Some(name) = &self.secret_env else {
            return Err(End::Usage(format!(
                "no rules have a source `{}`, so its secret is not known: name its variable with --secret-env",
                self.name
            )));
        };
        let text = format!("{{ verify: {}, secret: {{ env: {name} }} }}", self.name);
        let source = Document::parse("ring", &text)
            .ok()
            .and_then(|document| Source::compile(&self.name, &document.root(), &mut Vec::new()))
            .ok_or_else(|| {
                End::CouldNot(format!("`{}` needs more than a secret: write a source for it", self.name))
            })?;
        Ok(Sender { source, secret: from_environment(name)? })
    }

    fn letter(&self, sender: &Sender) -> Result<Letter, End> {
        let now = System.now();
        let about = sender.source.preset.and_then(Preset::find).and_then(|preset| preset.about().ok());
        let event =
            self.event.clone().or(about.as_ref().map(|about| about.event.clone())).unwrap_or_default();
        let id = self.id.clone().unwrap_or_else(|| EventId::new(now.millis(), random()).to_string());
        let sample = about.map_or_else(|| Value::Object(serde_json::Map::new()), |about| about.payload);
        let body = self.body(&sender.source, sample, &event, &id)?;
        let url = self.url(&sender.source)?;
        let (path, query) = (url.path().to_owned(), url.query().unwrap_or_default().to_owned());
        let unsigned = Unsigned { path: &path, query: &query, body: &body, event: &event, id: &id, now };
        let signed = sender.source.sign(&sender.secret, &unsigned).map_err(End::CouldNot)?;
        let mut url = url;
        url.set_query(Some(signed.query.as_str()).filter(|query| !query.is_empty()));
        Ok(Letter {
            method: signed.method,
            url: url.to_string(),
            headers: signed.headers,
            body: signed.body.to_vec(),
        })
    }

    fn body(&self, source: &Source, sample: Value, event: &str, id: &str) -> Result<Vec<u8>, End> {
        let mut payload = sample;
        if let Some(file) = &self.file {
            let bytes = std::fs::read(file)
                .map_err(|why| End::CouldNot(format!("cannot read `{}`: {why}", file.display())))?;
            if self.sets.is_empty() {
                return Ok(bytes);
            }
            payload = serde_json::from_slice(&bytes).map_err(|why| {
                End::CouldNot(format!(
                    "`{}` is not JSON, so nothing can be --set in it: {why}",
                    file.display()
                ))
            })?;
        } else {
            for (path, value) in [(source.event_path(), event), (source.id_path(), id)] {
                if let Some(path) = path.filter(|_| !value.is_empty()) {
                    apply(&mut payload, path, Value::from(value)).map_err(End::CouldNot)?;
                }
            }
        }
        for edit in &self.sets {
            apply(&mut payload, &edit.path, edit.value.clone()).map_err(End::Usage)?;
        }
        Ok(source.body(&payload))
    }

    fn url(&self, source: &Source) -> Result<url::Url, End> {
        let text = match &self.to {
            Some(text) => text.clone(),
            None => {
                let listen = std::env::var("DOORBELL_LISTEN").unwrap_or_else(|_| "127.0.0.1:4980".to_owned());
                let path = source.pattern().text();
                if !source.pattern().is_literal() {
                    return Err(End::Usage(format!(
                        "the path `{path}` has parameters: name the whole address with --to"
                    )));
                }
                format!("http://{listen}{path}")
            }
        };
        let mut url = url::Url::parse(&text)
            .map_err(|why| End::Usage(format!("--to: `{text}` is not an address: {why}")))?;
        if url.path() == "/" {
            url.set_path(source.pattern().text());
        }
        Ok(url)
    }
}

fn from_environment(name: &str) -> Result<Secret, End> {
    let value = std::env::var(name)
        .map_err(|_| End::CouldNot(format!("the environment variable `{name}` is not set")))?;
    Ok(Secret::new(value.into_bytes()))
}

/// The same request as a line for a shell: every part in single quotes.
fn curl(letter: &Letter) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut line = format!("curl -i -X {} {}", letter.method, quoted(&letter.url));
    for (name, value) in &letter.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
    }
    line + &format!(" --data-binary {}", quoted(&String::from_utf8_lossy(&letter.body)))
}

fn send(letter: Letter) -> Result<End, End> {
    super::block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build();
        let client = client.map_err(|why| End::CouldNot(why.to_string()))?;
        let url = letter.url.clone();
        let request =
            client.request(letter.method, letter.url).headers(letter.headers).body(Bytes::from(letter.body));
        let answer = request.send().await.map_err(|why| {
            let kind = if why.is_connect() { "nobody answers" } else { "no answer came" };
            End::CouldNot(format!(
                "{kind} at `{url}`: start one with `doorbell serve`, or name another address with --to"
            ))
        })?;
        let status = answer.status();
        let body = answer.text().await.unwrap_or_default();
        output::line(&format!("{}  {}", status.as_u16(), crate::telemetry::escape(&body)));
        Ok(if status.is_success() { End::Ok } else { End::No })
    })?
}
