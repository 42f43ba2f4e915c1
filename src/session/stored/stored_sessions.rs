//! Sessions that lie in a store: loaded, refreshed, begun and ended.

use std::sync::Arc;
use std::time::Duration;

use super::attempt_claims::AttemptClaims;
use super::ending::Ending;
use super::not_all_ended::NotAllEnded;
use super::opened_session::OpenedSession;
use super::parts::SessionStoreParts;
use super::refresh::StoredRefresh;
use super::session_id::{SessionId, of_shown, shown};
use super::session_info::SessionInfo;
use super::vault::{ListedSession, TooLong, Vault};
use crate::clock::UnixSeconds;
use crate::config::{OwnClient, Settings};
use crate::crypto::SecretText;
use crate::pool::{ClientError, IssuedTokens, UserPool};
use crate::session::change::SessionChange;
use crate::session::found_session::Effects;
use crate::session::issued_session::IssuedSession;
use crate::session::record::SessionRecord;
use crate::session::refresh::{RefreshReason, Refresher};
use crate::session::refresh_outcome::RefreshOutcome;
use crate::session::refusal::SessionRefusal;
use crate::session::rules::SessionRules;
use crate::session::sent_access::SentAccess;
use crate::session::session_user::user_of;
use crate::store::{SessionAddress, StoreError};
use crate::telemetry::{Event, SessionEnd, emit};
use crate::token::{TokenUse, VerifiedToken};
use crate::user::CognitoUser;

/// The longest name that a browser gives itself and that is kept.
const MAX_USER_AGENT_BYTES: usize = 512;
/// The generation of a session that a store has created.
const FIRST_GENERATION: u32 = 1;

/// The sessions of one app that lie in a store.
pub(crate) struct StoredSessions {
    vault: Arc<Vault>,
    refresh: StoredRefresh,
    ending: Ending,
    claims: AttemptClaims,
    refresher: Arc<Refresher>,
    rules: SessionRules,
}

/// Why a session was not begun in the store.
pub(in crate::session) enum NotStored {
    TooLong,
    Unavailable,
}

impl StoredSessions {
    /// `None` when no key can be derived to seal with.
    pub(in crate::session) fn new(
        settings: &Settings,
        client: &OwnClient,
        parts: &SessionStoreParts,
        refresher: &Arc<Refresher>,
    ) -> Option<Self> {
        let vault = Arc::new(Vault::new(parts, settings, client, &refresher.clock)?);
        Some(StoredSessions {
            refresh: StoredRefresh { vault: Arc::clone(&vault), refresher: Arc::clone(refresher) },
            ending: Ending::new(&vault, refresher, parts.denylist.clone()),
            claims: AttemptClaims::new(&vault, &refresher.clock),
            refresher: Arc::clone(refresher),
            rules: SessionRules::new(&settings.session),
            vault,
        })
    }

    /// The claims to sign-ins.
    pub(in crate::session) fn claims(&self) -> &AttemptClaims {
        &self.claims
    }

    /// Stores a session that the pool has just issued, and gives it its id.
    pub(in crate::session) async fn begin(
        &self,
        issued: &mut IssuedSession,
        user_agent: Option<&str>,
    ) -> Result<(), NotStored> {
        let id = SessionId::random(self.vault.user_key(&issued.tokens.record.sub));
        issued.tokens.record.session_id = shown(&id.address().session);
        issued.tokens.record.generation = FIRST_GENERATION;
        let session = OpenedSession::begun(issued, user_agent.and_then(kept_user_agent));
        let sealed = self
            .vault
            .seal(id.address(), FIRST_GENERATION.into(), &session)
            .map_err(|TooLong| NotStored::TooLong)?;
        let expires_at = issued.tokens.access.as_ref().map_or(UnixSeconds::NEVER, |access| access.expires_at);
        let Refresher { lifetime, clock, .. } = &*self.refresher;
        let life = lifetime.kept_for(&session.record, expires_at, clock.now());
        match self.vault.create(id.address(), &sealed, life).await {
            Ok(removed) => self.ending.end_surplus(removed),
            Err(_) => {
                // It may have been stored all the same.
                self.ending.end(id.address()).await;
                return Err(NotStored::Unavailable);
            }
        }
        issued.address = Some(*id.address());
        issued.id = Some(id);
        Ok(())
    }

    /// The session that another process has begun, as this one would have issued it.
    pub(crate) async fn issued_elsewhere(
        &self,
        id: SessionId,
        is_persistent: Option<bool>,
    ) -> Result<Option<IssuedSession>, StoreError> {
        let Some(session) = self.vault.load(id.address()).await? else { return Ok(None) };
        let (pool, now) = (&self.refresher.pool, self.refresher.clock.now());
        let access = verified(pool, session.access.as_ref(), TokenUse::Access, now).await;
        let Some(access) = access else { return Ok(None) };
        let id_token = verified(pool, session.id.as_ref(), TokenUse::Id, now).await;
        let Some(endpoints) = pool.endpoints() else { return Ok(None) };
        let issued = IssuedTokens { access, id: id_token };
        let expire = pool.settings().check_expiration;
        let mut issued = IssuedSession::of(issued, session.seen_record(), Arc::clone(endpoints), expire);
        issued.tokens.record.is_persistent = is_persistent;
        issued.address = Some(*id.address());
        issued.id = Some(id);
        // Whatever becomes of this delivery, another one may have reached the browser.
        issued.mark_delivered();
        Ok(Some(issued))
    }

    /// Whether the session is in the store.
    pub(in crate::session) async fn is_there(&self, at: &SessionAddress) -> Result<bool, StoreError> {
        Ok(self.vault.peek(at).await?.is_some())
    }

    /// The user of a session. It is refreshed on the way where that is due and allowed.
    pub(in crate::session) async fn user(
        &self,
        id: &SessionId,
        may_refresh: bool,
        effects: &mut Effects,
    ) -> Result<CognitoUser, SessionRefusal> {
        let now = self.refresher.clock.now();
        let (session, access) = self.present(id.address(), now).await?;
        let Refresher { coordinator, clock, .. } = &*self.refresher;
        // Of a refresh that nobody has waited for, the app's hook does not know yet.
        let record = &session.record;
        let refreshed = coordinator.take_undelivered(&record.session_id, record.generation, clock.instant());
        effects.refreshed = refreshed.filter(|issued| issued.user.is_some());
        // Other sites' requests keep nobody's session from being idle.
        if may_refresh {
            effects.change = self.seen(id.address(), &session, &access, now);
        }
        let is_due = || match &access {
            SentAccess::Valid(token) => {
                self.refresher.lifetime.is_due(token.jwt(), token.claims.iat, token.claims.exp, now)
            }
            _ => true,
        };
        let refreshes = self.rules.auto_refresh && may_refresh && session.record.refresh_token().is_some();
        if !refreshes || !is_due() {
            return self.present_user(&session, access, now).await;
        }
        let reason = RefreshReason::of(&access);
        // In a box of its own, so that the others' futures stay small.
        match Box::pin(self.refreshed(id.address(), &session, reason, effects)).await? {
            Ok(user) => Ok(user),
            // An expired session that could not be refreshed is not over.
            Err(not_refreshed) => self
                .present_user(&session, access, now)
                .await
                .map_err(|refusal| refusal.or_if_expired(not_refreshed)),
        }
    }

    /// The user of a session, refreshed however old its tokens are.
    pub(in crate::session) async fn refreshed_user(
        &self,
        id: &SessionId,
        effects: &mut Effects,
    ) -> Result<CognitoUser, SessionRefusal> {
        let now = self.refresher.clock.now();
        let (session, _) = self.present(id.address(), now).await?;
        if session.record.refresh_token().is_none() {
            return Err(SessionRefusal::Expired);
        }
        self.refreshed(id.address(), &session, RefreshReason::OnDemand, effects).await?
    }

    /// The session as it lies in the store, and its access token: of one person, and not over.
    async fn present(
        &self,
        at: &SessionAddress,
        now: UnixSeconds,
    ) -> Result<(OpenedSession, SentAccess), SessionRefusal> {
        let Refresher { coordinator, pool, lifetime, .. } = &*self.refresher;
        if let Some(by) = coordinator.ended_by(&shown(&at.session)) {
            return Err(by.refusal());
        }
        let session = self.vault.load(at).await.map_err(|_| SessionRefusal::StoreUnavailable)?;
        let session = session.ok_or(SessionRefusal::Expired)?;
        let session = self.refresh.mended(at, session).await.ok_or(SessionRefusal::Expired)?;
        let access = session.access.as_ref().map(|token| token.expose());
        let access = SentAccess::verify(pool, access, self.rules.keeps_refresh_tokens, now).await?;
        if !access.may_be_of(&session.record.sub) {
            emit(Event::SessionEnded(SessionEnd::UsersDiffer));
        } else if lifetime.is_over_since(session.record.created_at, session.seen_at, now) {
            emit(Event::SessionEnded(SessionEnd::LimitReached));
        } else {
            return Ok((session, access));
        }
        self.ending.end(at).await;
        Err(SessionRefusal::Expired)
    }

    /// The user according to the new tokens. `Ok(Err(_))` when there are none to use, though the session goes on.
    async fn refreshed(
        &self,
        at: &SessionAddress,
        session: &OpenedSession,
        reason: RefreshReason,
        effects: &mut Effects,
    ) -> Result<Result<CognitoUser, SessionRefusal>, SessionRefusal> {
        let record = session.seen_record();
        let session_id = record.session_id.clone();
        let lead = |record: SessionRecord, leader, has_waited| {
            let session = session.clone();
            self.refresh.clone().lead(*at, session, record.generation, reason, leader, has_waited)
        };
        match self.refresher.refresh(record, reason, lead).await {
            Some(RefreshOutcome::Refreshed(issued)) => {
                let Refresher { coordinator, clock, .. } = &*self.refresher;
                if let Some(by) = coordinator.ended_by(&session_id) {
                    return Err(by.refusal());
                }
                // Tokens that the store does not have are the only copy still.
                if issued.is_delivered() {
                    coordinator.deliver(&session_id, &issued, clock.instant());
                }
                let user = issued.user.clone();
                effects.refreshed = user.is_some().then_some(issued);
                Ok(user.ok_or_else(|| self.refresher.not_refreshed(&session_id)))
            }
            Some(RefreshOutcome::Elsewhere(stored)) => {
                let session = self.vault.open(at, &stored).ok_or(SessionRefusal::Expired)?;
                let (pool, now) = (&self.refresher.pool, self.refresher.clock.now());
                let access = session.access.as_ref().map(|token| token.expose());
                let access = SentAccess::verify(pool, access, true, now).await?;
                let user = self.present_user(&session, access, now).await;
                let not_refreshed = self.refresher.not_refreshed(&session_id);
                Ok(user.map_err(|refusal| refusal.or_if_expired(not_refreshed)))
            }
            Some(RefreshOutcome::Ended { by, .. }) => Err(by.refusal()),
            Some(RefreshOutcome::Unavailable | RefreshOutcome::Held) | None => {
                Ok(Err(self.refresher.not_refreshed(&session_id)))
            }
        }
    }

    /// The user by the tokens that lie in the store.
    async fn present_user(
        &self,
        session: &OpenedSession,
        access: SentAccess,
        now: UnixSeconds,
    ) -> Result<CognitoUser, SessionRefusal> {
        let SentAccess::Valid(access) = access else { return Err(SessionRefusal::Expired) };
        let id = session.id.as_ref().map(|token| token.expose().into());
        Ok(user_of(&self.refresher.pool, access, id, now).await)
    }

    /// What is to be saved since the user has been seen, if it is worth a call.
    fn seen(
        &self,
        at: &SessionAddress,
        session: &OpenedSession,
        access: &SentAccess,
        now: UnixSeconds,
    ) -> Option<SessionChange> {
        let Refresher { lifetime, pool, .. } = &*self.refresher;
        let expires_at = match access {
            _ if !lifetime.is_worth_touching(session.unseen_for) => return None,
            SentAccess::Valid(_) if !pool.settings().check_expiration => UnixSeconds::NEVER,
            SentAccess::Valid(token) => token.claims.exp,
            // While the pool is in trouble somebody who comes again and again is not idle.
            _ if session.record.refresh_token().is_some() => UnixSeconds::NEVER,
            _ => return None,
        };
        Some(SessionChange::Touched(*at, lifetime.kept_for(&session.record, expires_at, now)))
    }

    /// Notes that a user has been seen, in the background.
    pub(in crate::session) fn touch(&self, at: SessionAddress, life: Duration) {
        let vault = Arc::clone(&self.vault);
        self.refresher.tasks.spawn(async move { drop(vault.touch(&at, life).await) });
    }

    pub(in crate::session) fn ending(&self) -> &Ending {
        &self.ending
    }

    /// The sessions of a user that are not over, in no order. What does not open is left out.
    pub(super) async fn list(
        &self,
        sub: &str,
        current: Option<&SessionAddress>,
    ) -> Result<Vec<SessionInfo>, StoreError> {
        let user = self.vault.user_key(sub);
        let listed = self.vault.list(&user).await?;
        let Refresher { coordinator, lifetime, clock, .. } = &*self.refresher;
        let now = clock.now();
        let info = |ListedSession { key, opened }| {
            let session: OpenedSession = opened?;
            let ends_in = session.ends_in.as_secs().min(lifetime.remaining(&session.seen_record(), now));
            // Signed out here, and to be removed as soon as the store is back.
            let has_ended = coordinator.has_ended(&session.record.session_id);
            let is_current = current == Some(&SessionAddress { user, session: key });
            (ends_in > 0 && !has_ended).then(|| SessionInfo::new(&session, ends_in, is_current, now))
        };
        Ok(listed.into_iter().filter_map(info).collect())
    }

    /// Ends one session of a user, by the id that lists show, and returns how many there were: one or none.
    pub(super) async fn end_listed(&self, sub: &str, id: &str) -> Result<usize, StoreError> {
        let Some(session) = of_shown(id) else { return Ok(0) };
        let at = SessionAddress { user: self.vault.user_key(sub), session };
        self.ending.end_listed(&at).await.map(usize::from)
    }

    /// Ends all sessions of a user but one, where that is this user's, and returns how many there were.
    pub(super) async fn end_all(
        &self,
        sub: &str,
        except: Option<&SessionAddress>,
    ) -> Result<usize, StoreError> {
        let user = self.vault.user_key(sub);
        let except = except.filter(|except| except.user == user).map(|except| &except.session);
        self.ending.end_all(&user, except).await
    }

    /// Ends all sessions of a user, at the pool and in the store, whether or not the caller stays for it.
    pub(super) async fn end_everywhere(self: &Arc<Self>, user: &CognitoUser) -> Result<usize, NotAllEnded> {
        let (sessions, user) = (Arc::clone(self), user.clone());
        let work = self.refresher.tasks.track(async move {
            // The pool first: what ends in the store has its tokens revoked, that of this call among them.
            let at_pool = match user.pool_sessions() {
                Ok(at_pool) => at_pool.end_all().await,
                Err(error) => Err(error),
            };
            NotAllEnded::unless_all(at_pool, sessions.end_all(user.sub(), None).await)
        });
        tokio::spawn(work).await.unwrap_or_else(|_| {
            let lost = ClientError::unavailable("it was not finished");
            NotAllEnded::unless_all(Err(lost), Err(StoreError::Unavailable("it was not finished".into())))
        })
    }
}

/// A token of the store, verified; `None` where it does not serve.
async fn verified(
    pool: &UserPool,
    token: Option<&SecretText>,
    token_use: TokenUse,
    now: UnixSeconds,
) -> Option<Arc<VerifiedToken>> {
    let expected = pool.expected_of_session(token_use);
    pool.verifier().verify(token?.expose(), &expected, now).await.ok()?.ok()
}

/// What is kept of the name that a browser gives itself: letters that can be shown, and not too many.
fn kept_user_agent(text: &str) -> Option<String> {
    let kept: String =
        text.chars().filter(|letter| (' '..='~').contains(letter)).take(MAX_USER_AGENT_BYTES).collect();
    Some(kept).filter(|kept| !kept.is_empty())
}
