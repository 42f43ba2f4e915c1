//! The file that a pool keeps its state in: one pool at a time, written whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// More than a pool can fill in good faith.
const MAX_BYTES: u64 = 128 << 20;

/// A state file that no other pool has, until this is dropped.
pub(super) struct StateFile {
    path: PathBuf,
    /// A file beside it, since the file itself is replaced by each write.
    lock: File,
}

impl StateFile {
    /// # Errors
    /// When another pool has it, or its folder is missing or not to be written to.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        // A link stays, and what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = folder(&path);
        if !folder.is_dir() {
            return Err(wrong(
                &path,
                format!("there is no folder {folder:?}: make it, or give `state` another file"),
            ));
        }
        if path.is_dir() || path.file_name().is_none() {
            return Err(wrong(&path, "is a folder: give `state` a file, such as \"local-pool.json\""));
        }
        let lock = options().create(true).truncate(false).open(beside(&path, "lock"));
        let lock = lock.map_err(|error| wrong(&path, cannot_be_written(&error)))?;
        match lock.try_lock() {
            Ok(()) => Ok(StateFile { path, lock }),
            Err(TryLockError::WouldBlock) => Err(wrong(
                &path,
                "is in use by another local pool that runs: stop that one, or give `state` another file",
            )),
            Err(TryLockError::Error(error)) => Err(wrong(&path, format!("cannot be locked ({error})"))),
        }
    }

    /// The content; `None` before the first write.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, Error> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file,
        };
        let mut content = Vec::new();
        match file.and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut content)) {
            Ok(read) if read as u64 > MAX_BYTES => Err(self.wrong(format!(
                "has more than {MAX_BYTES} bytes: give `state` another file, or move this one away"
            ))),
            Ok(_) => Ok(Some(content)),
            Err(error) => Err(self.wrong(format!(
                "cannot be read ({error}): let the pool read it, or give `state` another file"
            ))),
        }
    }

    /// Replaces the content. Whatever interrupts this, the file then has the old content or the new one.
    pub(super) fn write(&self, content: &[u8]) -> Result<(), Error> {
        self.try_write(content).map_err(|error| self.wrong(cannot_be_written(&error)))
    }

    fn try_write(&self, content: &[u8]) -> io::Result<()> {
        if content.len() as u64 > MAX_BYTES {
            return Err(io::Error::other(format!("the pool has more than {MAX_BYTES} bytes")));
        }
        let new = beside(&self.path, "new");
        // One that a killed process has left may have another mode.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = options().create_new(true).open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&new, &self.path)?;
        // Without this the old content could come back after a power cut, whole as well.
        #[cfg(unix)]
        File::open(folder(&self.path)).and_then(|folder| folder.sync_all())?;
        Ok(())
    }

    /// What is wrong with it, and what to do.
    pub(super) fn wrong(&self, problem: impl AsRef<str>) -> Error {
        wrong(&self.path, problem)
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        // A process that is being started at this moment may have the lock's file too.
        let _ = self.lock.unlock();
    }
}

fn wrong(path: &Path, problem: impl AsRef<str>) -> Error {
    Error::local_pool(format!("the local pool's `state` {}: {}", path.display(), problem.as_ref()))
}

fn cannot_be_written(error: &io::Error) -> String {
    format!("cannot be written ({error}): give `state` a file in a folder that the pool may write to")
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// For its owner alone.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
