//! What the pool is to track of sessions, and for how long a client goes on with that of a browser.
//!
//! Source: Cognito's API reference, `SetUserPoolSessionConfiguration` and `SetUserPoolClientSessionConfiguration`.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::error::ApiError;
use super::members::{Members, violated};
use super::sessions::{check_plan, check_tracking};
use crate::local_pool::state::{Pool, TrackingConfiguration};

const MAX_PER_USER: RangeInclusive<u32> = 1..=100;
const MAX_VALIDITY_MINUTES: RangeInclusive<u32> = 0..=129_600;
const ON: &str = "ENABLED";
const OFF: &str = "DISABLED";

pub(super) fn get_user_pool_session_configuration(
    pool: &Pool,
    request: Members<'_>,
) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    Ok(of_pool(pool, pool.tracking.configuration()))
}

pub(super) fn set_user_pool_session_configuration(
    pool: &Pool,
    request: Members<'_>,
) -> Result<Value, ApiError> {
    let word = request.required_word("UserSessionTracking", &[ON, OFF])?;
    let max_per_user = within(request.required_object("TokenSession")?, "MaxPerUser", &MAX_PER_USER)?;
    request.check_pool(pool)?;
    check_plan(pool)?;
    let configuration = TrackingConfiguration { is_on: word == ON, max_per_user };
    pool.tracking.configure(configuration);
    Ok(of_pool(pool, configuration))
}

pub(super) fn get_user_pool_client_session_configuration(
    pool: &Pool,
    request: Members<'_>,
) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    let client = request.client(pool)?;
    let client_id = &client.client_id;
    let minutes = pool.tracking.minutes(client_id).unwrap_or(pool.config.sso_seconds / 60);
    Ok(of_client(pool, client_id, minutes))
}

pub(super) fn set_user_pool_client_session_configuration(
    pool: &Pool,
    request: Members<'_>,
) -> Result<Value, ApiError> {
    let minutes =
        within(request.required_object("SSOSession")?, "MaxValidityMinutes", &MAX_VALIDITY_MINUTES)?;
    request.check_pool(pool)?;
    let client = request.client(pool)?;
    let client_id = &client.client_id;
    check_plan(pool)?;
    check_tracking(pool)?;
    pool.tracking.set_minutes(client_id, minutes);
    Ok(of_client(pool, client_id, minutes))
}

fn of_pool(pool: &Pool, configuration: TrackingConfiguration) -> Value {
    let is_on = configuration.is_on && pool.tracking.is_in_plan();
    json!({
        "UserPoolId": pool.config.user_pool_id,
        "UserSessionTracking": if is_on { ON } else { OFF },
        "TokenSession": { "MaxPerUser": configuration.max_per_user },
    })
}

fn of_client(pool: &Pool, client_id: &str, minutes: u32) -> Value {
    json!({
        "UserPoolId": pool.config.user_pool_id,
        "ClientId": client_id,
        "SSOSession": { "MaxValidityMinutes": minutes },
    })
}

/// A number that has to be there.
fn within(object: Members<'_>, name: &str, right: &RangeInclusive<u32>) -> Result<u32, ApiError> {
    let number = object.required_number(name)?;
    if number < *right.start() {
        return Err(violated(name, &format!("have value greater than or equal to {}", right.start())));
    }
    if number > *right.end() {
        return Err(violated(name, &format!("have value less than or equal to {}", right.end())));
    }
    Ok(number)
}
