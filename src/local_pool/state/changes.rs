//! How often the pool has changed, for whoever writes it down.

use std::sync::Arc;

use rocket::tokio::sync::watch;

/// Shared by all that a state file keeps. Clones count together.
#[derive(Clone, Default)]
pub(crate) struct Changes(Arc<watch::Sender<u64>>);

impl Changes {
    /// To be called once a change can be seen: whoever writes reads the count first, and then what is there.
    pub(super) fn note(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn count(&self) -> u64 {
        *self.0.borrow()
    }

    /// Reports changes from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
