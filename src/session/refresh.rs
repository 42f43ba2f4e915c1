//! Refreshes a session with its refresh token (RFC 6749 section 6), ahead of time or when it is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use super::issued_session::IssuedSession;
use super::lifetime::Lifetime;
use super::record::SessionRecord;
use super::refresh_coordinator::{RefreshCoordinator, RefreshOutcome, RefreshResult, RefreshTurn};
use super::store::CookieStore;
use super::tokens::IssuedToken;
use crate::clock::{Clock, UnixSeconds};
use crate::oauth::EndpointError;
use crate::pool::{IssuedTokens, TokensRejected, UserPool};
use crate::sync::{Leader, Lost};
use crate::telemetry::{Event, RefusedToken, SessionEnd, emit};
use crate::token::{TokenError, VerifiedToken};

/// How long the pool is left alone after it refused this app's client: that concerns every session.
const PAUSE_OF_A_REFUSED_CLIENT: Duration = Duration::from_secs(10);

/// How long a visitor waits for a refresh. It goes on without them, and the next request of the session gets what comes of
/// it.
const MAX_WAIT: Duration = Duration::from_secs(8);

/// Why a session is to be refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefreshReason {
    /// The token is still valid: one request refreshes it, the others go on.
    AheadOfExpiry,
    Expired,
    /// On demand: the present token's age is no matter, nor is that of tokens this browser has not got yet.
    OnDemand,
}

/// Asks the pool for new tokens, once at a time for each session.
pub(super) struct Refresher {
    pub(super) pool: Arc<UserPool>,
    pub(super) store: Arc<CookieStore>,
    pub(super) lifetime: Arc<Lifetime>,
    pub(super) coordinator: RefreshCoordinator,
    pub(super) clock: Clock,
    pub(super) is_stopping: AtomicBool,
}

impl Refresher {
    fn is_current(&self, issued: &IssuedSession, now: UnixSeconds) -> bool {
        let is_current = |access: &IssuedToken| {
            !self.lifetime.is_due(access.token.expose(), access.issued_at, access.expires_at, now)
        };
        issued.user.is_some() && issued.tokens.access.as_ref().is_some_and(is_current)
    }

    /// Refreshes the session of `record`, or shares somebody else's refresh. `None`: the present token serves for now.
    pub(super) async fn refresh(
        self: &Arc<Self>,
        record: SessionRecord,
        reason: RefreshReason,
    ) -> Option<RefreshOutcome> {
        let now = self.clock.now();
        let is_current = |issued: &IssuedSession| match reason {
            RefreshReason::OnDemand => issued.user.is_some(),
            RefreshReason::AheadOfExpiry | RefreshReason::Expired => self.is_current(issued, now),
        };
        let instant = self.clock.instant();
        let turn = self.coordinator.turn(&record.session_id, record.generation, instant, is_current);
        let follower = match turn {
            RefreshTurn::Done(outcome) => return Some(outcome),
            RefreshTurn::Follower(_) if reason == RefreshReason::AheadOfExpiry => return None,
            RefreshTurn::Follower(follower) => follower,
            RefreshTurn::Leader(leader, successor) => {
                let record = successor.map_or(record, |issued| issued.tokens.record.clone());
                leader.spawn(|leader| Arc::clone(self).lead(record, leader))
            }
        };
        // Whoever begins it waits, valid token or not: the new refresh token has to reach the browser.
        Some(match timeout(MAX_WAIT, follower.result()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(Lost)) | Err(_) => RefreshOutcome::Unavailable,
        })
    }

    /// Keeps tokens that nobody asks for; they live for as long as the answer can be upgraded.
    #[cfg(test)]
    pub(super) fn keep_refreshed(&self, is_delivered: bool) -> std::sync::Weak<IssuedSession> {
        let record = SessionRecord::begin("", "", "sub", None, UnixSeconds(0), UnixSeconds(0));
        let (session_id, now) = (record.session_id.clone(), self.clock.instant());
        let coordinator = &self.coordinator;
        let RefreshTurn::Leader(leader, None) = coordinator.turn(&session_id, 0, now, |_| true) else {
            return std::sync::Weak::new();
        };
        let issued =
            Arc::new(IssuedSession::unusable(record.refreshed(None, UnixSeconds(0), UnixSeconds(0))));
        let seen = Arc::downgrade(&issued);
        let result = RefreshResult::Refreshed { issued: Arc::clone(&issued), is_usable: true };
        coordinator.finish(&session_id, 0, leader, result, now);
        if is_delivered {
            coordinator.deliver(&session_id, &issued, now);
        }
        seen
    }

    /// Asks the pool once, and hands the outcome to everybody who waits.
    async fn lead(self: Arc<Self>, record: SessionRecord, leader: Leader<RefreshOutcome>) {
        let is_stopping = self.is_stopping.load(Ordering::Relaxed);
        let result = if is_stopping { RefreshResult::Unavailable(None) } else { self.ask(&record).await };
        let issued = match &result {
            RefreshResult::Refreshed { issued, .. } => Some(Arc::clone(issued)),
            _ => None,
        };
        let now = self.clock.instant();
        let outcome = self.coordinator.finish(&record.session_id, record.generation, leader, result, now);
        // Signed out in the meantime.
        if let (RefreshOutcome::Ended { clear_cookies: false }, Some(issued)) = (outcome, issued)
            && let Some(token) = issued.tokens.record.refresh_token()
        {
            self.pool.revoke(token).await;
        }
    }

    async fn ask(&self, record: &SessionRecord) -> RefreshResult {
        let Some(refresh_token) = record.refresh_token() else { return RefreshResult::Ended };
        // Without one nobody has signed in here.
        let Some(endpoints) = self.pool.endpoints() else { return RefreshResult::Unavailable(None) };
        let leave = match endpoints.leave_to_refresh().await {
            Ok(leave) => leave,
            Err(error) => return failed(error),
        };
        let tokens = match leave.refresh(refresh_token.expose()).await {
            Ok(tokens) => tokens,
            Err(error) => return failed(error),
        };
        let now = self.clock.now();
        let new_refresh_token = tokens.refresh_token.as_ref();
        let refreshed = |issued_at| record.refreshed(new_refresh_token, issued_at, now);
        let leeway = self.pool.settings().expiration_leeway;
        let verified = match IssuedTokens::verify(&self.pool, &tokens, now).await {
            Ok(issued) => check(&issued, record, leeway).map(|()| issued).map_err(TokensRejected::Token),
            Err(reason) => Err(reason),
        };
        let issued = match verified {
            Ok(issued) => {
                let record = refreshed(issued.access.claims.iat);
                let expire = self.pool.settings().check_expiration;
                IssuedSession::of(issued, record, Arc::clone(endpoints), expire)
            }
            Err(reason) => {
                reason.report(RefusedToken::Refresh);
                if reason.is_of_another() {
                    emit(Event::SessionEnded(SessionEnd::RefreshedTokensForeign));
                    self.pool.revoke(new_refresh_token.unwrap_or(refresh_token)).await;
                    return RefreshResult::Ended;
                }
                // The old refresh token may be used up by now, so the new one is kept.
                IssuedSession::unusable(refreshed(record.issued_at))
            }
        };
        if !self.store.fits(&issued.tokens, now) {
            emit(Event::SessionEnded(SessionEnd::RefreshTokenTooLarge));
            self.pool.revoke(new_refresh_token.unwrap_or(refresh_token)).await;
            return RefreshResult::Ended;
        }
        RefreshResult::Refreshed { is_usable: issued.user.is_some(), issued: Arc::new(issued) }
    }
}

fn failed(error: EndpointError) -> RefreshResult {
    match error {
        EndpointError::Grant => {
            emit(Event::SessionEnded(SessionEnd::RefreshTokenRefused));
            RefreshResult::Ended
        }
        EndpointError::Client { reason, remedy } => {
            emit(Event::RefreshFailed { reason: &reason, remedy: Some(remedy) });
            RefreshResult::Unavailable(Some(PAUSE_OF_A_REFUSED_CLIENT))
        }
        EndpointError::Busy => {
            emit(Event::TooManyCalls);
            RefreshResult::Busy
        }
        EndpointError::Unavailable { reason, retry_after } => {
            emit(Event::RefreshFailed { reason: &reason, remedy: None });
            RefreshResult::Unavailable(retry_after)
        }
    }
}

/// Whether new tokens are of the session that they refresh (OpenID Connect Core section 12.2). The nonce is that of the
/// sign-in, where there is one at all.
fn check(issued: &IssuedTokens, record: &SessionRecord, leeway: u64) -> Result<(), TokenError> {
    let is_later = |token: &VerifiedToken| token.claims.iat.plus(leeway) >= record.issued_at;
    if issued.access.claims.sub != record.sub {
        return Err(TokenError::Subject);
    }
    if is_later(&issued.access) && issued.id.as_ref().is_none_or(|id| is_later(id)) {
        Ok(())
    } else {
        Err(TokenError::Older)
    }
}
