//! What triggers do to the tokens of machines.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use serde_json::{Map, Value};

use crate::error::Error;
use crate::local_pool::config::{LocalClient, LocalTrigger};

/// By the ids of the pool's machine clients, which do not change.
pub(crate) struct MachineTriggers(RwLock<HashMap<String, LocalTrigger>>);

impl MachineTriggers {
    pub(crate) fn new(clients: &[LocalClient]) -> Self {
        let machines = clients.iter().filter(|client| client.client_credentials);
        let triggers = machines.map(|client| (client.client_id.clone(), client.trigger.clone()));
        MachineTriggers(RwLock::new(triggers.collect()))
    }

    /// Replaces what a trigger does, unless it may not.
    pub(crate) fn set(&self, client_id: &str, trigger: LocalTrigger) -> Result<(), Error> {
        let mut triggers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let current = triggers.get_mut(client_id);
        let current = current
            .ok_or_else(|| Error::local_pool(format!("the local pool has no machine {client_id:?}")))?;
        let mistakes = trigger.mistakes_of_machine(client_id).into_iter();
        let mistakes: Vec<_> = mistakes.map(|(_, problem)| problem).collect();
        if !mistakes.is_empty() {
            return Err(Error::local_pool(mistakes.join("; ")));
        }
        *current = trigger;
        Ok(())
    }

    /// The claims that are added to the access token of this client.
    pub(crate) fn claims(&self, client_id: &str) -> Map<String, Value> {
        let triggers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        triggers.get(client_id).map(|trigger| trigger.access_claims_for(client_id)).unwrap_or_default()
    }
}
