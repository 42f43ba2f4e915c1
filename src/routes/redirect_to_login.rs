//! The responder that sends people to sign in.

use rocket::http::{Method, Status};
use rocket::request::Request;
use rocket::response::{Responder, Response, Result};

use super::answer;
use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::http::is_navigation;
use crate::request::RequestState;
use crate::user::CredentialSource;

/// Answers a 401: a browser goes to sign in and comes back, anything else gets 401 with its challenge.
///
/// - A browser's navigation (GET, `Accept: text/html`, and `Sec-Fetch-Mode: navigate` where it is sent)
///   that one of this crate's guards refused for want of a sign-in: 303 to the login route, which leads
///   back to the page asked for. Where a [`Fresh`](crate::policy::Fresh) sign-in is wanted, with
///   `prompt=login&max_age=…`, so that Cognito asks again; a route of your own that answers with
///   [`Login`](crate::Login) heeds that by itself.
/// - Everything else: 401 with `WWW-Authenticate: Bearer` (RFC 9110 section 11.6.1), as a page or as JSON.
///
/// It leads *to* the login route and begins no sign-in itself; the answer of a login route of your own is
/// [`Login`](crate::Login).
///
/// # Example
/// ```rust
/// use rocket::catch;
/// use rocket_cognito::RedirectToLogin;
///
/// #[catch(401)]
/// fn unauthorized() -> RedirectToLogin {
///     RedirectToLogin::and_return()
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct RedirectToLogin {
    next: Option<String>,
}

impl RedirectToLogin {
    /// Sign in, and return to the page that was asked for.
    #[must_use]
    pub fn and_return() -> Self {
        RedirectToLogin::default()
    }

    /// Sign in, and go on to `path`: a path on this site as browsers see it, such as `/welcome`. Anything
    /// else leads to the setting `login_redirect`.
    ///
    /// # Example
    /// ```rust
    /// use rocket::catch;
    /// use rocket_cognito::RedirectToLogin;
    ///
    /// #[catch(401)]
    /// fn unauthorized() -> RedirectToLogin {
    ///     RedirectToLogin::and_go_to("/welcome")
    /// }
    /// ```
    #[must_use]
    pub fn and_go_to(path: impl Into<String>) -> Self {
        RedirectToLogin { next: Some(path.into()) }
    }
}

impl<'r> Responder<'r, 'static> for RedirectToLogin {
    fn respond_to(self, request: &'r Request<'_>) -> Result<'static> {
        let state = RequestState::of(request);
        let denial = state.denial();
        // A bearer token is a program's business, whoever sends it.
        let has_bearer = state.caller().is_some_and(|caller| caller.source() == CredentialSource::Bearer);
        let asks = denial.as_ref().is_some_and(Denial::asks_for_sign_in) && !has_bearer;
        let denial = denial.unwrap_or_else(|| Denial::unrecorded(request, Reason::NotSignedIn));
        let get = matches!(request.method(), Method::Get | Method::Head);
        if !(asks && get && is_navigation(request)) {
            return Ok(answer::refusal(request, &denial));
        }
        if let Some(url) = denial.resume_url() {
            return Response::build().status(Status::SeeOther).raw_header("Location", url.to_owned()).ok();
        }
        let prefix = App::of(request.rocket()).and_then(|app| app.sign_in.as_ref());
        let prefix = prefix.map_or("", |parts| parts.settings.public_prefix.as_str());
        let next = self.next.unwrap_or_else(|| format!("{prefix}{}", request.uri()));
        Response::build().status(Status::SeeOther).raw_header("Location", denial.login_path_to(&next)).ok()
    }
}
