//! What triggers do to the tokens of machines.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::changes::Changes;
use crate::error::Error;
use crate::local_pool::config::{LocalClient, LocalTrigger};

pub(crate) struct MachineTriggers {
    /// By the ids of the pool's machine clients, which do not change.
    machines: RwLock<HashMap<String, MachineTrigger>>,
    changes: Changes,
}

/// The trigger of one machine.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MachineTrigger {
    /// The one of the settings.
    configured: LocalTrigger,
    current: LocalTrigger,
}

impl MachineTriggers {
    pub(crate) fn new(clients: &[LocalClient]) -> Self {
        let machines = clients.iter().filter(|client| client.client_credentials);
        let triggers = machines.map(|client| {
            let trigger = &client.trigger;
            let trigger = MachineTrigger { configured: trigger.clone(), current: trigger.clone() };
            (client.client_id.clone(), trigger)
        });
        MachineTriggers { machines: RwLock::new(triggers.collect()), changes: Changes::default() }
    }

    /// Puts in what a state file has of machines whose settings are as they were. Changes are noted there.
    pub(super) fn restored(self, saved: HashMap<String, MachineTrigger>, changes: &Changes) -> Self {
        let mut machines = self.machines.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (client_id, saved) in saved {
            let machine = machines.get_mut(&client_id);
            if let Some(machine) = machine.filter(|machine| machine.configured == saved.configured) {
                *machine = saved;
            }
        }
        MachineTriggers { machines: RwLock::new(machines), changes: changes.clone() }
    }

    /// All of them as they are now, for a state file.
    pub(super) fn saved(&self) -> HashMap<String, MachineTrigger> {
        self.machines.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces what a trigger does, unless it may not.
    pub(crate) fn set(&self, client_id: &str, trigger: LocalTrigger) -> Result<(), Error> {
        let mut triggers = self.machines.write().unwrap_or_else(PoisonError::into_inner);
        let current = triggers.get_mut(client_id);
        let current = current
            .ok_or_else(|| Error::local_pool(format!("the local pool has no machine {client_id:?}")))?;
        let mistakes = trigger.mistakes_of_machine(client_id).into_iter();
        let mistakes: Vec<_> = mistakes.map(|(_, problem)| problem).collect();
        if !mistakes.is_empty() {
            return Err(Error::local_pool(mistakes.join("; ")));
        }
        current.current = trigger;
        self.changes.note();
        Ok(())
    }

    /// The claims that are added to the access token of this client.
    pub(crate) fn claims(&self, client_id: &str) -> Map<String, Value> {
        let triggers = self.machines.read().unwrap_or_else(PoisonError::into_inner);
        let trigger = triggers.get(client_id).map(|trigger| &trigger.current);
        trigger.map(|trigger| trigger.access_claims_for(client_id)).unwrap_or_default()
    }
}
