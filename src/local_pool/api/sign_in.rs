//! Sign-ins by password, and the choice of a new one.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use super::account::check_own;
use super::attributes;
use super::error::ApiError;
use super::members::Members;
use super::secret_hash;
use super::tokens::{refreshed, result};
use crate::local_pool::config::LocalClient;
use crate::local_pool::state::{Challenge, Grant, Pool, Session, User, UserStatus};

const NEW_PASSWORD: &str = "NEW_PASSWORD_REQUIRED";
/// The flow of refresh tokens by both its names.
const REFRESH: [&str; 2] = ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"];

pub(super) fn initiate_auth(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    begin(pool, request, &["USER_PASSWORD_AUTH"])
}

pub(super) fn admin_initiate_auth(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    // The second is the first by its old name.
    begin(pool, request, &["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
}

pub(super) fn admin_respond_to_auth_challenge(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    respond_to_auth_challenge(pool, request)
}

fn begin(pool: &Pool, request: Members<'_>, by_password: &[&str]) -> Result<Value, ApiError> {
    let client = request.client(pool)?;
    let flow = request.required("AuthFlow")?;
    let parameters = request.parameters("AuthParameters")?;
    if pool.config.levels.are_ignored() && parameters.text("TARGET_ACR_VALUES")?.is_some() {
        let problem = "Levels of sign-in need the plan Essentials or Plus.";
        return Err(ApiError::new("FeatureUnavailableInTierException", problem));
    }
    let is_refresh = REFRESH.contains(&flow);
    // Who registers a client is not to learn passwords by it.
    let takes_passwords = !pool.clients.is_registered(&client.client_id);
    let is_offered = is_refresh || takes_passwords && by_password.contains(&flow);
    if client.client_credentials || !is_offered {
        let there_are: Vec<_> = by_password.iter().chain(&REFRESH).copied().collect();
        return Err(ApiError::invalid_parameter(format!(
            "{} flow not enabled for this client: at the local pool this operation has {}, for clients without \
             client_credentials, and the first ones not for those that have registered themselves",
            flow.chars().take(64).collect::<String>(),
            there_are.join(", ")
        )));
    }
    if !is_refresh {
        return by_password_of(pool, &client, parameters);
    }
    if pool.config.refresh_token_rotation {
        return Err(ApiError::invalid_parameter(format!(
            "{flow} flow not enabled for this client: with rotation of refresh tokens, call GetTokensFromRefreshToken"
        )));
    }
    by_refresh_token(pool, &client, parameters)
}

fn by_password_of(pool: &Pool, client: &LocalClient, parameters: Members<'_>) -> Result<Value, ApiError> {
    let username = parameters.parameter("USERNAME")?;
    let password = parameters.parameter("PASSWORD")?;
    secret_hash::check(client, username, parameters.text("SECRET_HASH")?)?;
    let user = pool.users.find(username).filter(|user| user.has_password(password));
    let user = user.ok_or_else(ApiError::incorrect_password)?;
    if user.disabled {
        return Err(ApiError::not_authorized("User is disabled."));
    }
    match user.status {
        UserStatus::Unconfirmed => Err(ApiError::new("UserNotConfirmedException", "User is not confirmed.")),
        UserStatus::ForceChangePassword => Ok(ask_for_new_password(pool, client, &user)),
        UserStatus::Confirmed | UserStatus::ExternalProvider => signed_in(pool, client, &user),
    }
}

fn by_refresh_token(pool: &Pool, client: &LocalClient, parameters: Members<'_>) -> Result<Value, ApiError> {
    let token = parameters.parameter("REFRESH_TOKEN")?;
    let hash = parameters.text("SECRET_HASH")?;
    // Of a token that nobody has, there is no username that the hash could be about.
    if let Some(grant) = pool.grants.refresh_tokens.recall(token) {
        secret_hash::check(client, &grant.username, hash)?;
    }
    refreshed(pool, client, token)
}

fn signed_in(pool: &Pool, client: &LocalClient, user: &User) -> Result<Value, ApiError> {
    let grant =
        Grant::by_api(&client.client_id, Session::new(user, pool.now()), pool.config.levels.are_shown(false));
    let minted = pool.mint().for_user(user, &grant, None).ok_or_else(ApiError::internal)?;
    Ok(result(pool, minted, Some(pool.new_refresh_token(grant))))
}

fn ask_for_new_password(pool: &Pool, client: &LocalClient, user: &User) -> Value {
    let session = pool.new_challenge(&client.client_id, user, None);
    let mut shown = user.listed_attributes();
    shown.remove("sub");
    json!({
        "ChallengeName": NEW_PASSWORD,
        "Session": session,
        "ChallengeParameters": {
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": "[]",
            "userAttributes": json!(shown).to_string(),
        },
    })
}

pub(super) fn respond_to_auth_challenge(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let client = request.client(pool)?;
    if request.required("ChallengeName")? != NEW_PASSWORD {
        let problem = format!("The local pool has the challenge {NEW_PASSWORD} alone");
        return Err(ApiError::invalid_parameter(problem));
    }
    let responses = request.parameters("ChallengeResponses")?;
    let username = responses.parameter("USERNAME")?;
    let password = responses.parameter("NEW_PASSWORD")?;
    let session = request.parameter("Session")?;
    secret_hash::check(&client, username, responses.text("SECRET_HASH")?)?;
    User::check_password(password).map_err(ApiError::invalid_password)?;
    let given: BTreeMap<String, String> = responses
        .with_prefix("userAttributes.")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    check_own(&given)?;

    let no_session = || ApiError::not_authorized("Invalid session for the user, session is expired.");
    let user = pool.users.known_as(username).ok_or_else(no_session)?;
    let belongs = |challenge: &Challenge| {
        (&challenge.client_id, &challenge.username, &challenge.sub)
            == (&client.client_id, &user.username, &user.sub)
    };
    pool.challenges.get(session, Instant::now()).filter(belongs).ok_or_else(no_session)?;
    if user.disabled {
        return Err(ApiError::not_authorized("User is disabled."));
    }
    let user = pool.users.update(&user.username, |current| {
        // Another answer was quicker, or an admin.
        if current.status != UserStatus::ForceChangePassword || current.sub != user.sub {
            return Err(no_session());
        }
        current.set_password(password).map_err(ApiError::invalid_password)?;
        current.status = UserStatus::Confirmed;
        attributes::write(current, &given)
    })?;
    pool.challenges.remove(session);
    signed_in(pool, &client, &user)
}
