//! `Denial` as an answer: what the ready catchers send.

use rocket::http::Status;
use rocket::request::Request;
use rocket::response::{Responder, Result};

use super::answer;
use super::catchers::is_caught;
use super::redirect_to_login::RedirectToLogin;
use crate::denial::{Denial, Origin};
use crate::request::RequestState;

/// A handler's denial goes to the app's catcher of this status, as a guard's does. Where there is none, and in a catcher
/// that got it from [`Denial::of`], it is answered as by the ready [`catchers`](crate::catchers): 401 as
/// [`RedirectToLogin::and_return`], which sends a person's browser to the sign-in; any other status with a page for
/// people, and with JSON for programs (`error`, `message` and `hint`).
///
/// The answer has the denial's own [`status`](Denial::status), in a catcher too, and its headers, such as
/// `WWW-Authenticate`.
impl<'r> Responder<'r, 'static> for Denial {
    fn respond_to(self, request: &'r Request<'_>) -> Result<'static> {
        let denial = Denial::completed(request, self);
        match is_handed_on(request, &denial) {
            true => Err(denial.status()),
            false => ready_answer(request, &denial),
        }
    }
}

/// Whether `denial` is left to a catcher of the app, which a catcher itself must not do. Rocket does not say whether one
/// runs. These are signs of it: there is no route, the denial was looked up, or one was left to a catcher before.
fn is_handed_on(request: &Request<'_>, denial: &Denial) -> bool {
    let state = RequestState::of(request);
    let is_in_catcher =
        request.route().is_none() || matches!(denial.origin(), Origin::Lookup) || state.is_handed_on();
    let is_handed_on = !is_in_catcher && is_caught(request.rocket(), request.uri().path(), denial.status());
    if is_handed_on {
        state.hand_on(denial.clone());
    }
    is_handed_on
}

/// What the ready catchers answer.
pub(crate) fn ready_answer(request: &Request<'_>, denial: &Denial) -> Result<'static> {
    // A request may have met several guards, and their denials; the fairing adds the headers of this one.
    RequestState::of(request).set_denial(denial.clone());
    match denial.status() == Status::Unauthorized {
        true => RedirectToLogin::and_return().respond_to(request),
        false => Ok(answer::refusal(request, denial)),
    }
}
