//! The store of an app, and what goes with it.

use std::sync::Arc;

use super::deadline::unreported;
use super::denylist::BearerDenylist;
use crate::clock::Clock;
use crate::config::Settings;
use crate::store::{SessionStore, StoreError};
use crate::sync::Tasks;
use crate::telemetry::{Counts, StoreCommand};

/// The store of an app, and what goes with it.
pub(crate) struct SessionStoreParts {
    pub(super) store: Arc<dyn SessionStore>,
    /// `None` where bearer tokens are accepted until they expire.
    pub(crate) denylist: Option<Arc<BearerDenylist>>,
    pub(crate) tasks: Tasks,
    pub(super) counts: Arc<Counts>,
}

impl SessionStoreParts {
    pub(crate) fn new(
        store: Arc<dyn SessionStore>,
        settings: &Settings,
        clock: &Clock,
        counts: &Arc<Counts>,
    ) -> Self {
        let tasks = Tasks::default();
        let denylist = || Arc::new(BearerDenylist::new(&store, clock, &tasks, counts));
        let denylist = settings.store.bearer_denylist.then(denylist);
        SessionStoreParts { store, denylist, tasks, counts: Arc::clone(counts) }
    }

    /// Asks the store whether it would do its work.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        unreported(&self.counts, StoreCommand::Check, self.store.check()).await
    }
}
