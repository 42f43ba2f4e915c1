//! New people, and those who have forgotten their password.

use serde_json::{Value, json};

use super::account::check_own;
use super::attributes::{new_user, read};
use super::delivery::{check_code, destination, details};
use super::error::ApiError;
use super::members::Members;
use super::secret_hash;
use super::users::{change, check_unconfirmed, insert};
use crate::local_pool::config::VERIFIED;
use crate::local_pool::state::{Pool, User, UserStatus};

const NOTHING_VERIFIED: &str =
    "Cannot reset password for the user as there is no registered/verified email or phone_number";

pub(super) fn sign_up(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let username = identified(pool, request)?;
    let password = request.password("Password")?;
    let given = read(request, "UserAttributes")?;
    check_own(&given)?;
    User::check_password(password).map_err(ApiError::invalid_password)?;
    let entry = new_user(username, &given, pool.users.names()).password(password);
    let user = insert(pool, entry, UserStatus::Unconfirmed)?;
    let mut answer = json!({ "UserConfirmed": false, "UserSub": user.sub });
    if let (Some(members), Some((_, details))) = (answer.as_object_mut(), destination(&user)) {
        members.insert("CodeDeliveryDetails".into(), details);
    }
    Ok(answer)
}

pub(super) fn confirm_sign_up(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let username = identified(pool, request)?;
    let code = request.required("ConfirmationCode")?;
    let user = pool.users.known_as(username).ok_or_else(expired_code)?;
    change(pool, &user, |user| confirm(user, code))
}

/// Confirms a user who has signed up, by the code.
pub(in crate::local_pool) fn confirm(user: &mut User, code: &str) -> Result<(), ApiError> {
    check_unconfirmed(user)?;
    check_code(code)?;
    user.status = UserStatus::Confirmed;
    verify(user)
}

pub(super) fn resend_confirmation_code(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let username = identified(pool, request)?;
    let user = pool.users.known_as(username).filter(|user| !user.disabled);
    let Some(user) = user else { return Ok(sent_to_nobody(username)) };
    if user.status != UserStatus::Unconfirmed {
        return Err(ApiError::invalid_parameter("User is already confirmed."));
    }
    sent(&user).ok_or_else(|| ApiError::invalid_parameter("The user has no address and no number for a code"))
}

/// The answer is the same for those who have no account, are disabled, or have no verified address or number.
pub(super) fn forgot_password(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let username = identified(pool, request)?;
    let user = pool.users.known_as(username).filter(|user| !user.disabled);
    let Some(user) = user else { return Ok(sent_to_nobody(username)) };
    check_resettable(&user)?;
    let details = verified_destination(&user);
    Ok(details.map_or_else(|| sent_to_nobody(username), |details| json!({ "CodeDeliveryDetails": details })))
}

/// Why Cognito would send this user no code for a new password, which its API keeps to itself.
pub(in crate::local_pool) fn check_password_reset(user: &User) -> Result<(), ApiError> {
    if user.disabled {
        return Err(ApiError::not_authorized("User is disabled."));
    }
    check_resettable(user)?;
    verified_destination(user).map(drop).ok_or_else(|| ApiError::invalid_parameter(NOTHING_VERIFIED))
}

/// The code counts whether it was asked for or not, for those who could have received one.
pub(super) fn confirm_forgot_password(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let username = identified(pool, request)?;
    let code = request.required("ConfirmationCode")?;
    let password = request.password("Password")?;
    let user = pool.users.known_as(username).ok_or_else(ApiError::wrong_code)?;
    change(pool, &user, |user| {
        if user.disabled {
            return Err(ApiError::wrong_code());
        }
        check_resettable(user)?;
        verified_destination(user).ok_or_else(expired_code)?;
        check_code(code)?;
        user.set_password(password).map_err(ApiError::invalid_password)
    })
}

/// The user name that a client sends, once the client has proved itself.
fn identified<'r>(pool: &Pool, request: Members<'r>) -> Result<&'r str, ApiError> {
    let client = request.client(pool)?;
    let username = request.name("Username")?;
    secret_hash::check(&client, username, request.text("SecretHash")?)?;
    Ok(username)
}

fn check_resettable(user: &User) -> Result<(), ApiError> {
    match user.status {
        UserStatus::Confirmed | UserStatus::Unconfirmed => Ok(()),
        UserStatus::ForceChangePassword | UserStatus::ExternalProvider => {
            Err(ApiError::not_authorized("User password cannot be reset in the current state."))
        }
    }
}

/// Where a code for a new password goes: to what is verified, of those who have confirmed.
fn verified_destination(user: &User) -> Option<Value> {
    let attributes = user.listed_attributes();
    let is_verified = |(name, verified): (&'static str, &str)| {
        let is_true = attributes.get(verified).is_some_and(|value| value == "true");
        attributes.get(name).filter(|_| is_true).map(|value| details(name, value))
    };
    VERIFIED.into_iter().find_map(is_verified).filter(|_| user.status == UserStatus::Confirmed)
}

/// The address or number to which the code went belongs to the user.
fn verify(user: &mut User) -> Result<(), ApiError> {
    let Some((attribute, _)) = destination(user) else { return Ok(()) };
    let verified = VERIFIED.into_iter().find(|(name, _)| *name == attribute);
    verified
        .map_or(Ok(()), |(_, verified)| user.set_attribute(verified, "true".into()))
        .map_err(ApiError::invalid_parameter)
}

fn sent(user: &User) -> Option<Value> {
    destination(user).map(|(_, details)| json!({ "CodeDeliveryDetails": details }))
}

/// Where nobody is to learn who has an account, the answer is the same for those who have none. The name says whether
/// it went to an address or a number.
///
/// Source: Cognito's developer guide, "Managing user existence error responses".
fn sent_to_nobody(username: &str) -> Value {
    let is_number =
        username.strip_prefix('+').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let details = if is_number {
        details("phone_number", username)
    } else if username.contains('@') {
        details("email", username)
    } else {
        details("email", &format!("{username}@example.com"))
    };
    json!({ "CodeDeliveryDetails": details })
}

fn expired_code() -> ApiError {
    ApiError::new("ExpiredCodeException", "Invalid code provided, please request a code again.")
}
