//! What tokens say that were got for others.

use serde_json::{Map, Value, json};

use super::attributes::shown_attributes;
use super::claims::claims;
use super::signing_keys::SigningKeys;
use super::uuid::uuid;
use crate::clock::UnixSeconds;

/// What an exchanged token says (RFC 8693). Cognito documents `sub`, `client_id`, `act`, `aud` and `scope`; that the others
/// are there is assumed. It has no `auth_time` and no level, since whoever exchanges a token has not signed in.
pub(crate) struct ExchangedClaims<'a> {
    pub(crate) issuer: &'a str,
    /// The client that exchanges.
    pub(crate) client_id: &'a str,
    pub(crate) sub: &'a str,
    pub(crate) username: &'a str,
    pub(crate) groups: &'a [String],
    pub(crate) scopes: &'a [String],
    pub(crate) attributes: &'a Map<String, Value>,
    /// Whom the token is bound to: its `aud`.
    pub(crate) target: Option<&'a str>,
    pub(crate) act: Option<Value>,
    /// The sign-in of the token that is exchanged.
    pub(crate) origin_jti: Option<&'a str>,
    pub(crate) issued_at: UnixSeconds,
    pub(crate) expires_at: UnixSeconds,
}

impl ExchangedClaims<'_> {
    /// The access token; `None` when the key cannot sign.
    pub(crate) fn sign_access(self, keys: &SigningKeys) -> Option<String> {
        let mut access = self.common();
        access.extend(claims(json!({
            "token_use": "access",
            "client_id": self.client_id,
            "username": self.username,
            "scope": self.scopes.join(" "),
            "version": 2,
        })));
        if let Some(target) = self.target {
            access.insert("aud".into(), target.into());
        }
        keys.access.sign(&Value::Object(access)).ok()
    }

    /// The ID token; `None` when the key cannot sign.
    pub(crate) fn sign_id(self, keys: &SigningKeys) -> Option<String> {
        let mut id = shown_attributes(self.attributes, self.scopes);
        id.extend(self.common());
        id.extend(claims(json!({
            "token_use": "id",
            "aud": self.target.unwrap_or(self.client_id),
            "cognito:username": self.username,
        })));
        keys.id.sign(&Value::Object(id)).ok()
    }

    fn common(&self) -> Map<String, Value> {
        let mut common = claims(json!({
            "iss": self.issuer,
            "sub": self.sub,
            "jti": uuid(),
            "event_id": uuid(),
            "iat": self.issued_at,
            "exp": self.expires_at,
        }));
        common.extend(self.origin_jti.map(|origin| ("origin_jti".to_owned(), origin.into())));
        common.extend(self.act.clone().map(|act| ("act".to_owned(), act)));
        if !self.groups.is_empty() {
            common.insert("cognito:groups".into(), json!(self.groups));
        }
        common
    }
}
