//! Whose rules are served: whoever may change a rules file may run commands as doorbell does.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::files::{Error, list};
use crate::rule::File;

/// The bits of a directory's mode by which everybody may put other files in the place of those in it.
const OTHERS_WRITE: u32 = 0o002;
/// The bit that keeps them from doing so with files that are not theirs.
const STICKY: u32 = 0o1000;
/// The user who may do everything anyway.
const ROOT: u32 = 0;

/// Whether a file is ours or root's.
pub(super) fn is_ours(metadata: &Metadata) -> bool {
    is_trusted(metadata.uid(), rustix::process::geteuid().as_raw())
}

fn is_trusted(owner: u32, own: u32) -> bool {
    owner == own || owner == ROOT
}

/// Holds that nobody else can change the files that were read at these paths.
///
/// # Errors
/// The first that somebody can, or a link in a directory of rules that leads out of it.
pub(super) fn hold(paths: &[PathBuf], files: &[File]) -> Result<(), Error> {
    for path in paths.iter().filter(|path| path.is_dir()) {
        stay_inside(path)?;
    }
    for file in files {
        let path = Path::new(&file.name);
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        if !is_ours(&look(path)?) {
            return Err(Error::Foreign(path.to_path_buf()));
        }
        let parent = parent.unwrap_or(Path::new("."));
        let directory = look(parent)?;
        if !is_ours(&directory) || directory.mode() & (OTHERS_WRITE | STICKY) == OTHERS_WRITE {
            return Err(Error::Foreign(parent.to_path_buf()));
        }
    }
    Ok(())
}

/// Rules that are linked into a directory come from inside it, as those of a mounted volume do.
fn stay_inside(directory: &Path) -> Result<(), Error> {
    let unreadable = |path: &Path| {
        let path = path.to_path_buf();
        move |why| Error::Unreadable { path, why }
    };
    let whole = fs::canonicalize(directory).map_err(unreadable(directory))?;
    for path in list(directory)? {
        if path.is_symlink() && !fs::canonicalize(&path).map_err(unreadable(&path))?.starts_with(&whole) {
            return Err(Error::LeadsOut(path));
        }
    }
    Ok(())
}

fn look(path: &Path) -> Result<Metadata, Error> {
    fs::metadata(path).map_err(|why| Error::Unreadable { path: path.to_path_buf(), why })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn root_and_we_are_trusted() {
        for (owner, own, wanted) in
            [(1000, 1000, true), (0, 1000, true), (0, 0, true), (1000, 0, false), (1, 2, false)]
        {
            assert_eq!(is_trusted(owner, own), wanted, "{owner} {own}");
        }
    }

    #[test]
    fn nobody_else_may_change_them() {
        let place = tempfile::tempdir().unwrap();
        let rules = place.path().join("rules");
        fs::create_dir_all(rules.join("..data")).unwrap();
        fs::write(rules.join("a.yaml"), "").unwrap();
        fs::write(rules.join("..data/b.yaml"), "").unwrap();
        fs::write(place.path().join("outside.yaml"), "").unwrap();
        symlink("..data/b.yaml", rules.join("b.yaml")).unwrap();
        let files = ["a.yaml", "b.yaml"]
            .map(|name| File { name: rules.join(name).display().to_string(), text: String::new() });
        let held = |mode: u32| {
            fs::set_permissions(&rules, fs::Permissions::from_mode(mode)).unwrap();
            hold(std::slice::from_ref(&rules), &files).map_err(|error| error.to_string())
        };
        for mode in [0o700, 0o755, 0o775, 0o1777] {
            assert_eq!(held(mode), Ok(()), "{mode:o}");
        }
        assert!(held(0o777).unwrap_err().contains("may be changed by somebody else"));
        symlink("../outside.yaml", rules.join("c.yaml")).unwrap();
        assert!(held(0o755).unwrap_err().contains("leads out of its directory"));
    }
}
