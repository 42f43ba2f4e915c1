//! The clients of a pool: those of the settings, and those that have registered themselves.

use std::sync::{Arc, PoisonError, RwLock};

use super::changes::Changes;
use super::client_secret::{ClientSecret, SecretRefusal};
use super::registered_client::RegisteredClient;
use crate::clock::{self, UnixSeconds};
use crate::crypto::Secret;
use crate::local_pool::config::{LocalClient, secrets_mistake};

/// How many registered clients a pool keeps.
const MAX_REGISTERED: usize = 100;

pub(crate) struct Clients {
    /// In the order of the settings.
    configured: RwLock<Vec<Configured>>,
    /// The oldest first.
    registered: RwLock<Vec<RegisteredClient>>,
    changes: Changes,
}

/// A client of the settings.
struct Configured {
    client: Arc<LocalClient>,
    /// Those of the client, the oldest first.
    secrets: Vec<ClientSecret>,
}

/// The pool has as many registered clients as it keeps.
pub(crate) struct TooManyClients;

impl Clients {
    pub(super) fn new(configured: &[LocalClient], now: UnixSeconds) -> Self {
        let configured = configured.iter().map(|client| Configured {
            secrets: ClientSecret::created(&client.client_id, &[], client.secrets().cloned(), now),
            client: Arc::new(client.clone()),
        });
        Clients {
            configured: RwLock::new(configured.collect()),
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
        let configured = self.configured.read().unwrap_or_else(PoisonError::into_inner);
        let client = configured.iter().find(|it| it.client.client_id == client_id);
        let client = client.map(|it| it.client.clone());
        drop(configured);
        client.or_else(|| Some(Arc::new(self.registration(client_id)?.as_client())))
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
        let configured = self.configured.read().unwrap_or_else(PoisonError::into_inner);
        let mut clients: Vec<_> = configured.iter().map(|it| it.client.clone()).collect();
        drop(configured);
        clients.extend(self.saved().into_iter().map(|client| Arc::new(client.as_client())));
        clients
    }

    /// The secrets of a client of the settings, the oldest first.
    pub(crate) fn secrets(&self, client_id: &str) -> Result<Vec<ClientSecret>, SecretRefusal> {
        self.with_secrets_of(client_id, |configured| Ok(configured.secrets.clone()))
    }

    /// Adds a second secret, and returns it.
    pub(crate) fn add_secret(&self, client_id: &str, value: Secret) -> Result<ClientSecret, SecretRefusal> {
        self.with_secrets_of(client_id, |configured| {
            if configured.secrets.len() > 1 {
                return Err(SecretRefusal::Full);
            }
            configured.replace(ClientSecret::created(
                client_id,
                &configured.secrets,
                [value],
                clock::now(),
            ))?;
            configured.secrets.last().cloned().ok_or(SecretRefusal::UnknownSecret)
        })
    }

    /// Deletes the secret of this id, unless it is the only one.
    pub(crate) fn delete_secret(&self, client_id: &str, id: &str) -> Result<(), SecretRefusal> {
        self.with_secrets_of(client_id, |configured| {
            let left = configured.secrets.iter().filter(|secret| secret.id != id);
            let left: Vec<_> = left.cloned().collect();
            match left.len() {
                0 => Err(SecretRefusal::Last),
                count if count == configured.secrets.len() => Err(SecretRefusal::UnknownSecret),
                _ => configured.replace(left),
            }
        })
    }

    /// Replaces the secrets by one or two others.
    pub(crate) fn set_secrets(&self, client_id: &str, values: Vec<Secret>) -> Result<(), SecretRefusal> {
        self.with_secrets_of(client_id, |configured| {
            if values.iter().any(|value| value.expose().is_empty()) {
                return Err(SecretRefusal::Wrong("cannot have an empty secret"));
            }
            configured.replace(ClientSecret::created(client_id, &[], values, clock::now()))
        })
    }

    /// Does something with the secrets of a client that has some.
    fn with_secrets_of<T>(
        &self,
        client_id: &str,
        act: impl FnOnce(&mut Configured) -> Result<T, SecretRefusal>,
    ) -> Result<T, SecretRefusal> {
        let is_registered = self.is_registered(client_id);
        let mut configured = self.configured.write().unwrap_or_else(PoisonError::into_inner);
        match configured.iter_mut().find(|it| it.client.client_id == client_id) {
            Some(configured) if configured.secrets.is_empty() => Err(SecretRefusal::Public),
            Some(configured) => act(configured),
            None if is_registered => Err(SecretRefusal::Registered),
            None => Err(SecretRefusal::UnknownClient),
        }
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

impl Configured {
    /// Gives the client these secrets, unless Cognito would not accept them.
    fn replace(&mut self, secrets: Vec<ClientSecret>) -> Result<(), SecretRefusal> {
        if secrets.is_empty() {
            return Err(SecretRefusal::Last);
        }
        if let Some(problem) = secrets_mistake(secrets.iter().map(|secret| &secret.value)) {
            return Err(SecretRefusal::Wrong(problem));
        }
        self.client = Arc::new(self.client.with_secrets(secrets.iter().map(|secret| secret.value.clone())));
        self.secrets = secrets;
        Ok(())
    }
}
