//! Refreshes a session with its refresh token (RFC 6749 section 6), ahead of time or when it is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::issued_session::IssuedSession;
use super::lifetime::Lifetime;
use super::record::SessionRecord;
use super::refresh_coordinator::RefreshCoordinator;
use super::refresh_outcome::{RefreshOutcome, RefreshResult, RefreshTurn};
use super::refusal::SessionRefusal;
use super::sent_access::SentAccess;
use super::tokens::IssuedToken;
use crate::clock::{Clock, UnixSeconds};
use crate::oauth::{EndpointError, Endpoints, RefreshLeave};
use crate::pool::{IssuedTokens, TokensRejected, UserPool};
use crate::store::SessionAddress;
use crate::sync::{Leader, Lost, Tasks};
use crate::telemetry::{ClientCall, Counts, Event, RefreshAnswer, RefusedToken, SessionEnd, WaitFor, emit};
use crate::token::{TokenError, VerifiedToken};

/// How long the pool is left alone after it refused this app's client: that concerns every session.
const PAUSE_OF_A_REFUSED_CLIENT: Duration = Duration::from_secs(10);

/// How long a visitor waits for a refresh. It goes on without them, and the next request of the session gets what comes of
/// it.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(8);

/// Why a session is to be refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefreshReason {
    /// The token is still valid: one request refreshes it, the others go on.
    AheadOfExpiry,
    Expired,
    /// On demand: the present token's age is no matter, nor is that of tokens this browser has not got yet.
    OnDemand,
}

impl RefreshReason {
    /// Why a session is to be refreshed whose access token this is.
    pub(super) fn of(access: &SentAccess) -> Self {
        match access {
            SentAccess::Valid(_) => RefreshReason::AheadOfExpiry,
            SentAccess::Expired { .. } | SentAccess::UnknownKey | SentAccess::Missing => {
                RefreshReason::Expired
            }
        }
    }
}

/// Asks the pool for new tokens, once at a time for each session.
pub(super) struct Refresher {
    pub(super) pool: Arc<UserPool>,
    pub(super) lifetime: Lifetime,
    pub(super) coordinator: RefreshCoordinator,
    pub(super) clock: Clock,
    pub(super) counts: Arc<Counts>,
    pub(super) is_stopping: AtomicBool,
    /// What a stop waits for, beside the calls to the pool.
    pub(super) tasks: Tasks,
}

impl Refresher {
    fn is_current(&self, issued: &IssuedSession, now: UnixSeconds) -> bool {
        let is_current = |access: &IssuedToken| {
            let IssuedToken { token, issued_at, expires_at } = access;
            let ends_at = match issued.address {
                Some(_) => *expires_at,
                None => self.lifetime.ends_in_cookie(*issued_at, *expires_at),
            };
            !self.lifetime.is_due(token.expose(), *issued_at, ends_at, now)
        };
        issued.user.is_some() && issued.tokens.access.as_ref().is_some_and(is_current)
    }

    /// Refreshes the session of `record`, or shares somebody else's refresh. Whoever is the first does so by `lead`, in a
    /// task of its own; it is given whether this request has waited before. `None`: the present token serves for now.
    pub(super) async fn refresh<F>(
        &self,
        record: SessionRecord,
        reason: RefreshReason,
        lead: impl Fn(SessionRecord, Leader<RefreshOutcome>, bool) -> F,
    ) -> Option<RefreshOutcome>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (outcome, leads) = self.outcome(record, reason, lead).await;
        if let Some(answer) = outcome.as_ref().and_then(|outcome| answer(outcome, reason, leads)) {
            self.counts.refreshes.add(answer);
        }
        outcome
    }

    /// The outcome of a refresh, and whether it is this one's own.
    async fn outcome<F>(
        &self,
        record: SessionRecord,
        reason: RefreshReason,
        lead: impl Fn(SessionRecord, Leader<RefreshOutcome>, bool) -> F,
    ) -> (Option<RefreshOutcome>, bool)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let is_ahead = reason == RefreshReason::AheadOfExpiry;
        let ends_at = Instant::now() + MAX_WAIT;
        let mut has_waited = false;
        loop {
            let now = self.clock.now();
            let is_current = |issued: &IssuedSession| match reason {
                RefreshReason::OnDemand => issued.user.is_some(),
                RefreshReason::AheadOfExpiry | RefreshReason::Expired => self.is_current(issued, now),
            };
            let (id, instant) = (&record.session_id, self.clock.instant());
            let turn = self.coordinator.turn(id, record.generation, is_ahead, instant, is_current);
            let (follower, leads) = match turn {
                RefreshTurn::Done(outcome) => return (Some(outcome), false),
                RefreshTurn::Follower(_) if is_ahead => return (None, false),
                RefreshTurn::Follower(follower) => {
                    if !has_waited {
                        self.counts.waits.add(WaitFor::Refresh);
                    }
                    (follower, false)
                }
                RefreshTurn::Leader(leader, successor) => {
                    let record = successor.map_or_else(|| record.clone(), |it| it.tokens.record.clone());
                    (leader.spawn(|leader| self.tasks.track(lead(record, leader, has_waited))), true)
                }
            };
            // Whoever begins it waits, valid token or not: where sessions lie in cookies, the new refresh token has to
            // reach the browser.
            let outcome = timeout_at(ends_at, follower.result()).await.unwrap_or(Err(Lost));
            match outcome.unwrap_or(RefreshOutcome::Unavailable) {
                // The first went on with a token that is still valid, which this one has not.
                RefreshOutcome::Held if !is_ahead && Instant::now() < ends_at => has_waited = true,
                outcome => return (Some(outcome), leads),
            }
        }
    }

    /// Why a session is not refreshed at the moment, though it is not over.
    pub(super) fn not_refreshed(&self, session_id: &str) -> SessionRefusal {
        SessionRefusal::NotRefreshed(self.coordinator.rest(session_id, self.clock.instant()))
    }

    /// The pool's endpoints, while refreshes may begin.
    pub(super) fn endpoints(&self) -> Option<&Arc<Endpoints>> {
        // Without them nobody has signed in here.
        self.pool.endpoints().filter(|_| !self.is_stopping.load(Ordering::Relaxed))
    }

    /// Keeps tokens that nobody asks for; they live for as long as the answer can be upgraded.
    #[cfg(test)]
    pub(super) fn keep_refreshed(&self, is_delivered: bool) -> std::sync::Weak<IssuedSession> {
        let record = SessionRecord::begin("", "", "sub", None, UnixSeconds(0), UnixSeconds(0));
        let (session_id, now) = (record.session_id.clone(), self.clock.instant());
        let coordinator = &self.coordinator;
        let RefreshTurn::Leader(leader, None) = coordinator.turn(&session_id, 0, false, now, |_| true) else {
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

    /// Asks the pool for new tokens, as soon as there is leave.
    pub(super) async fn ask(&self, record: &SessionRecord) -> RefreshResult {
        let Some(endpoints) = self.endpoints() else { return RefreshResult::Unavailable(None) };
        match endpoints.leave_to_refresh(&mut false).await {
            Ok(leave) => self.ask_with(leave, record, None).await,
            Err(_) => failed(endpoints.turn_away()),
        }
    }

    /// Asks the pool for the new tokens of a session that lies at this `address`, if it lies in a store.
    pub(super) async fn ask_with(
        &self,
        leave: RefreshLeave<'_>,
        record: &SessionRecord,
        address: Option<SessionAddress>,
    ) -> RefreshResult {
        let (Some(refresh_token), Some(endpoints)) = (record.refresh_token(), self.pool.endpoints()) else {
            return RefreshResult::Ended;
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
        let mut issued = match verified {
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
        issued.address = address;
        RefreshResult::Refreshed { is_usable: issued.user.is_some(), issued: Arc::new(issued) }
    }
}

/// What a request is counted as that asked for a refresh for this `reason`; `None` where its present token serves.
fn answer(outcome: &RefreshOutcome, reason: RefreshReason, leads: bool) -> Option<RefreshAnswer> {
    let is_ahead = reason == RefreshReason::AheadOfExpiry;
    Some(match outcome {
        RefreshOutcome::Refreshed(issued) if issued.user.is_none() && is_ahead => return None,
        RefreshOutcome::Refreshed(issued) if issued.user.is_none() => RefreshAnswer::Unavailable,
        RefreshOutcome::Refreshed(_) if leads => RefreshAnswer::Done,
        RefreshOutcome::Refreshed(_) => RefreshAnswer::Shared,
        RefreshOutcome::Elsewhere(_) => RefreshAnswer::Elsewhere,
        RefreshOutcome::Ended { .. } => RefreshAnswer::Ended,
        RefreshOutcome::Unavailable | RefreshOutcome::Held if is_ahead => return None,
        RefreshOutcome::Unavailable | RefreshOutcome::Held => RefreshAnswer::Unavailable,
    })
}

/// What comes of a refresh that the pool did not grant, reported.
pub(super) fn failed(error: EndpointError) -> RefreshResult {
    match error {
        EndpointError::Grant | EndpointError::NotExchanged { .. } => RefreshResult::Refused,
        EndpointError::Client { reason, remedy } => {
            emit(Event::ClientRefused { call: ClientCall::Refresh, reason: &reason, remedy });
            RefreshResult::Unavailable(Some(PAUSE_OF_A_REFUSED_CLIENT))
        }
        EndpointError::Busy => {
            emit(Event::TooManyCalls);
            RefreshResult::Busy
        }
        EndpointError::Unavailable { reason, retry_after } => {
            emit(Event::RefreshFailed { reason: &reason });
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
