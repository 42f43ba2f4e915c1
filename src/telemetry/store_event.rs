//! What happens to the way to a store on a server.

use std::fmt::Display;

/// What happens to the way to a store on a server.
#[derive(Clone, Copy)]
pub(crate) enum StoreEvent<'a> {
    /// The connection is of no use any more; another one is tried at once.
    Lost { reason: &'a dyn Display },
    /// There is a connection again.
    Regained,
    /// The server is older than the oldest release that this crate is tested with.
    OldServer { version: &'a str },
    /// The server removes entries when it is full.
    Evicts { policy: &'a str },
}
