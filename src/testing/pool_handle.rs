//! What the people of a test know of their pool.

use std::sync::Arc;

use crate::clock::Clock;

/// The clock of a pool, and what tells the pool from others. Clones are of the same pool.
#[derive(Debug, Clone, Default)]
pub(super) struct PoolHandle {
    pub(super) clock: Clock,
    identity: Arc<()>,
}

impl PoolHandle {
    pub(super) fn is_same(&self, other: &PoolHandle) -> bool {
        Arc::ptr_eq(&self.identity, &other.identity)
    }
}
