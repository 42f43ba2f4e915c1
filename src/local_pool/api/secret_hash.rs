//! `SECRET_HASH`: how a client with a secret proves itself without sending it.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::ApiError;
use crate::crypto::{Secret, same};
use crate::local_pool::config::LocalClient;

/// Checks the hash of a request about the user whom it calls `username`.
///
/// Source: Cognito's developer guide, "Computing secret hash values".
pub(super) fn check(client: &LocalClient, username: &str, hash: Option<&str>) -> Result<(), ApiError> {
    let id = &client.client_id;
    if !client.has_secret() {
        let unverified = || ApiError::not_authorized(format!("Unable to verify secret hash for client {id}"));
        return hash.map_or(Ok(()), |_| Err(unverified()));
    }
    let Some(hash) = hash else {
        return Err(ApiError::not_authorized(format!(
            "Client {id} is configured with secret but SECRET_HASH was not received"
        )));
    };
    let is_by = |secret: &Secret| {
        let key = Key::new(HMAC_SHA256, secret.expose().as_bytes());
        same(&STANDARD.encode(sign(&key, format!("{username}{id}").as_bytes())), hash)
    };
    if client.secrets().any(is_by) {
        return Ok(());
    }
    Err(ApiError::not_authorized(format!("SecretHash does not match for the client: {id}")))
}

/// Checks the secret itself, which some operations take instead.
pub(super) fn has_secret(client: &LocalClient, secret: Option<&str>) -> bool {
    match (client.has_secret(), secret) {
        (false, None) => true,
        (true, Some(secret)) => client.accepts_secret(secret),
        _ => false,
    }
}
