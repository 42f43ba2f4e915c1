//! The note beside a session's value, as the scripts write it.

use std::str::from_utf8;
use std::time::Duration;

use crate::store::stored_session::StoredSession;

/// What a note says that concerns everybody. Times are in milliseconds since 1970, by the server's clock.
pub(super) struct Note {
    generation: u64,
    ends_at: u64,
    seen_at: u64,
}

impl Note {
    /// `None` where the format is not this release's.
    pub(super) fn parse(text: &[u8]) -> Option<Note> {
        let mut parts = from_utf8(text).ok()?.strip_prefix("1 ")?.splitn(4, ' ');
        let mut number = || parts.next()?.parse().ok();
        Some(Note { generation: number()?, ends_at: number()?, seen_at: number()? })
    }

    /// The session with this value, unless it is over.
    pub(super) fn session(&self, value: Vec<u8>, now: u64) -> Option<StoredSession> {
        let ends_in = self.ends_at.checked_sub(now).filter(|left| *left > 0)?;
        Some(StoredSession {
            value,
            generation: self.generation,
            unseen_for: Duration::from_millis(now.saturating_sub(self.seen_at)),
            ends_in: Duration::from_millis(ends_in),
        })
    }
}
