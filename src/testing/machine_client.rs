//! A machine as a test makes it up.

use serde::Serialize;
use serde_json::{Map, Value};

use super::claims::{LIFETIME_SECONDS, add_claim};
use super::keys::keys;
use super::misuse::misuse;
use crate::app::App;
use crate::token::MachineClaims;

/// An app client that gets tokens for itself, by client credentials: what [`TestPool::machine`](super::TestPool::machine)
/// returns.
///
/// The app accepts it where its client is the app's own, or one of `accepted_client_ids`, as in production.
///
/// # Example
/// ```rust
/// use rocket_cognito::testing::TestPool;
///
/// let worker = TestPool::new().machine("worker").scope("orders/read");
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct MachineClient {
    client_id: String,
    scopes: Vec<String>,
    audience: Option<String>,
    claims: Map<String, Value>,
    is_expired: bool,
}

impl MachineClient {
    pub(super) fn new(client_id: String) -> Self {
        MachineClient { client_id, scopes: Vec::new(), audience: None, claims: Map::new(), is_expired: false }
    }

    /// Grants it a scope of the form `resource-server/scope`.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Binds its token to a resource (`aud`), which the app accepts where it is its setting
    /// `resource` or one of `accepted_audiences`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Adds a claim to its access token, as a pre token generation trigger of version 3 does.
    ///
    /// # Panics
    /// When no trigger may set this claim, such as `sub`, or the value is no JSON; the text says what to use instead.
    #[track_caller]
    pub fn access_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        add_claim(&mut self.claims, name.into(), value);
        self
    }

    /// Lets its token be one that expired an hour ago.
    pub fn expired(mut self) -> Self {
        self.is_expired = true;
        self
    }

    /// An access token for `app`.
    pub(super) fn access_token(&self, app: &App) -> String {
        let ago = if self.is_expired { 2 * LIFETIME_SECONDS } else { 0 };
        let claims = MachineClaims {
            issuer: app.pool.settings().issuer(),
            client_id: &self.client_id,
            scopes: &self.scopes,
            resource: self.audience.as_deref(),
            issued_at: app.clock.now().minus(ago),
            seconds: LIFETIME_SECONDS,
            more: self.claims.clone(),
        };
        claims.sign(keys()).unwrap_or_else(|| misuse("the test pool could not sign a token"))
    }
}
