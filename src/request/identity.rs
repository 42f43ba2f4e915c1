//! Who a request is from: the bearer header when there is one, else the session cookies.

use rocket::Request;

use super::bearer_header::BearerHeader;
use super::disabled_host::check_host;
use super::same_origin::{cross_site, may_be_cross_site};
use super::session_identity::load_session;
use super::state::RequestState;
use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::session::BearerDenylist;
use crate::telemetry::{Event, RefusedToken, emit};
use crate::token::{BearerFault, KeysUnavailable};
use crate::user::CognitoUser;

/// Who sent this request, person or machine, found out once. A refusal is recorded each time it is asked for.
pub(crate) async fn identity_of(request: &Request<'_>) -> Result<CognitoUser, Denial> {
    let state = RequestState::of(request);
    if let Some(identity) = state.identity() {
        if let Err(denial) = &identity {
            state.set_denial(denial.clone());
        }
        return identity;
    }
    let identity = match App::of(request.rocket()) {
        Some(app) => identify(request, app).await,
        // Sentinels stop such a launch; this serves types that Rocket cannot see into.
        None => Err(Reason::KeysUnavailable),
    };
    let identity = identity.map_err(|reason| Denial::record(request, reason, None));
    state.set_identity(&identity);
    identity
}

/// The user of a bearer token that was verified before, as most were: equal to a good one, it needs no second look at
/// its form.
fn recall_bearer(header: &BearerHeader<'_>, app: &App) -> Option<CognitoUser> {
    let token =
        app.pool.verifier().recall(header.text()?, &app.pool.expected_of_bearer(), app.clock.now())?;
    Some(CognitoUser::from_bearer(token, app.pool.endpoints().cloned()))
}

async fn identify(request: &Request<'_>, app: &App) -> Result<CognitoUser, Reason> {
    if let Some(user) = app.stub_user() {
        check_host(request, app)?;
        return if may_be_cross_site(request, app) { Err(cross_site(request)) } else { Ok(user) };
    }
    let header = BearerHeader::of(request, &app.settings.bearer);
    if let Some(user) = recall_bearer(&header, app) {
        return accept_bearer(request, app, user).await;
    }
    if let Some(token) = header.token()? {
        let user = verify_bearer(token, app).await?;
        return accept_bearer(request, app, user).await;
    }
    // Signing in would not help.
    let Some(parts) = &app.sign_in else { return Err(header.without_token()) };
    let is_cross_site = may_be_cross_site(request, app);
    // In a box of its own, so that the guards' futures stay small.
    let user = Box::pin(load_session(request, app, parts, !is_cross_site)).await?;
    if is_cross_site { Err(cross_site(request)) } else { Ok(user) }
}

/// The `user` of a bearer token, unless its sign-in has been signed out, where the app wants to know.
async fn accept_bearer(request: &Request<'_>, app: &App, user: CognitoUser) -> Result<CognitoUser, Reason> {
    if let Some(denylist) = app.store.as_ref().and_then(|store| store.denylist.as_ref()) {
        // In a box of its own, so that the guards' futures stay small.
        Box::pin(check_not_denied(denylist, &user)).await?;
    }
    made_on_purpose(request, app, user)
}

async fn check_not_denied(denylist: &BearerDenylist, user: &CognitoUser) -> Result<(), Reason> {
    // A machine's token comes from no sign-in.
    let Some(origin_jti) = user.origin_jti() else { return Ok(()) };
    match denylist.refuses(origin_jti).await {
        Ok(false) => Ok(()),
        Ok(true) => {
            const SIGNED_OUT: &str = "its sign-in has been signed out";
            emit(Event::TokenRefused { token: RefusedToken::Bearer, reason: &SIGNED_OUT, cause: SIGNED_OUT });
            Err(Reason::InvalidToken)
        }
        // Nobody can tell whether it was signed out.
        Err(_) => Err(Reason::SessionsUnavailable),
    }
}

/// The `user` of a bearer token. Who sends one means it, unless a proxy adds it to whatever a browser sends.
fn made_on_purpose(request: &Request<'_>, app: &App, user: CognitoUser) -> Result<CognitoUser, Reason> {
    let may_be_anybodys = app.settings.bearer.is_from_proxy && may_be_cross_site(request, app);
    if may_be_anybodys { Err(cross_site(request)) } else { Ok(user) }
}

/// Verifies a bearer token that is not remembered, and returns its user.
async fn verify_bearer(token: &str, app: &App) -> Result<CognitoUser, Reason> {
    match app.pool.verifier().verify_anew(token, &app.pool.expected_of_bearer(), app.clock.now()).await {
        Ok(Ok(token)) => Ok(CognitoUser::from_bearer(token, app.pool.endpoints().cloned())),
        Ok(Err(error)) => {
            match BearerFault::of(error, token, &app.pool.expected_of_bearer(), app.clock.now()) {
                Some((fault, remedy)) => emit(Event::BearerTokenUnaccepted { reason: &fault, remedy }),
                None => emit(Event::TokenRefused {
                    token: RefusedToken::Bearer,
                    reason: &error,
                    cause: error.text(),
                }),
            }
            Err(Reason::InvalidToken)
        }
        Err(KeysUnavailable) => Err(Reason::KeysUnavailable),
    }
}
