//! What scripts answer.

use std::time::Duration;

use redis::Value;

use super::note::Note;
use super::reply::Reply;
use crate::store::error::StoreError;
use crate::store::keys::SessionKey;
use crate::store::stored_session::{Listed, StoredSession};

/// The answer of a script, whose parts are taken one after the other.
pub(super) struct ScriptAnswer {
    /// When the script ran, in milliseconds since 1970: each answer begins with it.
    pub(super) now: u64,
    reply: Reply,
}

impl ScriptAnswer {
    pub(super) fn new(value: Value) -> Result<Self, StoreError> {
        let mut reply = Reply::new(value);
        Ok(ScriptAnswer { now: reply.number().ok_or_else(strange)?, reply })
    }

    /// The answer where something else lies at the place of a user's entry.
    pub(super) fn nothing() -> Self {
        ScriptAnswer { now: 0, reply: Reply::new(Value::Nil) }
    }

    pub(super) fn text(&mut self) -> Option<String> {
        self.reply.text()
    }

    pub(super) fn bytes(&mut self) -> Option<Vec<u8>> {
        self.reply.bytes()
    }

    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        self.reply.number().ok_or_else(strange)
    }

    pub(super) fn duration(&mut self) -> Result<Duration, StoreError> {
        self.number().map(Duration::from_millis)
    }

    /// The session whose value and note come next.
    pub(super) fn session(&mut self) -> Result<StoredSession, StoreError> {
        let (value, note) = (self.reply.bytes(), self.reply.bytes());
        let session = value.zip(note).and_then(|(value, note)| Note::parse(&note)?.session(value, self.now));
        session.ok_or_else(strange)
    }

    /// The sessions that come next, with their names.
    pub(super) fn listed(mut self) -> Result<Vec<Listed>, StoreError> {
        let mut listed = Vec::new();
        while let Some(name) = self.reply.bytes() {
            let key = session_key(&name).ok_or_else(strange)?;
            listed.push(Listed { key, session: self.session()? });
        }
        Ok(listed)
    }
}

pub(super) fn session_key(name: &[u8]) -> Option<SessionKey> {
    name.try_into().ok().map(SessionKey::new)
}

/// The error for an answer that no script of this crate gives.
pub(super) fn strange() -> StoreError {
    StoreError::Refused("the server gave an answer that this crate does not know".into())
}
