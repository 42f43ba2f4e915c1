//! A callback's query, kept from Rocket's log.

use rocket::Request;

use super::state::RequestState;
use crate::app::Core;
use crate::http::take_query;
use crate::sign_in::StateHash;

/// A callback has one; nobody makes us look for more.
const MAX_STATES: usize = 4;

/// Takes code and state out of the URI before Rocket logs it, whatever the method.
pub(crate) fn hide_query(request: &mut Request<'_>, core: &Core) {
    let is_callback = is_callback(request, &core.settings.callback_path);
    if is_callback {
        RequestState::of(request).set_own_route();
    }
    if !is_callback && !brings_our_state(request, core) {
        return;
    }
    if let Some(query) = take_query(request) {
        RequestState::of(request).set_callback_query(query);
    }
}

/// Whether the query has the state of an attempt that this browser began: a callback, though at another path, as
/// behind a proxy that is set up wrongly.
fn brings_our_state(request: &Request<'_>, core: &Core) -> bool {
    let query = request.uri().query().map_or("", |query| query.as_str());
    let mut states = query.split('&').filter_map(|pair| pair.strip_prefix("state=")).peekable();
    if states.peek().is_none() {
        return false;
    }
    let sent = core.cookies.sent(request);
    let begun = core.cookies.logins(&sent).next().is_some();
    begun
        && states
            .take(MAX_STATES)
            .any(|state| core.cookies.read_login(&sent, &StateHash::of(state)).is_some())
}

/// Compared as Rocket routes: decoded, and without empty segments.
fn is_callback(request: &Request<'_>, callback_path: &str) -> bool {
    let theirs = request.uri().path().segments().filter(|segment| !segment.is_empty());
    let ours = callback_path.split('/').filter(|segment| !segment.is_empty());
    theirs.eq(ours)
}
