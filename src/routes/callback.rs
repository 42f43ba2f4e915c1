//! The callback, as a guard, as a responder and as the mounted route.

use std::sync::Arc;

use rocket::http::Method;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::Responder;
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::answer::RouteResponse;
use super::callback_host::is_at_callback_host;
use super::login::Login;
use super::parts::parts_of;
use crate::app::{App, SIGN_IN_REASONS, SignInParts, run_logged};
use crate::denial::{AGAIN, Denial, Reason};
use crate::guard::{Asks, By, Guard, answer_question, caller_of, has_noted, outcome, sign_in_is_missing};
use crate::http::{LocalPath, is_navigation, is_page_visit};
use crate::request::{AfterSignIn, RequestState};
use crate::session::{HookDecision, SessionChange};
use crate::sign_in::{Callback, CallbackParameters, SignInRefusal, Unmatched};
use crate::telemetry::{Event, Hook, emit};
use crate::user::Who;

/// Why the guard refuses: the sign-in has come to nothing, but not by a hook, which the mounted callback alone asks; or the
/// session of somebody who comes back cannot be judged. Other methods than GET are other operations, so 405 is not among
/// the answers of this one.
fn reasons() -> Vec<Reason> {
    let is_of_hook = |reason: &Reason| matches!(reason, Reason::RefusedByApp | Reason::HookFailed);
    let of_sign_in = SIGN_IN_REASONS.into_iter().filter(|reason| !is_of_hook(reason));
    of_sign_in.chain([Reason::KeysUnavailable, Reason::SessionNotRefreshed]).collect()
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Callback {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        RequestState::of(request).set_own_route();
        if let Err(denial) = answer_question(request, Callback::asks) {
            return outcome(Err(denial));
        }
        let completed = request.local_cache_async(async {
            match parts_of(request) {
                Ok((app, parts)) => complete(request, app, parts).await,
                Err(reason) => Err(reason),
            }
        });
        outcome(completed.await.clone().map_err(|reason| Denial::record(request, reason, None)))
    }
}

impl Guard for Callback {
    fn asks() -> Asks {
        Asks::new(Who::Person, By::SignIn, &reasons())
    }
}

impl Sentinel for Callback {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let app = rocket.state::<Arc<App>>();
        let never_works = app.is_some_and(|app| {
            app.sign_in.as_ref().is_some_and(|parts| parts.settings.routes.callback) && !app.is_disabled()
        });
        if never_works {
            emit(Event::CallbackAlreadyMounted);
        }
        has_noted::<Callback>(rocket) || never_works || sign_in_is_missing(rocket)
    }
}

/// 303 to [`next`](Callback::next).
impl<'r> Responder<'r, 'static> for Callback {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        RouteResponse::SeeOther(self.next().to_owned()).respond_to(request)
    }
}

/// Completes a sign-in, and notes how it ends. Whoever is signed in already, and comes back, ends none.
async fn complete(request: &Request<'_>, app: &App, parts: &SignInParts) -> Result<Callback, Reason> {
    let result = completed(request, app, parts).await;
    match &result {
        Ok(callback) if callback.is_new() => RequestState::of(request).set_sign_in(Ok(())),
        Ok(_) => {}
        Err(reason) => RequestState::of(request).set_sign_in(Err(*reason)),
    }
    result
}

/// Completes a sign-in. Order matters: nothing reaches the network before state and cookie have been matched.
async fn completed(request: &Request<'_>, app: &App, parts: &SignInParts) -> Result<Callback, Reason> {
    let state = RequestState::of(request);
    let is_get = request.method() == Method::Get && !state.is_head();
    // Rocket takes a form's `_method=GET` for a GET.
    if !is_get || request.content_type().is_some_and(|it| it.is_form()) {
        return Err(Reason::GetOnly);
    }
    if app.is_disabled() {
        return revisit(request, parts, None, SignInRefusal::NoAttempt).await;
    }
    if app.is_stopping() {
        // Before the attempt is spent: another instance completes it.
        return Err(Reason::PoolUnavailable);
    }
    let query = state.take_callback_query();
    let parameters = match CallbackParameters::parse(query.as_ref().map_or("", |query| query.expose())) {
        Err(refusal @ SignInRefusal::StateMissing) => {
            return begin_again(request, parts, None, Unmatched::without_cookie(refusal)).await;
        }
        parameters => parameters?,
    };
    let sent = state.cookies(request, parts);
    let attempt = match parts.sign_ins.attempt(sent, &parameters.state) {
        Ok(attempt) => attempt,
        Err(unmatched) => return begin_again(request, parts, Some(&parameters), unmatched).await,
    };
    // From here on the attempt is spent, whatever becomes of it; the next one is to lead to the same page.
    state.write_cookies([parts.sign_ins.removal(&attempt)]);
    state.write_cookies(parts.sign_ins.trim(sent, &attempt));
    if let Some(error) = parameters.error_of(app.pool.settings().issuer()) {
        let may_begin_again = !parts.sign_ins.is_begun_again(&attempt);
        state.set_pool_error(error.clone(), may_begin_again);
    }
    let next = attempt.next(&parts.targets);
    state.set_next(next.clone());

    let app_state = attempt.app_state();
    let is_to_be_fresh = attempt.reauthentication.is_some();
    let user_agent = request.headers().get_one("User-Agent");
    let second_try = Login::second_try(&attempt, &parts.targets);
    let exchanged = match parts.sign_ins.complete(sent, parameters, attempt, user_agent).await {
        // Whoever is signed in still would be asked once more.
        Err(SignInRefusal::AnotherCode) if is_to_be_fresh => return Err(Reason::AnotherCode),
        Err(refusal @ (SignInRefusal::AnotherCode | SignInRefusal::AttemptUsed)) => {
            return revisit(request, parts, None, refusal).await;
        }
        result => result?,
    };
    state.set_exchanged(Arc::clone(&exchanged));
    let result = &exchanged.result;
    if matches!(result, Err(SignInRefusal::Busy | SignInRefusal::StoreUnavailable)) {
        // Nothing was sent: the same callback may come again, so its login cookie stays.
        state.forget_cookies();
    }
    if let (Err(SignInRefusal::TooOld), Some(login)) = (result, second_try) {
        state.set_resume_url(login.begin_after_logout(request, app, parts)?);
    }
    let issued = result.as_ref().map_err(|refusal| *refusal)?;
    let user = issued.user.clone().ok_or(Reason::PoolUnavailable)?;
    state.set_session(SessionChange::Begun(Arc::clone(issued)));
    state.set_identity(&Ok(user.clone()));
    let next = next.unwrap_or_else(|| parts.targets.default_target().clone());
    Ok(Callback::new(user, app_state, next, Arc::clone(&parts.targets), Some(Arc::clone(issued))))
}

/// Completes a sign-in by the mounted callback, where the app's hook has a say in it. A browser with a second code
/// begins another sign-in, for which the pool need not ask again; one that was to be asked again, and was not, begins
/// a second time by way of the pool's sign-out.
pub(super) async fn complete_and_ask(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
) -> Result<String, Reason> {
    let state = RequestState::of(request);
    let callback = match complete(request, app, parts).await {
        // The pool's button was clicked twice: for the second code the browser gave up the answer to the first. Or the
        // pool did not ask again, and the sign-in has begun a second time; or no sign-in was recognised.
        Err(reason)
            if state.after_sign_in().begins_again
                || (matches!(reason, Reason::AnotherCode | Reason::LoginTooOld)
                    && is_navigation(request)) =>
        {
            let login = Denial::unrecorded(request, reason).login_path().to_owned();
            // What was found of their session on the way is no refusal.
            state.forget_denial();
            return Ok(login);
        }
        // The app only wanted to know whether anybody is.
        Err(Reason::NobodyAtPool) => {
            let next = state.after_sign_in().next;
            return Ok(next.unwrap_or_else(|| parts.targets.default_target().clone()).into_string());
        }
        Err(reason) => return ask_about_error(request, app, parts, reason).await,
        Ok(callback) => callback,
    };
    let (Some(hook), Some(issued)) = (&app.hooks.on_login, callback.issued()) else {
        return Ok(callback.next().to_owned());
    };
    // Should this visitor go away meanwhile, a twin asks.
    let ask = || run_logged(&app.counts, Hook::OnLogin, || hook(request, &callback));
    let decision = issued.decision.get_or_init(ask).await;
    let refused = match decision {
        Some(HookDecision::Proceed) => return Ok(callback.next().to_owned()),
        Some(HookDecision::GoTo(path)) => {
            return Ok(parts.targets.judge_or_default(Some(path)).into_string());
        }
        Some(HookDecision::Refuse) => Reason::RefusedByApp,
        None => Reason::HookFailed,
    };
    // Not by the answer's status, which a catcher of the app's may change.
    state.set_session(SessionChange::Refused(Arc::clone(issued)));
    state.set_sign_in(Err(refused));
    state.forget_identity();
    Err(refused)
}

/// Where the app's hook leads after an error of the pool, if that is why the sign-in is refused.
async fn ask_about_error(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
    reason: Reason,
) -> Result<String, Reason> {
    let state = RequestState::of(request);
    let (Some(hook), AfterSignIn { pool_error: Some(_), may_begin_again, .. }) =
        (&app.hooks.on_pool_error, state.after_sign_in())
    else {
        return Err(reason);
    };
    let denial = Denial::unrecorded(request, reason);
    let answer = run_logged(&app.counts, Hook::OnPoolError, || hook(request, &denial)).await;
    let Some(path) = answer.flatten() else { return Err(reason) };
    match login_path_again(&path, parts) {
        Some(login) if may_begin_again => Ok(login),
        // The pool has refused twice within a minute, maybe without a question.
        Some(_) => Err(reason),
        None => Ok(parts.targets.judge_or_default(Some(&path)).into_string()),
    }
}

/// `path` where it is that of the login route, with the mark of a sign-in that begins again. A parameter may stand behind
/// it with `&`, whether or not there is a query before.
fn login_path_again(path: &str, parts: &SignInParts) -> Option<String> {
    let path = LocalPath::judge(path, [])?.into_string();
    let (route, query) = path.split_once(['?', '&']).unwrap_or((&path, ""));
    let query = if query.is_empty() { String::new() } else { format!("{query}&") };
    (route == parts.settings.paths.login).then(|| format!("{route}?{query}{AGAIN}=1"))
}

/// The back button, or a reload: whoever is signed in goes on, as everybody is in disabled mode; everybody else starts
/// again.
async fn revisit(
    request: &Request<'_>,
    parts: &SignInParts,
    next: Option<LocalPath>,
    otherwise: SignInRefusal,
) -> Result<Callback, Reason> {
    let user = caller_of(request).await.map_err(|denial| match denial.reason() {
        // A session that cannot be judged at the moment is not over.
        reason @ (Reason::SessionNotRefreshed | Reason::SessionsUnavailable | Reason::KeysUnavailable) => {
            reason
        }
        _ => otherwise.into(),
    })?;
    let next = next.unwrap_or_else(|| parts.targets.default_target().clone());
    Ok(Callback::new(user, None, next, Arc::clone(&parts.targets), None))
}

/// A callback that belongs to no sign-in of this browser's: its code and state are thrown away. Whoever is signed in goes
/// on; a person's browser begins a sign-in of its own, once within a minute, so that nothing goes round in circles.
async fn begin_again(
    request: &Request<'_>,
    parts: &SignInParts,
    parameters: Option<&CallbackParameters>,
    unmatched: Unmatched,
) -> Result<Callback, Reason> {
    let state = RequestState::of(request);
    let Unmatched { refusal, cause, expired } = unmatched;
    let next = expired.as_ref().and_then(|attempt| attempt.next(&parts.targets));
    state.set_next(next.clone());
    let result = revisit(request, parts, next, refusal).await;
    let is_unmatched = result.as_ref().err().is_some_and(|reason| *reason == refusal.into());
    if is_unmatched {
        match cause {
            Some(cause) => emit(Event::CallbackRefused(cause)),
            None => report_unmatched(request, parts, parameters.is_some()),
        }
        let has_code = parameters.is_none_or(|parameters| parameters.answer.is_ok());
        let sent = state.cookies(request, parts);
        let has_begun_again = || parts.sign_ins.has_begun_again(sent, parameters.map(|it| &it.state));
        if has_code && is_page_visit(request) && !has_begun_again() {
            state.set_begins_again();
        }
    }
    if result.is_ok() || state.after_sign_in().begins_again {
        state.write_cookies(expired.map(|attempt| parts.sign_ins.removal(&attempt)));
    }
    result
}

fn report_unmatched(request: &Request<'_>, parts: &SignInParts, has_state: bool) {
    emit(Event::CallbackUnmatched {
        has_state,
        host: request.host().map(|host| host.to_string()).as_deref(),
        is_callback_host: is_at_callback_host(request, parts),
        begun_at: parts.sign_ins.foreign_host().as_deref(),
    });
}
