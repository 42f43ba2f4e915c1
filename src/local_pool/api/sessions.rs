//! The sessions of a user: one of each sign-in whose refresh token still counts.
//!
//! Source: Cognito's API reference, `ListUserSessions` and `RevokeUserSession`.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::error::ApiError;
use super::members::Members;
use crate::local_pool::state::{Grant, Pool};

/// All on one page, as at Cognito, which allows a user 100 sessions; here the latest 125 are listed.
const MOST: usize = 125;

pub(super) fn list_user_sessions(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let caller = Caller::of(pool, request)?;
    let mut grants: Vec<_> = grants_of(pool, &caller).into_values().collect();
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.last_active));
    let session = |grant: &Grant| {
        json!({
            "SessionId": session_id(&grant.origin_jti),
            "SessionType": "TOKEN",
            "ClientId": grant.client_id,
            "CreateDate": grant.auth_time,
            "LastActiveDate": grant.last_active,
            "DeviceType": "unknown",
            "IsCurrentSession": grant.origin_jti == caller.origin_jti,
        })
    };
    Ok(json!({ "Sessions": grants.iter().take(MOST).map(session).collect::<Vec<_>>() }))
}

pub(super) fn revoke_user_session(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let id = request.required("SessionId")?;
    request.word("RevokeAssociatedSessions", &["NONE", "LINKED"])?;
    let caller = Caller::of(pool, request)?;
    if id == session_id(&caller.origin_jti) {
        return Err(ApiError::invalid_parameter(
            "The current session cannot be revoked: call GlobalSignOut.",
        ));
    }
    let grants = grants_of(pool, &caller);
    let origin = grants.into_keys().find(|origin| session_id(origin) == id);
    let origin = origin.ok_or_else(|| ApiError::not_found("Session does not exist."))?;
    pool.end_sign_ins(|grant| grant.origin_jti == origin);
    Ok(json!({}))
}

/// The grants of the caller, one of each sign-in.
fn grants_of(pool: &Pool, caller: &Caller) -> BTreeMap<String, Grant> {
    let user = &caller.user;
    let grants = pool.refresh_tokens.all(Instant::now()).into_iter();
    let own = grants.filter(|grant| grant.username == user.username && grant.sub == user.sub);
    own.map(|grant| (grant.origin_jti.clone(), grant)).collect()
}

/// `tkn` and 25 letters or digits, which say nothing of the sign-in.
fn session_id(origin_jti: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(origin_jti);
    let letters = digest.iter().take(25).filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    let letters = letters.map(|letter| char::from(*letter));
    "tkn".chars().chain(letters).collect()
}
