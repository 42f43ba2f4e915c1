//! A callback's query, kept from Rocket's log.

use rocket::Request;

use super::state::{RequestState, parse_cookies};
use crate::app::SignInParts;
use crate::http::take_query;

/// A callback has one; nobody makes us look for more.
const MAX_STATES: usize = 4;

/// Takes code and state out of the URI before Rocket logs it, whatever the method.
pub(crate) fn hide_query(request: &mut Request<'_>, parts: &SignInParts) {
    let is_callback = is_callback(request, &parts.settings.callback_path);
    if is_callback {
        RequestState::of(request).set_own_route();
    }
    if !is_callback && !brings_our_state(request, parts) {
        return;
    }
    if let Some(query) = take_query(request) {
        RequestState::of(request).set_callback_query(query.into());
    }
}

/// Whether the query has the state of an attempt that this browser began: a callback, though at another path, as
/// behind a proxy that is set up wrongly.
fn brings_our_state(request: &Request<'_>, parts: &SignInParts) -> bool {
    let query = request.uri().query().map_or("", |query| query.as_str());
    let mut states = query.split('&').filter_map(|pair| pair.strip_prefix("state=")).peekable();
    if states.peek().is_none() {
        return false;
    }
    // Not kept: other fairings may still change the headers.
    let cookies = parse_cookies(request, parts);
    let sent = cookies.of(request);
    let begun = parts.sign_ins.has_begun_any(sent);
    begun && states.take(MAX_STATES).any(|state| parts.sign_ins.has_begun(sent, state))
}

/// Compared as Rocket routes: decoded, and without empty segments.
fn is_callback(request: &Request<'_>, callback_path: &str) -> bool {
    let theirs = request.uri().path().segments().filter(|segment| !segment.is_empty());
    let ours = callback_path.split('/').filter(|segment| !segment.is_empty());
    theirs.eq(ours)
}
