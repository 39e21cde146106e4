//! Room on the disk: below the low-water mark nothing more is accepted, while what is there is worked off and pruned.
//! Pages that pruning left free in the store's file count as room, so that pruning alone opens the door again.

use std::ffi::OsString;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use super::Options;
use crate::limit;
use crate::store::Error;

/// How much room a disk has, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What may still be written.
    pub free: u64,
    /// What the disk holds in all.
    pub total: u64,
}

/// Who knows how much room there is beside a file.
pub trait Probe: fmt::Debug + Send + Sync {
    /// The room of the disk that holds `path`; `None` when it cannot be found out.
    fn room(&self, path: &Path) -> Option<Room>;
}

/// The disk itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Probe for Disk {
    fn room(&self, path: &Path) -> Option<Room> {
        let found = statvfs(path).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Some(Room { free: bytes(found.f_bavail), total: bytes(found.f_blocks) })
    }
}

/// How much room is kept free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reserve {
    /// 5 % of the disk, at least 256 MiB and at most 2 GiB.
    #[default]
    Usual,
    /// So many bytes.
    Bytes(u64),
}

impl Reserve {
    /// So many of a disk of this size.
    pub fn bytes(self, total: u64) -> u64 {
        match self {
            Self::Usual => (total / limit::DISK_RESERVE_SHARE)
                .clamp(limit::DISK_RESERVE_BYTES, limit::DISK_RESERVE_MAX_BYTES),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Stands before the writer: lets nothing in while there is no room, or while the file is known to be damaged.
#[derive(Debug)]
pub(super) struct Guard {
    probe: Arc<dyn Probe>,
    reserve: Reserve,
    ballast: Ballast,
    path: PathBuf,
    /// Bytes in the store's file that nothing stands in.
    unused: AtomicU64,
    is_closed: AtomicBool,
    damage: Mutex<Option<String>>,
}

impl Guard {
    /// A guard of the store in `path`.
    pub(super) fn new(path: &Path, options: &Options) -> Self {
        Self {
            probe: Arc::clone(&options.probe),
            reserve: options.reserve,
            ballast: Ballast::beside(path, options.ballast_bytes),
            path: path.to_owned(),
            unused: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
            damage: Mutex::new(None),
        }
    }

    /// Whether something may be accepted. Costs nothing while the door is open; looks again while it is closed.
    ///
    /// # Errors
    /// [`Error::Unwritable`] with the reason and the mend.
    pub(super) fn pass(&self) -> Result<(), Error> {
        if self.is_closed.load(Ordering::Acquire) { self.pass_after_a_look() } else { Ok(()) }
    }

    /// The same, looking in any case.
    pub(super) fn pass_after_a_look(&self) -> Result<(), Error> {
        self.look().map_or(Ok(()), |why| Err(Error::Unwritable(why)))
    }

    /// Looks at the disk; the writer tells how many bytes of its file are unused. Makes or gives up the ballast.
    pub(super) fn look_with(&self, unused: u64) {
        self.unused.store(unused, Ordering::Relaxed);
        if let Some(room) = self.probe.room(&self.path) {
            self.ballast.adjust(room.free, self.reserve.bytes(room.total));
        }
        self.look();
    }

    /// Lets nothing in any more: the file is not what was written.
    pub(super) fn condemn(&self, damage: String) {
        *self.damage.lock().unwrap_or_else(PoisonError::into_inner) = Some(damage);
        self.is_closed.store(true, Ordering::Release);
    }

    /// Why the door is closed; `None` when it is open.
    fn look(&self) -> Option<String> {
        let damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let why = damage.or_else(|| self.too_full());
        self.is_closed.store(why.is_some(), Ordering::Release);
        why
    }

    /// A disk that cannot be asked is taken to have room: a write that fails says so itself.
    fn too_full(&self) -> Option<String> {
        let room = self.probe.room(&self.path)?;
        let reserve = self.reserve.bytes(room.total);
        // Once closed, it opens a little above the mark, not at each byte around it.
        let mark = if self.is_closed.load(Ordering::Acquire) {
            reserve.saturating_add(reserve / 8)
        } else {
            reserve
        };
        let usable = room.free.saturating_add(self.unused.load(Ordering::Relaxed));
        // Free pages of the file are of no use when the log beside it cannot grow.
        let is_low = usable < mark || room.free < reserve / 4;
        is_low.then(|| {
            format!(
                "the disk of `{}` is nearly full: {} MiB are free, {} MiB are kept in reserve; make room, or run \
                 `doorbell store prune`",
                self.path.display(),
                room.free >> 20,
                reserve >> 20
            )
        })
    }
}

/// A file of zeros beside the store, given up when the disk is full: to delete from a full store needs room too.
#[derive(Debug)]
struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    fn beside(store: &Path, bytes: u64) -> Self {
        let mut name = OsString::from(store);
        name.push(".ballast");
        Self { path: PathBuf::from(name), bytes }
    }

    /// Gives it up below its own size of room, and makes it again when there is plenty.
    fn adjust(&self, free: u64, reserve: u64) {
        if self.bytes == 0 {
            return;
        }
        let is_there = self.path.exists();
        if is_there && free < self.bytes {
            let _ = std::fs::remove_file(&self.path);
        } else if !is_there
            && free >= reserve.saturating_add(self.bytes.saturating_mul(2))
            && self.make().is_err()
        {
            // Without room for it, or on a disk that cannot set room aside, we go on without.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    fn make(&self) -> std::io::Result<()> {
        let file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?;
        fallocate(&file, FallocateFlags::empty(), 0, self.bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Told(Mutex<Room>);

    impl Probe for Told {
        fn room(&self, _: &Path) -> Option<Room> {
            Some(*self.0.lock().unwrap())
        }
    }

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_door_closes_below_the_mark_and_opens_above_it() {
        let told = Arc::new(Told(Mutex::new(Room { free: 0, total: 0 })));
        let probe: Arc<dyn Probe> = told.clone();
        let guard =
            Guard::new(Path::new("x"), &Options { probe, reserve: Reserve::Usual, ..Options::default() });
        // MiB free, MiB in all, MiB unused in the file, whether the door is open.
        for (free, total, unused, open) in [
            (300, 1000, 0, true),
            (255, 1000, 0, false),
            (257, 1000, 0, false),
            (288, 1000, 0, true),
            (499, 10_000, 0, false),
            (563, 10_000, 0, true),
            (200, 1000, 0, false),
            (200, 1000, 100, true),
            (60, 1000, 900, false),
        ] {
            *told.0.lock().unwrap() = Room { free: free * MIB, total: total * MIB };
            guard.look_with(unused * MIB);
            assert_eq!(guard.pass().is_ok(), open, "{free} of {total}, {unused}");
        }
        let why = guard.pass().unwrap_err().to_string();
        assert!(why.contains("60 MiB are free, 256 MiB are kept in reserve"), "{why}");
    }

    #[test]
    fn the_ballast_is_given_up_and_made_again() {
        let folder = tempfile::TempDir::new().unwrap();
        let ballast = Ballast::beside(&folder.path().join("store"), MIB);
        let file = folder.path().join("store.ballast");
        for (free, is_there) in [(5, false), (12, true), (5, true), (0, false), (11, false), (12, true)] {
            ballast.adjust(free * MIB, 10 * MIB);
            assert_eq!(file.exists(), is_there, "{free}");
        }
        assert_eq!(std::fs::metadata(&file).unwrap().len(), MIB);
    }
}
