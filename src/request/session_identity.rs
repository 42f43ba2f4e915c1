//! The user of a browser's session, in which the app's hook has a say when it is refreshed.

use std::sync::Arc;

use rocket::Request;

use super::state::RequestState;
use crate::app::{App, RefreshHook, SignInParts, run_logged};
use crate::denial::Reason;
use crate::session::{HookDecision, IssuedSession, LoadedSession, SessionChange, SessionRefusal};
use crate::telemetry::{Event, Hook, SessionEnd, emit};
use crate::user::CognitoUser;

/// Finds out who sent `request`, by its session. Another site's request, though it may well get an answer, does not
/// cause a refresh.
pub(crate) async fn load_session(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
    may_refresh: bool,
) -> Result<CognitoUser, Reason> {
    let sent = RequestState::of(request).cookies(request, parts);
    let loaded = parts.sessions.load(sent, may_refresh).await;
    adopt(request, app, parts, loaded).await
}

/// Refreshes the session of `request` on demand.
pub(crate) async fn refresh_session(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
) -> Result<CognitoUser, Reason> {
    let state = RequestState::of(request);
    let user = match app.stub_user() {
        Some(user) => user,
        None => {
            let loaded = parts.sessions.refresh(state.cookies(request, parts)).await;
            adopt(request, app, parts, loaded).await?
        }
    };
    state.set_identity(&Ok(user.clone()));
    Ok(user)
}

/// Notes what is to be saved with the answer, and asks the app's hook about a session that has just been refreshed.
async fn adopt(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
    loaded: LoadedSession,
) -> Result<CognitoUser, Reason> {
    if let Some(change) = loaded.change {
        RequestState::of(request).set_session(change);
    }
    let user = loaded.user.inspect_err(|refusal| {
        if let SessionRefusal::NotRefreshed(rest) = refusal {
            RequestState::of(request).set_session_rest(*rest);
        }
    })?;
    match (&app.hooks.on_refresh, &loaded.refreshed) {
        (Some(hook), Some(issued)) => {
            // In a box of its own, so that the others' futures stay small.
            Box::pin(ask_hook(request, app, parts, &**hook, issued, &user)).await?;
            Ok(user)
        }
        _ => Ok(user),
    }
}

async fn ask_hook(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
    hook: &RefreshHook,
    issued: &Arc<IssuedSession>,
    user: &CognitoUser,
) -> Result<(), Reason> {
    let state = RequestState::of(request);
    let ask = || run_logged(&app.counts, Hook::OnRefresh, || hook(request, user));
    match issued.decision.get_or_init(ask).await {
        Some(HookDecision::Refuse) => {
            emit(Event::SessionEnded(SessionEnd::RefusedByHook));
            state.set_session(SessionChange::Ended);
            parts.sessions.end_issued(issued).await;
            return Err(Reason::SessionExpired);
        }
        Some(HookDecision::GoTo(path)) => {
            state.set_refresh_target(parts.targets.judge_or_default(Some(path)))
        }
        Some(HookDecision::Proceed) | None => {}
    }
    Ok(())
}
