//! What the log says about the connection to a store.

use super::redact::quoted;
use super::store_event::StoreEvent;

pub(super) fn lines(event: StoreEvent<'_>) -> Vec<String> {
    match event {
        StoreEvent::Lost { reason } => {
            let reason = quoted(&reason.to_string());
            vec![format!("the connection to the session store was lost: {reason}; the app connects again")]
        }
        StoreEvent::Regained => vec!["the session store is connected again".into()],
        StoreEvent::Unencrypted { address } => vec![
            format!(
                "the connection to the session store at {address} is not encrypted: whoever can read it learns the \
                 password of the store, and may take over sessions"
            ),
            ">> if the server offers TLS, let `session_store` begin with `rediss://` (or `valkeys://`)".into(),
        ],
        StoreEvent::NotSignedInAnew { reason } => {
            let reason = quoted(&reason.to_string());
            vec![format!(
                "there is no connection to the session store with new credentials: {reason}; the present one stays, \
                 and the app tries again"
            )]
        }
        StoreEvent::OldServer { version } => vec![
            format!(
                "the session store is a server of version {}, older than Redis 6.2, the oldest that this crate supports",
                quoted(version)
            ),
            ">> update the server to Redis 6.2 or Valkey 7.2, or later".into(),
        ],
        StoreEvent::Evicts { policy } => vec![
            format!(
                "the session store has `maxmemory-policy` {}: when it is full it removes sessions, and so signs people out",
                quoted(policy)
            ),
            ">> set `maxmemory-policy` to `noeviction` at the server, and make `maxmemory` large enough for its sessions"
                .into(),
        ],
    }
}
