//! What a user has allowed a client.

use super::session::Session;
use crate::clock::UnixSeconds;
use crate::token::uuid;

/// Everything about a sign-in that a refresh repeats.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) username: String,
    pub(crate) sub: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth_time: UnixSeconds,
    pub(crate) origin_jti: String,
    /// Whom access tokens are for: their `aud`.
    pub(crate) resource: Option<String>,
}

impl Grant {
    pub(crate) fn new(client_id: &str, session: Session, scopes: Vec<String>) -> Self {
        Grant {
            client_id: client_id.into(),
            username: session.username,
            sub: session.sub,
            scopes,
            auth_time: session.auth_time,
            origin_jti: uuid(),
            resource: None,
        }
    }
}

/// What an authorization code stands for.
#[derive(Clone)]
pub(crate) struct AuthorizationCode {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: Option<String>,
}
