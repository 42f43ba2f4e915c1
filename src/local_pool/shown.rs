//! What `Debug` prints of a pool.

use std::fmt;

use super::local_pool::LocalPool;

impl fmt::Debug for LocalPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPool").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}
