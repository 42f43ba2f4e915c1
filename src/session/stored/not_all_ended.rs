//! What is left of a person's sessions where not all of them have ended.

use std::error::Error;
use std::fmt;

use crate::pool::ClientError;
use crate::store::StoreError;

/// Why not all sessions of a person have ended: what the pool or the store answered to
/// [`Sessions::end_everywhere`](crate::Sessions::end_everywhere), or both. Where one of them is not named here, its sessions
/// have ended.
///
/// It is no answer for a visitor: a route says what is left to do, and 503 as its status. Its text is for the log, and
/// contains no token.
///
/// # Example
/// ```rust
/// use rocket_cognito::NotAllEnded;
///
/// fn advice(error: &NotAllEnded) -> &'static str {
///     match error.at_pool() {
///         Some(pool) if pool.is_invalid_grant() => "Sign in again, and then sign out everywhere.",
///         _ => "Some devices may still be signed in. Try again in a moment.",
///     }
/// }
/// ```
#[derive(Debug)]
pub struct NotAllEnded {
    pool: Option<ClientError>,
    store: Option<StoreError>,
}

impl NotAllEnded {
    /// How many sessions have ended in the store, where the pool has ended all of its own too.
    pub(super) fn unless_all(
        pool: Result<(), ClientError>,
        store: Result<usize, StoreError>,
    ) -> Result<usize, Self> {
        match (pool, store) {
            (Ok(()), Ok(ended)) => Ok(ended),
            (pool, store) => Err(NotAllEnded { pool: pool.err(), store: store.err() }),
        }
    }

    /// Why sessions at the pool may go on:
    /// - [`is_invalid_grant`](ClientError::is_invalid_grant): the access token is revoked, so the person has to sign in
    ///   first.
    /// - [`is_unavailable`](ClientError::is_unavailable): the pool is down, slow, or throttling.
    /// - [`is_misconfigured`](ClientError::is_misconfigured): for example a token without the scope
    ///   `aws.cognito.signin.user.admin`.
    #[must_use]
    pub fn at_pool(&self) -> Option<&ClientError> {
        self.pool.as_ref()
    }

    /// Why sessions in the store may go on: it is out of reach, or refuses.
    #[must_use]
    pub fn in_store(&self) -> Option<&StoreError> {
        self.store.as_ref()
    }
}

impl fmt::Display for NotAllEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not all sessions have ended")?;
        if let Some(pool) = &self.pool {
            write!(f, "; at the pool: {pool}")?;
        }
        match &self.store {
            Some(store) => write!(f, "; in the store: {store}"),
            None => Ok(()),
        }
    }
}

impl Error for NotAllEnded {}
