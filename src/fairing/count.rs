//! Counts what has come of a request, once its answer is complete.

use rocket::Request;
use rocket::http::Status;

use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::request::SignInEnd;
use crate::routes::is_caught_by_app;
use crate::sign_in::Exchanged;
use crate::telemetry::AdmittedBy;
use crate::user::CredentialSource;

/// Counts the answer: the refusal that it is, if it is one, or the admission of whoever has this `credential`.
pub(super) fn count_answer(
    request: &Request<'_>,
    app: &App,
    credential: Option<CredentialSource>,
    denial: Option<&Denial>,
    answered: Option<&Denial>,
    status: Status,
) {
    match (answered, credential) {
        (Some(denial), _) => app.counts.refusals.add(denial.code()),
        (None, Some(credential)) if denial.is_none_or(|it| is_of_route(request, it, status)) => {
            app.counts.admissions.add(match credential {
                CredentialSource::Bearer => AdmittedBy::Bearer,
                CredentialSource::Session => AdmittedBy::Session,
                CredentialSource::Disabled => AdmittedBy::Disabled,
            })
        }
        _ => {}
    }
}

/// Whether an answer of this `status` is the route's own, though a guard has refused with this `denial`: an `Option<G>` may
/// have taken it. Rocket does not say whether it has called a catcher; where the app has none for the denial, none can have
/// changed the status.
fn is_of_route(request: &Request<'_>, denial: &Denial, status: Status) -> bool {
    status.class().is_success() || !is_caught_by_app(request.rocket(), request.uri().path(), denial.status())
}

/// Counts a sign-in that has come to nothing, once, however often its callback was delivered; `is_refused`: the app's own
/// callback answers with an error. One that has begun a session is counted with it, unless that `is_over` already.
pub(super) fn count_sign_in(
    app: &App,
    end: SignInEnd,
    exchanged: Option<&Exchanged>,
    is_refused: bool,
    is_over: bool,
) {
    let failure = match end {
        Err(reason) => reason,
        Ok(()) if is_refused => Reason::RefusedByApp,
        Ok(()) if is_over => Reason::LoginUsed,
        Ok(()) => return,
    };
    if exchanged.is_none_or(Exchanged::fail) {
        app.counts.sign_ins.add(failure.code());
    }
}
