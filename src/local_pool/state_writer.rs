//! Writes the state of a running pool down.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rocket::tokio::task::{spawn, spawn_blocking};
use rocket::tokio::time::sleep;

use super::state::{Changes, Pool};
use super::state_file::StateFile;
use crate::error::Error;
use crate::telemetry::{Event, emit};

/// For how long changes are gathered before they are written together.
const PAUSE: Duration = Duration::from_millis(50);

/// Writes after each change; when dropped, it writes what is left and gives the file free.
pub(super) struct StateWriter(Arc<Writing>);

struct Writing {
    pool: Arc<Pool>,
    changes: Changes,
    /// `None` once it is given free.
    file: Mutex<Option<OpenFile>>,
}

struct OpenFile {
    file: StateFile,
    /// The count of changes that it has.
    written: u64,
}

impl StateWriter {
    /// Writes the pool as it is, which shows that this can be done, and from now on each change.
    pub(super) async fn start(pool: Arc<Pool>, file: StateFile) -> Result<Self, Error> {
        let changes = pool.changes.clone();
        let mut changed = changes.subscribe();
        let writing = spawn_blocking(move || {
            let written = changes.count();
            file.write(&content(&pool, &file)?)?;
            let file = Mutex::new(Some(OpenFile { file, written }));
            Ok::<_, Error>(Arc::new(Writing { pool, changes, file }))
        });
        let writing = writing.await.unwrap_or_else(|_| Err(Error::local_pool("the local pool stopped")))?;
        let weak = Arc::downgrade(&writing);
        // It ends with the pool, or with the first change after this writer.
        spawn(async move {
            while changed.changed().await.is_ok() {
                sleep(PAUSE).await;
                changed.mark_unchanged();
                let Some(writing) = weak.upgrade() else { break };
                let _ = spawn_blocking(move || report(writing.write())).await;
            }
        });
        Ok(StateWriter(writing))
    }
}

impl Drop for StateWriter {
    fn drop(&mut self) {
        report(self.0.write());
        // A write that has begun is over, and none that begins later finds the file.
        self.0.file.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Writing {
    /// Writes what has changed, if anything has.
    fn write(&self) -> Result<(), Error> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(OpenFile { file, written }) = file.as_mut() else { return Ok(()) };
        let count = self.changes.count();
        if *written != count {
            file.write(&content(&self.pool, file)?)?;
            *written = count;
        }
        Ok(())
    }
}

fn content(pool: &Pool, file: &StateFile) -> Result<Vec<u8>, Error> {
    let saved = pool.saved().ok().and_then(|saved| serde_json::to_vec(&saved).ok());
    saved.ok_or_else(|| file.wrong("cannot be written: the signing keys cannot be read"))
}

fn report(outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        emit(Event::LocalPoolStateNotWritten { problem: &error });
    }
}
