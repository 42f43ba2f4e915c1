//! What the log says about the way to a store.

use log::Level;

use super::line::{info, is_due, warn};
use super::redact::quoted;
use super::store_event::StoreEvent;

pub(super) fn print(event: StoreEvent<'_>) {
    match event {
        StoreEvent::Lost { reason } => {
            if is_due(Level::Warn, "the way to the store") {
                let reason = quoted(&reason.to_string());
                warn!("Cognito: the connection to the session store was lost: {reason}. It is tried again.");
            }
        }
        StoreEvent::Regained => {
            if is_due(Level::Info, "the way to the store, again") {
                info!("Cognito: the session store is connected again.");
            }
        }
        StoreEvent::Unencrypted { address } => {
            warn!(
                "Cognito: the way to the session store at {address} is not encrypted: whoever is on it reads the password of \
                 the store, and may take sessions away."
            );
            warn!(
                "   >> if the server offers TLS, have `session_store` begin with `rediss://` (or `valkeys://`)"
            );
        }
        StoreEvent::NotSignedInAnew { reason } => {
            if is_due(Level::Warn, "new credentials for the store") {
                let reason = quoted(&reason.to_string());
                warn!(
                    "Cognito: there is no connection to the session store with new credentials: {reason}. The present one \
                     goes on, and it is tried again."
                );
            }
        }
        StoreEvent::OldServer { version } => {
            let version = quoted(version);
            warn!(
                "Cognito: the session store is a server of version {version}, older than Redis 6.2, the oldest that this \
                 crate supports."
            );
            warn!("   >> update the server to Redis 6.2 or Valkey 7.2, or later");
        }
        StoreEvent::Evicts { policy } => {
            let policy = quoted(policy);
            warn!(
                "Cognito: the session store has `maxmemory-policy` {policy}: when it is full it removes entries, and signs \
                 people out by it."
            );
            warn!(
                "   >> set `maxmemory-policy` to `noeviction` at the server, and size `maxmemory` for its sessions"
            );
        }
    }
}
