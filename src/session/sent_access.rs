//! The access token that a browser sent.

use std::sync::Arc;

use super::refusal::SessionRefusal;
use crate::clock::UnixSeconds;
use crate::pool::UserPool;
use crate::telemetry::{Event, RefusedToken, emit};
use crate::token::{Expectations, KeysUnavailable, TokenError, TokenUse, VerifiedToken};

/// The access token that a browser sent.
pub(super) enum SentAccess {
    Valid(Arc<VerifiedToken>),
    /// Only its time is over.
    Expired {
        sub: String,
    },
    /// Signed with a key that the pool does not have any more, so that nobody can say whose it was.
    UnknownKey,
    Missing,
}

impl SentAccess {
    /// Verifies the `token` of a session that may be refreshed, if `refreshes`.
    pub(super) async fn verify(
        pool: &UserPool,
        token: Option<&str>,
        refreshes: bool,
        now: UnixSeconds,
    ) -> Result<Self, SessionRefusal> {
        let Some(token) = token else { return Ok(SentAccess::Missing) };
        let expected = pool.expected_of_session(TokenUse::Access);
        match pool.verifier().verify(token, &expected, now).await {
            // Nobody signed in with it.
            Ok(Ok(access)) if !access.claims.is_of_person() => Err(refused(TokenError::Use)),
            Ok(Ok(access)) => Ok(SentAccess::Valid(access)),
            Ok(Err(TokenError::UnknownKey)) if refreshes => Ok(SentAccess::UnknownKey),
            Ok(Err(TokenError::Expired)) => {
                // Everything but the time still has to hold.
                let at_any_time = Expectations { check_expiration: false, ..expected };
                match pool.verifier().verify(token, &at_any_time, now).await {
                    Ok(Ok(access)) => Ok(SentAccess::Expired { sub: access.claims.sub.clone() }),
                    Ok(Err(TokenError::UnknownKey)) => Ok(SentAccess::UnknownKey),
                    Ok(Err(error)) => Err(refused(error)),
                    Err(KeysUnavailable) => Err(SessionRefusal::KeysUnavailable),
                }
            }
            Ok(Err(error)) => Err(refused(error)),
            Err(KeysUnavailable) => Err(SessionRefusal::KeysUnavailable),
        }
    }

    /// Whether it may belong to `sub`.
    pub(super) fn may_be_of(&self, sub: &str) -> bool {
        match self {
            SentAccess::Valid(access) => access.claims.sub == sub,
            SentAccess::Expired { sub: theirs } => theirs == sub,
            SentAccess::UnknownKey | SentAccess::Missing => true,
        }
    }
}

fn refused(error: TokenError) -> SessionRefusal {
    emit(Event::TokenRefused { token: RefusedToken::Session, reason: &error, cause: error.text() });
    // Apps on one host share their cookies, whatever their ports.
    if matches!(error, TokenError::Issuer | TokenError::Client) {
        emit(Event::SessionForeign { reason: &error });
    }
    // The set-up may make all of them so.
    if matches!(error, TokenError::UnknownKey | TokenError::NotYetValid) {
        emit(Event::SessionTokenUnaccepted { reason: &error });
    }
    SessionRefusal::Expired
}
