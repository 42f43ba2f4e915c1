//! What is remembered about one request: who it is from, why it was refused, what its answer is to leave behind.
//!
//! Rocket clears cookie changes before it calls a catcher, so they are only recorded here and written
//! by the fairing when the response is complete.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rocket::Request;
use rocket::http::Cookie;
use tokio::task::JoinHandle;

use crate::app::SignInParts;
use crate::crypto::SecretText;
use crate::denial::{Denial, Reason};
use crate::http::{LocalPath, RequestCookies, SentCookies, may_be_ours};
use crate::oauth::AuthorizationError;
use crate::session::{IssuedSession, SessionChange};
use crate::sign_in::Exchanged;
use crate::user::{CognitoUser, CredentialSource};

/// Login cookies beyond this many are not looked at.
const MAX_LOGINS: usize = 128;

#[derive(Default)]
pub(crate) struct RequestState {
    cookies: OnceLock<RequestCookies>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    identity: Option<Result<CognitoUser, Denial>>,
    denial: Option<Denial>,
    is_handed_on: bool,
    session_rest: Option<Duration>,
    after: AfterSignIn,
    refresh_target: Option<LocalPath>,
    callback_query: Option<SecretText>,
    is_head: bool,
    is_own_route: bool,
    sign_in: Option<SignInEnd>,
    exchanged: Option<Arc<Exchanged>>,
    response: ResponseChanges,
}

/// Where a sign-in that this request fails to complete goes on.
#[derive(Default, Clone)]
pub(crate) struct AfterSignIn {
    /// Where the next sign-in is to lead.
    pub(crate) next: Option<LocalPath>,
    /// Where a sign-in goes on that has begun again.
    pub(crate) resume_url: Option<String>,
    /// Whether the visitor's browser is to begin the sign-in again by itself.
    pub(crate) begins_again: bool,
    /// What the pool says at the callback.
    pub(crate) pool_error: Option<AuthorizationError>,
    /// Whether the app may begin the sign-in again after that.
    pub(crate) may_begin_again: bool,
}

/// What the answer does beside what a route says.
#[derive(Default)]
pub(crate) struct ResponseChanges {
    pub(crate) cookies: Vec<Cookie<'static>>,
    pub(crate) session: Option<SessionChange>,
    /// What the answer waits for.
    pub(crate) tasks: Vec<JoinHandle<()>>,
}

/// How a sign-in ends that comes back to a callback: with a session, if the app's answer lets it begin, or with none.
pub(crate) type SignInEnd = Result<(), Reason>;

/// What a request has come to.
pub(crate) struct RequestOutcome {
    /// Whether a guard has found out who sent it.
    pub(crate) is_guarded: bool,
    /// The credential of the caller whom a guard has recognised.
    pub(crate) credential: Option<CredentialSource>,
    /// How the sign-in ends that came back with it.
    pub(crate) sign_in: Option<SignInEnd>,
    /// What it shares with other deliveries of its callback.
    pub(crate) exchanged: Option<Arc<Exchanged>>,
    pub(crate) is_own_route: bool,
    pub(crate) denial: Option<Denial>,
    pub(crate) response: ResponseChanges,
}

impl RequestState {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> &'r RequestState {
        request.local_cache(RequestState::default)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This crate's cookies in `request`, which is parsed once.
    pub(crate) fn cookies<'r>(&'r self, request: &'r Request<'_>, parts: &SignInParts) -> SentCookies<'r> {
        self.cookies.get_or_init(|| parse_cookies(request, parts)).of(request)
    }

    pub(crate) fn identity(&self) -> Option<Result<CognitoUser, Denial>> {
        self.lock().identity.clone()
    }

    /// Who it is from, where that is known: person or machine.
    pub(crate) fn caller(&self) -> Option<CognitoUser> {
        self.identity()?.ok()
    }

    pub(crate) fn set_identity(&self, identity: &Result<CognitoUser, Denial>) {
        self.lock().identity = Some(identity.clone());
    }

    pub(crate) fn forget_identity(&self) {
        self.lock().identity = None;
    }

    pub(crate) fn denial(&self) -> Option<Denial> {
        self.lock().denial.clone()
    }

    pub(crate) fn set_denial(&self, denial: Denial) {
        self.lock().denial = Some(denial);
    }

    pub(crate) fn forget_denial(&self) {
        self.lock().denial = None;
    }

    /// Leaves the denial to a catcher, once: what follows is the answer of one. Returns whether it does.
    pub(crate) fn hand_on(&self) -> bool {
        !std::mem::replace(&mut self.lock().is_handed_on, true)
    }

    /// For how long the pool is not asked to refresh the session of this request.
    pub(crate) fn session_rest(&self) -> Option<Duration> {
        self.lock().session_rest
    }

    pub(crate) fn set_session_rest(&self, rest: Option<Duration>) {
        self.lock().session_rest = rest;
    }

    pub(crate) fn write_cookies(&self, cookies: impl IntoIterator<Item = Cookie<'static>>) {
        self.lock().response.cookies.extend(cookies);
    }

    pub(crate) fn forget_cookies(&self) {
        self.lock().response.cookies.clear();
    }

    /// Notes what is to be saved with the answer. A sign-out stands, whatever a catcher's guards find after it; and what
    /// they find of a session does not take the place of one that begins or ends.
    pub(crate) fn set_session(&self, change: SessionChange) {
        let session = &mut self.lock().response.session;
        let stands = session.as_ref().is_some_and(|present| present.outranks(&change));
        if !stands {
            *session = Some(change);
        }
    }

    /// The session of a sign-in that this request has completed.
    pub(crate) fn begun(&self) -> Option<Arc<IssuedSession>> {
        match &self.lock().response.session {
            Some(SessionChange::Begun(issued)) => Some(Arc::clone(issued)),
            _ => None,
        }
    }

    /// The answer waits for this `task`.
    pub(crate) fn wait_for(&self, task: JoinHandle<()>) {
        self.lock().response.tasks.push(task);
    }

    /// Rocket answers HEAD with the GET route, as if it were GET.
    pub(crate) fn set_head(&self) {
        self.lock().is_head = true;
    }

    pub(crate) fn is_head(&self) -> bool {
        self.lock().is_head
    }

    /// The callback's query, moved here so that Rocket does not log code and state.
    pub(crate) fn set_callback_query(&self, query: SecretText) {
        self.lock().callback_query = Some(query);
    }

    pub(crate) fn take_callback_query(&self) -> Option<SecretText> {
        self.lock().callback_query.take()
    }

    pub(crate) fn after_sign_in(&self) -> AfterSignIn {
        self.lock().after.clone()
    }

    pub(crate) fn set_next(&self, next: Option<LocalPath>) {
        self.lock().after.next = next;
    }

    pub(crate) fn set_resume_url(&self, url: String) {
        self.lock().after.resume_url = Some(url);
    }

    pub(crate) fn set_begins_again(&self) {
        self.lock().after.begins_again = true;
    }

    pub(crate) fn set_pool_error(&self, error: AuthorizationError, may_begin_again: bool) {
        let after = &mut self.lock().after;
        after.pool_error = Some(error);
        after.may_begin_again = may_begin_again;
    }

    /// Where the app's hook wants a refresh by a form to lead.
    pub(crate) fn refresh_target(&self) -> Option<LocalPath> {
        self.lock().refresh_target.clone()
    }

    pub(crate) fn set_refresh_target(&self, target: LocalPath) {
        self.lock().refresh_target = Some(target);
    }

    /// Login, callback, refresh and logout say so: their answers are never cached.
    pub(crate) fn set_own_route(&self) {
        self.lock().is_own_route = true;
    }

    /// Notes how the sign-in ends that came back with this request.
    pub(crate) fn set_sign_in(&self, end: SignInEnd) {
        self.lock().sign_in = Some(end);
    }

    /// Notes what all deliveries of this request's callback get.
    pub(crate) fn set_exchanged(&self, exchanged: Arc<Exchanged>) {
        self.lock().exchanged = Some(exchanged);
    }

    /// What is to be done with the answer, once.
    pub(crate) fn finish(&self) -> RequestOutcome {
        let mut inner = self.lock();
        RequestOutcome {
            is_guarded: inner.identity.is_some(),
            credential: inner.identity.as_ref().and_then(|caller| Some(caller.as_ref().ok()?.source())),
            sign_in: inner.sign_in,
            exchanged: inner.exchanged.take(),
            is_own_route: inner.is_own_route,
            denial: inner.denial.clone(),
            response: std::mem::take(&mut inner.response),
        }
    }
}

/// Finds the cookies of sessions and of login attempts.
pub(super) fn parse_cookies(request: &Request<'_>, parts: &SignInParts) -> RequestCookies {
    let mut logins = 0;
    RequestCookies::parse(request, may_be_ours, |name| {
        let login = parts.sign_ins.is_cookie(name);
        logins += usize::from(login);
        parts.sessions.is_cookie(name) || (login && logins <= MAX_LOGINS)
    })
}
