//! `Denial` as an answer: what the ready catchers send.

use rocket::http::Status;
use rocket::request::Request;
use rocket::response::{Responder, Result};

use super::answer;
use super::catchers::is_caught_by_app;
use super::redirect_to_login::RedirectToLogin;
use crate::denial::Denial;
use crate::request::RequestState;

/// What the ready [`catchers`](crate::catchers) answer: 401 as [`RedirectToLogin::and_return`], which sends a person's
/// browser to the sign-in; any other status with a page for people, and with JSON for programs (`error`, `message` and
/// `hint`). The answer has the denial's own [`status`](Denial::status), in a catcher too, and its headers, such as
/// `WWW-Authenticate`.
///
/// A denial of [`Denial::forbidden`] is the handler's own refusal: it goes to the app's catcher of this status, where there
/// is one, as a guard's does. In `(Status, Denial)` the denial's status wins there.
impl<'r> Responder<'r, 'static> for Denial {
    fn respond_to(self, request: &'r Request<'_>) -> Result<'static> {
        let is_forbidden = self.is_without_request();
        let denial = Denial::completed(request, self);
        let (status, state) = (denial.status(), RequestState::of(request));
        // A request may have met several guards, and their denials; the fairing adds the headers of this one.
        state.set_denial(denial.clone());
        if is_forbidden && is_caught_by_app(request.rocket(), request.uri().path(), status) && state.hand_on()
        {
            return Err(status);
        }
        match status == Status::Unauthorized {
            true => RedirectToLogin::and_return().respond_to(request),
            false => Ok(answer::refusal(request, &denial)),
        }
    }
}
