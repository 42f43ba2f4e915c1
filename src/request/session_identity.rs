//! The user of a browser's session, in which the app's hook has a say when it is refreshed.

use std::sync::Arc;

use rocket::Request;

use super::state::RequestState;
use crate::app::{App, outcome};
use crate::denial::Reason;
use crate::session::{HookDecision, IssuedSession, LoadedSession, SessionChange};
use crate::telemetry::{Event, SessionEnd, emit};
use crate::user::CognitoUser;

/// Finds out who sent `request`, by its session. Another site's request, though it may well get an answer, does not
/// cause a refresh.
pub(crate) async fn load_session(
    request: &Request<'_>,
    app: &App,
    may_refresh: bool,
) -> Result<CognitoUser, Reason> {
    let sent = RequestState::of(request).cookies(request, app);
    let loaded = app.sessions.load(sent, may_refresh).await;
    adopt(request, app, loaded).await
}

/// Refreshes the session of `request` on demand.
pub(crate) async fn refresh_session(request: &Request<'_>, app: &App) -> Result<CognitoUser, Reason> {
    let state = RequestState::of(request);
    let user = match app.stub_user() {
        Some(user) => user,
        None => {
            let loaded = app.sessions.refresh(state.cookies(request, app)).await;
            adopt(request, app, loaded).await?
        }
    };
    state.set_identity(&Ok(user.clone()));
    Ok(user)
}

/// Notes what is to be saved with the answer, and asks the app's hook about a session that has just been refreshed.
async fn adopt(request: &Request<'_>, app: &App, loaded: LoadedSession) -> Result<CognitoUser, Reason> {
    if let Some(change) = loaded.change {
        RequestState::of(request).set_session(change);
    }
    let user = loaded.user?;
    match (&app.hooks.on_refresh, &loaded.refreshed) {
        (Some(_), Some(issued)) => {
            // In a box of its own, so that the others' futures stay small.
            Box::pin(ask_hook(request, app, issued, &user)).await?;
            Ok(user)
        }
        _ => Ok(user),
    }
}

async fn ask_hook(
    request: &Request<'_>,
    app: &App,
    issued: &Arc<IssuedSession>,
    user: &CognitoUser,
) -> Result<(), Reason> {
    let Some(hook) = &app.hooks.on_refresh else { return Ok(()) };
    let state = RequestState::of(request);
    match issued.decision.get_or_init(|| outcome("on_refresh", || hook(request, user))).await {
        Some(HookDecision::Refuse) => {
            emit(Event::SessionEnded(SessionEnd::RefusedByHook));
            state.set_session(SessionChange::Ended);
            app.sessions.end_once(&issued.tokens.record).await;
            return Err(Reason::SessionExpired);
        }
        Some(HookDecision::GoTo(path)) => state.set_refresh_target(app.targets.judge_or_default(Some(path))),
        Some(HookDecision::Proceed) | None => {}
    }
    Ok(())
}
