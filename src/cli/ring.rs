//! `doorbell ring`: make, sign and send a realistic event, or print it as a curl line or as JSON.

use std::path::PathBuf;

use serde_json::Value;

use super::client::Admin;
use super::edit::{Edit, change, items};
use super::letter::Letter;
use super::own_key::OwnKey;
use super::{End, output};
use crate::clock::{Clock, System, random};
use crate::config::{self, Permissions, Secrets};
use crate::id::EventId;
use crate::provider::{Preset, Signed, Source, Unsigned};
use crate::secret::Secret;
use crate::yaml::Document;

/// The secret of a source that is made up for a preset; its value is known already.
const MADE_UP: &str = "DOORBELL_RING";
const KEYS_HINT: &str = "with --keys DIR doorbell signs with a throw-away key, whose public half the source then takes for its secret";

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell ring github push --set '$.ref=refs/heads/main'
  doorbell ring stripe --set '$.data.object.amount=15000'
  doorbell ring hello --file payload.json --curl
  doorbell ring stripe --from evt_… --set '$.data.object.amount=15000'
  doorbell ring shopify orders/paid --secret-env SHOPIFY_SECRET --to https://hooks.example.com/shopify
  doorbell ring paypal --keys keys/ --public-key > paypal.pem
  doorbell ring paypal --keys keys/

NAME is a source of the rules, whose secret and path are used, or a provider that doorbell knows.
Where only the provider can sign (PayPal, Discord, Amazon SNS and others), --keys signs with a key of your own.")]
pub(super) struct Ring {
    /// A source of the rules, or a provider such as github, stripe, shopify
    name: String,
    /// The event type; the one of the sample when left out
    event: Option<String>,
    /// Rules files or directories (default: looked for from here upwards)
    #[arg(long = "rules", value_name = "PATH", env = "DOORBELL_RULES", value_delimiter = ':')]
    rules: Vec<PathBuf>,
    /// Change the payload, each item of it in a batch: a path and a JSON value or text; may be given many times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<Edit>,
    /// The payload, in place of the sample; sent byte for byte when nothing is --set
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A recorded event of the running doorbell in place of the sample: its type and its body, with an id of its own
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    from: Option<EventId>,
    #[command(flatten)]
    admin: Admin,
    /// The id that makes a repeat recognisable; a new one when left out
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Where it goes (default: the path of the source at DOORBELL_LISTEN or 127.0.0.1:4980)
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The environment variable that holds the secret, when no rules tell it
    #[arg(long, value_name = "NAME")]
    secret_env: Option<String>,
    /// What a provider wants to know besides its secret, when no rules tell it; may be given many times
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Sign with a private key of one's own, kept in this directory and made when it is not there
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Print the public half of that key, as the source's secret wants it, and send nothing
    #[arg(long, requires = "keys", conflicts_with_all = ["curl", "output"])]
    public_key: bool,
    /// Print it as a curl line in place of sending it
    #[arg(long)]
    curl: bool,
    /// Print the signed request in place of sending it
    #[arg(short, long, value_enum, conflicts_with = "curl")]
    output: Option<Form>,
    /// Take rules that everybody may write, and secrets that everybody may read, as they are
    #[arg(long, env = "DOORBELL_LOOSE_FILES")]
    loose_files: bool,
}

/// How a request is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Method, URL, headers and body as one JSON document.
    Json,
}

/// Whose event is made, and what signs it.
struct Sender {
    source: Source,
    hand: Hand,
}

enum Hand {
    Secret(Secret),
    Key(OwnKey),
}

impl Ring {
    pub(super) fn run(self) -> End {
        self.ring().unwrap_or_else(|end| end)
    }

    fn ring(self) -> Result<End, End> {
        let sender = self.sender()?;
        if self.public_key {
            return shown(&sender);
        }
        let letter = self.letter(&sender)?;
        match (self.curl, self.output) {
            (true, _) => output::line(&letter.curl()),
            (_, Some(Form::Json)) => output::json(&letter.json()),
            (false, None) => return letter.send(),
        }
        Ok(End::Ok)
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
        let Some(live) = live else { return self.preset() };
        let mut sources = live.set.sources.iter();
        let by_name = sources.clone().find(|source| *source.name == *self.name);
        let Some(source) =
            by_name.or_else(|| sources.find(|source| source.preset == Some(self.name.as_str())))
        else {
            return self.preset();
        };
        let hand = match (self.key(source)?, &self.secret_env, source.secrets().first()) {
            (Some(key), ..) => Hand::Key(key),
            (None, Some(name), _) => Hand::Secret(from_environment(name)?),
            (None, None, None) => Hand::Secret(Secret::new(Vec::new())),
            (None, None, Some(reference)) => {
                let secret = live.vault.get(reference).map_err(|why| End::CouldNot(why.to_string()))?;
                Hand::Secret(secret.clone())
            }
        };
        Ok(Sender { source: source.clone(), hand })
    }

    /// The key of one's own, when one was asked for.
    fn key(&self, source: &Source) -> Result<Option<OwnKey>, End> {
        let Some(directory) = &self.keys else { return Ok(None) };
        let wanted = source.sender_key().ok_or_else(|| {
            End::Usage(format!("`{}` shares a secret with its sender: --keys has no use there", self.name))
        })?;
        let key = OwnKey::open(directory, &self.name, &wanted)?;
        if key.is_new && !self.public_key {
            let file = key.public.display();
            output::note(&format!("a key was made; what it signs is taken by: secret: {{ file: {file} }}"));
        }
        Ok(Some(key))
    }

    fn preset(&self) -> Result<Sender, End> {
        let Some(preset) = Preset::find(&self.name) else {
            return Err(End::Usage(format!(
                "no source of the rules has this name, and {}",
                super::providers::unknown(&self.name)
            )));
        };
        let source = self.made_up(preset)?;
        let hand = match (self.key(&source)?, &self.secret_env) {
            (Some(key), _) => Hand::Key(key),
            (None, Some(name)) => Hand::Secret(from_environment(name)?),
            (None, None) if source.sender_key().is_some() => {
                return Err(End::Usage(format!("no rules have a source `{}`: {KEYS_HINT}", self.name)));
            }
            (None, None) => {
                return Err(End::Usage(format!(
                    "no rules have a source `{}`, so its secret is not known: name its variable with --secret-env",
                    self.name
                )));
            }
        };
        Ok(Sender { source, hand })
    }

    /// A source of nothing but the preset and what --param says; the public URL is where it goes.
    fn made_up(&self, preset: &Preset) -> Result<Source, End> {
        let mut settings = serde_json::Map::new();
        settings.insert("verify".to_owned(), Value::from(preset.id));
        settings.insert("secret".to_owned(), serde_json::json!({ "env": MADE_UP }));
        for param in preset.params().iter().filter(|param| param.name == "public_url") {
            let to = self.to.clone().unwrap_or_else(|| "http://127.0.0.1:4980".to_owned());
            settings.insert(param.name.clone(), Value::from(to));
        }
        for param in &self.params {
            let (name, value) = param
                .split_once('=')
                .ok_or_else(|| End::Usage(format!("--param: `{param}`: write NAME=VALUE")))?;
            settings.insert(name.to_owned(), Value::from(value));
        }
        let mut problems = Vec::new();
        let text = Value::Object(settings).to_string();
        let document = Document::parse("ring", &text);
        let source =
            document.ok().and_then(|document| Source::compile(&self.name, &document.root(), &mut problems));
        source.ok_or_else(|| {
            let why: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
            End::Usage(format!(
                "`{}`: {}; say it with --param NAME=VALUE, or write a source for it",
                self.name,
                why.join(", ")
            ))
        })
    }

    fn letter(&self, sender: &Sender) -> Result<Letter, End> {
        let now = System.now();
        let about = sender.source.preset.and_then(Preset::find).and_then(|preset| preset.about().ok());
        let recorded = self.from.map(|id| self.recorded(id)).transpose()?;
        let kind = recorded.as_ref().map(|(kind, _)| kind.clone());
        let event = self.event.clone().or(kind).or(about.as_ref().map(|about| about.event.clone()));
        let event = event.unwrap_or_default();
        let id = self.id.clone().unwrap_or_else(|| EventId::new(now.millis(), random()).to_string());
        let sample = about.map_or_else(|| Value::Object(serde_json::Map::new()), |about| about.payload);
        let body = match recorded {
            Some((_, body)) => self.again(&sender.source, body, &id)?,
            None => self.body(&sender.source, sample, &event, &id)?,
        };
        let url = self.url(&sender.source)?;
        let (path, query) = (url.path().to_owned(), url.query().unwrap_or_default().to_owned());
        let unsigned = Unsigned { path: &path, query: &query, body: &body, event: &event, id: &id, now };
        let signed = sender.sign(&unsigned)?;
        let mut url = url;
        url.set_query(Some(signed.query.as_str()).filter(|query| !query.is_empty()));
        Ok(Letter {
            method: signed.method,
            url: url.to_string(),
            headers: signed.headers,
            body: signed.body.to_vec(),
        })
    }

    /// The type and the body of a recorded event.
    fn recorded(&self, id: EventId) -> Result<(String, Vec<u8>), End> {
        let shown = self.admin.get(&format!("/api/events/{id}"), &[])?;
        let kind = shown.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok((kind, self.admin.bytes(&format!("/api/events/{id}/body"))?))
    }

    /// A recorded body with what is --set, and with the new id where the source looks for it: else it would be a repeat.
    fn again(&self, source: &Source, body: Vec<u8>, id: &str) -> Result<Vec<u8>, End> {
        let place = source.id_path();
        if self.sets.is_empty() && place.is_none() {
            return Ok(body);
        }
        let mut payload = serde_json::from_slice(&body).map_err(|why| {
            End::CouldNot(format!("the event's body is not JSON, so nothing can be changed in it: {why}"))
        })?;
        if let Some(path) = place {
            change(source, &mut payload, path, &Value::from(id)).map_err(End::CouldNot)?;
        }
        for edit in &self.sets {
            change(source, &mut payload, &edit.path, &edit.value).map_err(End::Usage)?;
        }
        Ok(source.body(&payload))
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
            if let Some(items) = source.batch_path().and_then(|path| items(&mut payload, path)) {
                items.truncate(1);
            }
            for (path, value) in [(source.event_path(), event), (source.id_path(), id)] {
                if let Some(path) = path.filter(|_| !value.is_empty()) {
                    change(source, &mut payload, path, &Value::from(value)).map_err(End::CouldNot)?;
                }
            }
        }
        for edit in &self.sets {
            change(source, &mut payload, &edit.path, &edit.value).map_err(End::Usage)?;
        }
        Ok(source.body(&payload))
    }

    fn url(&self, source: &Source) -> Result<url::Url, End> {
        let text = match &self.to {
            Some(text) => text.clone(),
            None => {
                let listen = std::env::var("DOORBELL_LISTEN").unwrap_or_else(|_| "127.0.0.1:4980".to_owned());
                let Some(path) = source.path() else {
                    return Err(End::Usage(format!(
                        "nothing comes to `{}` from outside: actions emit its events; `doorbell test` tries its rules",
                        source.name
                    )));
                };
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

impl Sender {
    fn sign(&self, unsigned: &Unsigned<'_>) -> Result<Signed, End> {
        let signed = match &self.hand {
            Hand::Secret(secret) => self.source.sign(secret, unsigned),
            Hand::Key(key) => self.source.sign_with(&|bytes: &[u8]| key.sign(bytes), unsigned),
        };
        signed.map_err(|why| match (&self.hand, self.source.sender_key()) {
            (Hand::Secret(_), Some(_)) => End::CouldNot(format!("{why}; {KEYS_HINT}")),
            _ => End::CouldNot(why),
        })
    }
}

/// Prints the public half of the key of one's own.
fn shown(sender: &Sender) -> Result<End, End> {
    if let (Hand::Key(key), Some(wanted)) = (&sender.hand, sender.source.sender_key()) {
        let text =
            key.written(&wanted).ok_or_else(|| End::CouldNot("the key has no public half".to_owned()))?;
        output::line(text.trim_end());
    }
    Ok(End::Ok)
}

fn from_environment(name: &str) -> Result<Secret, End> {
    let value = std::env::var(name)
        .map_err(|_| End::CouldNot(format!("the environment variable `{name}` is not set")))?;
    Ok(Secret::new(value.into_bytes()))
}
