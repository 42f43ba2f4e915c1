//! What users do to their own account, by their access token.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attributes::{self, list, read_required};
use super::caller::Caller;
use super::delivery::details;
use super::error::ApiError;
use super::members::Members;
use super::users::change;
use crate::local_pool::config::VERIFIED;
use crate::local_pool::state::Pool;

pub(super) fn get_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = Caller::of(pool, request)?.user;
    Ok(json!({ "Username": user.username, "UserAttributes": list(&user, None) }))
}

pub(super) fn update_user_attributes(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let given = read_required(request, "UserAttributes")?;
    let user = Caller::of(pool, request)?.user;
    check_own(&given)?;
    change(pool, &user, |user| attributes::write(user, &given))?;
    let before = user.listed_attributes();
    let changed = VERIFIED.into_iter().filter_map(|(name, _)| {
        let value = given.get(name).filter(|value| !value.is_empty())?;
        (before.get(name) != Some(value)).then(|| details(name, value))
    });
    Ok(json!({ "CodeDeliveryDetailsList": changed.collect::<Vec<_>>() }))
}

pub(super) fn change_password(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let previous = request.text("PreviousPassword")?.unwrap_or_default();
    let proposed = request.password("ProposedPassword")?;
    let user = Caller::of(pool, request)?.user;
    change(pool, &user, |user| {
        if !user.has_password(previous) {
            return Err(ApiError::incorrect_password());
        }
        user.set_password(proposed).map_err(ApiError::invalid_password)
    })
}

pub(super) fn global_sign_out(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let caller = Caller::of(pool, request)?;
    pool.grants.end_sign_ins(|grant| grant.username == caller.user.username);
    Ok(json!({}))
}

pub(super) fn delete_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = Caller::of(pool, request)?.user;
    pool.remove_user(&user.username, Some(&user.sub)).map_err(|_| ApiError::unknown_user())?;
    Ok(Value::Null)
}

/// Checks attributes that people set themselves: what is verified, Cognito says.
pub(super) fn check_own(attributes: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if VERIFIED.iter().any(|(_, verified)| attributes.contains_key(*verified)) {
        return Err(ApiError::not_authorized("A client attempted to write unauthorized attribute"));
    }
    Ok(())
}
