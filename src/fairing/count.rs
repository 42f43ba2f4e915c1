//! Counts what has come of a request, once its answer is complete.

use rocket::http::Status;

use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::request::SignInEnd;
use crate::telemetry::AdmittedBy;
use crate::user::CredentialSource;

/// Counts the answer: the refusal that it is, if it is one, or the admission of whoever has this `credential`.
pub(super) fn count_answer(
    app: &App,
    credential: Option<CredentialSource>,
    denial: Option<&Denial>,
    answered: Option<&Denial>,
    status: Status,
) {
    // Where a guard has refused and a catcher answers with another status, nobody was admitted.
    let is_admitted = denial.is_none() || status.code < 400;
    match (answered, credential) {
        (Some(denial), _) => app.counts.refusals.add(denial.code()),
        (None, Some(credential)) if is_admitted => app.counts.admissions.add(match credential {
            CredentialSource::Bearer => AdmittedBy::Bearer,
            CredentialSource::Session => AdmittedBy::Session,
            CredentialSource::Disabled => AdmittedBy::Disabled,
        }),
        _ => {}
    }
}

/// Counts a sign-in that has come to nothing; `is_refused`: the app's own callback answers with an error. One that has begun
/// a session is counted with it.
pub(super) fn count_sign_in(app: &App, end: SignInEnd, is_refused: bool) {
    match end {
        Err(reason) => app.counts.sign_ins.add(reason.code()),
        Ok(()) if is_refused => app.counts.sign_ins.add(Reason::RefusedByApp.code()),
        Ok(()) => {}
    }
}
