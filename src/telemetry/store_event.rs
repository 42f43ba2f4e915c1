//! What happens to the way to a store on a server.

use std::fmt::Display;

/// What happens to the way to a store on a server.
#[derive(Clone, Copy)]
pub(crate) enum StoreEvent<'a> {
    /// The connection is of no use any more; another one is tried at once.
    Lost { reason: &'a dyn Display },
    /// There is a connection again.
    Regained,
    /// What goes to a server leaves the machine unencrypted.
    Unencrypted { address: &'a dyn Display },
    /// There is no new connection with new credentials; the present one goes on.
    NotSignedInAnew { reason: &'a dyn Display },
    /// The server is older than the oldest release that this crate supports.
    OldServer { version: &'a str },
    /// The server removes entries when it is full.
    Evicts { policy: &'a str },
}
