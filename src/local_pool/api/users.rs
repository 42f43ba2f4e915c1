//! What admins do to users.

use serde_json::{Value, json};

use super::attributes::{self, describe, new_user, read, read_required};
use super::error::ApiError;
use super::filter::Filter;
use super::members::Members;
use super::paging::{Paging, with_place};
use crate::clock;
use crate::local_pool::config::LocalUser;
use crate::local_pool::state::{Pool, Unchanged, User, UserStatus};

/// The user that the request is about, after a look at whether it is about this pool.
pub(super) fn named(pool: &Pool, request: Members<'_>) -> Result<User, ApiError> {
    request.check_pool(pool)?;
    let name = request.name("Username")?;
    pool.users.known_as(name).ok_or_else(ApiError::unknown_user)
}

/// Adds a user whose name may be somebody's already.
pub(super) fn insert(pool: &Pool, entry: LocalUser, status: UserStatus) -> Result<User, ApiError> {
    pool.users.insert(entry, Some(status), clock::now()).map_err(|unchanged| match unchanged {
        Unchanged::Taken { .. } => ApiError::new("UsernameExistsException", "User account already exists"),
        unchanged => unchanged.into(),
    })
}

/// Without a `TemporaryPassword` the user has that of users in the settings, since nothing is sent.
pub(super) fn admin_create_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    let username = request.name("Username")?;
    let given = read(request, "UserAttributes")?;
    let is_given = request.text("TemporaryPassword")?.is_some_and(|password| !password.is_empty());
    let password = is_given.then(|| request.password("TemporaryPassword")).transpose()?;
    password.map_or(Ok(()), User::check_password).map_err(ApiError::invalid_password)?;
    if request.word("MessageAction", &["RESEND", "SUPPRESS"])? == Some("RESEND") {
        return invite_again(pool, username, password);
    }
    let mut entry = new_user(username, &given, pool.users.names());
    if let Some(password) = password {
        entry = entry.password(password);
    }
    let user = insert(pool, entry, UserStatus::ForceChangePassword).map_err(|error| match error.kind {
        // At Cognito this operation does not have that error, so SDKs do not know it here.
        "LimitExceededException" => ApiError::new("TooManyRequestsException", error.message),
        _ => error,
    })?;
    Ok(json!({ "User": describe(&user, None) }))
}

/// Replaces the temporary password if there is a new one.
fn invite_again(pool: &Pool, username: &str, password: Option<&str>) -> Result<Value, ApiError> {
    let user = pool.users.known_as(username).ok_or_else(ApiError::unknown_user)?;
    let user = changed(pool, &user, |user| {
        if user.status != UserStatus::ForceChangePassword {
            let status = user.status.name();
            let problem = format!("Resend not possible. {username} status is {status}");
            return Err(ApiError::new("UnsupportedUserStateException", problem));
        }
        password.map_or(Ok(()), |password| user.set_password(password)).map_err(ApiError::invalid_password)
    })?;
    Ok(json!({ "User": describe(&user, None) }))
}

pub(super) fn admin_get_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = named(pool, request)?;
    let mut answer = describe(&user, None);
    if let Some(members) = answer.as_object_mut()
        && let Some(attributes) = members.remove("Attributes")
    {
        members.insert("UserAttributes".into(), attributes);
    }
    Ok(answer)
}

pub(super) fn admin_delete_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = named(pool, request)?;
    pool.remove_user(&user.username, Some(&user.sub)).map_err(|_| ApiError::unknown_user())?;
    Ok(Value::Null)
}

pub(super) fn admin_set_user_password(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let password = request.password("Password")?;
    let is_permanent = request.flag("Permanent")?;
    let user = named(pool, request)?;
    change(pool, &user, |user| {
        user.set_password(password).map_err(ApiError::invalid_password)?;
        user.status = if is_permanent { UserStatus::Confirmed } else { UserStatus::ForceChangePassword };
        Ok(())
    })
}

pub(super) fn admin_update_user_attributes(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let given = read_required(request, "UserAttributes")?;
    let user = named(pool, request)?;
    change(pool, &user, |user| attributes::write(user, &given))
}

pub(super) fn admin_confirm_sign_up(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = named(pool, request)?;
    change(pool, &user, |user| {
        check_unconfirmed(user)?;
        user.status = UserStatus::Confirmed;
        Ok(())
    })
}

/// Accepts those alone who have signed up and are not confirmed.
pub(super) fn check_unconfirmed(user: &User) -> Result<(), ApiError> {
    if user.status == UserStatus::Unconfirmed {
        return Ok(());
    }
    let status = user.status.name();
    Err(ApiError::not_authorized(format!("User cannot be confirmed. Current status is {status}")))
}

pub(super) fn admin_enable_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = named(pool, request)?;
    change(pool, &user, |user| {
        user.disabled = false;
        Ok(())
    })
}

/// While the user is disabled, the pool refuses their tokens. Once enabled, the user may refresh again; access tokens from
/// before are revoked.
///
/// Source: Cognito's API reference, `AdminDisableUser`.
pub(super) fn admin_disable_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = named(pool, request)?;
    change(pool, &user, |user| {
        user.disabled = true;
        Ok(())
    })?;
    pool.grants.end_access_tokens(&user.username);
    Ok(json!({}))
}

pub(super) fn admin_user_global_sign_out(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let user = named(pool, request)?;
    pool.grants.end_sign_ins(|grant| grant.username == user.username);
    Ok(json!({}))
}

pub(super) fn list_users(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    const PAGING: Paging = Paging { list: "Users", limit: "Limit", next: "PaginationToken", least: 0 };
    request.check_pool(pool)?;
    let filter = request.text("Filter")?.map(Filter::parse).transpose()?.flatten();
    let names = request.texts("AttributesToGet")?;
    let users = pool.users.all().into_iter();
    let users = users.filter(|user| filter.as_ref().is_none_or(|filter| filter.passes(user)));
    PAGING.page(request, users.map(with_place).collect(), |user| describe(user, names.as_deref()))
}

/// Changes the user who was found, and no other who has the name by now.
pub(super) fn change(
    pool: &Pool,
    user: &User,
    change: impl FnOnce(&mut User) -> Result<(), ApiError>,
) -> Result<Value, ApiError> {
    changed(pool, user, change).map(|_| json!({}))
}

/// Changes the user who was found, and returns them as they are now.
fn changed(
    pool: &Pool,
    user: &User,
    change: impl FnOnce(&mut User) -> Result<(), ApiError>,
) -> Result<User, ApiError> {
    pool.users.update(&user.username, |current| {
        if current.sub == user.sub { change(current) } else { Err(ApiError::unknown_user()) }
    })
}
