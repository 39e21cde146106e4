//! Reading the rules again: by a change of the files, by SIGHUP, or when asked. A broken edit keeps the running rules.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use tokio::signal::unix::SignalKind;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::housekeeping::{heard, listen};
use super::{Settings, texts_of};
use crate::clock::Clock;
use crate::config::{self, Loaded, Secrets, TlsFiles};
use crate::diagnostic::Severity;
use crate::draw::{self, Style};
use crate::live::Live;
use crate::meter::Meter;
use crate::rule::File;
use crate::server::{Public, Reload, Tls, public_router};
use crate::stop::Stop;
use crate::store::Store;

/// How often the files are looked at. The system's own notices would come for every commit of a store that lies beside
/// the rules, as it does by default; a few looks a second cost nothing and work on every kind of mount.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Files are read when they have not changed for so long.
const QUIET: Duration = Duration::from_millis(200);
/// Files that never rest are read all the same after so many looks.
const QUIET_LOOKS_MAX: usize = 50;

/// Puts new rules in the place of the running ones.
pub(super) struct Reloader {
    pub(super) settings: Settings,
    pub(super) live: Arc<ArcSwap<Live>>,
    pub(super) router: Arc<ArcSwap<Router>>,
    pub(super) public: Public,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) meter: Arc<Meter>,
    pub(super) tls: Option<Tls>,
}

impl Reloader {
    /// Waits for reasons to reload until `stop` turns true. `_wishes` keeps the channel open.
    pub(super) async fn run(
        self,
        mut wished: mpsc::Receiver<Reload>,
        _wishes: mpsc::Sender<Reload>,
        mut stop: Stop,
    ) {
        let mut hangup = listen(SignalKind::hangup());
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut texts, mut watched) = self.texts();
        let mut marks = config::marks(&watched);
        let certificates = self.settings.tls.as_ref().map(TlsFiles::paths).unwrap_or_default();
        let mut certified = config::marks(&certificates);
        loop {
            tokio::select! {
                () = stop.asked() => return,
                () = heard(&mut hangup) => { let _ = self.reload().await; }
                Some(answer) = wished.recv() => {
                    let _ = answer.send(self.reload().await);
                }
                _ = look.tick() => {
                    if config::marks(&certificates) != certified {
                        settled(&certificates).await;
                        certified = config::marks(&certificates);
                        self.renew();
                    }
                    if config::marks(&watched) == marks {
                        continue;
                    }
                    settled(&watched).await;
                    let before = texts;
                    (texts, watched) = self.texts();
                    marks = config::marks(&watched);
                    if texts == before {
                        continue;
                    }
                    let _ = self.reload().await;
                    continue;
                }
            }
            (texts, watched) = self.texts();
            marks = config::marks(&watched);
        }
    }

    /// Puts new certificates in the place of the old ones, for connections that come.
    fn renew(&self) {
        let Some((tls, files)) = self.tls.as_ref().zip(self.settings.tls.as_ref()) else { return };
        match files.read(self.settings.permissions) {
            Ok(config) => {
                tls.store(config);
                tracing::info!(certificate = %files.certificate.display(), "certificate read again");
            }
            Err(why) => tracing::error!("{why}; still using the previous certificate"),
        }
    }

    fn paths(&self) -> Vec<PathBuf> {
        if self.settings.paths.is_empty() {
            config::find().unwrap_or_default()
        } else {
            self.settings.paths.clone()
        }
    }

    /// The files as they are now, and what to watch for another.
    fn texts(&self) -> (Option<Vec<File>>, Vec<PathBuf>) {
        let paths = self.paths();
        match config::gather(&paths, self.settings.permissions) {
            Ok(gathered) => (Some(gathered.files), gathered.watched),
            Err(_) => (None, paths),
        }
    }

    /// Reads the rules again; the words say which rules serve now, or why the old ones still do.
    async fn reload(&self) -> Result<String, String> {
        let outcome = self.try_reload().await;
        match &outcome {
            Ok(revision) => tracing::info!(revision, "rules reloaded"),
            Err(_) => tracing::error!("the new rules are not taken: still serving the previous rules"),
        }
        self.meter.reloaded(outcome.is_ok());
        outcome
    }

    async fn try_reload(&self) -> Result<String, String> {
        let (paths, permissions) = (self.settings.paths.clone(), self.settings.permissions);
        let reading = tokio::task::spawn_blocking(move || config::load(&paths, permissions, Secrets::Needed));
        let loaded = reading.await.map_err(|error| error.to_string())?.map_err(|error| {
            tracing::error!("{error}");
            error.to_string()
        })?;
        let Some(live) = loaded.live else {
            complain(&loaded);
            return Err(draw::diagnostics(&loaded.problems, &texts_of(&loaded.files), Style::Plain));
        };
        let set = &live.set;
        let kept = self.store.keep_revision(set.digest, set.text().to_owned(), self.clock.now()).await;
        kept.map_err(|error| error.to_string())?;
        let revision = crate::hex::hex(&set.digest).chars().take(8).collect();
        self.router.store(Arc::new(public_router(&self.public, &live)));
        self.live.store(live);
        Ok(revision)
    }
}

/// Waits until the files rest: an editor may write in several steps.
async fn settled(watched: &[PathBuf]) {
    let mut before = config::marks(watched);
    for _ in 0..QUIET_LOOKS_MAX {
        tokio::time::sleep(QUIET).await;
        let now = config::marks(watched);
        if now == before {
            return;
        }
        before = now;
    }
}

/// One line in the log for each thing that is wrong.
fn complain(loaded: &Loaded) {
    let texts = texts_of(&loaded.files);
    for problem in loaded.problems.iter().filter(|problem| problem.severity == Severity::Error) {
        let at = problem.place.as_ref().map_or_else(String::new, |place| {
            let text = texts.get(&*place.file).copied().unwrap_or_default();
            let (line, column, _) = draw::positions(problem, text);
            format!("{}:{line}:{column}", place.file)
        });
        tracing::error!(code = problem.code, at, help = problem.help.as_deref(), "{}", problem.message);
    }
}
