//! The callback: from Cognito's code to a session.

use std::fmt;
use std::sync::Arc;

use rocket::http::Method;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::Responder;
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::answer::Answer;
use super::login::Login;
use super::redirect_to_login::is_navigation;
use crate::app::{Core, HookDecision, outcome};
use crate::denial::{Denial, Kind};
use crate::guard::{outcome as outcome_of, sign_in_is_missing};
use crate::http::Query;
use crate::request::RequestState;
use crate::session::{SessionChange, SignedIn};
use crate::sign_in::{AttemptError, StateHash, Turn, exchange};
use crate::sync::Lost;
use crate::telemetry::report;
use crate::user::{CognitoUser, caller_of};

const MAX_CODE_BYTES: usize = 2048;

/// A completed sign-in: the guard of an app's own callback route.
///
/// The route stands at the path of `redirect_url` (or at `callback_path`), and `routes` leaves the mounted callback
/// out. The guard exchanges the code and verifies the tokens; the route decides where to go. Returned as it is, it
/// leads to [`next`](Self::next). The session begins with an answer of a status below 400; with any other nothing is
/// kept, here or at the pool. What counts is the answer that the browser gets: a catcher that turns a route's 403 into
/// a redirect lets the session begin.
///
/// A browser may deliver a callback more than once: a double click runs the route twice with the same session, and the
/// back button, or any link to the callback, brings whoever is signed in here again, as [`is_new`](Self::is_new) tells.
/// What a route does of its own must bear that.
///
/// # Errors
/// As the mounted callback, for the app's catchers: 400 for missing, repeated or tampered parameters, another browser,
/// too late, used twice; 403 when the sign-in was declined, or was to be fresh and is not; 405 but for GET; 503 when
/// the pool is down or the client set up wrongly. [`Denial`](crate::Denial) tells them apart.
///
/// 401 `login_too_old` when the sign-in was to be fresh and the pool has not asked again: it has then begun a second
/// time by way of Cognito's sign-out, where [`RedirectToLogin`](crate::RedirectToLogin) leads the browser, as the mounted callback does.
/// A catcher of your own leads it to [`Denial::login_path`](crate::Denial::login_path).
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::Callback;
///
/// #[get("/auth/callback")]
/// fn callback(callback: Callback) -> Callback {
///     match callback.state() {
///         Some("newsletter") if callback.is_new() => callback.go_to("/thank-you"),
///         _ => callback,
///     }
/// }
/// ```
///
/// Source: RFC 6749 section 4.1.2.
#[derive(Clone)]
pub struct Callback {
    user: CognitoUser,
    state: Option<String>,
    next: String,
    /// `None` when the browser only came back to a sign-in of before.
    signed_in: Option<Arc<SignedIn>>,
}

impl Callback {
    /// Who has signed in.
    #[must_use]
    pub fn user(&self) -> &CognitoUser {
        &self.user
    }

    /// Who has signed in.
    #[must_use]
    pub fn into_user(self) -> CognitoUser {
        self.user
    }

    /// What was given to [`Login::state`](crate::Login::state), byte for byte.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Where the sign-in was to lead: a path of this site as browsers see it.
    #[must_use]
    pub fn next(&self) -> &str {
        &self.next
    }

    /// The same, leading to another path of this site as browsers see it. Anything else leads to `login_redirect`.
    #[must_use]
    pub fn go_to(self, path: impl Into<String>) -> Self {
        Callback { next: path.into(), ..self }
    }

    /// Whether this sign-in has just been completed. The back button, or a reload, brings somebody who is signed in
    /// here once more.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.signed_in.is_some()
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Callback {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        RequestState::of(request).set_own_route();
        let completed = request.local_cache_async(async {
            match Core::of(request.rocket()) {
                Some(core) => complete(request, core).await,
                // The sentinel stops such a launch; this serves types that Rocket cannot see into.
                None => Err(Kind::SignInMisconfigured),
            }
        });
        outcome_of(completed.await.clone().map_err(|kind| Denial::record(request, kind, None)))
    }
}

impl Sentinel for Callback {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let core = rocket.state::<Arc<Core>>();
        let never_works = core.is_some_and(|core| core.settings.routes.callback && !core.is_disabled());
        if never_works {
            report::callback_is_mounted();
        }
        never_works || sign_in_is_missing(rocket)
    }
}

/// 303 to [`next`](Callback::next).
impl<'r> Responder<'r, 'static> for Callback {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let core = Core::of(request.rocket());
        let next = core.map_or("/", |core| core.landing(Some(&self.next))).to_owned();
        Answer::SeeOther(next).respond_to(request)
    }
}

impl AsRef<CognitoUser> for Callback {
    fn as_ref(&self) -> &CognitoUser {
        &self.user
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Completes a sign-in and says where to go. Order matters: nothing reaches the network before state
/// and cookie have been matched.
async fn complete(request: &Request<'_>, core: &Arc<Core>) -> Result<Callback, Kind> {
    let is_get = request.method() == Method::Get && !RequestState::of(request).is_head();
    // Rocket takes a form's `_method=GET` for a GET.
    if !is_get || request.content_type().is_some_and(|it| it.is_form()) {
        return Err(Kind::GetOnly);
    }
    if core.is_disabled() {
        return revisit(request, core, Kind::NoLoginAttempt).await;
    }
    if core.is_stopping() {
        // Before the attempt is spent: another instance completes it.
        return Err(Kind::PoolUnavailable);
    }
    let state = RequestState::of(request);
    let now = core.clock.now();
    let query = state.take_callback_query().unwrap_or_default();
    let parameters = Parameters::parse(&query)?;

    let attempt_hash = StateHash::of(&parameters.state);
    let sent = core.cookies.sent(request);
    let Some(sealed) = core.cookies.read_login(&sent, &attempt_hash) else {
        return revisit(request, core, Kind::NoLoginAttempt).await;
    };
    let attempt = core.attempts.open_for(sealed, &parameters.state, now).map_err(|error| {
        report::callback_refused(match error {
            AttemptError::Unreadable => "the login cookie cannot be opened; were the secret keys changed?",
            AttemptError::Expired => "the login cookie is older than ten minutes",
            AttemptError::Foreign => "the login cookie is of another pool, client, redirect_url or state",
        });
        if error == AttemptError::Expired { Kind::LoginExpired } else { Kind::LoginNotRecognised }
    })?;
    // From here on the attempt is spent, whatever becomes of it; the next one is to lead to the same page.
    state.write_cookies([core.cookies.remove_login(core.cookies.login_name(&attempt_hash))]);
    state.set_next(attempt.next.clone());

    let code =
        parameters.code(core).inspect_err(|_| core.exchanges.end(attempt_hash, core.clock.instant()))?;

    let (next, app_state) = (attempt.next.clone(), attempt.app_state());
    let (is_to_be_fresh, second_try) = (attempt.reauthentication.is_some(), Login::second_try(&attempt));
    let waiting = match core.exchanges.turn(attempt_hash, &code, core.clock.instant()) {
        Turn::First(leader) => {
            core.forget_sessions(&sent, core.record(&sent).as_ref());
            leader.spawn(|leader| exchange(Arc::clone(core), code, attempt, leader))
        }
        Turn::Twin(result) => result,
        // Whoever is signed in still would be asked once more.
        Turn::AnotherCode if is_to_be_fresh => return Err(Kind::AnotherCode),
        Turn::AnotherCode => return revisit(request, core, Kind::AnotherCode).await,
        Turn::Over => return revisit(request, core, Kind::LoginUsed).await,
    };
    let result = waiting.result().await.map_err(|Lost| Kind::PoolUnavailable)?;
    if matches!(*result, Err(Kind::SignInBusy)) {
        // Nothing was sent: the same callback may come again, so its login cookie stays.
        state.forget_cookies();
    }
    if let (Err(Kind::LoginTooOld), Some(login)) = (&*result, second_try) {
        state.set_goes_on_at(login.begin_after_logout(request, core)?);
    }
    let signed_in = result.as_ref().as_ref().map_err(|kind| *kind)?;
    let user = signed_in.user.clone().ok_or(Kind::PoolUnavailable)?;
    state.set_session(SessionChange::Begun(Arc::clone(signed_in)));
    state.set_identity(&Ok(user.clone()));
    let next = core.landing(next.as_deref()).to_owned();
    Ok(Callback { user, state: app_state, next, signed_in: Some(Arc::clone(signed_in)) })
}

/// Completes a sign-in by the mounted callback, where the app's hook has a say in it. A browser with a second code
/// begins another sign-in, for which the pool need not ask again; one that was to be asked again, and was not, begins
/// a second time by way of the pool's sign-out.
pub(crate) async fn complete_and_ask(request: &Request<'_>, core: &Arc<Core>) -> Result<String, Kind> {
    let callback = match complete(request, core).await {
        // The pool's button was clicked twice: for the second code the browser gave up the answer to the first. Or the
        // pool did not ask again, and the sign-in has begun a second time.
        Err(kind @ (Kind::AnotherCode | Kind::LoginTooOld)) if is_navigation(request) => {
            return Ok(Denial::unrecorded(request, kind).login_path().to_owned());
        }
        completed => completed?,
    };
    let (Some(hook), Some(signed_in)) = (&core.hooks.on_login, &callback.signed_in) else {
        return Ok(callback.next);
    };
    // Should this visitor go away meanwhile, a twin asks.
    let verdict = signed_in.verdict.get_or_init(|| outcome("on_login", || hook(request, &callback))).await;
    let refused = match verdict {
        Some(HookDecision::Proceed) => return Ok(callback.next),
        Some(HookDecision::GoTo(path)) => return Ok(core.landing(Some(path)).to_owned()),
        Some(HookDecision::Refuse) => Kind::RefusedByApp,
        None => Kind::HookFailed,
    };
    let state = RequestState::of(request);
    // Not by the answer's status, which a catcher of the app's may change.
    state.set_session(SessionChange::Refused(Arc::clone(signed_in)));
    state.forget_identity();
    Err(refused)
}

/// The back button, or a reload: whoever is signed in goes on, as everybody is in disabled mode; everybody else starts
/// again.
async fn revisit(request: &Request<'_>, core: &Core, otherwise: Kind) -> Result<Callback, Kind> {
    let user = caller_of(request).await.map_err(|_| otherwise)?;
    Ok(Callback { user, state: None, next: core.settings.login_redirect.clone(), signed_in: None })
}

pub(crate) struct Parameters {
    pub(crate) state: String,
    /// RFC 9207; Cognito sends none.
    issuer: Option<String>,
    /// The code, or `error` and `error_description`.
    pub(crate) answer: Result<String, (String, Option<String>)>,
}

impl Parameters {
    pub(crate) fn parse(query: &str) -> Result<Self, Kind> {
        let bad = |_| Kind::BadCallback;
        let query = Query::parse(query).map_err(bad)?;
        let one = |name| query.one(name).map(|value| value.map(str::to_owned)).map_err(bad);
        let (state, code, error) = (one("state")?, one("code")?, one("error")?);
        let (description, issuer) = (one("error_description")?, one("iss")?);
        let visible = |text: &str, max: usize| {
            (1..=max).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        };
        let state = state.filter(|state| visible(state, 128)).ok_or(Kind::BadCallback)?;
        let answer = match (error, code) {
            (Some(error), _) => Err((error, description)),
            (None, Some(code)) if visible(&code, MAX_CODE_BYTES) => Ok(code),
            (None, _) => return Err(Kind::BadCallback),
        };
        Ok(Parameters { state, issuer, answer })
    }

    /// The code, when this pool has answered with one.
    fn code(self, core: &Core) -> Result<String, Kind> {
        if self.issuer.as_ref().is_some_and(|issuer| core.settings.issuers.first() != Some(issuer)) {
            report::callback_refused("its `iss` is not this pool");
            return Err(Kind::LoginNotRecognised);
        }
        self.answer.map_err(|(error, description)| refused(&error, description.as_deref()))
    }
}

/// `error=` from the pool (RFC 6749 section 4.1.2.1). Its texts go to the log, never to the page.
fn refused(error: &str, description: Option<&str>) -> Kind {
    report::pool_refused(error, description);
    match error {
        "access_denied" => Kind::AccessDenied,
        "server_error" | "temporarily_unavailable" => Kind::PoolUnavailable,
        "unauthorized_client" | "invalid_scope" | "unsupported_response_type" => Kind::SignInMisconfigured,
        "invalid_request" if description == Some("invalid_scope") => Kind::SignInMisconfigured,
        _ => Kind::SignInRefused,
    }
}
