//! The owner of sessions: whoever wants one loaded, begun, refreshed or ended asks here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rocket::http::Cookie;
use tokio::task::JoinHandle;

use super::change::SessionChange;
use super::cookies::{ACCESS, CookieCodec, CookieSessions, SID};
use super::found_session::{Effects, LoadedSession, PresentSession};
use super::issued_session::IssuedSession;
use super::lifetime::Lifetime;
use super::record::SessionRecord;
use super::refresh::Refresher;
use super::refresh_coordinator::RefreshCoordinator;
use super::refusal::SessionRefusal;
use super::rules::SessionRules;
use super::stored::{AttemptClaims, BearerDenylist, NotStored, SessionId, SessionStoreParts, StoredSessions};
use crate::clock::{Clock, UnixSeconds};
use crate::config::{OwnClient, Settings};
use crate::crypto::SecretText;
use crate::http::SentCookies;
use crate::oauth::Endpoints;
use crate::pool::{IssuedTokens, UserPool};
use crate::store::StoreError;
use crate::telemetry::{Counts, Event, SIGN_IN_DONE, emit};

/// The sessions of one app: in cookies, in a store, or some of each while a store is rolled out or back.
pub(crate) struct SessionKeeper {
    cookies: CookieSessions,
    /// `None` without a store.
    stored: Option<Arc<StoredSessions>>,
    /// Whether sign-ins go to the store.
    writes_to_store: bool,
    denylist: Option<Arc<BearerDenylist>>,
    codec: Arc<CookieCodec>,
    refresher: Arc<Refresher>,
    rules: SessionRules,
    client_id: String,
    /// Whether cookies outlast the browser's own session, where the sign-in said nothing else.
    are_persistent: bool,
}

/// What a session is issued from, beside its tokens.
pub(crate) struct SignInDetails<'a> {
    pub(crate) refresh_token: Option<&'a SecretText>,
    pub(crate) is_persistent: Option<bool>,
    /// The browser that signs in, as it names itself.
    pub(crate) user_agent: Option<&'a str>,
}

/// Why no session is issued for tokens of the pool.
#[derive(Debug)]
pub(crate) enum NotIssued {
    /// They do not fit into what holds the session.
    TooLarge,
    /// The store is out of reach.
    StoreUnavailable,
}

impl SessionKeeper {
    /// `None` when no key can be derived to seal with.
    pub(crate) fn new(
        settings: &Settings,
        client: &OwnClient,
        pool: &Arc<UserPool>,
        store: Option<&SessionStoreParts>,
        clock: &Clock,
        counts: &Arc<Counts>,
    ) -> Option<Self> {
        let tasks = store.map(|store| store.tasks.clone()).unwrap_or_default();
        let refresher = Arc::new(Refresher {
            pool: Arc::clone(pool),
            lifetime: Lifetime::new(&settings.session, &settings.cookies),
            coordinator: RefreshCoordinator::new(),
            clock: clock.clone(),
            counts: Arc::clone(counts),
            is_stopping: AtomicBool::new(false),
            tasks,
        });
        let codec = Arc::new(CookieCodec::new(&settings.cookies));
        let stored = match store {
            Some(store) => Some(Arc::new(StoredSessions::new(settings, client, store, &refresher)?)),
            None => None,
        };
        Some(SessionKeeper {
            cookies: CookieSessions::new(settings, client, &codec, &refresher)?,
            writes_to_store: stored.is_some() && settings.store.writes,
            stored,
            denylist: store.and_then(|store| store.denylist.clone()),
            codec,
            refresher,
            rules: SessionRules::new(&settings.session),
            client_id: client.id.clone(),
            are_persistent: settings.cookies.are_persistent,
        })
    }

    /// Whether a cookie of this name may hold a part of a session.
    pub(crate) fn is_cookie(&self, name: &str) -> bool {
        self.codec.is_name(name)
    }

    /// The name of the cookie that holds a new session, or its first part.
    pub(crate) fn cookie_name(&self) -> String {
        self.codec.name(if self.writes_to_store { SID } else { ACCESS })
    }

    /// Whether the browser sent anything that a session has left.
    pub(crate) fn has_traces(&self, sent: SentCookies<'_>) -> bool {
        self.has_id(sent) || self.cookies.has_traces(sent)
    }

    /// Whether the browser sent the cookie of a stored session, in whatever form.
    fn has_id(&self, sent: SentCookies<'_>) -> bool {
        self.stored.is_some() && self.codec.has(sent, SID)
    }

    /// The sessions that lie in a store, where there is one.
    pub(crate) fn stored(&self) -> Option<&Arc<StoredSessions>> {
        self.stored.as_ref()
    }

    /// The claims to sign-ins, where sessions begin in a store.
    pub(crate) fn claims(&self) -> Option<&AttemptClaims> {
        self.stored.as_ref().filter(|_| self.writes_to_store).map(|stored| stored.claims())
    }

    /// The id of a stored session that the browser sent.
    pub(crate) fn id(&self, sent: SentCookies<'_>) -> Option<SessionId> {
        self.stored.as_ref()?;
        self.codec.read(sent, SID).and_then(|text| SessionId::parse(&text))
    }

    /// The store, and the session in it that the browser sent.
    fn sent_id(&self, sent: SentCookies<'_>) -> Result<Option<(&StoredSessions, SessionId)>, SessionRefusal> {
        let Some(stored) = &self.stored else { return Ok(None) };
        if self.codec.is_in_doubt(sent, SID) {
            return Err(SessionRefusal::InDoubt);
        }
        Ok(self.id(sent).map(|id| (&**stored, id)))
    }

    /// Finds out whose session the browser sent. It is refreshed on the way where that is due and allowed.
    pub(crate) async fn load(&self, sent: SentCookies<'_>, may_refresh: bool) -> LoadedSession {
        let mut effects = Effects::default();
        let user = match self.sent_id(sent) {
            // In a box of its own, so that the future for cookies stays small.
            Ok(Some((stored, id))) => Box::pin(stored.user(&id, may_refresh, &mut effects)).await,
            Ok(None) => {
                self.cookies.user(sent, may_refresh, &mut effects).await.map_err(self.or_traces(sent))
            }
            Err(refusal) => Err(refusal),
        };
        effects.with(user)
    }

    /// Refreshes the session that the browser sent, however old its tokens are.
    pub(crate) async fn refresh(&self, sent: SentCookies<'_>) -> LoadedSession {
        let mut effects = Effects::default();
        let user = match self.sent_id(sent) {
            Ok(Some((stored, id))) => Box::pin(stored.refreshed_user(&id, &mut effects)).await,
            Ok(None) => self.cookies.refreshed_user(sent, &mut effects).await.map_err(self.or_traces(sent)),
            Err(refusal) => Err(refusal),
        };
        effects.with(user)
    }

    /// Whoever sends `cognito_sid` in another form has been signed in, and learns that the session is over.
    fn or_traces(&self, sent: SentCookies<'_>) -> impl Fn(SessionRefusal) -> SessionRefusal {
        move |refusal| match refusal {
            SessionRefusal::NotSignedIn if self.has_id(sent) => SessionRefusal::Expired,
            refusal => refusal,
        }
    }

    /// What the browser has of a session, valid or not.
    pub(crate) fn present(&self, sent: SentCookies<'_>) -> PresentSession {
        let record = self.cookies.record(sent);
        let tokens = self.cookies.tokens(sent, record.as_ref());
        PresentSession { record, tokens, stored: self.id(sent) }
    }

    /// The session of tokens that the pool has just issued for a sign-in; where it lies in a store it is there by then. A
    /// refresh token that is not kept, or is too large, is dropped: to revoke it would end the access token at the pool's
    /// own endpoints.
    pub(crate) async fn issue(
        &self,
        issued: IssuedTokens,
        details: SignInDetails<'_>,
        endpoints: Arc<Endpoints>,
        now: UnixSeconds,
    ) -> Result<IssuedSession, NotIssued> {
        let settings = self.refresher.pool.settings();
        let refresh_token = details.refresh_token;
        let claims = &issued.access.claims;
        let begin = |token| {
            let (issuer, client_id) = (settings.issuer(), &self.client_id);
            let mut record = SessionRecord::begin(issuer, client_id, &claims.sub, token, claims.iat, now);
            record.is_persistent = details.is_persistent;
            record
        };
        let mut record = begin(refresh_token.filter(|_| self.rules.keeps_refresh_tokens));
        if !self.writes_to_store && !self.cookies.fits_record(&record) {
            emit(Event::RefreshTokenDropped { bytes: refresh_token.map_or(0, SecretText::len) });
            record = begin(None);
        }
        let mut issued = IssuedSession::of(issued, record, endpoints, settings.check_expiration);
        if issued.tokens.record.refresh_token().is_none() && !self.rules.revokes_unused_refresh_tokens {
            issued.dropped_refresh_token = refresh_token.cloned();
        }
        match self.stored.as_ref().filter(|_| self.writes_to_store) {
            Some(stored) => {
                stored.begin(&mut issued, details.user_agent).await.map_err(|reason| match reason {
                    NotStored::TooLong => NotIssued::TooLarge,
                    NotStored::Unavailable => NotIssued::StoreUnavailable,
                })?;
            }
            None if self.cookies.fits(&issued.tokens) => {}
            None => return Err(NotIssued::TooLarge),
        }
        Ok(issued)
    }

    /// Saves what a request has done to its session. It returns the cookies of the answer, found out when that is
    /// complete.
    pub(crate) async fn save(&self, sent: SentCookies<'_>, change: &SessionChange) -> Vec<Cookie<'static>> {
        match change {
            SessionChange::SignedOut | SessionChange::Left => self.clear(sent),
            // A stored session leaves its cookie: by now the browser may have another one.
            SessionChange::Ended if self.id(sent).is_some() => Vec::new(),
            SessionChange::Ended => self.cookies.clear(sent),
            SessionChange::Refused(_) => Vec::new(),
            SessionChange::Begun(issued) => self.begun(sent, issued).await,
            SessionChange::Touched(at, life) => {
                if let Some(stored) = &self.stored {
                    stored.touch(*at, *life);
                }
                Vec::new()
            }
            change => self.cookies.save_change(sent, change),
        }
    }

    /// The cookies of a session that has just begun, in the place of the one before it, which ends.
    async fn begun(&self, sent: SentCookies<'_>, issued: &IssuedSession) -> Vec<Cookie<'static>> {
        // Of one callback that is delivered twice, the second delivers the same session.
        if issued.mark_delivered() {
            self.refresher.counts.sign_ins.add(SIGN_IN_DONE);
        }
        let replaced = self.cookies.record(sent);
        if let Some(replaced) = replaced.filter(|it| it.session_id != issued.session_id()) {
            self.cookies.end_once(&replaced);
        }
        let before = self.id(sent).filter(|id| issued.address.as_ref() != Some(id.address()));
        if let (Some(before), Some(stored)) = (before, &self.stored) {
            drop(stored.ending().end(before.address()).await);
        }
        let Some(id) = &issued.id else {
            let mut cookies = self.cookies.save(sent, issued);
            cookies.extend(self.remove_id(sent));
            return cookies;
        };
        let now = self.refresher.clock.now();
        let record = &issued.tokens.record;
        let age = self.refresher.lifetime.longest(record, now);
        let age = record.is_persistent.unwrap_or(self.are_persistent).then_some(age);
        let mut cookies = self.cookies.clear(sent);
        cookies.extend(self.codec.write(sent, SID, id.expose(), age).unwrap_or_default());
        cookies
    }

    /// Removals of everything that the browser has of a session, wherever it lies.
    fn clear(&self, sent: SentCookies<'_>) -> Vec<Cookie<'static>> {
        let mut cookies = self.cookies.clear(sent);
        cookies.extend(self.remove_id(sent));
        cookies
    }

    fn remove_id(&self, sent: SentCookies<'_>) -> Vec<Cookie<'static>> {
        let may_be_there = self.stored.is_some() || self.codec.has(sent, SID);
        if may_be_there { self.codec.remove(sent, SID) } else { Vec::new() }
    }

    /// Ends what the browser has of a session, here and then at the pool. It returns what is under way there.
    pub(crate) async fn end(&self, present: &PresentSession) -> Vec<JoinHandle<()>> {
        let mut under_way = Vec::new();
        if let (Some(stored), Some(id)) = (&self.stored, &present.stored) {
            under_way.extend(stored.ending().end(id.address()).await);
        }
        if let (Some(denylist), Some(tokens)) = (&self.denylist, &present.tokens)
            && let Some(access) = self.cookies.verified(tokens).await
            && let Some(origin_jti) = &access.claims.origin_jti
        {
            denylist.add(origin_jti).await;
        }
        under_way.extend(present.record.as_ref().and_then(|record| self.cookies.end(record)));
        under_way
    }

    /// Ends a session that has just been issued or refreshed, in the background at the pool, and not again when it is
    /// over.
    pub(crate) async fn end_issued(&self, issued: &IssuedSession) {
        match (&self.stored, &issued.address) {
            (Some(stored), Some(at)) => drop(stored.ending().end(at).await),
            _ => self.cookies.end_once(&issued.tokens.record),
        }
    }

    /// Ends a session that no browser has been given, with the refresh token that it would not have kept.
    pub(crate) async fn discard(&self, issued: &IssuedSession) {
        if !self.is_over(issued) {
            self.end_issued(issued).await;
            let dropped = issued.dropped_refresh_token.clone();
            drop(dropped.map(|token| self.refresher.pool.revoke_in_background(token)));
        }
    }

    /// Whether the session is known to be over.
    pub(crate) fn is_over(&self, issued: &IssuedSession) -> bool {
        self.refresher.coordinator.has_ended(issued.session_id())
    }

    /// The work, which a stop waits for.
    pub(crate) fn track<F: Future<Output = ()>>(&self, work: F) -> impl Future<Output = ()> + use<F> {
        self.refresher.tasks.track(work)
    }

    /// Whether a session that was issued a moment ago is still there.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub(crate) async fn is_there(&self, issued: &IssuedSession) -> Result<bool, StoreError> {
        match (&self.stored, &issued.address) {
            (Some(stored), Some(at)) => stored.is_there(at).await,
            _ => Ok(!self.is_over(issued)),
        }
    }

    /// Begins no refresh any more.
    pub(crate) fn stop(&self) {
        self.refresher.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Whether nothing is under way that a stop waits for.
    pub(crate) fn is_idle(&self) -> bool {
        self.refresher.tasks.is_idle()
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
}
