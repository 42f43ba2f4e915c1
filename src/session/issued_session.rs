//! A session that the pool has just made or renewed, with its user.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::OnceCell;

use super::new_session::{IssuedToken, NewSession};
use super::record::Record;
use crate::app::HookDecision;
use crate::denial::Kind;
use crate::oauth::Client;
use crate::pool::{IssuedTokens, NotTaken};
use crate::token::{TokenError, VerifiedToken};
use crate::user::CognitoUser;

/// Tokens that hold, and what is written of them into cookies.
pub(crate) struct SignedIn {
    pub(crate) session: NewSession,
    /// `None` where a renewal's new tokens cannot be used.
    pub(crate) user: Option<CognitoUser>,
    /// Of the app's hook, which is asked once. `None` when it failed.
    pub(crate) verdict: OnceCell<Option<HookDecision>>,
    /// Whether a browser has been given its cookies.
    has_begun: AtomicBool,
}

impl SignedIn {
    pub(crate) fn new(session: NewSession, user: Option<CognitoUser>) -> Self {
        SignedIn { session, user, verdict: OnceCell::new(), has_begun: AtomicBool::new(false) }
    }

    /// Some delivery of its callback is answered with its cookies.
    pub(crate) fn begin(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    pub(crate) fn session_id(&self) -> &str {
        &self.session.record.session_id
    }
}

impl IssuedTokens {
    /// The session that these tokens are of, whose cookies go with them if they `expire`.
    pub(crate) fn signed_in(self, record: Record, client: Arc<Client>, expire: bool) -> SignedIn {
        let issued = |token: &VerifiedToken| IssuedToken {
            token: token.jwt().to_owned().into(),
            issued_at: token.claims.iat,
            expires_at: if expire { token.claims.exp } else { u64::MAX },
        };
        let session =
            NewSession { access: Some(issued(&self.access)), id: self.id.as_deref().map(issued), record };
        SignedIn::new(session, Some(CognitoUser::signed_in(self.access, self.id, client)))
    }
}

impl From<&NotTaken> for Kind {
    fn from(reason: &NotTaken) -> Self {
        match reason {
            NotTaken::KeysUnavailable => Kind::PoolUnavailable,
            // The pool's set-up makes it so, not this sign-in.
            NotTaken::Token(TokenError::TooLong) => Kind::SignInMisconfigured,
            NotTaken::Token(_) => Kind::TokensRefused,
        }
    }
}
