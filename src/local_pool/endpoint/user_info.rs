//! `GET /oauth2/userInfo`: the attributes of the user whom an access token is about.
//!
//! Source: Cognito developer guide, "The user attributes endpoint".

use std::sync::Arc;
use std::time::Instant;

use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::client_authentication::AuthorizationHeader;
use super::oauth_error::OAuthError;
use crate::clock::UnixSeconds;
use crate::local_pool::state::Pool;

const BAD_REQUEST: &str = "Bad OAuth2 request at UserInfo Endpoint";
/// Said of any token that does not count, whatever the cause.
const BAD_TOKEN: &str = "Access token is expired, disabled, or deleted, or the user has globally signed out.";
const NO_OPENID: &str = "Access token does not contain openid scope";

/// The claims of an access token; a machine's has neither `username` nor `origin_jti`.
#[derive(Deserialize)]
struct AccessClaims {
    sub: String,
    scope: String,
    exp: UnixSeconds,
    username: Option<String>,
    origin_jti: Option<String>,
}

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
    let claims: AccessClaims = pool.keys.access_claims(token).ok_or_else(bad_token)?;
    if claims.exp <= pool.now() {
        return Err(bad_token());
    }
    let scopes: Vec<String> = claims.scope.split_whitespace().map(str::to_owned).collect();
    if !scopes.iter().any(|scope| scope == "openid") {
        return Err(OAuthError::described("invalid_token", NO_OPENID));
    }
    let is_revoked = |sign_in: &String| pool.revoked_sign_ins.get(sign_in, Instant::now()).is_some();
    if claims.origin_jti.as_ref().is_none_or(is_revoked) {
        return Err(bad_token());
    }
    let user = claims.username.and_then(|username| pool.users.enabled(&username, &claims.sub));
    Ok(user.ok_or_else(bad_token)?.user_info(&scopes))
}
