//! What the log calls tokens, refusals and ends.

use super::event::{CallbackRefusal, ClientCall, RefusedToken, SessionEnd, SessionPlace};

pub(super) fn refused_token(token: RefusedToken) -> &'static str {
    match token {
        RefusedToken::Bearer => "a bearer token",
        RefusedToken::Session => "a session's access token",
        RefusedToken::SignIn => "a token of a sign-in",
        RefusedToken::Refresh => "a token of a refresh",
    }
}

pub(super) fn callback_refusal(refusal: CallbackRefusal) -> &'static str {
    match refusal {
        CallbackRefusal::CookieUnreadable => {
            "the login cookie cannot be opened; were the secret keys changed?"
        }
        CallbackRefusal::CookieExpired => "the login cookie is older than ten minutes",
        CallbackRefusal::CookieForeign => {
            "the login cookie is of another pool, client, redirect_url or state"
        }
        CallbackRefusal::IssuerForeign => "its `iss` is not this pool",
    }
}

pub(super) fn callback_unmatched(has_state: bool) -> &'static str {
    match has_state {
        true => "no login cookie came with it; it was begun elsewhere, or the cookie is blocked or hidden",
        false => "it has no `state`; it was begun at the identity provider",
    }
}

/// What the app wanted, and what did not come of it.
pub(super) fn client_call(call: ClientCall) -> &'static str {
    match call {
        ClientCall::CodeExchange => "a code could not be exchanged",
        ClientCall::Refresh => "a session could not be refreshed, and is kept",
    }
}

pub(super) fn session_end(end: SessionEnd) -> &'static str {
    match end {
        SessionEnd::LimitReached => "it has lasted, or been idle, as long as the settings allow",
        SessionEnd::RefusedByHook => "the app's hook refused to go on with it",
        SessionEnd::RefreshTokenRefused => "the pool does not accept its refresh token any more",
        SessionEnd::RefreshedTokensForeign => "the pool's answer to its refresh is not of this session",
        SessionEnd::RefreshTokenTooLarge => "its new tokens do not fit into what holds it",
        SessionEnd::UsersDiffer => "its tokens are of two people",
    }
}

pub(super) fn session_place(place: SessionPlace<'_>) -> String {
    match place {
        SessionPlace::Process => "in this process, and end with it".to_owned(),
        SessionPlace::Servers(addresses) => format!("in Redis or Valkey at {addresses}"),
        SessionPlace::OwnStore => "in the app's own store".to_owned(),
    }
}
