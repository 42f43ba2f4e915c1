//! Renewing a session on demand.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};
use serde_json::json;

use super::answer::RouteResponse;
use super::parts::parts_of;
use crate::app::{App, SignInParts};
use crate::denial::{Denial, Reason};
use crate::guard::{Asks, By, Guard, answer_question, has_noted, outcome, sign_in_is_missing};
use crate::http::{BadQuery, Query, is_script, prefers_json};
use crate::request::{RequestState, cross_site, is_same_origin, refresh_session};
use crate::telemetry::{Event, emit};
use crate::user::{CognitoUser, Who};

/// A session that has just been renewed: what the mounted `POST {mount}/refresh` does, as a guard for a route of your
/// own. It derefs to the user as of the new tokens: with the groups that the pool knows now.
///
/// Guards renew sessions by themselves, unless `auto_refresh` is off; this one does at any time. An app that uses it
/// does not launch without `refresh_flow_enabled`.
///
/// # Errors
/// - 401 `not_signed_in`, `session_expired`: there is nothing to renew, or the hook `on_refresh` does not go on with it;
///   `session_ended`: the pool does not go on with it; `session_in_doubt`.
/// - 403 `cross_site`: the request does not provably come from this site, whatever its method.
/// - 503 `session_not_renewed`: the pool is down, slow or throttling. The session has not ended. `keys_unavailable`.
///
/// # Example
/// ```rust
/// use rocket::post;
/// use rocket_cognito::Refresh;
///
/// #[post("/groups")]
/// fn groups(session: Refresh) -> String {
///     session.groups().join(" ")
/// }
/// ```
///
/// Source: RFC 6749 section 6.
#[derive(Clone)]
pub struct Refresh {
    user: CognitoUser,
}

impl Refresh {
    /// The user as of the new tokens.
    #[must_use]
    pub fn into_user(self) -> CognitoUser {
        self.user
    }
}

/// Why the guard refuses.
const REFUSES: &[Reason] = &[
    Reason::NotSignedIn,
    Reason::SessionExpired,
    Reason::SessionEnded,
    Reason::SessionInDoubt,
    Reason::SessionNotRefreshed,
    Reason::CrossSite,
    Reason::KeysUnavailable,
    Reason::SessionsUnavailable,
];

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Refresh {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        RequestState::of(request).set_own_route();
        if let Err(denial) = answer_question(request, Refresh::asks) {
            return outcome(Err(denial));
        }
        let user = match parts_of(request) {
            Ok((app, parts)) if is_same_origin(request, app) => refresh_session(request, app, parts).await,
            Ok(_) => Err(cross_site(request)),
            Err(reason) => Err(reason),
        };
        outcome(user.map(|user| Refresh { user }).map_err(|reason| Denial::record(request, reason, None)))
    }
}

impl Guard for Refresh {
    fn asks() -> Asks {
        Asks::new(Who::Person, By::Session, REFUSES)
    }
}

impl Sentinel for Refresh {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let app = rocket.state::<Arc<App>>();
        let never_works =
            app.is_some_and(|app| !app.settings.session.refresh_flow_enabled && !app.is_disabled());
        if never_works {
            emit(Event::RefreshNotEnabled);
        }
        has_noted::<Refresh>(rocket) || never_works || sign_in_is_missing(rocket)
    }
}

impl Deref for Refresh {
    type Target = CognitoUser;

    fn deref(&self) -> &CognitoUser {
        &self.user
    }
}

impl AsRef<CognitoUser> for Refresh {
    fn as_ref(&self) -> &CognitoUser {
        &self.user
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.user.fmt(f)
    }
}

/// Renews the session, and answers scripts with 204 or JSON, forms with a redirect to `next`.
pub(super) async fn refresh(
    request: &Request<'_>,
    app: &App,
    parts: &SignInParts,
) -> Result<RouteResponse, Reason> {
    let raw = request.uri().query().map_or("", |query| query.as_str());
    let bad = |_: BadQuery| Reason::BadLogin;
    let query = Query::parse(raw).map_err(bad)?;
    let next = query.one("next").map_err(bad)?;
    if !is_same_origin(request, app) {
        return Err(cross_site(request));
    }
    let user = refresh_session(request, app, parts).await?;
    Ok(if prefers_json(request) {
        let seconds = user.expires_at().duration_since(app.clock.time()).unwrap_or_default().as_secs();
        RouteResponse::Json(json!({ "expires_in": seconds }))
    } else if is_script(request) {
        RouteResponse::NoContent
    } else {
        let chosen = RequestState::of(request).refresh_target();
        RouteResponse::SeeOther(chosen.unwrap_or_else(|| parts.targets.judge_or_default(next)).into_string())
    })
}
