//! Refresh tokens: what comes of them, and their end.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::members::Members;
use super::secret_hash::has_secret;
use super::sessions::{end_origin, is_linked};
use crate::local_pool::config::LocalClient;
use crate::local_pool::state::{Pool, RefreshFailure, refresh};
use crate::token::MintedTokens;

pub(super) fn get_tokens_from_refresh_token(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let client = request.client(pool)?;
    let token = request.required("RefreshToken")?;
    if !has_secret(&client, request.text("ClientSecret")?) {
        let id = &client.client_id;
        return Err(ApiError::not_authorized(format!("Unable to verify the secret of client {id}")));
    }
    let mut answer = refreshed(pool, &client, token)?;
    if let Some(members) = answer.as_object_mut() {
        members.remove("ChallengeParameters");
    }
    Ok(answer)
}

/// The answer to a refresh.
pub(super) fn refreshed(pool: &Pool, client: &LocalClient, token: &str) -> Result<Value, ApiError> {
    let refreshed = refresh(pool, &client.client_id, token).map_err(|failure| match failure {
        RefreshFailure::Unknown => ApiError::not_authorized("Invalid Refresh Token"),
        RefreshFailure::Replaced => {
            ApiError::new("RefreshTokenReuseException", "The refresh token has been replaced by another.")
        }
        RefreshFailure::Expired => ApiError::not_authorized("Refresh Token has expired"),
        RefreshFailure::Barred => ApiError::not_authorized("User is disabled."),
        RefreshFailure::Internal => ApiError::internal(),
    })?;
    Ok(result(pool, refreshed.minted, refreshed.successor))
}

/// `AuthenticationResult`, with nothing more asked.
pub(super) fn result(pool: &Pool, minted: MintedTokens, refresh_token: Option<String>) -> Value {
    let mut tokens = Map::new();
    tokens.insert("AccessToken".into(), minted.access_token.into());
    tokens.extend(minted.id_token.map(|token| ("IdToken".to_owned(), token.into())));
    tokens.extend(refresh_token.map(|token| ("RefreshToken".to_owned(), token.into())));
    tokens.insert("ExpiresIn".into(), pool.config.access_token_seconds.into());
    tokens.insert("TokenType".into(), "Bearer".into());
    json!({ "AuthenticationResult": tokens, "ChallengeParameters": {} })
}

pub(super) fn revoke_token(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let id = request.required("ClientId")?;
    let token = request.required("Token")?;
    let is_linked = is_linked(request)?;
    let secret = request.text("ClientSecret")?;
    let client = pool.client(id).filter(|client| has_secret(client, secret));
    let client = client.ok_or_else(|| ApiError::new("UnauthorizedException", "Invalid client."))?;
    // Refresh tokens have five parts, and all others three.
    if token.matches('.').count() == 2 {
        return Err(ApiError::new("UnsupportedTokenTypeException", "Only refresh tokens can be revoked."));
    }
    let Some(grant) = pool.grants.refresh_tokens.recall(token) else { return Ok(json!({})) };
    if grant.client_id != client.client_id {
        return Err(ApiError::invalid_parameter("The token was issued to another client."));
    }
    pool.grants.end_sign_ins(|other| other.origin_jti == grant.origin_jti);
    if is_linked && pool.tracking.max_per_user().is_some() {
        end_origin(pool, &grant);
    }
    Ok(json!({}))
}
