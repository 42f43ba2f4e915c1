//! A session that the pool has just made or refreshed, with its user.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::OnceCell;

use super::hook_decision::HookDecision;
use super::record::SessionRecord;
use super::stored::SessionId;
use super::tokens::{IssuedToken, SessionTokens};
use crate::clock::UnixSeconds;
use crate::crypto::SecretText;
use crate::oauth::Endpoints;
use crate::pool::IssuedTokens;
use crate::store::SessionAddress;
use crate::token::VerifiedToken;
use crate::user::CognitoUser;

/// Verified tokens, what is kept of them, and whose they are.
pub(crate) struct IssuedSession {
    pub(crate) tokens: SessionTokens,
    /// `None` where the new tokens of a refresh cannot be used.
    pub(crate) user: Option<CognitoUser>,
    /// What the app's hook decided, which is asked once. `None` when it failed.
    pub(crate) decision: OnceCell<Option<HookDecision>>,
    /// A refresh token that the browser is not given: it is revoked if the sign-in comes to nothing.
    pub(super) dropped_refresh_token: Option<SecretText>,
    /// Where it lies in a store; `None` where it lies in cookies.
    pub(crate) address: Option<SessionAddress>,
    /// What the cookie of a session that begins in a store is to hold.
    pub(super) id: Option<SessionId>,
    /// Whether a browser has been given its cookies, or the store has its refreshed tokens.
    is_delivered: AtomicBool,
}

impl IssuedSession {
    fn new(tokens: SessionTokens, user: Option<CognitoUser>) -> Self {
        IssuedSession {
            tokens,
            user,
            decision: OnceCell::new(),
            dropped_refresh_token: None,
            address: None,
            id: None,
            is_delivered: AtomicBool::new(false),
        }
    }

    /// The session of these tokens. They are kept until they expire, if they `expire`.
    pub(super) fn of(
        issued: IssuedTokens,
        record: SessionRecord,
        endpoints: Arc<Endpoints>,
        expire: bool,
    ) -> Self {
        let kept = |token: &VerifiedToken| IssuedToken {
            token: token.jwt().to_owned().into(),
            issued_at: token.claims.iat,
            expires_at: if expire { token.claims.exp } else { UnixSeconds::NEVER },
        };
        let tokens =
            SessionTokens { access: Some(kept(&issued.access)), id: issued.id.as_deref().map(kept), record };
        IssuedSession::new(tokens, Some(CognitoUser::signed_in(issued.access, issued.id, endpoints)))
    }

    /// A session whose new tokens cannot be used, though its refresh token may be new.
    pub(super) fn unusable(record: SessionRecord) -> Self {
        IssuedSession::new(SessionTokens { access: None, id: None, record }, None)
    }

    /// Notes that a browser is given its cookies, and returns whether that is the first time.
    pub(super) fn mark_delivered(&self) -> bool {
        !self.is_delivered.swap(true, Ordering::Relaxed)
    }

    /// Whether a browser has been given its cookies, or the store has its refreshed tokens.
    pub(crate) fn is_delivered(&self) -> bool {
        self.is_delivered.load(Ordering::Relaxed)
    }

    /// Whether this has the refresh token of its sign-in, to keep or to revoke it.
    pub(crate) fn has_refresh_token(&self) -> bool {
        self.dropped_refresh_token.is_some() || self.tokens.record.refresh_token().is_some()
    }

    /// What the cookie of a session that begins in a store is to hold.
    pub(crate) fn id(&self) -> Option<&SessionId> {
        self.id.as_ref()
    }

    pub(crate) fn session_id(&self) -> &str {
        &self.tokens.record.session_id
    }

    /// How often the session has been refreshed.
    pub(super) fn generation(&self) -> u32 {
        self.tokens.record.generation
    }
}
