//! Reads the file of client secrets again, where the pool refuses what it held before.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::known_secrets::KnownSecrets;
use crate::config::ClientSecretFile;
use crate::sync::SingleFlight;
use crate::telemetry::{ClientSecretEvent, Event, emit};

/// The least time between two readings.
pub(super) const READ_EVERY: Duration = Duration::from_secs(2);
/// A disk that takes longer is waited for by no call. What it holds then serves later ones.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// The file of client secrets, and the reading of it.
pub(super) struct SecretFile {
    file: ClientSecretFile,
    client_id: String,
    reading: Mutex<Reading>,
}

#[derive(Default)]
struct Reading {
    begun_at: Option<Instant>,
    flight: SingleFlight<()>,
}

impl SecretFile {
    pub(super) fn new(file: ClientSecretFile, client_id: &str) -> Self {
        SecretFile { file, client_id: client_id.to_owned(), reading: Mutex::default() }
    }

    /// Reads the file into `known`, once for all who ask meanwhile, unless it was read a moment ago. A file that cannot be
    /// read is reported and changes nothing. Waits for up to half of what is `left` of a call.
    pub(super) async fn read_into(&self, known: &Arc<Mutex<KnownSecrets>>, left: Duration) {
        let follower = {
            let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            match reading.flight.follow() {
                Some(follower) => follower,
                None if reading.begun_at.is_some_and(|begun_at| begun_at.elapsed() < READ_EVERY) => return,
                None => {
                    reading.begun_at = Some(Instant::now());
                    let (file, client_id) = (self.file.clone(), self.client_id.clone());
                    let known = Arc::clone(known);
                    reading.flight.lead().spawn(|leader| async move {
                        // It is lost where the process ends.
                        if let Ok(()) = spawn_blocking(move || read(&file, &client_id, &known)).await {
                            leader.finish(());
                        }
                    })
                }
            }
        };
        // Whatever comes of it is in `known`.
        let _ = timeout(MAX_WAIT.min(left / 2), follower.result()).await;
    }
}

fn read(file: &ClientSecretFile, client_id: &str, known: &Mutex<KnownSecrets>) {
    let path = &file.path().display();
    let secrets = match file.read() {
        Ok(secrets) => secrets,
        Err(problem) => {
            return emit(Event::ClientSecret(ClientSecretEvent::FileUnread { path, problem: &problem }));
        }
    };
    let is_new = known.lock().unwrap_or_else(PoisonError::into_inner).replace(client_id, &secrets);
    if is_new == Some(true) {
        emit(Event::ClientSecret(ClientSecretEvent::Read { path }));
    }
}
