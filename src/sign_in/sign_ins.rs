//! The owner of sign-ins: whoever wants one begun, completed or forgotten asks here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rocket::http::Cookie;

use super::attempt::{self, Attempt, COOKIE_AGE};
use super::attempt_sealer::{AttemptError, AttemptSealer, SealError};
use super::exchange::{self, Exchanged};
use super::exchange_coordinator::{Delivery, ExchangeCoordinator};
use super::login_cookies::LoginCookies;
use super::parameters::CallbackParameters;
use super::reauthentication::Reauthentication;
use super::refusal::SignInRefusal;
use super::state_hash::StateHash;
use crate::clock::{Clock, UnixSeconds};
use crate::config::{OwnClient, Settings};
use crate::crypto::SecretText;
use crate::http::{LocalPath, SentCookies};
use crate::oauth::AuthorizationRequest;
use crate::pool::UserPool;
use crate::session::{AttemptClaim, AttemptClaims, IssuedSession, PresentSession, SessionKeeper};
use crate::sync::{Leader, Lost};
use crate::telemetry::{CallbackRefusal, Counts, WaitFor};

/// The longest name of a host in DNS, and a port.
const MAX_HOST_BYTES: usize = 260;

/// The sign-ins of one app.
pub(crate) struct SignIns {
    pool: Arc<UserPool>,
    sessions: Arc<SessionKeeper>,
    clock: Clock,
    counts: Arc<Counts>,
    sealer: AttemptSealer,
    exchanges: ExchangeCoordinator,
    cookies: LoginCookies,
    /// The last host at which a sign-in was begun and that no callback has, and when that was.
    foreign_host: Mutex<Option<(String, UnixSeconds)>>,
}

/// What a sign-in is begun with.
pub(crate) struct SignInStart<'a> {
    pub(crate) redirect_url: &'a str,
    pub(crate) next: Option<LocalPath>,
    pub(crate) app_state: Option<&'a str>,
    /// Whether the session outlasts the browser's own, where the login says so.
    pub(crate) remember_me: Option<bool>,
    pub(crate) request: &'a AuthorizationRequest,
    /// Whether the pool did not ask again the first time.
    pub(crate) is_second_try: bool,
    /// Whether it takes the place of a sign-in whose callback was not recognised.
    pub(crate) begins_again: bool,
}

/// A callback that no attempt under way belongs to.
pub(crate) struct Unmatched {
    pub(crate) refusal: SignInRefusal,
    /// What is the matter with its cookie; `None` where none came along.
    pub(crate) cause: Option<CallbackRefusal>,
    /// The attempt, where it is only too old.
    pub(crate) expired: Option<Box<Attempt>>,
}

impl Unmatched {
    /// A callback whose login cookie did not come along.
    pub(crate) fn without_cookie(refusal: SignInRefusal) -> Self {
        Unmatched { refusal, cause: None, expired: None }
    }

    fn new(refusal: SignInRefusal, cause: CallbackRefusal) -> Self {
        Unmatched { refusal, cause: Some(cause), expired: None }
    }
}

/// Why the app's own parameters begin no sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartError {
    /// The callback is none of the settings'.
    UnknownRedirectUrl,
    /// The app's state does not fit into a cookie.
    StateTooLong,
    /// Sealing failed, which the checks of the settings have ruled out.
    Internal,
}

impl SignIns {
    /// `None` when no key can be derived to seal with.
    pub(crate) fn new(
        settings: &Settings,
        client: &OwnClient,
        sessions: &Arc<SessionKeeper>,
        pool: &Arc<UserPool>,
        clock: &Clock,
        counts: &Arc<Counts>,
    ) -> Option<Self> {
        Some(SignIns {
            pool: Arc::clone(pool),
            sessions: Arc::clone(sessions),
            clock: clock.clone(),
            counts: Arc::clone(counts),
            sealer: AttemptSealer::new(&settings.keys, &settings.pool, client)?,
            exchanges: ExchangeCoordinator::new(),
            cookies: LoginCookies::new(&settings.cookies),
            foreign_host: Mutex::default(),
        })
    }

    /// Whether a cookie of this name is a login cookie.
    pub(crate) fn is_cookie(&self, name: &str) -> bool {
        self.cookies.is_name(name)
    }

    /// Whether this browser has begun an attempt with this state.
    pub(crate) fn has_begun(&self, sent: SentCookies<'_>, state: &str) -> bool {
        self.cookies.read(sent, &StateHash::of(state)).is_some()
    }

    /// Whether this browser has begun any attempt.
    pub(crate) fn has_begun_any(&self, sent: SentCookies<'_>) -> bool {
        self.cookies.all(sent).next().is_some()
    }

    /// Notes a host at which a sign-in was begun and that no callback has.
    pub(crate) fn note_foreign_host(&self, host: &str) {
        if host.len() <= MAX_HOST_BYTES {
            *self.foreign_host.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((host.to_owned(), self.clock.now()));
        }
    }

    /// The last host noted, while a sign-in that was begun there may come back.
    pub(crate) fn foreign_host(&self) -> Option<String> {
        let noted = self.foreign_host.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_recent = |at| self.clock.now().since(at) <= COOKIE_AGE;
        noted.filter(|(_, at)| is_recent(*at)).map(|(host, _)| host)
    }

    /// A fresh attempt, and the cookies that go with it.
    pub(crate) fn begin(
        &self,
        sent: SentCookies<'_>,
        start: SignInStart<'_>,
    ) -> Result<(Attempt, Vec<Cookie<'static>>), StartError> {
        let now = self.clock.now_in_milliseconds();
        let attempt = self.sealer.begin(start.redirect_url, start.next, start.app_state, now);
        let mut attempt = attempt.ok_or(StartError::UnknownRedirectUrl)?;
        if start.begins_again {
            attempt.state = attempt::state_begun_again(now.seconds());
        }
        attempt.is_silent = start.request.is_silent();
        attempt.remember_me = start.remember_me;
        attempt.reauthentication = Reauthentication::of(start.request, start.is_second_try);
        attempt.level = start.request.level();
        let sealed = self.sealer.seal(&mut attempt).map_err(|error| match error {
            SealError::StateTooLong => StartError::StateTooLong,
            SealError::Internal => StartError::Internal,
        })?;
        let cookies = self.cookies.write(sent, &self.sealer, &attempt, sealed, now.seconds());
        Ok((attempt, cookies))
    }

    /// The attempt that a callback answers.
    pub(crate) fn attempt(&self, sent: SentCookies<'_>, state: &SecretText) -> Result<Attempt, Unmatched> {
        use CallbackRefusal::{CookieExpired, CookieForeign, CookieUnreadable};
        use SignInRefusal::{AttemptExpired, AttemptNotRecognised};
        let (state, now) = (state.expose(), self.clock.now());
        let sealed = self.cookies.read(sent, &StateHash::of(state));
        let sealed = sealed.ok_or_else(|| Unmatched::without_cookie(SignInRefusal::NoAttempt))?;
        match self.sealer.open_for(sealed, state, now) {
            Ok(attempt) if attempt.is_over => Err(Unmatched {
                expired: Some(Box::new(attempt)),
                ..Unmatched::new(AttemptExpired, CookieExpired)
            }),
            Ok(attempt) => Ok(attempt),
            Err(AttemptError::Expired) => Err(Unmatched::new(AttemptExpired, CookieExpired)),
            Err(AttemptError::Unreadable) => Err(Unmatched::new(AttemptNotRecognised, CookieUnreadable)),
            Err(AttemptError::Foreign) => Err(Unmatched::new(AttemptNotRecognised, CookieForeign)),
        }
    }

    /// Whether a sign-in of this browser has begun again: as the `state` of its callback says, since cookies or clocks may
    /// be what fails, or, within the last minute, one of its cookies.
    pub(crate) fn has_begun_again(&self, sent: SentCookies<'_>, state: Option<&SecretText>) -> bool {
        let now = self.clock.now();
        let is_recent = |attempt: &Attempt| attempt::has_begun_again(attempt.state.expose(), now);
        state.is_some_and(|state| attempt::begun_again_at(state.expose()).is_some())
            || self.cookies.attempts(sent, &self.sealer, now).iter().any(is_recent)
    }

    /// Whether this attempt has itself begun again within the last minute.
    pub(crate) fn is_begun_again(&self, attempt: &Attempt) -> bool {
        attempt::has_begun_again(attempt.state.expose(), self.clock.now())
    }

    /// Removals of attempts beyond those that a browser may have beside this one, which is spent.
    pub(crate) fn trim(&self, sent: SentCookies<'_>, spent: &Attempt) -> Vec<Cookie<'static>> {
        self.cookies.trim(sent, &self.sealer, spent, self.clock.now())
    }

    /// The removal of an attempt's cookie.
    pub(crate) fn removal(&self, attempt: &Attempt) -> Cookie<'static> {
        self.cookies.remove(&attempt.state_hash())
    }

    /// Completes an attempt: its code is exchanged once, however often the callback is delivered.
    pub(crate) async fn complete(
        self: &Arc<Self>,
        sent: SentCookies<'_>,
        parameters: CallbackParameters,
        attempt: Attempt,
        user_agent: Option<&str>,
    ) -> Result<Arc<Exchanged>, SignInRefusal> {
        let hash = attempt.state_hash();
        let code = parameters
            .code(self.pool.settings().issuer(), attempt.is_silent)
            .inspect_err(|_| self.exchanges.end(hash, self.clock.instant()))?;
        let present = self.sessions.present(sent);
        let mut is_first = false;
        let follower = match self.exchanges.deliver(hash, code.expose(), self.clock.instant()) {
            Delivery::Leader(leader) => {
                self.forget(&present);
                is_first = true;
                let user_agent = user_agent.map(str::to_owned);
                let exchange = |leader| Arc::clone(self).exchange(code, attempt, user_agent, leader);
                leader.spawn(|leader| self.sessions.track(exchange(leader)))
            }
            Delivery::Follower(follower) => {
                if follower.is_waiting() {
                    self.counts.waits.add(WaitFor::SignIn);
                }
                follower
            }
            Delivery::OtherCode => return Err(SignInRefusal::AnotherCode),
            Delivery::TooLate => return Err(SignInRefusal::AttemptUsed),
        };
        let exchanged = follower.result().await.map_err(|Lost| SignInRefusal::PoolUnavailable)?;
        match &exchanged.result {
            // Another process was first.
            Err(refusal @ (SignInRefusal::AnotherCode | SignInRefusal::AttemptUsed)) => Err(*refusal),
            // It may have been signed out at another process meanwhile.
            Ok(issued) if !is_first => match self.sessions.is_there(issued).await {
                Ok(true) => Ok(exchanged),
                Ok(false) => Err(SignInRefusal::AttemptUsed),
                Err(_) => Ok(Arc::new(Exchanged::new(Err(SignInRefusal::StoreUnavailable)))),
            },
            _ => Ok(exchanged),
        }
    }

    /// Runs the one exchange, and hands its result to all deliveries.
    async fn exchange(
        self: Arc<Self>,
        code: SecretText,
        attempt: Attempt,
        user_agent: Option<String>,
        leader: Leader<Arc<Exchanged>>,
    ) {
        let (result, unused) = self.exchanged(&code, &attempt, user_agent.as_deref()).await;
        if matches!(result, Err(SignInRefusal::Busy | SignInRefusal::StoreUnavailable)) {
            self.exchanges.forget(attempt.state_hash());
        }
        leader.finish(Arc::new(Exchanged::new(result.map(Arc::new))));
        if let Some(token) = unused {
            self.pool.revoke(&token).await;
        }
    }

    /// The session of a code, which one process alone sends, and a refresh token that nobody keeps.
    async fn exchanged(
        &self,
        code: &SecretText,
        attempt: &Attempt,
        user_agent: Option<&str>,
    ) -> (Result<IssuedSession, SignInRefusal>, Option<SecretText>) {
        let Some(endpoints) = self.pool.endpoints() else { return (Err(SignInRefusal::Misconfigured), None) };
        let leave = match endpoints.leave_to_exchange().await {
            Ok(leave) => leave,
            Err(error) => return (Err(exchange::refused(error)), None),
        };
        let hash = attempt.state_hash();
        if let Some(claims) = self.sessions.claims() {
            let mut claim = claims.claim(hash.as_bytes(), code).await;
            if claim.is_err() {
                // The answer may have got lost, and the claim be ours.
                claim = claims.claim(hash.as_bytes(), code).await;
            }
            match claim {
                Ok(AttemptClaim::Ours) => {}
                Ok(AttemptClaim::Theirs) => {
                    drop(leave);
                    self.counts.waits.add(WaitFor::SignIn);
                    return (self.issued_elsewhere(claims, attempt).await, None);
                }
                Ok(AttemptClaim::OtherCode) => return (Err(SignInRefusal::AnotherCode), None),
                Ok(AttemptClaim::Used) => return (Err(SignInRefusal::AttemptUsed), None),
                Err(_) => return (Err(SignInRefusal::StoreUnavailable), None),
            }
        }
        let (result, unused) = match exchange::tokens(leave, code, attempt).await {
            Ok(tokens) => {
                let (pool, sessions, now) = (&self.pool, &self.sessions, self.clock.now());
                let session = exchange::session(pool, sessions, endpoints, &tokens, attempt, user_agent, now);
                let result = session.await;
                let is_held = result.as_ref().is_ok_and(IssuedSession::has_refresh_token);
                (result, tokens.refresh_token.filter(|_| !is_held))
            }
            Err(refusal) => (Err(refusal), None),
        };
        if let Some(claims) = self.sessions.claims() {
            let id = result.as_ref().ok().and_then(IssuedSession::id);
            claims.settle(hash.as_bytes(), code, id).await;
        }
        (result, unused)
    }

    /// The session that another process has issued, or is about to, for a callback that came to both.
    async fn issued_elsewhere(
        &self,
        claims: &AttemptClaims,
        attempt: &Attempt,
    ) -> Result<IssuedSession, SignInRefusal> {
        let unavailable = |_| SignInRefusal::StoreUnavailable;
        let id = claims.result(attempt.state_hash().as_bytes()).await.map_err(unavailable)?;
        let (Some(id), Some(stored)) = (id, self.sessions.stored()) else {
            return Err(SignInRefusal::AttemptUsed);
        };
        let issued = stored.issued_elsewhere(id, attempt.remember_me).await.map_err(unavailable)?;
        issued.ok_or(SignInRefusal::AttemptUsed)
    }

    /// Forgets what this browser's session was made of: its callback, delivered again, brings nothing back.
    pub(crate) fn forget(&self, present: &PresentSession) {
        self.exchanges.withdraw(|result| result.as_ref().is_ok_and(|issued| present.is_of(issued)));
    }

    /// Ends the attempts of this browser whose callback has been delivered; a sign-in that is under way elsewhere goes
    /// on.
    pub(crate) fn end_delivered(&self, sent: SentCookies<'_>) {
        for attempt in self.cookies.attempts(sent, &self.sealer, self.clock.now()) {
            self.exchanges.end_delivered(attempt.state_hash());
        }
    }

    /// Ends a session that has only just begun; further deliveries of its callback bring nothing.
    pub(crate) async fn discard(&self, issued: &Arc<IssuedSession>) {
        // Unless another delivery has begun it.
        if !issued.is_delivered() {
            self.exchanges.withdraw(|result| result.as_ref().is_ok_and(|it| Arc::ptr_eq(it, issued)));
            self.sessions.discard(issued).await;
        }
    }

    /// Drops results that nobody may ask for any more, and reports whether there are others.
    pub(crate) fn sweep(&self, now: Instant) -> bool {
        self.exchanges.sweep(now)
    }

    /// Keeps a result that nobody asks for; it lives for as long as the answer can be upgraded.
    #[cfg(test)]
    pub(crate) fn deliver(&self, state: &str) -> std::sync::Weak<Exchanged> {
        let turn = self.exchanges.deliver(StateHash::of(state), "code", self.clock.instant());
        let Delivery::Leader(leader) = turn else { return std::sync::Weak::new() };
        let result = Arc::new(Exchanged::new(Err(SignInRefusal::PoolUnavailable)));
        let seen = Arc::downgrade(&result);
        leader.finish(result);
        seen
    }

    /// Returns when there may be results that no sweep has seen.
    pub(crate) async fn filled(&self) {
        self.exchanges.filled().await;
    }
}
