//! Whether an answer is that of a refusal.

use rocket::Request;
use rocket::http::{HeaderMap, Status, StatusClass};

use super::state::RequestState;
use crate::app::App;
use crate::denial::Denial;

/// The refusal that became the answer to `request` with this status and these headers: as a refusal, or as the redirect to
/// the sign-in.
pub(crate) fn answered_denial(
    request: &Request<'_>,
    status: Status,
    headers: &HeaderMap<'_>,
) -> Option<Denial> {
    let denial = RequestState::of(request).denial()?;
    if denial.status() == status {
        return Some(denial);
    }
    let sign_in = App::of(request.rocket())?.sign_in.as_ref()?.settings.paths.login.as_str();
    let location = headers.get_one("Location").filter(|_| status.class() == StatusClass::Redirection)?;
    let rest = location.strip_prefix(sign_in)?;
    (denial.asks_for_sign_in() && (rest.is_empty() || rest.starts_with('?'))).then_some(denial)
}
