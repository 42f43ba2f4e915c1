//! What a user has allowed a client.

use serde::{Deserialize, Serialize};

use super::session::Session;
use crate::clock::UnixSeconds;
use crate::local_pool::config::Factors;
use crate::token::uuid;

/// Everything about a sign-in that a refresh repeats.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) username: String,
    pub(crate) sub: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth_time: UnixSeconds,
    pub(crate) origin_jti: String,
    /// Whom access tokens are for: their `aud`.
    pub(crate) resource: Option<String>,
    /// Whether the user has signed in by the SDK's API.
    pub(crate) by_api: bool,
    /// What the person has shown.
    #[serde(default = "Factors::password")]
    pub(crate) factors: Factors,
    /// Whether tokens say something of level and methods.
    #[serde(default)]
    pub(crate) shows_level: bool,
    /// When tokens were issued last.
    pub(crate) last_active: UnixSeconds,
    /// The number of the last use: the lower, the longer ago.
    #[serde(default)]
    pub(crate) last_use: u64,
    /// The session of the browser that it comes from.
    #[serde(default)]
    pub(crate) sso_session: Option<String>,
}

/// The only scope of those who sign in by the SDK's API.
pub(crate) const API_SCOPE: &str = "aws.cognito.signin.user.admin";

impl Grant {
    pub(crate) fn new(client_id: &str, session: Session, scopes: Vec<String>, shows_level: bool) -> Self {
        Grant {
            client_id: client_id.into(),
            username: session.username,
            sub: session.sub,
            scopes,
            auth_time: session.auth_time,
            origin_jti: uuid(),
            resource: None,
            by_api: false,
            factors: session.factors,
            shows_level,
            last_active: session.auth_time,
            last_use: 0,
            sso_session: None,
        }
    }

    /// That of a sign-in by the SDK's API.
    pub(crate) fn by_api(client_id: &str, session: Session, shows_level: bool) -> Self {
        Grant { by_api: true, ..Grant::new(client_id, session, vec![API_SCOPE.into()], shows_level) }
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
