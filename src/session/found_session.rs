//! What a browser's session was found to be.

use std::sync::Arc;

use super::change::SessionChange;
use super::issued_session::IssuedSession;
use super::record::SessionRecord;
use super::refusal::SessionRefusal;
use super::stored::SessionId;
use super::tokens::SentTokens;
use crate::user::CognitoUser;

/// A session that the browser sent, as it was found.
pub(crate) struct LoadedSession {
    pub(crate) user: Result<CognitoUser, SessionRefusal>,
    /// What is to be saved with the answer.
    pub(crate) change: Option<SessionChange>,
    /// The session as it has just been refreshed, in which the app's hook may have a say.
    pub(crate) refreshed: Option<Arc<IssuedSession>>,
}

/// What a browser has of its session, valid or not: in cookies, in a store, or both, where one is left of an earlier
/// sign-in.
pub(crate) struct PresentSession {
    pub(super) record: Option<SessionRecord>,
    pub(super) tokens: Option<SentTokens>,
    pub(super) stored: Option<SessionId>,
}

impl PresentSession {
    /// Whether any of it is of the session that was `issued`.
    pub(crate) fn is_of(&self, issued: &IssuedSession) -> bool {
        let is_stored = |id: &SessionId| issued.address.as_ref() == Some(id.address());
        self.tokens.as_ref().is_some_and(|tokens| issued.tokens.has_any(tokens))
            || self.stored.as_ref().is_some_and(is_stored)
    }
}

/// What loading a session has led to, whether or not there is a user.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) change: Option<SessionChange>,
    pub(super) refreshed: Option<Arc<IssuedSession>>,
}

impl Effects {
    pub(super) fn with(self, user: Result<CognitoUser, SessionRefusal>) -> LoadedSession {
        LoadedSession { user, change: self.change, refreshed: self.refreshed }
    }
}
