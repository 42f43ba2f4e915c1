//! What a browser's session was found to be.

use std::sync::Arc;

use super::change::SessionChange;
use super::issued_session::IssuedSession;
use super::record::SessionRecord;
use super::refusal::SessionRefusal;
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

/// What a browser has of its session, valid or not.
pub(crate) struct PresentSession {
    pub(crate) record: Option<SessionRecord>,
    pub(crate) tokens: Option<SentTokens>,
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
