//! The clients of a pool: those of the settings, and those that have registered themselves.

use std::sync::{Arc, PoisonError, RwLock};

use super::changes::Changes;
use super::registered_client::RegisteredClient;
use crate::local_pool::config::LocalClient;

/// How many registered clients a pool keeps.
const MAX_REGISTERED: usize = 100;

pub(crate) struct Clients {
    /// In the order of the settings.
    configured: Vec<Arc<LocalClient>>,
    /// The oldest first.
    registered: RwLock<Vec<RegisteredClient>>,
    changes: Changes,
}

/// The pool has as many registered clients as it keeps.
pub(crate) struct TooManyClients;

impl Clients {
    pub(super) fn new(configured: &[LocalClient]) -> Self {
        Clients {
            configured: configured.iter().cloned().map(Arc::new).collect(),
            registered: RwLock::default(),
            changes: Changes::default(),
        }
    }

    /// Puts in what a state file has of registered clients. Changes are noted there.
    pub(super) fn restored(self, mut saved: Vec<RegisteredClient>, changes: &Changes) -> Self {
        saved.truncate(MAX_REGISTERED);
        Clients { registered: RwLock::new(saved), changes: changes.clone(), ..self }
    }

    /// The registered ones, for a state file.
    pub(super) fn saved(&self) -> Vec<RegisteredClient> {
        self.registered.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client of this id.
    pub(crate) fn find(&self, client_id: &str) -> Option<Arc<LocalClient>> {
        let configured = self.configured.iter().find(|client| client.client_id == client_id);
        configured.cloned().or_else(|| Some(Arc::new(self.registration(client_id)?.as_client())))
    }

    /// What the client of this id has registered; `None` for one of the settings.
    pub(crate) fn registration(&self, client_id: &str) -> Option<RegisteredClient> {
        let registered = self.registered.read().unwrap_or_else(PoisonError::into_inner);
        registered.iter().find(|client| client.client_id == client_id).cloned()
    }

    /// Whether the client of this id has registered itself.
    pub(crate) fn is_registered(&self, client_id: &str) -> bool {
        let registered = self.registered.read().unwrap_or_else(PoisonError::into_inner);
        registered.iter().any(|client| client.client_id == client_id)
    }

    /// All of them: those of the settings first, then the registered ones, the oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<LocalClient>> {
        let registered = self.saved().into_iter().map(|client| Arc::new(client.as_client()));
        self.configured.iter().cloned().chain(registered).collect()
    }

    /// Adds one that has registered itself.
    pub(crate) fn register(&self, client: RegisteredClient) -> Result<(), TooManyClients> {
        let mut registered = self.registered.write().unwrap_or_else(PoisonError::into_inner);
        if registered.len() >= MAX_REGISTERED {
            return Err(TooManyClients);
        }
        registered.push(client);
        drop(registered);
        self.changes.note();
        Ok(())
    }
}
