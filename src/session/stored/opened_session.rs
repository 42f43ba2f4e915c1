//! A session of a store, opened.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::session_value::{About, SessionValue};
use crate::clock::UnixSeconds;
use crate::crypto::SecretText;
use crate::session::issued_session::IssuedSession;
use crate::session::record::SessionRecord;
use crate::session::tokens::{IssuedToken, SessionTokens};
use crate::store::StoredSession;

/// What the value of a stored session says in one generation. Requests share it.
pub(super) struct SessionContent {
    /// Its generation is the store's. When the user was last seen, only the [`OpenedSession`] says.
    pub(super) record: SessionRecord,
    pub(super) access: Option<SecretText>,
    pub(super) id: Option<SecretText>,
    /// The browser that signed in, as it names itself.
    pub(super) user_agent: Option<String>,
}

/// A session as it lay in the store a moment ago, opened.
#[derive(Clone)]
pub(super) struct OpenedSession {
    content: Arc<SessionContent>,
    pub(super) seen_at: UnixSeconds,
    pub(super) unseen_for: Duration,
    pub(super) ends_in: Duration,
}

impl SessionContent {
    /// What is stored of this content.
    pub(super) fn to_value(&self) -> SessionValue {
        let SessionContent { record, access, id, user_agent } = self;
        SessionValue {
            about: About {
                sub: record.sub.clone(),
                created_at: record.created_at,
                issued_at: record.issued_at,
                user_agent: user_agent.clone(),
            },
            access: access.clone(),
            id: id.clone(),
            refresh: record.refresh_token().cloned(),
        }
    }

    /// Whether both have the same tokens.
    pub(super) fn has_tokens_of(&self, other: &SessionContent) -> bool {
        let same = |one: Option<&SecretText>, other: Option<&SecretText>| match (one, other) {
            (Some(one), Some(other)) => one.same(other.expose()),
            (one, other) => one.is_none() && other.is_none(),
        };
        same(self.access.as_ref(), other.access.as_ref())
            && same(self.record.refresh_token(), other.record.refresh_token())
    }

    /// What it takes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        let SessionContent { record, access, id, user_agent } = self;
        let tokens = [access.as_ref(), id.as_ref(), record.refresh_token()];
        let tokens: usize = tokens.into_iter().flatten().map(SecretText::len).sum();
        let names = [&record.issuer, &record.client_id, &record.sub, &record.session_id];
        let names: usize = names.into_iter().chain(user_agent).map(String::len).sum();
        tokens + names + size_of::<Self>()
    }
}

impl OpenedSession {
    /// The session whose content this is, as the store has just described it.
    pub(super) fn new(content: Arc<SessionContent>, stored: &StoredSession, now: UnixSeconds) -> Self {
        let StoredSession { unseen_for, ends_in, .. } = *stored;
        let seen_at = UnixSeconds(now.0.saturating_sub(unseen_for.as_secs()));
        OpenedSession { content, seen_at, unseen_for, ends_in }
    }

    /// A session that the pool has just issued, in its first generation.
    pub(super) fn begun(issued: &IssuedSession, user_agent: Option<String>) -> Self {
        let token = |token: &Option<IssuedToken>| token.as_ref().map(|issued| issued.token.clone());
        let SessionTokens { access, id, record } = &issued.tokens;
        OpenedSession::of(SessionContent {
            record: record.clone(),
            access: token(access),
            id: token(id),
            user_agent,
        })
    }

    /// The session with the tokens of a refresh. The present ones stay where those cannot be used.
    pub(super) fn refreshed(&self, issued: &IssuedSession) -> Self {
        let refreshed = OpenedSession::begun(issued, self.user_agent.clone());
        if refreshed.access.is_some() {
            return refreshed;
        }
        OpenedSession::of(SessionContent {
            record: refreshed.record.clone(),
            access: self.access.clone(),
            id: self.id.clone(),
            user_agent: self.user_agent.clone(),
        })
    }

    /// A session that is being used at this moment.
    fn of(content: SessionContent) -> Self {
        let seen_at = content.record.seen_at;
        let content = Arc::new(content);
        OpenedSession { content, seen_at, unseen_for: Duration::ZERO, ends_in: Duration::ZERO }
    }

    /// The record, with the moment at which the user was last seen.
    pub(super) fn seen_record(&self) -> SessionRecord {
        self.record.seen(self.seen_at)
    }
}

impl Deref for OpenedSession {
    type Target = SessionContent;

    fn deref(&self) -> &SessionContent {
        &self.content
    }
}
