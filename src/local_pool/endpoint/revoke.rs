//! `POST /oauth2/revoke`: the end of a refresh token, and at `/oauth2/userInfo` of the access tokens beside it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::{State, post};
use serde_json::Value;

use super::client_authentication::{AuthorizationHeader, authenticate};
use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use crate::local_pool::state::Pool;

#[post("/oauth2/revoke", data = "<form>")]
pub(super) fn revoke(
    pool: &State<Arc<Pool>>,
    header: AuthorizationHeader<'_>,
    form: Parameters,
) -> Result<(), OAuthError> {
    if form.is_garbled() {
        return Err(OAuthError::invalid_request());
    }
    // Cognito documents Basic for confidential clients here, and no secret in the form.
    let client =
        authenticate(pool, &header, form.get("client_id"), None).map_err(OAuthError::at_revocation)?;
    let token = form.get("token").ok_or_else(OAuthError::invalid_request)?;
    if is_access_or_id_token(token) {
        return Err(OAuthError::new("unsupported_token_type"));
    }
    // An unknown or revoked token is no error; one that rotation has replaced still names its session.
    let Some(grant) = pool.grants.refresh_tokens.recall(token) else { return Ok(()) };
    if grant.client_id != client.client_id {
        return Err(OAuthError::invalid_request());
    }
    pool.grants.end_sign_in(&grant.origin_jti);
    Ok(())
}

/// Refresh tokens have five parts, the others three and a `token_use`.
fn is_access_or_id_token(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').take(4).collect();
    let [_, claims, _] = parts.as_slice() else { return false };
    let claims = URL_SAFE_NO_PAD.decode(claims).ok();
    let claims: Option<Value> = claims.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    claims.is_some_and(|claims| claims.get("token_use").is_some())
}
