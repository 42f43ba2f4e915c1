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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_this_format_is_read_and_no_other() {
        let session = |text: &str| Note::parse(text.as_bytes())?.session(b"value".to_vec(), 1_000);
        let stored = session("1 7 4000 400").unwrap();
        assert_eq!(
            (stored.generation, stored.ends_in, stored.unseen_for),
            (7, Duration::from_secs(3), Duration::from_millis(600))
        );
        assert_eq!(session("1 7 4000 400 owner 5000 0 0 2"), Some(stored));
        assert_eq!(
            session("1 7 4000 1400").unwrap().unseen_for,
            Duration::ZERO,
            "the server's clock was set back"
        );
        assert_eq!(session("1 7 1000 400"), None, "it is over");
        for other in ["2 7 4000 400", "7 4000 400", "1 7 4000", "1 x 4000 400", "1 7 -4000 400", "", "1"] {
            assert_eq!(session(other), None, "{other}");
        }
        assert!(Note::parse(b"1 7 4000 \xff").is_none());
    }
}
