//! Ready-made catchers, and the template they share with your own.

use rocket::catcher::{BoxFuture, Catcher};
use rocket::http::Status;
use rocket::request::Request;
use rocket::response::Responder;

use super::answer;
use super::redirect_to_login::RedirectToLogin;
use crate::denial::{Denial, Reason};

/// Statuses that an app also answers for other causes, such as a panic's 500.
const LEFT_TO_THE_APP: [Status; 2] = [Status::MethodNotAllowed, Status::InternalServerError];

/// Catchers for 400, 401, 403 and 503, for those who want defaults:
/// `.register("/", rocket_cognito::catchers())`.
///
/// 401 answers as [`RedirectToLogin`]; the others with a page for people and JSON for programs. Statuses that
/// none of this crate's guards or routes caused are answered with their name alone.
///
/// # Example
/// ```rust
/// use rocket_cognito::Cognito;
///
/// # let _ =
/// rocket::build()
///     .attach(Cognito::fairing())
///     .register("/", rocket_cognito::catchers());
/// ```
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    let statuses = Reason::statuses().into_iter().filter(|status| !LEFT_TO_THE_APP.contains(status));
    statuses.map(|status| Catcher::new(status.code, catch)).collect()
}

fn catch<'r>(status: Status, request: &'r Request<'_>) -> BoxFuture<'r> {
    Box::pin(async move {
        match Denial::of(request).filter(|denial| denial.status() == status) {
            Some(_) if status == Status::Unauthorized => RedirectToLogin::and_return().respond_to(request),
            Some(denial) => Ok(answer::refusal(request, &denial)),
            None => (status, status.reason_lossy()).respond_to(request),
        }
    })
}

/// What [`Cognito::templates`](crate::Cognito::templates) does.
#[cfg(feature = "templates")]
pub(crate) fn templates(engines: &mut rocket_dyn_templates::Engines) {
    let minijinja = &mut engines.minijinja;
    minijinja.add_global("cognito_style", super::page::STYLE);
    if let Err(error) = minijinja.add_template("cognito/denial.html", super::page::DENIAL) {
        crate::telemetry::emit(crate::telemetry::Event::TemplateRejected { error: &error });
    }
}
