//! Saves what a request has done to its session, when its answer is complete.

use rocket::Request;
use rocket::http::Cookie;
use tokio::task::JoinHandle;

use super::state::RequestState;
use crate::app::{App, SignInParts};
use crate::session::SessionChange;

/// The cookies of the answer. A sign-in that the app answers with an error leaves nothing behind, here and at the pool.
pub(crate) async fn save_session(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
    change: &SessionChange,
    is_refused: bool,
) -> Vec<Cookie<'static>> {
    match change {
        SessionChange::Refused(issued) => {
            parts.sign_ins.discard(issued).await;
            return Vec::new();
        }
        SessionChange::Begun(issued) if is_refused || parts.sessions.is_over(issued) => {
            parts.sign_ins.discard(issued).await;
            return Vec::new();
        }
        SessionChange::SignedOut => {
            for revocation in end_session(request, app, parts).await {
                let _ = revocation.await;
            }
        }
        _ => {}
    }
    parts.sessions.save(RequestState::of(request).cookies(request, parts), change).await
}

/// Ends the session of `request`: here first, then at the pool, whatever the pool says. It returns what is under way
/// there. Disabled mode only removes the cookies that are left of other launches.
pub(crate) async fn end_session(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
) -> Vec<JoinHandle<()>> {
    if app.is_disabled() {
        return Vec::new();
    }
    let sent = RequestState::of(request).cookies(request, parts);
    let present = parts.sessions.present(sent);
    parts.sign_ins.forget(&present);
    // Nor does a callback whose answer got lost sign in again.
    parts.sign_ins.end_delivered(sent);
    parts.sessions.end(&present).await
}
