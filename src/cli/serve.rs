//! `doorbell serve`: receive webhooks and carry out what the rules say.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::limits::Given;
use super::unlock::Unlock;
use super::{ADMIN_DEFAULT, End, Rules};
use crate::app::{self, Keep, Settings};
use crate::config::TlsFiles;
use crate::draw::Style;
use crate::secret::Secret;
use crate::server::Address;
use crate::store::sqlite::Reserve;
use crate::telemetry::{self, LogFormat};
use crate::{limit, unit};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell serve rules/
  doorbell serve rules/ --listen 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem
  doorbell serve doorbell.yaml --listen 0.0.0.0:4980 --store sqlite:/var/lib/doorbell/doorbell.db")]
pub(super) struct Serve {
    #[command(flatten)]
    options: Options,
    /// How much is logged: error, warn, info, debug, trace
    #[arg(long, env = "DOORBELL_LOG", default_value = "info", value_name = "LEVEL")]
    log: String,
    /// The shape of the log
    #[arg(long, env = "DOORBELL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    log_format: LogFormat,
}

// All that `serve` is told but how it logs, for `doctor` too; a doc comment here would be their help.
#[derive(clap::Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    rules: Rules,
    /// Where webhooks arrive; port 0 picks a free one and the readiness line names it
    #[arg(long, env = "DOORBELL_LISTEN", default_value = "127.0.0.1:4980", value_name = "ADDR")]
    listen: String,
    /// A certificate in PEM, to speak HTTPS; it is read again when the file changes
    #[arg(long, env = "DOORBELL_TLS_CERT", requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM, readable by doorbell's user only
    #[arg(long, env = "DOORBELL_TLS_KEY", requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Certificates in PEM that vouch for clients; who shows no such certificate cannot connect
    #[arg(long, env = "DOORBELL_TLS_CLIENT_CA", requires = "tls_cert", value_name = "FILE")]
    tls_client_ca: Option<PathBuf>,
    /// Networks of proxies before this listener whose `X-Forwarded-For` is believed; several are separated by commas
    #[arg(
        long = "trusted-proxy",
        env = "DOORBELL_TRUSTED_PROXY",
        value_delimiter = ',',
        value_name = "CIDR"
    )]
    trusted_proxies: Vec<String>,
    /// Where people and programs look (health, history, repair): an address, or `unix:PATH` for a socket that only doorbell's
    /// user may open
    #[arg(long, env = "DOORBELL_ADMIN", default_value = ADMIN_DEFAULT, value_name = "ADDR")]
    admin: String,
    /// The token that the admin listener asks for; needed when it is not on loopback
    #[arg(long, env = "DOORBELL_ADMIN_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    admin_token: Option<String>,
    /// A second token that only lets look at the admin listener: whoever has it changes nothing
    #[arg(long, env = "DOORBELL_ADMIN_READ_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    admin_read_token: Option<String>,
    /// Names by which an admin listener on loopback may be called beside localhost and its address, such as that of a proxy
    /// before it; several are separated by commas
    #[arg(long = "admin-host", env = "DOORBELL_ADMIN_HOST", value_delimiter = ',', value_name = "NAME")]
    admin_hosts: Vec<String>,
    /// A proxy that outgoing requests go through; the system's own variables for proxies are not looked at
    #[arg(long, env = "DOORBELL_PROXY", hide_env_values = true, value_name = "URL")]
    proxy: Option<String>,
    /// Where events and deliveries are kept
    #[arg(long, env = "DOORBELL_STORE", default_value = "sqlite:doorbell.db", value_name = "URL")]
    store: String,
    #[command(flatten)]
    unlock: Unlock,
    /// How long events, and deliveries that ended well, are kept
    #[arg(long, env = "DOORBELL_KEEP", default_value = "7d", value_name = "DURATION")]
    keep: String,
    /// How long deliveries that were given up are kept
    #[arg(long, env = "DOORBELL_KEEP_DEAD", default_value = "30d", value_name = "DURATION")]
    keep_dead: String,
    /// How large the store may grow before the oldest of what ended is removed
    #[arg(long, env = "DOORBELL_KEEP_SIZE", default_value = "10GiB", value_name = "SIZE")]
    keep_size: String,
    /// Room on the store's disk below which webhooks are answered 503 (default: 5 % of it, at least 256 MiB and at most 2 GiB)
    #[arg(long, env = "DOORBELL_DISK_RESERVE", value_name = "SIZE")]
    disk_reserve: Option<String>,
    /// Time for what is under way when asked to stop
    #[arg(long, env = "DOORBELL_GRACE", default_value = "30s", value_name = "DURATION")]
    grace: String,
    #[command(flatten)]
    limits: Given,
    /// The base URL of a collector that takes traces by OTLP over HTTP, such as http://127.0.0.1:4318
    #[arg(long, env = "DOORBELL_OTLP", value_name = "URL")]
    otlp: Option<String>,
}

impl Serve {
    pub(super) fn run(self, style: Style) -> End {
        if let Err(why) = telemetry::start(self.log_format, &self.log, style == Style::Colour) {
            return End::Usage(why);
        }
        match self.options.settings(style) {
            Ok(settings) => serve(settings),
            Err(end) => end,
        }
    }
}

impl Options {
    /// The same as `app` takes it.
    pub(super) fn settings(self, style: Style) -> Result<Settings, End> {
        let reserve = match &self.disk_reserve {
            None => Reserve::Usual,
            Some(text) => Reserve::Bytes(size("--disk-reserve", text)?),
        };
        let keep = Keep {
            ended: duration("--keep", &self.keep)?,
            dead: duration("--keep-dead", &self.keep_dead)?,
            bytes: size("--keep-size", &self.keep_size)?,
        };
        Ok(Settings {
            keys: self.unlock.keys(self.rules.permissions())?,
            limits: self.limits.read()?,
            keep,
            reserve,
            permissions: self.rules.permissions(),
            paths: self.rules.paths,
            listen: address("--listen", &self.listen)?,
            tls: self.tls_cert.zip(self.tls_key).map(|(certificate, key)| TlsFiles {
                certificate,
                key,
                clients: self.tls_client_ca,
            }),
            proxies: self.trusted_proxies.iter().map(|text| network(text)).collect::<Result<_, _>>()?,
            otlp: self.otlp,
            admin: match Address::socket(&self.admin) {
                Some(path) => Address::Unix(path),
                None => Address::Tcp(address("--admin", &self.admin)?),
            },
            admin_token: self.admin_token.map(|text| token("admin token", text)).transpose()?,
            admin_hosts: self.admin_hosts,
            admin_read_token: self
                .admin_read_token
                .map(|text| token("admin read token", text))
                .transpose()?,
            proxy: self.proxy.as_deref().map(proxy).transpose()?,
            store: store_file(&self.store)?,
            grace: duration("--grace", &self.grace)?,
            style,
        })
    }
}

fn serve(settings: Settings) -> End {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(app::serve(settings)),
        Err(why) => return End::CouldNot(format!("cannot start: {why}")),
    };
    match ended {
        Ok(()) => End::Ok,
        Err(app::Error::Rules(drawn)) => End::CouldNot(format!("the rules are wrong\n{drawn}")),
        Err(app::Error::Outside(why)) => End::CouldNot(why),
    }
}

fn token(name: &str, text: String) -> Result<Secret, End> {
    if text.trim().len() < limit::SECRET_MIN_BYTES {
        return Err(End::Usage(format!(
            "the {name} is too short: use at least {} characters",
            limit::SECRET_MIN_BYTES
        )));
    }
    Ok(Secret::new(text.into_bytes()))
}

/// A duration behind a flag.
pub(super) fn duration(flag: &str, text: &str) -> Result<Duration, End> {
    unit::duration(text).map_err(|why| End::Usage(format!("{flag}: {why}")))
}

/// A size in bytes behind a flag.
pub(super) fn size(flag: &str, text: &str) -> Result<u64, End> {
    unit::size(text).map_err(|why| End::Usage(format!("{flag}: {why}")))
}

/// A proxy, without telling what may be a password in it.
fn proxy(text: &str) -> Result<Url, End> {
    let wrong = |why: &str| End::Usage(format!("--proxy: {why}: write http://proxy.example.com:3128"));
    let url = Url::parse(text).map_err(|why| wrong(&format!("it is not a URL ({why})")))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        other => Err(wrong(&format!("`{other}` is not a proxy's scheme"))),
    }
}

/// A network, or an address for itself alone.
fn network(text: &str) -> Result<IpNet, End> {
    let found = text.trim().parse().ok().or_else(|| Some(IpNet::from(text.trim().parse::<IpAddr>().ok()?)));
    found.ok_or_else(|| {
        End::Usage(format!("--trusted-proxy: `{text}` is not a network: write 10.0.0.0/8 or 192.0.2.1"))
    })
}

/// The first address of `HOST:PORT`.
fn address(flag: &str, text: &str) -> Result<SocketAddr, End> {
    let wrong = |why: String| {
        End::Usage(format!("{flag}: `{text}` is not an address ({why}): write 127.0.0.1:4980 or [::1]:4980"))
    };
    let mut found = text.to_socket_addrs().map_err(|why| wrong(why.to_string()))?;
    found.next().ok_or_else(|| wrong("it names nothing".to_owned()))
}

/// The file behind `sqlite:FILE`.
pub(super) fn store_file(url: &str) -> Result<PathBuf, End> {
    let file = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
    match file {
        Some(file) if !file.is_empty() && file != ":memory:" => Ok(PathBuf::from(file)),
        _ => Err(End::Usage(format!(
            "--store: `{url}` is not a store that this version knows: write sqlite:FILE"
        ))),
    }
}
