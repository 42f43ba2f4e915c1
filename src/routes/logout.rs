//! Signing out, here and at Cognito.

use std::fmt;

use rocket::http::Method;
use rocket::request::Request;
use rocket::response::{Responder, Result as ResponseResult};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};
use serde_json::json;

use super::answer::RouteResponse;
use super::login::Login;
use super::parts::{endpoints, parts_of};
use crate::app::{App, SignInParts, run_logged};
use crate::denial::Reason;
use crate::guard::sign_in_is_missing;
use crate::http::{LocalPath, headers, is_htmx, is_prefetch, is_script, takes_turbo_stream};
use crate::request::{RequestState, cross_site, end_session, is_same_origin, load_session};
use crate::session::SessionChange;
use crate::telemetry::{Hook, SignOutAt};

/// Signs out: what the mounted `POST {mount}/logout` answers, for a route of your own.
///
/// The session ends here first: its cookies are removed and the refresh token that they hold is revoked, whatever
/// Cognito says to it. Then the browser goes on to Cognito's own sign-out, which leads to the setting `logout_url`: after
/// a form by way of a page of this site, since a page with `form-action 'self'` forbids a redirect to another one. htmx
/// and Turbo get what they follow; other scripts get `{"logout_url": …}` to go to.
///
/// # Errors
/// Nobody else may sign your users out:
/// - 403 `cross_site`: the request does not provably come from this site.
/// - 405 `method_not_allowed`: a GET that is no navigation from this site or the address bar.
///
/// # Example
/// ```rust
/// use rocket::post;
/// use rocket_cognito::Logout;
///
/// #[post("/signout")]
/// fn signout() -> Logout {
///     Logout::new()
/// }
/// ```
///
/// Sources: RFC 7009, and Cognito's developer guide, "The managed login sign-out endpoint".
#[derive(Clone, Default)]
#[must_use = "a sign-out happens when a route returns this"]
pub struct Logout {
    then: Then,
}

#[derive(Clone, Default)]
enum Then {
    #[default]
    LogoutUrl,
    SignIn(Login),
    Path(String),
}

impl Logout {
    /// A sign-out here and at Cognito, which ends at `logout_url`.
    pub fn new() -> Self {
        Logout::default()
    }

    /// A sign-out here and at Cognito, which ends on Cognito's sign-in page: for whoever wants another account.
    ///
    /// Cognito's sign-out gets all parameters of the sign-in, and is taken to pass them on, state, nonce and PKCE
    /// challenge among them; where it did not, the callback would refuse the sign-in.
    ///
    /// # Example
    /// ```rust
    /// use rocket::post;
    /// use rocket_cognito::{Login, Logout};
    ///
    /// #[post("/switch-account")]
    /// fn switch() -> Logout {
    ///     Logout::and_sign_in(Login::new().next("/me"))
    /// }
    /// ```
    pub fn and_sign_in(login: Login) -> Self {
        Logout { then: Then::SignIn(login) }
    }

    /// A sign-out here alone, which goes on to a path of this site as browsers see it; anything else leads to
    /// `login_redirect`. Cognito signs the same person in again without a question while its own
    /// session lasts: 60 minutes by default.
    pub fn here_and_go_to(path: impl Into<String>) -> Self {
        Logout { then: Then::Path(path.into()) }
    }

    fn answer(self, request: &Request<'_>, app: &App, parts: &SignInParts) -> Result<RouteResponse, Reason> {
        check(request, app)?;
        RequestState::of(request).set_session(SessionChange::SignedOut);
        self.lead_on(request, app, parts)
    }

    /// Where to go when the session has ended, which is counted.
    fn lead_on(self, request: &Request<'_>, app: &App, parts: &SignInParts) -> Result<RouteResponse, Reason> {
        let is_here = matches!(self.then, Then::Path(_)) || app.is_disabled();
        let answer = self.way_on(request, app, parts);
        let at = if is_here || answer.is_err() { SignOutAt::Here } else { SignOutAt::Pool };
        app.counts.sign_outs.add(at);
        answer
    }

    fn way_on(self, request: &Request<'_>, app: &App, parts: &SignInParts) -> Result<RouteResponse, Reason> {
        let here = |path: &LocalPath| RouteResponse::SeeOther(path.as_str().to_owned());
        let answer = match self.then {
            Then::LogoutUrl if app.is_disabled() => here(parts.targets.default_target()),
            Then::SignIn(login) if app.is_disabled() => here(&login.target(parts)),
            Then::LogoutUrl => {
                let url = endpoints(app)?.logout_url().ok_or(Reason::SignInMisconfigured)?;
                RouteResponse::LeadTo(url.to_owned())
            }
            Then::SignIn(login) => RouteResponse::LeadTo(login.begin_after_logout(request, app, parts)?),
            Then::Path(path) => here(&parts.targets.judge_or_default(Some(&path))),
        };
        Ok(match answer {
            // A script's answer is for the script; htmx and Turbo lead the browser on.
            RouteResponse::SeeOther(url) | RouteResponse::LeadTo(url)
                if is_script(request) && !is_htmx(request) && !takes_turbo_stream(request) =>
            {
                RouteResponse::Json(json!({ "logout_url": url }))
            }
            // Otherwise htmx would show the page in the place of the button.
            RouteResponse::SeeOther(path) if is_htmx(request) => RouteResponse::LeadTo(path),
            answer => answer,
        })
    }
}

impl<'r> Responder<'r, 'static> for Logout {
    fn respond_to(self, request: &'r Request<'_>) -> ResponseResult<'static> {
        RequestState::of(request).set_own_route();
        let answer = parts_of(request).and_then(|(app, parts)| self.answer(request, app, parts));
        answer.unwrap_or_else(|reason| RouteResponse::refused(request, reason)).respond_to(request)
    }
}

impl Sentinel for Logout {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        sign_in_is_missing(rocket)
    }
}

impl fmt::Debug for Logout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logout").finish_non_exhaustive()
    }
}

/// The mounted sign-out, where the app's hook has a say in where it leads.
pub(super) async fn logout(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
) -> Result<RouteResponse, Reason> {
    check(request, app)?;
    let Some(hook) = &app.hooks.on_logout else { return Logout::new().answer(request, app, parts) };
    let user = load_session(request, app, parts, false).await.ok();
    // Before anything of the app's own can fail.
    let state = RequestState::of(request);
    state.set_session(SessionChange::Left);
    for revocation in end_session(request, app, parts).await {
        state.wait_for(revocation);
    }
    let path = run_logged(&app.counts, Hook::OnLogout, || hook(request, user.as_ref())).await;
    path.flatten().map_or_else(Logout::new, Logout::here_and_go_to).lead_on(request, app, parts)
}

/// Whether this request may sign out whom it is from.
fn check(request: &Request<'_>, app: &App) -> Result<(), Reason> {
    // Rocket answers HEAD with the GET route.
    let is_get = request.method() == Method::Get;
    if is_get && (RequestState::of(request).is_head() || !is_own_navigation(request)) {
        return Err(Reason::SignOutByPost);
    }
    if is_get || is_same_origin(request, app) { Ok(()) } else { Err(cross_site(request)) }
}

/// Whether the person at this browser is opening a page by a link of this site or by its address: not an
/// image, not another site, and not the browser itself ahead of its user.
fn is_own_navigation(request: &Request<'_>) -> bool {
    let is = |name, values: &[&str]| {
        headers::only(request.headers(), name).is_some_and(|value| values.contains(&value))
    };
    is("Sec-Fetch-Site", &["same-origin", "none"])
        && is("Sec-Fetch-Mode", &["navigate"])
        && is("Sec-Fetch-Dest", &["document"])
        && !is_prefetch(request)
}
