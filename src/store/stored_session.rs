//! What a store holds of a session, and what it answers.

use std::fmt;
use std::time::Duration;

use super::keys::SessionKey;

/// The longest value that a store has to hold: 128 KiB. It may refuse a longer one.
pub const MAX_VALUE_BYTES: usize = 128 * 1024;

/// A session as it lies in a store. Times are relative, by the store's clock at the moment of the answer.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The sealed value, byte for byte as it was given.
    pub value: Vec<u8>,
    /// 1 for a session that was created, and 1 more with each [`replace`](super::SessionStore::replace).
    pub generation: u64,
    /// How long ago the session was created, replaced or touched, whichever was last.
    pub unseen_for: Duration,
    /// How long it is until the session is over.
    pub ends_in: Duration,
}

/// With the length of the value in its place.
impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSession")
            .field("value", &format_args!("{} bytes", self.value.len()))
            .field("generation", &self.generation)
            .field("unseen_for", &self.unseen_for)
            .field("ends_in", &self.ends_in)
            .finish()
    }
}

/// A session in a list, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name of the session in the entry of its user.
    pub key: SessionKey,
    /// The session.
    pub session: StoredSession,
}

/// What somebody who wants to refresh a session is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// The session is not there, or is over.
    Gone,
    /// The session is of another generation than the one asked for: here it is.
    Other(StoredSession),
    /// The session rests for so long after a failure.
    Rests(Duration),
    /// Another owner's lease lasts for so long, unless it is extended.
    Held(Duration),
    /// The lease is yours.
    Yours {
        /// Whether another owner's lease ran out before and was not given back: that owner may still be at work.
        taken_over: bool,
        /// How many failures [`give_back`](super::SessionStore::give_back) has noted since the last
        /// [`replace`](super::SessionStore::replace).
        failures: u32,
    },
}

/// What became of a value that was to take the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaced {
    /// It lies there, one generation later.
    Done,
    /// The session is not there, or is over. Nothing was created.
    Gone,
    /// The session is of another generation than the one that was to be replaced: here it is, unchanged.
    Other(StoredSession),
}

/// What became of a claim.
#[derive(Clone, PartialEq, Eq)]
pub enum Claim {
    /// The name was free, and the value lies there now.
    Yours,
    /// Somebody was there first: this is what lies there, unchanged.
    Taken(Vec<u8>),
}

/// With the length of the value in its place.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Yours => f.write_str("Yours"),
            Claim::Taken(value) => write!(f, "Taken({} bytes)", value.len()),
        }
    }
}
