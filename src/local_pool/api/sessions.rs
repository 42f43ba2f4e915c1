//! The sessions of a user: of each sign-in whose refresh token counts, and of each browser.
//!
//! Source: Cognito's API reference, `ListUserSessions` and `RevokeUserSession`.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::error::ApiError;
use super::members::{Members, violated};
use super::users::named;
use crate::clock::UnixSeconds;
use crate::local_pool::state::{Grant, Pool, Session, User, session_id_of};

/// All on one page.
const MOST: usize = 125;
/// Also ends the session of the browser that a token session comes from, or the token sessions of a browser.
const LINKED: &str = "LINKED";

pub(super) fn list_user_sessions(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let caller = Caller::of(pool, request)?;
    check_tracking(pool)?;
    Ok(listed(pool, &caller.user, Some(&caller.origin_jti)))
}

pub(super) fn admin_list_user_sessions(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = named(pool, request)?;
    check_tracking(pool)?;
    Ok(listed(pool, &user, None))
}

pub(super) fn revoke_user_session(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let id = session_id(request)?;
    let is_linked = is_linked(request)?;
    let caller = Caller::of(pool, request)?;
    check_tracking(pool)?;
    if id == session_id_of(&caller.origin_jti) {
        return Err(ApiError::invalid_parameter(
            "The current session cannot be revoked: call GlobalSignOut.",
        ));
    }
    revoke(pool, &caller.user, id, is_linked)
}

pub(super) fn admin_revoke_user_session(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let id = session_id(request)?;
    let is_linked = is_linked(request)?;
    let user = named(pool, request)?;
    check_tracking(pool)?;
    revoke(pool, &user, id, is_linked)
}

/// Whether the sessions are to end that are linked to the one that is revoked.
pub(super) fn is_linked(request: Members<'_>) -> Result<bool, ApiError> {
    Ok(request.word("RevokeAssociatedSessions", &["NONE", LINKED])? == Some(LINKED))
}

/// Ends the session of the browser that this token session comes from.
pub(super) fn end_origin(pool: &Pool, grant: &Grant) {
    if let Some(id) = &grant.sso_session {
        pool.sessions.remove_all(|session| session.id == *id);
    }
}

/// Whether the pool tracks sessions.
pub(super) fn check_tracking(pool: &Pool) -> Result<(), ApiError> {
    if !pool.tracking.configuration().is_on {
        let problem = "Session tracking is not enabled for this user pool.";
        return Err(ApiError::new("OperationNotEnabledException", problem));
    }
    check_plan(pool)
}

/// Whether the plan of the pool has sessions.
pub(super) fn check_plan(pool: &Pool) -> Result<(), ApiError> {
    if pool.tracking.is_in_plan() {
        return Ok(());
    }
    let problem = "Session tracking needs the plan Essentials or Plus.";
    Err(ApiError::new("FeatureUnavailableInTierException", problem))
}

fn session_id(request: Members<'_>) -> Result<&str, ApiError> {
    let id = request.required("SessionId")?;
    let rest = id.strip_prefix("tkn").or_else(|| id.strip_prefix("sso")).unwrap_or_default();
    let is_right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if rest.len() == 25 && rest.bytes().all(is_right) {
        return Ok(id);
    }
    Err(violated("SessionId", "satisfy regular expression pattern: ^(tkn|sso)[a-z0-9]{25}$"))
}

/// The latest first. `caller` is the sign-in that asks, if one does.
fn listed(pool: &Pool, user: &User, caller: Option<&str>) -> Value {
    let tokens = grants_of(pool, user).into_values().map(|grant| {
        let is_current = caller == Some(grant.origin_jti.as_str());
        (grant.last_active, token_session(&grant, is_current))
    });
    let browsers = pool.sessions.all(Instant::now()).into_iter().filter(|session| is_of(session, user));
    let browsers = browsers.map(|session| (last_active(&session), sso_session(&session)));
    let mut all: Vec<_> = tokens.chain(browsers).collect();
    all.sort_by_key(|(last_active, _)| std::cmp::Reverse(*last_active));
    json!({ "Sessions": all.into_iter().map(|(_, session)| session).take(MOST).collect::<Vec<_>>() })
}

fn token_session(grant: &Grant, is_current: bool) -> Value {
    let mut session = session(
        &session_id_of(&grant.origin_jti),
        "TOKEN",
        Some(&grant.client_id),
        (grant.auth_time, grant.last_active),
        is_current,
    );
    session.extend(grant.sso_session.iter().map(|id| ("OriginSessionId".to_owned(), json!(id))));
    session.into()
}

fn sso_session(sso: &Session) -> Value {
    session(&sso.id, "SSO", sso.client_id.as_deref(), (sso.auth_time, last_active(sso)), false).into()
}

/// What both kinds have in common. The pool knows neither device nor place.
fn session(
    id: &str,
    kind: &str,
    client_id: Option<&str>,
    (created, last_active): (UnixSeconds, UnixSeconds),
    is_current: bool,
) -> Map<String, Value> {
    let members = [
        ("SessionId", json!(id)),
        ("SessionType", json!(kind)),
        ("CreateDate", json!(created)),
        ("LastActiveDate", json!(last_active)),
        ("DeviceType", json!("unknown")),
        ("IsCurrentSession", json!(is_current)),
    ];
    let client_id = client_id.map(|id| ("ClientId", json!(id)));
    members.into_iter().chain(client_id).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn last_active(session: &Session) -> UnixSeconds {
    session.last_active.unwrap_or(session.auth_time)
}

fn revoke(pool: &Pool, user: &User, id: &str, is_linked: bool) -> Result<Value, ApiError> {
    if let Some(grant) =
        grants_of(pool, user).into_values().find(|grant| session_id_of(&grant.origin_jti) == id)
    {
        pool.grants.end_sign_ins(|other| other.origin_jti == grant.origin_jti);
        if is_linked {
            end_origin(pool, &grant);
        }
        return Ok(json!({}));
    }
    if pool.sessions.remove_all(|session| is_of(session, user) && session.id == id).is_empty() {
        return Err(ApiError::not_found("Session does not exist."));
    }
    if is_linked {
        let comes_from_it = |grant: &Grant| grant.sso_session.as_deref() == Some(id);
        pool.codes.remove_all(|code| comes_from_it(&code.grant));
        pool.grants.end_sign_ins(comes_from_it);
    }
    Ok(json!({}))
}

/// The grants of a user, one of each sign-in.
fn grants_of(pool: &Pool, user: &User) -> BTreeMap<String, Grant> {
    let grants = pool.grants.refresh_tokens.all(Instant::now()).into_iter();
    let own = grants.filter(|grant| grant.username == user.username && grant.sub == user.sub);
    own.map(|grant| (grant.origin_jti.clone(), grant)).collect()
}

fn is_of(session: &Session, user: &User) -> bool {
    session.username == user.username && session.sub == user.sub
}
