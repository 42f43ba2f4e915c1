//! Which secrets of its app client an app knows, and what it has learned of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::client_secret::ClientSecret;
use crate::crypto::Secret;

/// For how long calls try one secret only, after the pool has refused all.
pub(super) const REST: Duration = Duration::from_secs(10);
/// More than a call may outlast.
const MAX_RETIRED: usize = 32;

/// The secrets of one app client, and which of them the pool accepted last. Default: none, as a public client has.
#[derive(Default)]
pub(super) struct KnownSecrets {
    /// The newest first.
    secrets: Vec<Arc<ClientSecret>>,
    current: Option<Arc<ClientSecret>>,
    /// Those that a file held before. A call that is under way may have sent one, and its answer may repeat it.
    retired: VecDeque<Arc<ClientSecret>>,
    /// When the pool has refused all that were there.
    all_refused: Option<Instant>,
}

impl KnownSecrets {
    /// Has `texts` be the secrets of this client. Returns whether they are others than before; `None` when one fits into no
    /// header, and nothing is changed.
    pub(super) fn replace(&mut self, client_id: &str, texts: &[Secret]) -> Option<bool> {
        let known = |text: &Secret| self.secrets.iter().find(|secret| secret.is(text)).cloned();
        let secret = |text| known(text).or_else(|| ClientSecret::new(client_id, text).map(Arc::new));
        let secrets = texts.iter().map(secret).collect::<Option<Vec<_>>>()?;
        let before = std::mem::replace(&mut self.secrets, secrets);
        let is_new = self.secrets.iter().any(|secret| !holds(&before, secret));
        self.retired.extend(before.into_iter().filter(|secret| !holds(&self.secrets, secret)));
        self.retired.drain(..self.retired.len().saturating_sub(MAX_RETIRED));
        if !self.current.as_ref().is_some_and(|current| holds(&self.secrets, current)) {
            self.current = self.secrets.first().cloned();
        }
        if is_new {
            self.all_refused = None;
        }
        Some(is_new)
    }

    /// The secret that the pool accepted last, or else the newest; `None` for a public client.
    pub(super) fn current(&self) -> Option<Arc<ClientSecret>> {
        self.current.clone()
    }

    /// A secret to try after these were refused. `None` for some seconds after all were, unless another call has found one
    /// since.
    pub(super) fn instead_of(&self, refused: &[Arc<ClientSecret>]) -> Option<Arc<ClientSecret>> {
        let is_untried = |secret: &&Arc<ClientSecret>| !holds(refused, secret);
        let rests = self.all_refused.is_some_and(|refused_at| refused_at.elapsed() < REST);
        let others = self.secrets.iter().filter(|_| !rests);
        self.current.iter().chain(others).find(is_untried).cloned()
    }

    /// Has later calls begin with the secret that the pool accepts. Returns the place of the one that they began with, where
    /// that is still among the secrets: `first` or `second`.
    pub(super) fn accept(&mut self, accepted: &Arc<ClientSecret>) -> Option<&'static str> {
        let place =
            |secret: &Arc<ClientSecret>| self.secrets.iter().position(|other| Arc::ptr_eq(other, secret));
        // A file may have been read since, which no longer holds it.
        place(accepted)?;
        let before = self.current.replace(Arc::clone(accepted));
        let refused = before.filter(|before| !Arc::ptr_eq(before, accepted)).as_ref().and_then(place)?;
        Some(if refused == 0 { "first" } else { "second" })
    }

    /// Notes that the pool refuses all.
    pub(super) fn note_all_refused(&mut self) {
        self.all_refused = Some(Instant::now());
    }

    /// All secrets, those included that a file held before.
    pub(super) fn all(&self) -> Vec<Arc<ClientSecret>> {
        self.secrets.iter().chain(&self.retired).cloned().collect()
    }
}

/// Whether this very secret is among them, whatever its text.
fn holds(secrets: &[Arc<ClientSecret>], secret: &Arc<ClientSecret>) -> bool {
    secrets.iter().any(|other| Arc::ptr_eq(other, secret))
}
