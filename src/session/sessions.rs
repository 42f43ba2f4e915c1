//! The owner of sessions: whoever wants one loaded, begun, refreshed or ended asks here.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rocket::http::Cookie;
use tokio::task::JoinHandle;

use super::change::SessionChange;
use super::found_session::{Effects, LoadedSession, PresentSession};
use super::issued_session::IssuedSession;
use super::lifetime::Lifetime;
use super::record::SessionRecord;
use super::refresh::{RefreshReason, Refresher};
use super::refresh_coordinator::{ChangeSince, RefreshCoordinator, RefreshOutcome};
use super::refusal::SessionRefusal;
use super::sent_access::SentAccess;
use super::store::CookieStore;
use crate::clock::{Clock, UnixSeconds};
use crate::config::{OwnClient, Settings};
use crate::crypto::SecretText;
use crate::http::SentCookies;
use crate::oauth::Endpoints;
use crate::pool::{IssuedTokens, UserPool};
use crate::telemetry::{Event, SessionEnd, emit};
use crate::token::{TokenUse, VerifiedToken};
use crate::user::{CognitoUser, LazyIdToken, SiblingIdToken};

/// The sessions of one app.
pub(crate) struct Sessions {
    pool: Arc<UserPool>,
    store: Arc<CookieStore>,
    lifetime: Arc<Lifetime>,
    refresher: Arc<Refresher>,
    clock: Clock,
    client_id: String,
    /// Whether refresh tokens are kept, to refresh sessions with.
    keeps_refresh_tokens: bool,
    /// Whether the others are revoked at sign-in.
    revokes_unused_refresh_tokens: bool,
    /// Whether guards refresh sessions by themselves.
    auto_refresh: bool,
    /// Whether each request is held against the session's own limits, beside those of its tokens.
    limits_sessions: bool,
}

/// New tokens of a session do not fit into its store.
#[derive(Debug)]
pub(crate) struct TooLarge;

impl Sessions {
    /// `None` when no key can be derived to seal with.
    pub(crate) fn new(
        settings: &Settings,
        client: &OwnClient,
        pool: &Arc<UserPool>,
        clock: &Clock,
    ) -> Option<Self> {
        let session = &settings.session;
        let store = Arc::new(CookieStore::new(settings, client)?);
        let lifetime = Arc::new(Lifetime::new(session, &settings.cookies));
        let refresher = Refresher {
            pool: Arc::clone(pool),
            store: Arc::clone(&store),
            lifetime: Arc::clone(&lifetime),
            coordinator: RefreshCoordinator::new(),
            clock: clock.clone(),
            is_stopping: AtomicBool::new(false),
        };
        Some(Sessions {
            pool: Arc::clone(pool),
            store,
            lifetime,
            refresher: Arc::new(refresher),
            clock: clock.clone(),
            client_id: client.id.clone(),
            keeps_refresh_tokens: session.refresh_flow_enabled,
            revokes_unused_refresh_tokens: session.revokes_unused_refresh_tokens,
            auto_refresh: session.auto_refresh,
            limits_sessions: session.has_limits,
        })
    }

    /// Whether a cookie of this name may hold a part of a session.
    pub(crate) fn is_cookie(&self, name: &str) -> bool {
        self.store.is_name(name)
    }

    /// Whether the browser sent anything that a session has left.
    pub(crate) fn has_traces(&self, sent: SentCookies<'_>) -> bool {
        self.store.has_traces(sent)
    }

    /// Finds out whose session the browser sent. It is refreshed on the way where that is due and allowed.
    pub(crate) async fn load(&self, sent: SentCookies<'_>, may_refresh: bool) -> LoadedSession {
        let mut effects = Effects::default();
        let user = self.user(sent, may_refresh, &mut effects).await;
        effects.with(user)
    }

    /// Refreshes the session that the browser sent, however old its tokens are.
    pub(crate) async fn refresh(&self, sent: SentCookies<'_>) -> LoadedSession {
        let mut effects = Effects::default();
        let user = self.refreshed_user(sent, &mut effects).await;
        effects.with(user)
    }

    /// What the browser has of a session, valid or not.
    pub(crate) async fn present(&self, sent: SentCookies<'_>) -> PresentSession {
        let record = self.store.record(sent, self.clock.now());
        let tokens = self.store.tokens(sent, record.as_ref());
        PresentSession { record, tokens }
    }

    /// The session of tokens that the pool has just issued for a sign-in. A refresh token that is not kept, or is too
    /// large, is dropped: to revoke it would end the access token at the pool's own endpoints.
    ///
    /// # Errors
    /// When the tokens do not fit into the store.
    pub(crate) async fn issue(
        &self,
        issued: IssuedTokens,
        refresh_token: Option<&SecretText>,
        is_persistent: Option<bool>,
        endpoints: Arc<Endpoints>,
        now: UnixSeconds,
    ) -> Result<IssuedSession, TooLarge> {
        let settings = self.pool.settings();
        let claims = &issued.access.claims;
        let begin = |token| {
            let (issuer, client_id) = (settings.issuer(), &self.client_id);
            let mut record = SessionRecord::begin(issuer, client_id, &claims.sub, token, claims.iat, now);
            record.is_persistent = is_persistent;
            record
        };
        let mut record = begin(refresh_token.filter(|_| self.keeps_refresh_tokens));
        if !self.store.fits_record(&record, now) {
            emit(Event::RefreshTokenDropped { bytes: refresh_token.map_or(0, SecretText::len) });
            record = begin(None);
        }
        let mut issued = IssuedSession::of(issued, record, endpoints, settings.check_expiration);
        if issued.tokens.record.refresh_token().is_none() && !self.revokes_unused_refresh_tokens {
            issued.dropped_refresh_token = refresh_token.cloned();
        }
        if self.store.fits(&issued.tokens, now) { Ok(issued) } else { Err(TooLarge) }
    }

    /// Saves what a request has done to its session. It returns the cookies of the answer, found out when that is
    /// complete: by then somebody may have refreshed the session once more, or signed out and in again, and what the
    /// browser has got meanwhile must stay.
    pub(crate) async fn save(&self, sent: SentCookies<'_>, change: &SessionChange) -> Vec<Cookie<'static>> {
        let now = self.clock.now();
        let saved = |issued: &IssuedSession| {
            self.store.save(sent, &issued.tokens, &self.lifetime, now).unwrap_or_default()
        };
        match change {
            SessionChange::Ended | SessionChange::SignedOut => self.store.clear(sent),
            SessionChange::Refused(_) => Vec::new(),
            SessionChange::Begun(issued) => {
                issued.mark_delivered();
                if let Some(replaced) = self.store.record(sent, now)
                    && replaced.session_id != issued.session_id()
                {
                    self.end_once(&replaced).await;
                }
                saved(issued)
            }
            SessionChange::Refreshed(issued) => {
                let (coordinator, instant) = (&self.refresher.coordinator, self.clock.instant());
                let given = coordinator.deliver(issued.session_id(), issued, instant);
                given.map(|issued| saved(&issued)).unwrap_or_default()
            }
            SessionChange::Seen(record) => match self.since(record) {
                ChangeSince::Nothing => {
                    self.store.save_record(sent, record, &self.lifetime, now).unwrap_or_default()
                }
                // The browser has something newer.
                ChangeSince::Refreshed(_) | ChangeSince::Ended => Vec::new(),
            },
        }
    }

    /// Ends a session here, and then at the pool. It returns what is under way there.
    pub(crate) async fn end(&self, record: &SessionRecord) -> Option<JoinHandle<()>> {
        // A refresh that the browser has not heard of may have replaced its refresh token.
        let latest = self.refresher.coordinator.end(&record.session_id, self.clock.instant());
        let record = latest.as_ref().map_or(record, |issued| &issued.tokens.record);
        Some(self.pool.revoke_in_background(record.refresh_token()?.clone()))
    }

    /// Ends a session that no browser has been given, with the refresh token that it would not have kept.
    pub(crate) async fn discard(&self, issued: &IssuedSession) {
        if !self.is_over(issued.session_id()).await {
            drop(self.end(&issued.tokens.record).await);
            drop(issued.dropped_refresh_token.clone().map(|token| self.pool.revoke_in_background(token)));
        }
    }

    /// Ends a session, in the background at the pool, and not again when it is over.
    pub(crate) async fn end_once(&self, record: &SessionRecord) {
        if !self.is_over(&record.session_id).await {
            drop(self.end(record).await);
        }
    }

    /// Whether the session is known to be over.
    pub(crate) async fn is_over(&self, session_id: &str) -> bool {
        self.refresher.coordinator.has_ended(session_id)
    }

    /// Begins no refresh any more.
    pub(crate) fn stop(&self) {
        self.refresher.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Drops tokens that nobody may ask for any more, and reports whether there are others.
    pub(crate) fn sweep(&self, now: Instant) -> bool {
        self.refresher.coordinator.sweep(now)
    }

    /// Returns when there may be tokens that no sweep has seen.
    pub(crate) async fn filled(&self) {
        self.refresher.coordinator.filled().await;
    }

    /// Keeps tokens that nobody asks for; they live for as long as the answer can be upgraded.
    #[cfg(test)]
    pub(crate) fn keep_refreshed(&self, is_delivered: bool) -> std::sync::Weak<IssuedSession> {
        self.refresher.keep_refreshed(is_delivered)
    }

    fn since(&self, record: &SessionRecord) -> ChangeSince {
        self.refresher.coordinator.since(&record.session_id, record.generation, self.clock.instant())
    }

    async fn user(
        &self,
        sent: SentCookies<'_>,
        may_refresh: bool,
        effects: &mut Effects,
    ) -> Result<CognitoUser, SessionRefusal> {
        let now = self.clock.now();
        let access = self.access(sent, now).await?;
        let is_due = || match &access {
            SentAccess::Valid(token) => {
                self.lifetime.is_due(token.jwt(), token.claims.iat, token.claims.exp, now)
            }
            SentAccess::Expired { .. } | SentAccess::UnknownKey | SentAccess::Missing => true,
        };
        let refreshes = self.auto_refresh && may_refresh && is_due();
        if !refreshes && !self.limits_sessions {
            return self.present_user(sent, access, now).await;
        }
        let record = match self.store.record(sent, now) {
            Some(record) => self.check_limits(record, &access, effects, now).await?,
            // A session that nobody can hold against its limits is none.
            None if self.limits_sessions && !matches!(access, SentAccess::Missing) => {
                return Err(SessionRefusal::Expired);
            }
            None => return self.present_user(sent, access, now).await,
        };
        if !refreshes || record.refresh_token().is_none() {
            effects.change = match self.since(&record) {
                // An answer that came late has put an older record in the place of a newer one.
                ChangeSince::Refreshed(Some(latest)) => Some(SessionChange::Refreshed(latest)),
                _ if self.lifetime.is_worth_noting(&record, now) => {
                    Some(SessionChange::Seen(record.seen(now)))
                }
                _ => None,
            };
            return self.present_user(sent, access, now).await;
        }
        let reason = match &access {
            SentAccess::Valid(_) => RefreshReason::AheadOfExpiry,
            _ => RefreshReason::Expired,
        };
        // In a box of its own, so that the others' futures stay small.
        match Box::pin(self.adopt_refreshed(record, reason, effects)).await? {
            Ok(user) => Ok(user),
            // An expired session that could not be refreshed is not over.
            Err(not_refreshed) => {
                self.present_user(sent, access, now).await.map_err(|refusal| match refusal {
                    SessionRefusal::Expired => not_refreshed,
                    refusal => refusal,
                })
            }
        }
    }

    async fn refreshed_user(
        &self,
        sent: SentCookies<'_>,
        effects: &mut Effects,
    ) -> Result<CognitoUser, SessionRefusal> {
        let now = self.clock.now();
        let access = self.access(sent, now).await?;
        let record = self.store.record(sent, now).filter(|record| record.refresh_token().is_some());
        let Some(record) = record else { return Err(self.not_signed_in(sent)) };
        let record = self.check_limits(record, &access, effects, now).await?;
        self.adopt_refreshed(record, RefreshReason::OnDemand, effects).await?
    }

    async fn access(&self, sent: SentCookies<'_>, now: UnixSeconds) -> Result<SentAccess, SessionRefusal> {
        if self.store.is_in_doubt(sent) {
            return Err(SessionRefusal::InDoubt);
        }
        let token = self.store.access_token(sent);
        SentAccess::verify(&self.pool, token.as_deref(), self.keeps_refresh_tokens, now).await
    }

    /// The user according to the new tokens. `Ok(Err(_))` when there are none to use, though the session goes on.
    async fn adopt_refreshed(
        &self,
        record: SessionRecord,
        reason: RefreshReason,
        effects: &mut Effects,
    ) -> Result<Result<CognitoUser, SessionRefusal>, SessionRefusal> {
        let session_id = record.session_id.clone();
        let not_refreshed = || {
            let rest = self.refresher.coordinator.rest(&session_id, self.clock.instant());
            SessionRefusal::NotRefreshed(rest)
        };
        match self.refresher.refresh(record, reason).await {
            Some(RefreshOutcome::Refreshed(issued)) => {
                effects.change = Some(SessionChange::Refreshed(Arc::clone(&issued)));
                let user = issued.user.clone();
                effects.refreshed = user.is_some().then_some(issued);
                Ok(user.ok_or_else(not_refreshed))
            }
            Some(RefreshOutcome::Ended { clear_cookies: true }) => {
                effects.change = Some(SessionChange::Ended);
                Err(SessionRefusal::Expired)
            }
            Some(RefreshOutcome::Ended { clear_cookies: false }) => Err(SessionRefusal::Expired),
            Some(RefreshOutcome::Unavailable) | None => Ok(Err(not_refreshed())),
        }
    }

    /// The record, if it and the access token are of one person and the session's time is not over.
    async fn check_limits(
        &self,
        record: SessionRecord,
        access: &SentAccess,
        effects: &mut Effects,
        now: UnixSeconds,
    ) -> Result<SessionRecord, SessionRefusal> {
        match self.refresher.coordinator.end_of(&record.session_id, self.clock.instant()) {
            None if !access.may_be_of(&record.sub) => emit(Event::SessionEnded(SessionEnd::UsersDiffer)),
            None if self.lifetime.is_over(&record, now) => {
                emit(Event::SessionEnded(SessionEnd::LimitReached));
            }
            None => return Ok(record),
            Some(RefreshOutcome::Ended { clear_cookies: true }) => {}
            Some(_) => return Err(SessionRefusal::Expired),
        }
        effects.change = Some(SessionChange::Ended);
        self.end_once(&record).await;
        Err(SessionRefusal::Expired)
    }

    /// The user by the tokens that the browser sent.
    async fn present_user(
        &self,
        sent: SentCookies<'_>,
        access: SentAccess,
        now: UnixSeconds,
    ) -> Result<CognitoUser, SessionRefusal> {
        let SentAccess::Valid(access) = access else { return Err(self.not_signed_in(sent)) };
        let id = match self.store.id_token(sent) {
            Some(id) => self.id(id, &access, now).await,
            None => None,
        };
        Ok(CognitoUser::from_session(access, id, self.pool.endpoints().cloned()))
    }

    /// The ID token beside `access`: known already, or verified when something asks for it.
    async fn id(
        &self,
        id: Cow<'_, str>,
        access: &Arc<VerifiedToken>,
        now: UnixSeconds,
    ) -> Option<SiblingIdToken> {
        let (verifier, expected) = (self.pool.verifier(), self.pool.expected_of_session(TokenUse::Id));
        if let Some(id) = verifier.recall(&id, &expected, now) {
            return id.check_belongs_to(access).is_ok().then(|| SiblingIdToken::known(id));
        }
        if !verifier.has_key(&id) {
            Box::pin(verifier.fetch_key(&id, &expected, now)).await;
        }
        Some(SiblingIdToken::sent(LazyIdToken::new(id.into_owned(), Arc::clone(access), &self.pool, now)))
    }

    /// Whoever has been signed in learns that their session is over.
    fn not_signed_in(&self, sent: SentCookies<'_>) -> SessionRefusal {
        if self.store.has_traces(sent) { SessionRefusal::Expired } else { SessionRefusal::NotSignedIn }
    }
}
