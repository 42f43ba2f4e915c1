//! What the token of a machine says.

use serde_json::{Map, Value, json};

use super::claims::claims;
use super::signing_keys::SigningKeys;
use super::uuid::uuid;
use crate::clock::UnixSeconds;

/// What the access token of a machine says: no `username`, no groups, no sign-in that it comes from.
pub(crate) struct MachineClaims<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) scopes: &'a [String],
    /// Whom the token is for: its `aud`.
    pub(crate) resource: Option<&'a str>,
    pub(crate) issued_at: UnixSeconds,
    pub(crate) seconds: u64,
    /// What a trigger adds.
    pub(crate) more: Map<String, Value>,
}

impl MachineClaims<'_> {
    /// The access token; `None` when the key cannot sign.
    pub(crate) fn sign(self, keys: &SigningKeys) -> Option<String> {
        let mut access = claims(json!({
            "iss": self.issuer,
            "sub": self.client_id,
            "token_use": "access",
            "client_id": self.client_id,
            "scope": self.scopes.join(" "),
            "version": 2,
            "jti": uuid(),
            "auth_time": self.issued_at,
            "iat": self.issued_at,
            "exp": self.issued_at.plus(self.seconds),
        }));
        if let Some(resource) = self.resource {
            access.insert("aud".into(), resource.into());
        }
        access.extend(self.more);
        keys.access.sign(&Value::Object(access)).ok()
    }
}
