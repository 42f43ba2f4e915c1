//! Sessions that lie in cookies: loaded, refreshed, saved and ended.

use std::sync::Arc;

use rocket::http::Cookie;
use tokio::task::JoinHandle;

use super::cookie_codec::CookieCodec;
use super::cookie_store::CookieStore;
use crate::clock::UnixSeconds;
use crate::config::{OwnClient, Settings};
use crate::http::SentCookies;
use crate::session::change::SessionChange;
use crate::session::found_session::Effects;
use crate::session::issued_session::IssuedSession;
use crate::session::record::SessionRecord;
use crate::session::refresh::{RefreshReason, Refresher};
use crate::session::refresh_outcome::{ChangeSince, RefreshOutcome, RefreshResult};
use crate::session::refusal::SessionRefusal;
use crate::session::rules::SessionRules;
use crate::session::sent_access::SentAccess;
use crate::session::session_user::user_of;
use crate::session::tokens::{SentTokens, SessionTokens};
use crate::sync::Leader;
use crate::telemetry::{Event, SessionEnd, emit};
use crate::token::{Expectations, TokenUse, VerifiedToken};
use crate::user::CognitoUser;

/// The sessions of one app that lie in cookies.
pub(in crate::session) struct CookieSessions {
    store: Arc<CookieStore>,
    refresher: Arc<Refresher>,
    rules: SessionRules,
}

impl CookieSessions {
    /// `None` when no key can be derived to seal with.
    pub(in crate::session) fn new(
        settings: &Settings,
        client: &OwnClient,
        codec: &Arc<CookieCodec>,
        refresher: &Arc<Refresher>,
    ) -> Option<Self> {
        Some(CookieSessions {
            store: Arc::new(CookieStore::new(settings, client, codec)?),
            refresher: Arc::clone(refresher),
            rules: SessionRules::new(&settings.session),
        })
    }

    /// Whether the browser sent anything that a session has left.
    pub(in crate::session) fn has_traces(&self, sent: SentCookies<'_>) -> bool {
        self.store.has_traces(sent)
    }

    /// The record that the browser sent, whether or not the session has ended.
    pub(in crate::session) fn record(&self, sent: SentCookies<'_>) -> Option<SessionRecord> {
        self.store.record(sent, self.refresher.clock.now())
    }

    /// What the browser sent as its session, beside this `record`.
    pub(in crate::session) fn tokens(
        &self,
        sent: SentCookies<'_>,
        record: Option<&SessionRecord>,
    ) -> Option<SentTokens> {
        self.store.tokens(sent, record)
    }

    /// The access token that the browser sent, if it is one of this app's, expired or not: nobody ends a sign-in that is
    /// not theirs.
    pub(in crate::session) async fn verified(&self, tokens: &SentTokens) -> Option<Arc<VerifiedToken>> {
        let Refresher { pool, clock, .. } = &*self.refresher;
        let expected = pool.expected_of_session(TokenUse::Access);
        let at_any_time = Expectations { check_expiration: false, ..expected };
        let access = tokens.access.as_ref()?.expose();
        pool.verifier().verify(access, &at_any_time, clock.now()).await.ok()?.ok()
    }

    /// Whether cookies can hold the record.
    pub(in crate::session) fn fits_record(&self, record: &SessionRecord) -> bool {
        self.store.fits_record(record, self.refresher.clock.now())
    }

    /// Whether cookies can hold the session.
    pub(in crate::session) fn fits(&self, tokens: &SessionTokens) -> bool {
        self.store.fits(tokens, self.refresher.clock.now())
    }

    /// The cookies of a session, in the place of those of an earlier one.
    pub(in crate::session) fn save(
        &self,
        sent: SentCookies<'_>,
        issued: &IssuedSession,
    ) -> Vec<Cookie<'static>> {
        let (lifetime, now) = (&self.refresher.lifetime, self.refresher.clock.now());
        self.store.save(sent, &issued.tokens, lifetime, now).unwrap_or_default()
    }

    /// The cookies of a session that was of this record's generation when its request came: by now somebody may have
    /// refreshed it once more, or signed out, and what the browser has got meanwhile must stay.
    pub(in crate::session) fn save_change(
        &self,
        sent: SentCookies<'_>,
        change: &SessionChange,
    ) -> Vec<Cookie<'static>> {
        match change {
            SessionChange::Refreshed(issued) => {
                let Refresher { coordinator, clock, .. } = &*self.refresher;
                let given = coordinator.deliver(issued.session_id(), issued, clock.instant());
                given.map(|issued| self.save(sent, &issued)).unwrap_or_default()
            }
            SessionChange::Seen(record) => match self.since(record) {
                ChangeSince::Nothing => {
                    let (lifetime, now) = (&self.refresher.lifetime, self.refresher.clock.now());
                    self.store.save_record(sent, record, lifetime, now).unwrap_or_default()
                }
                // The browser has something newer.
                ChangeSince::Refreshed(_) | ChangeSince::Ended => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Removals of everything that the browser has of a session.
    pub(in crate::session) fn clear(&self, sent: SentCookies<'_>) -> Vec<Cookie<'static>> {
        self.store.clear(sent)
    }

    /// Ends a session here, and then at the pool. It returns what is under way there.
    pub(in crate::session) fn end(&self, record: &SessionRecord) -> Option<JoinHandle<()>> {
        // A refresh that the browser has not heard of may have replaced its refresh token.
        let Refresher { coordinator, clock, pool, .. } = &*self.refresher;
        let latest = coordinator.end(&record.session_id, clock.instant());
        let record = latest.as_ref().map_or(record, |issued| &issued.tokens.record);
        Some(pool.revoke_in_background(record.refresh_token()?.clone()))
    }

    /// Ends a session, in the background at the pool, and not again when it is over.
    pub(in crate::session) fn end_once(&self, record: &SessionRecord) {
        if !self.refresher.coordinator.has_ended(&record.session_id) {
            drop(self.end(record));
        }
    }

    fn since(&self, record: &SessionRecord) -> ChangeSince {
        let Refresher { coordinator, clock, .. } = &*self.refresher;
        coordinator.since(&record.session_id, record.generation, clock.instant())
    }

    /// The user of the session that the browser sent. It is refreshed on the way where that is due and allowed.
    pub(in crate::session) async fn user(
        &self,
        sent: SentCookies<'_>,
        may_refresh: bool,
        effects: &mut Effects,
    ) -> Result<CognitoUser, SessionRefusal> {
        let lifetime = &self.refresher.lifetime;
        let now = self.refresher.clock.now();
        let access = self.access(sent, now).await?;
        let is_due = || match &access {
            SentAccess::Valid(token) => {
                let ends_at = lifetime.ends_in_cookie(token.claims.iat, token.claims.exp);
                lifetime.is_due(token.jwt(), token.claims.iat, ends_at, now)
            }
            SentAccess::Expired { .. } | SentAccess::UnknownKey | SentAccess::Missing => true,
        };
        let refreshes = self.rules.auto_refresh && may_refresh && is_due();
        if !refreshes && !self.rules.limits_sessions {
            return self.present_user(sent, access, now).await;
        }
        let record = match self.store.record(sent, now) {
            Some(record) => self.check_limits(record, &access, effects, now)?,
            // A session that nobody can hold against its limits is none.
            None if self.rules.limits_sessions && !matches!(access, SentAccess::Missing) => {
                return Err(SessionRefusal::Expired);
            }
            None => return self.present_user(sent, access, now).await,
        };
        if !refreshes || record.refresh_token().is_none() {
            effects.change = match self.since(&record) {
                // An answer that came late has put an older record in the place of a newer one.
                ChangeSince::Refreshed(Some(latest)) => Some(SessionChange::Refreshed(latest)),
                _ if lifetime.is_worth_noting(&record, now) => Some(SessionChange::Seen(record.seen(now))),
                _ => None,
            };
            return self.present_user(sent, access, now).await;
        }
        let reason = RefreshReason::of(&access);
        // In a box of its own, so that the others' futures stay small.
        match Box::pin(self.adopt_refreshed(record, reason, effects)).await? {
            Ok(user) => Ok(user),
            // An expired session that could not be refreshed is not over.
            Err(not_refreshed) => self
                .present_user(sent, access, now)
                .await
                .map_err(|refusal| refusal.or_if_expired(not_refreshed)),
        }
    }

    /// The user of the session that the browser sent, refreshed however old its tokens are.
    pub(in crate::session) async fn refreshed_user(
        &self,
        sent: SentCookies<'_>,
        effects: &mut Effects,
    ) -> Result<CognitoUser, SessionRefusal> {
        let now = self.refresher.clock.now();
        let access = self.access(sent, now).await?;
        let record = self.store.record(sent, now).filter(|record| record.refresh_token().is_some());
        let Some(record) = record else { return Err(self.not_signed_in(sent)) };
        let record = self.check_limits(record, &access, effects, now)?;
        self.adopt_refreshed(record, RefreshReason::OnDemand, effects).await?
    }

    async fn access(&self, sent: SentCookies<'_>, now: UnixSeconds) -> Result<SentAccess, SessionRefusal> {
        if self.store.is_in_doubt(sent) {
            return Err(SessionRefusal::InDoubt);
        }
        let token = self.store.access_token(sent);
        let keeps_refresh_tokens = self.rules.keeps_refresh_tokens;
        SentAccess::verify(&self.refresher.pool, token.as_deref(), keeps_refresh_tokens, now).await
    }

    /// The user according to the new tokens. `Ok(Err(_))` when there are none to use, though the session goes on.
    async fn adopt_refreshed(
        &self,
        record: SessionRecord,
        reason: RefreshReason,
        effects: &mut Effects,
    ) -> Result<Result<CognitoUser, SessionRefusal>, SessionRefusal> {
        let session_id = record.session_id.clone();
        let store = Arc::clone(&self.store);
        let lead = |record, leader, _| lead(Arc::clone(&self.refresher), Arc::clone(&store), record, leader);
        match self.refresher.refresh(record, reason, lead).await {
            Some(RefreshOutcome::Refreshed(issued)) => {
                effects.change = Some(SessionChange::Refreshed(Arc::clone(&issued)));
                let user = issued.user.clone();
                effects.refreshed = user.is_some().then_some(issued);
                Ok(user.ok_or_else(|| self.refresher.not_refreshed(&session_id)))
            }
            Some(RefreshOutcome::Ended { by, clear_cookies }) => {
                effects.change = clear_cookies.then_some(SessionChange::Ended);
                Err(by.refusal())
            }
            _ => Ok(Err(self.refresher.not_refreshed(&session_id))),
        }
    }

    /// The record, if it and the access token are of one person and the session's time is not over.
    fn check_limits(
        &self,
        record: SessionRecord,
        access: &SentAccess,
        effects: &mut Effects,
        now: UnixSeconds,
    ) -> Result<SessionRecord, SessionRefusal> {
        let Refresher { coordinator, lifetime, clock, .. } = &*self.refresher;
        match coordinator.end_of(&record.session_id, clock.instant()) {
            None if !access.may_be_of(&record.sub) => emit(Event::SessionEnded(SessionEnd::UsersDiffer)),
            None if lifetime.is_over(&record, now) => emit(Event::SessionEnded(SessionEnd::LimitReached)),
            None => return Ok(record),
            Some((by, clear_cookies)) => {
                effects.change = clear_cookies.then_some(SessionChange::Ended);
                return Err(by.refusal());
            }
        }
        effects.change = Some(SessionChange::Ended);
        self.end_once(&record);
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
        Ok(user_of(&self.refresher.pool, access, self.store.id_token(sent), now).await)
    }

    /// Whoever has been signed in learns that their session is over.
    fn not_signed_in(&self, sent: SentCookies<'_>) -> SessionRefusal {
        if self.store.has_traces(sent) { SessionRefusal::Expired } else { SessionRefusal::NotSignedIn }
    }
}

/// Asks the pool once, and hands the outcome to everybody who waits.
async fn lead(
    refresher: Arc<Refresher>,
    store: Arc<CookieStore>,
    record: SessionRecord,
    leader: Leader<RefreshOutcome>,
) {
    let result = match refresher.ask(&record).await {
        RefreshResult::Refreshed { issued, .. } if !store.fits(&issued.tokens, refresher.clock.now()) => {
            emit(Event::SessionEnded(SessionEnd::RefreshTokenTooLarge));
            let token = issued.tokens.record.refresh_token().or(record.refresh_token());
            if let Some(token) = token {
                refresher.pool.revoke(token).await;
            }
            RefreshResult::Ended
        }
        RefreshResult::Refused => {
            emit(Event::SessionEnded(SessionEnd::RefreshTokenRefused));
            RefreshResult::Refused
        }
        result => result,
    };
    let issued: Option<Arc<IssuedSession>> = match &result {
        RefreshResult::Refreshed { issued, .. } => Some(Arc::clone(issued)),
        _ => None,
    };
    let now = refresher.clock.instant();
    let coordinator = &refresher.coordinator;
    let outcome = coordinator.finish(&record.session_id, record.generation, leader, result, now);
    // Signed out in the meantime.
    if let (RefreshOutcome::Ended { clear_cookies: false, .. }, Some(issued)) = (outcome, issued)
        && let Some(token) = issued.tokens.record.refresh_token()
    {
        refresher.pool.revoke(token).await;
    }
}
