//! The responder that sends people to sign in.

use rocket::http::Method;
use rocket::request::Request;
use rocket::response::{Responder, Result};

use super::answer;
use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::http::{is_htmx, is_page_visit};
use crate::request::{RequestState, judged, own_address, page_before};
use crate::user::CredentialSource;

/// Answers a 401: a browser goes to sign in and comes back, anything else gets 401 with its challenge.
///
/// - A browser's navigation (GET, `Accept: text/html`, and `Sec-Fetch-Mode: navigate` where it is sent)
///   that one of this crate's guards refused for want of a sign-in: 303 to the login route, which leads
///   back to the page asked for. Where a [`Fresh`](crate::policy::Fresh) sign-in is wanted, with
///   `prompt=login&max_age=…`, so that Cognito asks again; a route of your own that answers with
///   [`Login`](crate::Login) heeds that by itself.
/// - Everything else: 401 with `WWW-Authenticate: Bearer` (RFC 9110 section 11.6.1), as a page or as JSON. So it is for
///   a page in a frame, where Cognito does not open, and for one that a browser asks for ahead of its user. The page in a
///   form's place leads back to the page of the form. For htmx the answer has `HX-Redirect` to the login route, which
///   leads back to the page that htmx works in.
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
        let redirects = matches!(request.method(), Method::Get | Method::Head) && is_page_visit(request);
        if !asks || !(redirects || is_htmx(request)) {
            return Ok(answer::refusal(request, &denial));
        }
        let login = self.login_path(request, &denial);
        if redirects {
            return Ok(answer::see_other(login));
        }
        let mut response = answer::refusal(request, &denial);
        response.set_raw_header(answer::HX_REDIRECT, login);
        Ok(response)
    }
}

impl RedirectToLogin {
    /// Where the sign-in begins. It leads to what [`and_go_to`](Self::and_go_to) says, to the page that htmx works in, or
    /// to the page asked for; a path that no sign-in leads to is left out.
    fn login_path(self, request: &Request<'_>, denial: &Denial) -> String {
        if let Some(url) = denial.resume_url() {
            return url.to_owned();
        }
        let parts = App::of(request.rocket()).and_then(|app| app.sign_in.as_ref());
        let next = parts.and_then(|parts| match &self.next {
            Some(path) => judged(path, parts),
            None if is_htmx(request) => page_before(request, parts),
            None => own_address(request, parts),
        });
        denial.login_path_to(next.as_ref())
    }
}
