//! The whole program running: store, rules, listeners, worker, retention and reload, from the first line to an orderly end.

mod housekeeping;
mod listen;
mod reload;
mod steady;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use ipnet::IpNet;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use crate::bounds::Limits;
use crate::clock::{Clock, System};
use crate::config::{self, Loaded, Permissions, Secrets, TlsFiles};
use crate::draw::{self, Style, Texts};
use crate::intake::Intake;
use crate::limit;
use crate::live::Live;
use crate::meter::Meter;
use crate::otlp::{self, Collector};
use crate::perform::{Means, Performer};
use crate::rule::File;
use crate::secret::Secret;
use crate::server::{self, Address, Admin, Front, Public, Tls};
use crate::stop;
use crate::store::Store;
use crate::store::seal::Keys;
use crate::store::sqlite::{Looks, Options, Reserve, Sqlite};
use crate::worker::Worker;
pub use housekeeping::Keep;

/// Time to tell a collector what it was not told yet, when all else has ended.
const TRACES_GRACE: Duration = Duration::from_secs(5);
/// Wishes to reload that may wait.
const RELOADS_MAX: usize = 4;

/// What `serve` is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Rules files and directories; empty to look for them.
    pub paths: Vec<PathBuf>,
    /// Where webhooks arrive.
    pub listen: SocketAddr,
    /// The certificate of the webhook listener; without one it speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Proxies before the webhook listener that are believed whom they saw.
    pub proxies: Vec<IpNet>,
    /// The base URL of a collector of traces (OTLP over HTTP).
    pub otlp: Option<String>,
    /// Where people look.
    pub admin: Address,
    /// The token of the admin listener.
    pub admin_token: Option<Secret>,
    /// The token that only lets look there.
    pub admin_read_token: Option<Secret>,
    /// Names by which an admin listener on loopback may be called too, such as that of a proxy before it.
    pub admin_hosts: Vec<String>,
    /// The proxy that outgoing requests go through.
    pub proxy: Option<Url>,
    /// The store's file.
    pub store: PathBuf,
    /// What payloads are sealed with in it.
    pub keys: Keys,
    /// How much history is kept.
    pub keep: Keep,
    /// Room that is kept free on the store's disk.
    pub reserve: Reserve,
    /// What it may use.
    pub limits: Limits,
    /// Time for what is under way when asked to stop.
    pub grace: Duration,
    /// How strict we are with files.
    pub permissions: Permissions,
    /// Whether complaints are coloured.
    pub style: Style,
}

/// Why the program cannot run, in words for a person; exit code 3, or 1 for rules that are wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules are wrong; the text is the drawn complaints.
    #[error("{0}")]
    Rules(String),
    /// Something outside is.
    #[error("{0}")]
    Outside(String),
}

/// Serves until asked to stop.
///
/// # Errors
/// When it cannot start. Once it serves, it only ends when asked.
pub async fn serve(settings: Settings) -> Result<(), Error> {
    let live = first_rules(&settings)?;
    let guard = listen::guard(&settings)?;
    let tls = tls(&settings)?;
    let public_listener = listen::bind(settings.listen, "--listen")?;
    let admin_listener = listen::Admin::bind(&settings.admin)?;
    let clock: Arc<dyn Clock> = Arc::new(System);
    let store: Arc<dyn Store> =
        Arc::new(Sqlite::open(&settings.store, options(&settings), clock.now()).map_err(outside)?);
    keep(&store, &live, &clock).await?;
    let limits = settings.limits;
    let means = Means { program: own_program(), proxy: settings.proxy.clone(), limits };
    let performer = Performer::with(means).map_err(outside)?;
    let collector = settings.otlp.as_deref().map(Collector::at).transpose().map_err(Error::Outside)?;
    let hint = hint(&live);

    let (stopper, stop) = stop::channel();
    let live = Arc::new(ArcSwap::from(live));
    let meter = Arc::new(Meter::default());
    let fetch = Arc::new(performer.clone());
    let intake = Intake::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&meter), fetch, &limits);
    let (windows, feed) = (Arc::clone(&intake.windows), intake.feed.clone());
    let public = Public::new(Arc::new(intake), &limits);
    let router = Arc::new(ArcSwap::from_pointee(server::public_router(&public, &live.load())));
    let (wishes, wished) = mpsc::channel(RELOADS_MAX);
    let reloader = reload::Reloader {
        settings: settings.clone(),
        live: Arc::clone(&live),
        router: Arc::clone(&router),
        public,
        store: Arc::clone(&store),
        clock: Arc::clone(&clock),
        meter: Arc::clone(&meter),
        tls: tls.clone(),
    };
    let admin = Admin {
        store: Arc::clone(&store),
        live: Arc::clone(&live),
        clock: Arc::clone(&clock),
        meter: Arc::clone(&meter),
        feed: feed.clone(),
        stop: stop.clone(),
        reload: wishes.clone(),
        guard: Arc::new(guard),
        windows,
    };
    let is_traced = collector.is_some();
    let traces = collector.map(|collector| tokio::spawn(otlp::run(feed.watch(), collector)));
    let worker = Worker {
        store: Arc::clone(&store),
        live,
        performer,
        clock: Arc::clone(&clock),
        meter,
        feed,
        is_traced,
        limits,
    };

    let told = public_listener.local_addr().unwrap_or(settings.listen);
    let admin_at = admin_listener.url();
    let grace = settings.grace;
    let mut parts = JoinSet::new();
    let front = Front { tls, router, proxies: settings.proxies.into(), limits: Arc::new(limits) };
    parts.spawn(server::serve(public_listener, front, stop.clone(), grace));
    let admin_front = front_of(server::admin_router(admin));
    parts.spawn(admin_listener.serve(admin_front, stop.clone(), grace));
    parts.spawn(worker.run(stop.clone(), grace));
    let others = tokio::spawn(housekeeping::ignore_others());
    parts.spawn(housekeeping::run(Arc::clone(&store), clock, settings.keep, stop.clone()));
    parts.spawn(reloader.run(wished, wishes, stop));
    tracing::info!(listen = %told, admin = %admin_at, store = %settings.store.display(), "serving");
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    say_ready(&format!("{scheme}://{told}"), &admin_at, hint.as_deref());
    let is_whole = until_the_end(&mut parts).await;
    stopper.stop();
    tokio::spawn(housekeeping::second_signal());
    while let Some(part) = parts.join_next().await {
        if let Err(error) = part {
            tracing::error!(%error, "a part of the program failed");
        }
    }
    if let Some(traces) = traces {
        // Nobody tells anything any more; what is told already may still go.
        let _in_time = tokio::time::timeout(TRACES_GRACE, traces).await;
    }
    store.close().await.map_err(outside)?;
    others.abort();
    if is_whole {
        return Ok(());
    }
    Err(Error::Outside(
        "a part of the program failed; what was accepted is in the store: start it again".to_owned(),
    ))
}

/// Waits until it is asked to stop, or a part ends by itself: without it the rest is of no use. Whether all is well.
async fn until_the_end(parts: &mut JoinSet<()>) -> bool {
    tokio::select! {
        () = housekeeping::asked_to_stop() => {
            tracing::info!("stopping: what is under way may end");
            true
        }
        ended = parts.join_next() => {
            let error = ended.and_then(Result::err).map(|error| error.to_string());
            tracing::error!(error = error.unwrap_or_default(), "a part of the program ended; stopping");
            false
        }
    }
}

/// This program, whatever became of its file since.
fn own_program() -> Option<PathBuf> {
    let link = PathBuf::from("/proc/self/exe");
    if link.exists() { Some(link) } else { std::env::current_exe().ok() }
}

/// Who keeps no room free wants no ballast either.
fn options(settings: &Settings) -> Options {
    let ballast_bytes = if settings.reserve == Reserve::Bytes(0) { 0 } else { limit::BALLAST_BYTES };
    let Limits { commit_queue, commit_group, backlog, page_rows, page_bodies_bytes, .. } = settings.limits;
    Options {
        queue_max: commit_queue,
        group_max: commit_group,
        backlog_max: backlog as u64,
        looks: Looks { rows: page_rows, body_bytes: page_bodies_bytes },
        reserve: settings.reserve,
        ballast_bytes,
        keys: settings.keys.clone(),
        ..Options::default()
    }
}

fn first_rules(settings: &Settings) -> Result<Arc<Live>, Error> {
    let loaded = config::load(&settings.paths, settings.permissions, Secrets::Needed).map_err(outside)?;
    let Loaded { files, problems, live } = loaded;
    let drawn = draw::diagnostics(&problems, &texts_of(&files), settings.style);
    match live {
        Some(live) => {
            if !problems.is_empty() {
                // Standard error may be gone; the rules are good all the same.
                let _ = write!(std::io::stderr(), "{drawn}");
            }
            Ok(live)
        }
        None => Err(Error::Rules(drawn)),
    }
}

/// Names and texts, as drawing wants them.
pub fn texts_of(files: &[File]) -> Texts<'_> {
    files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect()
}

async fn keep(store: &Arc<dyn Store>, live: &Live, clock: &Arc<dyn Clock>) -> Result<(), Error> {
    store.keep_revision(live.set.digest, live.set.text().to_owned(), clock.now()).await.map_err(outside)
}

fn tls(settings: &Settings) -> Result<Option<Tls>, Error> {
    let read =
        |files: &TlsFiles| files.read(settings.permissions).map(|config| Arc::new(ArcSwap::from(config)));
    settings.tls.as_ref().map(read).transpose().map_err(Error::Outside)
}

/// The admin listener keeps the defaults: however narrow the way in is made, people can look.
fn front_of(router: Router) -> Front {
    let router = Arc::new(ArcSwap::from_pointee(router));
    Front { tls: None, router, proxies: Arc::default(), limits: Arc::default() }
}

fn outside(error: impl std::fmt::Display) -> Error {
    Error::Outside(error.to_string())
}

/// The lines that say that the sockets listen; whoever started us waits for them.
fn say_ready(address: &str, admin: &str, hint: Option<&str>) {
    let mut lines = format!("ready  {address}\nadmin  {admin}\n");
    if let Some(hint) = hint {
        lines.push_str(&format!("try    {}\n", hint.replace("{address}", address)));
    }
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
}

/// A line that rings one of the sources, for whoever starts us for the first time.
fn hint(live: &Live) -> Option<String> {
    let mut plain =
        live.set.sources.iter().filter(|source| !source.is_internal() && source.pattern().is_literal());
    let source = plain
        .clone()
        .find(|source| source.is_open())
        .or_else(|| plain.find(|source| source.preset.is_some()))?;
    if !source.is_open() {
        return Some(format!("doorbell ring {}", source.name));
    }
    let path = source.pattern().text();
    Some(format!("curl -i {{address}}{path} -H 'content-type: application/json' -d '{{\"name\":\"world\"}}'"))
}
