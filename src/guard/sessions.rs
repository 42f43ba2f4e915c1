//! [`Sessions`] as a guard.

use std::sync::Arc;

use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::outcome::{outcome, sign_in_is_missing};
use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::request::{BearerHeader, RequestState};
use crate::session::Sessions;
use crate::store::SessionAddress;
use crate::telemetry::{Event, emit};

/// It looks at nothing but the cookie of the request, and at the sign-in that a guard before it has completed.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Sessions {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        let sessions = sessions_of(request);
        outcome(sessions.map_err(|reason| Denial::record(request, reason, None)))
    }
}

impl Sentinel for Sessions {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let app = rocket.state::<Arc<App>>();
        let has_no_store = app.is_some_and(|app| app.sign_in.is_some() && app.sessions().is_none());
        if has_no_store {
            emit(Event::SessionStoreMissing);
        }
        has_no_store || sign_in_is_missing(rocket)
    }
}

/// The sentinel stops a launch without a store; this serves hooks, and types that Rocket cannot see into.
fn sessions_of(request: &Request<'_>) -> Result<Sessions, Reason> {
    let app = App::of(request.rocket()).ok_or(Reason::SignInMisconfigured)?;
    let Some(sessions) = app.sessions() else {
        emit(Event::SessionStoreMissing);
        return Err(Reason::SignInMisconfigured);
    };
    Ok(sessions.with_current(current(request, app)))
}

/// Where the session lies that `request` has begun or came by. Who sends a bearer token does not come by a session.
fn current(request: &Request<'_>, app: &App) -> Option<SessionAddress> {
    let (state, parts) = (RequestState::of(request), app.sign_in.as_ref()?);
    if let Some(begun) = state.begun() {
        return begun.address;
    }
    let is_by_cookie = BearerHeader::of(request, &app.settings.bearer).is_absent();
    let id = is_by_cookie.then(|| parts.sessions.id(state.cookies(request, parts))).flatten();
    id.map(|id| *id.address())
}
