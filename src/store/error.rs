//! Why a store did not do what it was asked.

use std::fmt;

/// Why a [`SessionStore`](super::SessionStore) did not do what it was asked. The text is for operators: it names what was
/// the matter, and holds no password and nothing of a session.
///
/// A route may return it: that answers 503 `sessions_unavailable`, and the text goes to the log alone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The store was not reached, or its answer did not come in time. What was asked for may have been done all the same.
    Unavailable(String),
    /// The store answered, and did nothing: it is full, does not know this app, or holds something else at that place.
    Refused(String),
}

impl StoreError {
    /// Which of the two it is, for the log.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Unavailable(reason) => write!(f, "the session store is out of reach: {reason}"),
            StoreError::Refused(reason) => write!(f, "the session store refused: {reason}"),
        }
    }
}

impl std::error::Error for StoreError {}
