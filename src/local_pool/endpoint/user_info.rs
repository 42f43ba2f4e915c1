//! `GET /oauth2/userInfo`: the attributes of the user whom an access token is about.
//!
//! Source: Cognito developer guide, "The user attributes endpoint".

use std::sync::Arc;

use rocket::serde::json::Json;
use rocket::{State, get};
use serde_json::{Map, Value};

use super::client_authentication::AuthorizationHeader;
use super::oauth_error::OAuthError;
use crate::local_pool::state::{Pool, Unusable, access_token};

const BAD_REQUEST: &str = "Bad OAuth2 request at UserInfo Endpoint";
/// Said of any token that does not count, whatever the cause.
const BAD_TOKEN: &str = "Access token is expired, disabled, or deleted, or the user has globally signed out.";
const NO_OPENID: &str = "Access token does not contain openid scope";

#[get("/oauth2/userInfo")]
pub(super) fn user_info(
    pool: &State<Arc<Pool>>,
    header: AuthorizationHeader<'_>,
) -> Result<Json<Map<String, Value>>, OAuthError> {
    let token = header.bearer().ok_or_else(|| OAuthError::described("invalid_request", BAD_REQUEST));
    token.and_then(|token| answer(pool, token)).map(Json).map_err(OAuthError::at_user_info)
}

fn answer(pool: &Pool, token: &str) -> Result<Map<String, Value>, OAuthError> {
    let bad_token = || OAuthError::described("invalid_token", BAD_TOKEN);
    let claims = access_token(pool, token, "openid").map_err(|unusable| match unusable {
        Unusable::LacksScope => OAuthError::described("invalid_token", NO_OPENID),
        Unusable::Invalid | Unusable::Expired | Unusable::Revoked => bad_token(),
    })?;
    let scopes: Vec<String> = claims.scope.split_whitespace().map(str::to_owned).collect();
    let user = claims.username.and_then(|username| pool.users.enabled(&username, &claims.sub));
    Ok(user.ok_or_else(bad_token)?.user_info(&scopes))
}
