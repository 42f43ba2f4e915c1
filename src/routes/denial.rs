//! `Denial` as an answer: what the ready catchers send.

use rocket::http::Status;
use rocket::request::Request;
use rocket::response::{Responder, Result};

use super::answer;
use super::redirect_to_login::RedirectToLogin;
use crate::denial::Denial;
use crate::request::RequestState;

/// What [`catchers`](crate::catchers) answer: 401 as [`RedirectToLogin::and_return`], which sends a person's browser to
/// the sign-in; any other status with a page for people, and with JSON for programs (`error`, `message` and `hint`).
///
/// The answer has the denial's own [`status`](Denial::status), in a catcher too, and its headers, such as
/// `WWW-Authenticate`.
impl<'r> Responder<'r, 'static> for Denial {
    fn respond_to(self, request: &'r Request<'_>) -> Result<'static> {
        // A request may have met several guards, and their denials; the fairing adds the headers of this one.
        RequestState::of(request).set_denial(self.clone());
        match self.status() == Status::Unauthorized {
            true => RedirectToLogin::and_return().respond_to(request),
            false => Ok(answer::refusal(request, &self)),
        }
    }
}
