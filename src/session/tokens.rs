//! The tokens of one session.

use super::record::SessionRecord;
use crate::clock::UnixSeconds;
use crate::crypto::{SecretText, same};

/// A verified token, and when it expires.
pub(crate) struct IssuedToken {
    pub(crate) token: SecretText,
    pub(crate) issued_at: UnixSeconds,
    pub(crate) expires_at: UnixSeconds,
}

/// The tokens of one sign-in or refresh, and the record of their session.
pub(crate) struct SessionTokens {
    /// `None`: new tokens could not be used, and those that the browser has stay.
    pub(crate) access: Option<IssuedToken>,
    pub(crate) id: Option<IssuedToken>,
    pub(crate) record: SessionRecord,
}

/// What a browser sent as its session.
pub(crate) struct SentTokens {
    pub(crate) access: Option<SecretText>,
    pub(crate) id: Option<SecretText>,
    pub(crate) session_id: Option<String>,
}

impl SessionTokens {
    /// Whether any of what the browser `sent` is of this session.
    pub(crate) fn has_any(&self, sent: &SentTokens) -> bool {
        let same_token = |theirs: &Option<SecretText>, ours: &Option<IssuedToken>| {
            theirs.as_ref().zip(ours.as_ref()).is_some_and(|(theirs, ours)| ours.token.same(theirs.expose()))
        };
        same_token(&sent.access, &self.access)
            || same_token(&sent.id, &self.id)
            || sent.session_id.as_ref().is_some_and(|it| same(it, &self.record.session_id))
    }

    /// What this session takes of the memory that holds it: the user has the tokens once more, and what is in them.
    pub(crate) fn bytes(&self) -> usize {
        let tokens = [&self.access, &self.id].into_iter().flatten().map(|issued| issued.token.len());
        3 * tokens.sum::<usize>() + self.record.refresh_token().map_or(0, SecretText::len)
    }
}
