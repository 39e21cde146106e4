//! The store: whether it opens, who may read it, room on its disk, and how long the disk takes to keep something.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Finding;
use crate::app::Settings;
use crate::store::sqlite::{self, Disk, Probe as _};

/// A store larger than this is not read as a whole: `doorbell store check` does.
const READ_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Writes that are timed; the middle one counts.
const WRITES: usize = 9;
/// Bytes of one.
const WRITE_BYTES: usize = 4096;
/// A disk that takes longer to keep one write keeps few webhooks a second for whoever sends them one by one.
const SLOW: Duration = Duration::from_millis(50);
/// The bits of a file's mode by which others may read or write it.
const OTHERS: u32 = 0o077;

/// All of it.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let path = &settings.store;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut findings = vec![opens(settings, folder)];
    findings.extend(readers(path));
    findings.push(room(settings, folder));
    findings.push(speed(folder));
    findings
}

fn opens(settings: &Settings, folder: &Path) -> Finding {
    let path = &settings.store;
    let file = path.display();
    let Ok(about) = fs::metadata(path) else {
        return match folder.is_dir() {
            true => Finding::good("store", format!("`{file}` is not there yet; serve makes it")),
            false => Finding::bad("store", format!("the directory `{}` is not there", folder.display()))
                .mend(format!("mkdir -p {}", folder.display())),
        };
    };
    if about.len() > READ_MAX_BYTES {
        let words = format!("`{file}` has {} MiB, too much to read it now", about.len() >> 20);
        return Finding::good("store", words).mend("doorbell store check  reads all of it");
    }
    match sqlite::check(path, &settings.keys) {
        Ok(found) if found.wrong.is_empty() => {
            let (events, live) = (found.events, found.live);
            Finding::good(
                "store",
                format!("`{file}` opens: {events} events, {live} deliveries not at an end"),
            )
        }
        Ok(found) => {
            let first = found.wrong.first().cloned().unwrap_or_default();
            Finding::bad("store", format!("`{file}` is damaged: {first}"))
                .mend("doorbell store check  tells all")
        }
        Err(error) => Finding::bad("store", format!("`{file}`: {error}")),
    }
}

fn readers(path: &Path) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.mode();
    if mode & OTHERS == 0 {
        return None;
    }
    let words = format!(
        "`{}` may be read by others (mode {:o}): it holds what was sent",
        path.display(),
        mode & 0o777
    );
    Some(Finding::warning("store", words).mend(format!("chmod 600 {}", path.display())))
}

fn room(settings: &Settings, folder: &Path) -> Finding {
    let Some(room) = Disk.room(folder) else {
        return Finding::warning("disk", format!("the room at `{}` cannot be found out", folder.display()));
    };
    let reserve = settings.reserve.bytes(room.total);
    let words = format!("{} MiB free; below {} MiB nothing is accepted", room.free >> 20, reserve >> 20);
    if room.free < reserve {
        return Finding::bad("disk", words).mend("make room, or take less in reserve by --disk-reserve");
    }
    if room.free < reserve.saturating_mul(2) {
        return Finding::warning("disk", words).mend("make room before it is full");
    }
    Finding::good("disk", words)
}

fn speed(folder: &Path) -> Finding {
    match time(folder) {
        Ok(took) => {
            let words = format!("it keeps a write in {:.1} ms", took.as_secs_f64() * 1000.0);
            if took > SLOW {
                let mend = "webhooks that come one by one wait so long each; a disk with its own power cut protection is faster";
                return Finding::warning("fsync", words).mend(mend);
            }
            Finding::good("fsync", words)
        }
        Err(error) => Finding::bad("fsync", format!("`{}` cannot be written: {error}", folder.display()))
            .mend("let doorbell's user write there, or name another store by --store"),
    }
}

/// A file that goes when it is dropped.
struct Brief(PathBuf);

impl Drop for Brief {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.0);
    }
}

/// The middle of some writes, each until the disk has it.
fn time(folder: &Path) -> io::Result<Duration> {
    let path = folder.join(format!(".doorbell-doctor-{}", std::process::id()));
    let mut file = File::create_new(&path)?;
    let _brief = Brief(path);
    let mut took = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let began = Instant::now();
        file.write_all(&[0; WRITE_BYTES])?;
        file.sync_data()?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took.get(WRITES / 2).copied().unwrap_or_default())
}
