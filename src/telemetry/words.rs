//! What the log calls tokens, refusals and ends.

use super::event::{CallbackRefusal, ClientCall, RefusedToken, SessionEnd, SessionPlace};
use super::redact::quoted;

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

pub(super) fn any_client_accepted(resource: &str) -> String {
    format!(
        ">> access tokens of every client of the pool count whose `aud` is {resource}: if anybody may register one, guard \
         with `Scopes` of your own too"
    )
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

/// A callback that no login cookie belongs to, with what the hosts say about why.
pub(super) fn sign_in_unmatched(
    has_state: bool,
    host: Option<&str>,
    is_callback_host: bool,
    begun_at: Option<&str>,
) -> Vec<String> {
    let host = host.map_or_else(|| "none".to_owned(), quoted);
    let reason = callback_unmatched(has_state);
    let mut lines = vec![format!("a sign-in came back unmatched at Host {host}: {reason}")];
    if !is_callback_host {
        lines.push(
            ">> no callback has this host: let proxies pass `Host` on as it was, and check `redirect_url` and \
             `accepted_redirect_urls`"
                .into(),
        );
    }
    if let Some(host) = begun_at.map(quoted) {
        lines.push(format!(
            ">> a sign-in was begun at Host {host}, where its cookie stays, and no callback has this host: if that is a name \
             of this app, redirect it to that of `redirect_url`, or add its callback to `accepted_redirect_urls`"
        ));
    }
    lines
}
