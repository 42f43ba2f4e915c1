//! Saves what a request has done to its session, when its answer is complete.

use rocket::Request;
use rocket::http::Cookie;
use tokio::task::JoinHandle;

use super::state::RequestState;
use crate::app::App;
use crate::session::SessionChange;

/// The cookies of the answer. A sign-in that the app answers with an error leaves nothing behind, here and at the pool.
pub(crate) async fn save_session(
    request: &Request<'_>,
    app: &App,
    change: &SessionChange,
    is_refused: bool,
) -> Vec<Cookie<'static>> {
    match change {
        SessionChange::Refused(issued) => app.sign_ins.discard(issued).await,
        SessionChange::Begun(issued) if is_refused || app.sessions.is_over(issued.session_id()) => {
            app.sign_ins.discard(issued).await;
        }
        SessionChange::SignedOut => {
            if let Some(revocation) = end_session(request, app).await {
                let _ = revocation.await;
            }
            return app.sessions.save(RequestState::of(request).cookies(request, app), change).await;
        }
        change => return app.sessions.save(RequestState::of(request).cookies(request, app), change).await,
    }
    Vec::new()
}

/// Ends the session of `request`: here first, then at the pool, whatever the pool says. It returns what is under way
/// there. Disabled mode only removes the cookies that are left of other launches.
pub(crate) async fn end_session(request: &Request<'_>, app: &App) -> Option<JoinHandle<()>> {
    if app.is_disabled() {
        return None;
    }
    let sent = RequestState::of(request).cookies(request, app);
    let present = app.sessions.present(sent).await;
    app.sign_ins.forget(&present);
    // Nor does a callback whose answer got lost sign in again.
    app.sign_ins.end_delivered(sent);
    app.sessions.end(present.record.as_ref()?).await
}
