//! The one exchange of an attempt's code, and the session that comes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::attempt::Attempt;
use super::reauthentication::StaleSignIn;
use super::refusal::SignInRefusal;
use super::weak_sign_in::WeakSignIn;
use crate::clock::UnixSeconds;
use crate::crypto::SecretText;
use crate::oauth::{EndpointError, Endpoints, ExchangeLeave, TokenResponse};
use crate::pool::{IssuedTokens, TokensRejected, UserPool};
use crate::session::{IssuedSession, NotIssued, SessionKeeper, SignInDetails};
use crate::telemetry::{ClientCall, Event, RefusedToken, emit};
use crate::token::TokenError;

/// What the exchange of an attempt's code has come to, for all deliveries of its callback.
pub(crate) type SignInResult = Result<Arc<IssuedSession>, SignInRefusal>;

/// What all deliveries of one callback get.
pub(crate) struct Exchanged {
    pub(crate) result: SignInResult,
    /// Whether a delivery has been counted as a failure.
    has_failed: AtomicBool,
}

impl Exchanged {
    pub(super) fn new(result: SignInResult) -> Self {
        Exchanged { result, has_failed: AtomicBool::new(false) }
    }

    /// Notes that a delivery has come to nothing, and returns whether that is the first time, with no session begun by
    /// another one.
    pub(crate) fn fail(&self) -> bool {
        let has_begun = self.result.as_ref().is_ok_and(|issued| issued.is_delivered());
        !has_begun && !self.has_failed.swap(true, Ordering::Relaxed)
    }
}

/// The tokens for a code.
pub(super) async fn tokens(
    leave: ExchangeLeave<'_>,
    code: &SecretText,
    attempt: &Attempt,
) -> Result<TokenResponse, SignInRefusal> {
    leave.exchange(&attempt.with_code(code)).await.map_err(refused)
}

/// Why a code was not exchanged, reported.
pub(super) fn refused(error: EndpointError) -> SignInRefusal {
    match error {
        EndpointError::Grant | EndpointError::NotExchanged { .. } => {
            emit(Event::CodeRefused);
            SignInRefusal::CodeRefused
        }
        EndpointError::Client { reason, remedy } => {
            emit(Event::ClientRefused { call: ClientCall::CodeExchange, reason: &reason, remedy });
            SignInRefusal::Misconfigured
        }
        EndpointError::Busy => {
            emit(Event::TooManyCalls);
            SignInRefusal::Busy
        }
        EndpointError::Unavailable { reason, .. } => {
            emit(Event::CodeExchangeFailed { reason: &reason, remedy: None });
            SignInRefusal::PoolUnavailable
        }
    }
}

/// The session of the tokens, when they are of this attempt.
pub(super) async fn session(
    pool: &UserPool,
    sessions: &SessionKeeper,
    endpoints: &Arc<Endpoints>,
    tokens: &TokenResponse,
    attempt: &Attempt,
    user_agent: Option<&str>,
    now: UnixSeconds,
) -> Result<IssuedSession, SignInRefusal> {
    if tokens.id_token.is_none() {
        emit(Event::CodeExchangeFailed {
            reason: "the pool sent no ID token",
            remedy: Some("let `scopes` and the app client include `openid`"),
        });
        return Err(SignInRefusal::Misconfigured);
    }
    let issued = IssuedTokens::verify(pool, tokens, now).await.and_then(|issued| {
        let id = issued.id.as_ref().ok_or(TokensRejected::Token(TokenError::Nonce))?;
        id.check_nonce(attempt.nonce.expose()).map_err(TokensRejected::Token)?;
        Ok(issued)
    });
    let issued = issued.map_err(rejected)?;
    check_fresh(&issued, attempt, now)?;
    check_level(&issued, attempt)?;
    let refresh_token = tokens.refresh_token.as_ref();
    let details = SignInDetails { refresh_token, is_persistent: attempt.remember_me, user_agent };
    sessions.issue(issued, details, Arc::clone(endpoints), now).await.map_err(|reason| match reason {
        NotIssued::TooLarge => {
            emit(Event::TokensTooLarge { length: &"too long for what holds sessions" });
            SignInRefusal::Misconfigured
        }
        NotIssued::StoreUnavailable => SignInRefusal::SessionNotStored,
    })
}

fn rejected(reason: TokensRejected) -> SignInRefusal {
    match &reason {
        TokensRejected::Token(error @ TokenError::TooLong) => emit(Event::TokensTooLarge { length: error }),
        reason => reason.report(RefusedToken::SignIn),
    }
    match reason {
        TokensRejected::KeysUnavailable | TokensRejected::UnknownKey => SignInRefusal::PoolUnavailable,
        // The set-up makes it so, not this sign-in.
        TokensRejected::SetUp(_) | TokensRejected::Token(TokenError::TooLong) => SignInRefusal::Misconfigured,
        TokensRejected::Token(_) => SignInRefusal::TokensRefused,
    }
}

fn check_fresh(issued: &IssuedTokens, attempt: &Attempt, now: UnixSeconds) -> Result<(), SignInRefusal> {
    let claims = &issued.access.claims;
    attempt.check_fresh(claims.auth_time, claims.iat, now).map_err(|reason| {
        let has_second_try = attempt.second_try().is_some();
        let (told, remedy) = reason.explained(has_second_try);
        emit(Event::SignInNotFresh { reason: told, remedy });
        match reason {
            StaleSignIn::NotAsked if has_second_try => SignInRefusal::TooOld,
            StaleSignIn::NotAsked | StaleSignIn::Clock => SignInRefusal::NotFresh,
        }
    })
}

fn check_level(issued: &IssuedTokens, attempt: &Attempt) -> Result<(), SignInRefusal> {
    let Some(weak) = attempt.level.and_then(|level| WeakSignIn::of(&issued.access, level)) else {
        return Ok(());
    };
    let (reason, remedy) = weak.explained();
    emit(Event::SignInNotStrongEnough { reason, remedy });
    Err(SignInRefusal::NotStrongEnough)
}
