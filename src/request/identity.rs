//! Who a request is from: the bearer header when there is one, else the session cookies.

use std::sync::Arc;

use rocket::Request;
use rocket::http::Method;

use super::bearer_header::BearerHeader;
use super::session_identity::from_session;
use super::state::RequestState;
use crate::app::Core;
use crate::denial::{Denial, Kind};
use crate::http::headers;
use crate::telemetry::report;
use crate::token::{Expected, KeysUnavailable};
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
    let identity = match Core::of(request.rocket()) {
        Some(core) => identify(request, core).await,
        // Sentinels stop such a launch; this serves types that Rocket cannot see into.
        None => Err(Kind::KeysUnavailable),
    };
    let identity = identity.map_err(|kind| Denial::record(request, kind, None));
    state.set_identity(&identity);
    identity
}

/// The user of a bearer token that was verified before, as most were: equal to a good one, it needs no second look at
/// its form.
fn at_once(header: &BearerHeader<'_>, core: &Core) -> Option<CognitoUser> {
    let token =
        core.verifier.recall(header.text()?, &Expected::of_bearer(&core.settings), core.clock.now())?;
    Some(CognitoUser::from_bearer(token, core.api.endpoints().cloned()))
}

async fn identify(request: &Request<'_>, core: &Arc<Core>) -> Result<CognitoUser, Kind> {
    if let Some(user) = core.stub_user() {
        return Ok(user);
    }
    let header = BearerHeader::of(request, &core.settings.bearer);
    if let Some(user) = at_once(&header, core) {
        return Ok(user);
    }
    match header.token()? {
        Some(token) => return from_bearer(token, core).await,
        // Signing in would not help.
        None if !core.settings.signs_in => return Err(header.without_token()),
        None => {}
    }
    let is_cross_site = may_be_cross_site(request, core);
    // In a box of its own, so that the guards' futures stay small.
    let user = Box::pin(from_session(request, core, !is_cross_site)).await?;
    if is_cross_site { Err(Kind::CrossSite) } else { Ok(user) }
}

/// The user of one that was not.
async fn from_bearer(token: &str, core: &Core) -> Result<CognitoUser, Kind> {
    match core.verifier.verify_anew(token, &Expected::of_bearer(&core.settings), core.clock.now()).await {
        Ok(Ok(token)) => Ok(CognitoUser::from_bearer(token, core.api.endpoints().cloned())),
        Ok(Err(error)) => {
            report::token_refused("a bearer token", error);
            Err(Kind::InvalidToken)
        }
        Err(KeysUnavailable) => Err(Kind::KeysUnavailable),
    }
}

/// Whether another site may have caused this request: it changes something or opens a WebSocket, and
/// neither `Sec-Fetch-Site` nor `Origin` proves that it comes from here.
fn may_be_cross_site(request: &Request<'_>, core: &Core) -> bool {
    let safe = matches!(request.method(), Method::Get | Method::Head | Method::Options | Method::Trace);
    let mut protocols = headers::values(request.headers(), "Upgrade").flat_map(|header| header.split(','));
    let upgrade = protocols.any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"));
    (!safe || upgrade) && !is_same_origin(request, core)
}

/// Proof that this site's own pages, or the person at the address bar, made the request. Disabled mode has nobody
/// to protect, and may not know its own origin.
pub(crate) fn is_same_origin(request: &Request<'_>, core: &Core) -> bool {
    match request.headers().contains("Sec-Fetch-Site") {
        _ if core.is_disabled() => true,
        true => only(request, "Sec-Fetch-Site").is_some_and(|site| matches!(site, "same-origin" | "none")),
        false => only(request, "Origin")
            .is_some_and(|origin| core.settings.redirect_urls.iter().any(|url| url.origin == origin)),
    }
}

/// The header `name`, which proves nothing when it is there twice.
pub(crate) fn only<'r>(request: &'r Request<'_>, name: &str) -> Option<&'r str> {
    let mut values = request.headers().get(name);
    values.next().filter(|_| values.next().is_none())
}
