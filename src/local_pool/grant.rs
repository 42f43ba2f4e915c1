//! What a user has allowed a client.

use super::random::uuid;

/// Everything about a sign-in that a refresh repeats.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) username: String,
    pub(super) scopes: Vec<String>,
    pub(super) auth_time: u64,
    pub(super) origin_jti: String,
    /// Whom access tokens are for: their `aud`.
    pub(super) resource: Option<String>,
}

impl Grant {
    pub(super) fn new(client_id: &str, username: &str, scopes: Vec<String>, auth_time: u64) -> Self {
        Grant {
            client_id: client_id.into(),
            username: username.into(),
            scopes,
            auth_time,
            origin_jti: uuid(),
            resource: None,
        }
    }

    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}
