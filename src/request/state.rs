//! What is remembered about one request: who it is from, why it was refused, which cookies to write.
//!
//! Rocket clears cookie changes before it calls a catcher, so they are only recorded here and written
//! by the fairing when the response is complete.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocket::Request;
use rocket::http::{Cookie, Method};
use tokio::task::JoinHandle;

use crate::app::Core;
use crate::denial::{Denial, DenialData, Kind};
use crate::policy::Rule;
use crate::session::SessionChange;
use crate::user::CognitoUser;

#[derive(Default)]
pub(crate) struct RequestState {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    identity: Option<Result<CognitoUser, Denial>>,
    denial: Option<Denial>,
    cookies: Vec<Cookie<'static>>,
    session: Option<SessionChange>,
    tasks: Vec<JoinHandle<()>>,
    is_head: bool,
    callback_query: Option<String>,
    is_own_route: bool,
    next: Option<String>,
    goes_on_at: Option<String>,
}

/// What a request has come to.
pub(crate) struct Finished {
    /// Whether a guard has found out who sent it.
    pub(crate) is_guarded: bool,
    pub(crate) is_own_route: bool,
    pub(crate) denial: Option<Denial>,
    pub(crate) cookies: Vec<Cookie<'static>>,
    pub(crate) session: Option<SessionChange>,
    /// What the answer waits for.
    pub(crate) tasks: Vec<JoinHandle<()>>,
}

impl RequestState {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> &'r RequestState {
        request.local_cache(RequestState::default)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
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

    pub(crate) fn write_cookies(&self, cookies: impl IntoIterator<Item = Cookie<'static>>) {
        self.lock().cookies.extend(cookies);
    }

    pub(crate) fn forget_cookies(&self) {
        self.lock().cookies.clear();
    }

    pub(crate) fn set_session(&self, change: SessionChange) {
        self.lock().session = Some(change);
    }

    /// What the answer waits for.
    pub(crate) fn wait_for(&self, task: JoinHandle<()>) {
        self.lock().tasks.push(task);
    }

    /// Rocket answers HEAD with the GET route, as if it were GET.
    pub(crate) fn set_head(&self) {
        self.lock().is_head = true;
    }

    pub(crate) fn is_head(&self) -> bool {
        self.lock().is_head
    }

    /// The callback's query, moved here so that Rocket does not log code and state.
    pub(crate) fn set_callback_query(&self, query: String) {
        self.lock().callback_query = Some(query);
    }

    pub(crate) fn take_callback_query(&self) -> Option<String> {
        self.lock().callback_query.take()
    }

    /// Where a sign-in that failed was to lead.
    pub(crate) fn next(&self) -> Option<String> {
        self.lock().next.clone()
    }

    pub(crate) fn set_next(&self, next: Option<String>) {
        self.lock().next = next;
    }

    /// Where a sign-in goes on that has begun again.
    pub(crate) fn goes_on_at(&self) -> Option<String> {
        self.lock().goes_on_at.clone()
    }

    pub(crate) fn set_goes_on_at(&self, url: String) {
        self.lock().goes_on_at = Some(url);
    }

    /// What there is to tell with the answer, once.
    pub(crate) fn finish(&self) -> Finished {
        let mut inner = self.lock();
        Finished {
            is_guarded: inner.identity.is_some(),
            is_own_route: inner.is_own_route,
            denial: inner.denial.clone(),
            cookies: std::mem::take(&mut inner.cookies),
            session: inner.session.take(),
            tasks: std::mem::take(&mut inner.tasks),
        }
    }

    /// Login, callback and logout say so: their answers are never cached.
    pub(crate) fn set_own_route(&self) {
        self.lock().is_own_route = true;
    }
}

impl Denial {
    /// Why a guard or a sign-in refused this request, in any catcher; `None` when none did.
    ///
    /// An optional guard's refusal is remembered too, though the request went on: where a catcher serves
    /// several statuses, compare [`status`](Self::status).
    ///
    /// # Example
    /// ```rust
    /// use rocket::http::Status;
    /// use rocket::{Request, catch};
    /// use rocket_cognito::Denial;
    ///
    /// #[catch(default)]
    /// fn any(status: Status, request: &Request<'_>) -> String {
    ///     match Denial::of(request).filter(|denial| denial.status() == status) {
    ///         Some(denial) => format!("{} {}", denial.message(), denial.hint()),
    ///         None => status.to_string(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<Denial> {
        RequestState::of(request).denial()
    }

    /// Remembers for catchers and for the fairing why `request` is refused.
    pub(crate) fn record(request: &Request<'_>, kind: Kind, rule: Option<Rule>) -> Denial {
        let denial = Denial::because(request, kind, rule);
        RequestState::of(request).set_denial(denial.clone());
        denial
    }

    /// A denial that no guard or route has caused.
    pub(crate) fn unrecorded(request: &Request<'_>, kind: Kind) -> Denial {
        Denial::because(request, kind, None)
    }

    fn because(request: &Request<'_>, kind: Kind, rule: Option<Rule>) -> Denial {
        let state = RequestState::of(request);
        Denial::new(DenialData {
            reason: kind,
            rule,
            links: Core::of(request.rocket()).map(|core| Arc::clone(&core.signposts)).unwrap_or_default(),
            next: state.next(),
            resume_url: state.goes_on_at(),
            can_reload: matches!(request.method(), Method::Get | Method::Head),
        })
    }
}

impl CognitoUser {
    /// The user of a request that a guard of ours has let in, for catchers, responders and fairings.
    ///
    /// `None` when no guard has looked yet, and for a machine ([`Caller::of`](crate::Caller::of) has both); an `async`
    /// catcher may ask `request.guard::<CognitoUser>().await` instead.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket_cognito::CognitoUser;
    ///
    /// #[catch(403)]
    /// fn forbidden(request: &Request<'_>) -> String {
    ///     match CognitoUser::of(request) {
    ///         Some(user) => format!("Sorry, {}.", user.username()),
    ///         None => "Sorry.".to_owned(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<CognitoUser> {
        RequestState::of(request).caller().filter(|user| !user.is_machine())
    }
}
