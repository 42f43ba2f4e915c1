//! Why a browser's session does not serve.

use std::time::Duration;

/// Why a browser's session does not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionRefusal {
    /// The browser sent nothing of a session.
    NotSignedIn,
    /// The session is over.
    Expired,
    /// The session is over: the pool does not go on with it.
    EndedByPool,
    /// The browser sent two different access tokens.
    InDoubt,
    /// The session is not over, and cannot be refreshed at the moment; with the time until the pool is asked again, if it
    /// is left alone until then.
    NotRefreshed(Option<Duration>),
    /// The store of sessions is out of reach.
    StoreUnavailable,
    /// Nobody can verify tokens: the pool's keys are not there.
    KeysUnavailable,
}

impl SessionRefusal {
    /// This refusal; that of a session which was not refreshed where its tokens have only expired.
    pub(super) fn or_if_expired(self, not_refreshed: SessionRefusal) -> Self {
        if self == SessionRefusal::Expired { not_refreshed } else { self }
    }
}
