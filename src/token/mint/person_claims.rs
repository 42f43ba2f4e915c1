//! What the tokens of a person say.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::attributes::shown_attributes;
use super::claims::claims;
use super::identity::{Identity, identities_claim};
use super::signing_keys::SigningKeys;
use super::uuid::{uuid, uuid_of};
use crate::clock::UnixSeconds;
use crate::token::verified::at_hash;

/// What the tokens of a person's sign-in say, with the claims that Cognito's developer guide describes under
/// "Understanding user pool JSON web tokens (JWTs)".
pub(crate) struct PersonClaims<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) sub: &'a str,
    pub(crate) username: &'a str,
    pub(crate) groups: &'a [String],
    /// IAM roles of the groups, which the ID token shows.
    pub(crate) roles: &'a [String],
    /// The role of the group that comes first.
    pub(crate) preferred_role: Option<&'a str>,
    pub(crate) identities: &'a [Identity<'a>],
    pub(crate) scopes: &'a [String],
    /// Whether the person has signed in by the SDK's API, which gives an ID token with all attributes for its one scope.
    pub(crate) by_api: bool,
    /// All that the pool knows; the scopes decide which of them the ID token shows.
    pub(crate) attributes: &'a Map<String, Value>,
    /// Whom the access token is for: its `aud`.
    pub(crate) resource: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
    /// The sign-in that the tokens come from, which a refresh repeats.
    pub(crate) origin_jti: &'a str,
    pub(crate) auth_time: UnixSeconds,
    /// The level of the sign-in.
    pub(crate) acr: Option<&'a str>,
    /// The methods of the sign-in; none are not shown.
    pub(crate) amr: &'a [&'static str],
    pub(crate) issued_at: UnixSeconds,
    pub(crate) access_seconds: u64,
    pub(crate) id_seconds: u64,
    /// What a trigger adds to the access token.
    pub(crate) more_access: Map<String, Value>,
    /// What a trigger adds to the ID token.
    pub(crate) more_id: Map<String, Value>,
}

/// Fresh access and ID tokens; the latter with the scope `openid` only.
pub(crate) struct MintedTokens {
    pub(crate) access_token: String,
    pub(crate) id_token: Option<String>,
}

impl PersonClaims<'_> {
    /// The tokens; `None` when a key cannot sign.
    pub(crate) fn sign(self, keys: &SigningKeys) -> Option<MintedTokens> {
        let common = self.common();
        let mut access = common.clone();
        access.extend(claims(json!({
            "token_use": "access",
            "client_id": self.client_id,
            "username": self.username,
            "scope": self.scopes.join(" "),
            "version": 2,
            "jti": uuid(),
            "exp": self.issued_at.plus(self.access_seconds),
        })));
        if let Some(resource) = self.resource {
            access.insert("aud".into(), resource.into());
        }
        access.extend(self.more_access);
        let access_token = keys.access.sign(&Value::Object(access)).ok()?;
        if !self.by_api && !self.scopes.iter().any(|scope| scope == "openid") {
            return Some(MintedTokens { access_token, id_token: None });
        }

        let mut id = shown_attributes(self.attributes, self.scopes);
        id.extend(common);
        id.extend(claims(json!({
            "token_use": "id",
            "aud": self.client_id,
            "cognito:username": self.username,
            "jti": uuid(),
            "exp": self.issued_at.plus(self.id_seconds),
        })));
        if !self.by_api {
            id.insert("at_hash".into(), at_hash(&access_token).into());
        }
        if let Some(nonce) = self.nonce {
            id.insert("nonce".into(), nonce.into());
        }
        if !self.roles.is_empty() {
            id.insert("cognito:roles".into(), json!(self.roles));
        }
        if let Some(role) = self.preferred_role {
            id.insert("cognito:preferred_role".into(), role.into());
        }
        id.extend(identities_claim(self.identities).map(|claim| ("identities".to_owned(), claim)));
        id.extend(self.more_id);
        let id_token = keys.id.sign(&Value::Object(id)).ok()?;
        Some(MintedTokens { access_token, id_token: Some(id_token) })
    }

    /// The claims of both tokens.
    fn common(&self) -> Map<String, Value> {
        let mut common = claims(json!({
            "iss": self.issuer,
            "sub": self.sub,
            "auth_time": self.auth_time,
            "iat": self.issued_at,
            "origin_jti": self.origin_jti,
            "event_id": uuid(),
        }));
        // Cognito leaves the claim out when there are no groups.
        if !self.groups.is_empty() {
            common.insert("cognito:groups".into(), json!(self.groups));
        }
        if let Some(acr) = self.acr {
            common.insert("acr".into(), acr.into());
        }
        if !self.amr.is_empty() {
            common.insert("amr".into(), json!(self.amr));
        }
        common
    }
}

/// A person's `sub`, which stays from launch to launch, and differs from pool to pool.
pub(crate) fn subject(user_pool_id: &str, username: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("{user_pool_id}\n{username}")).into();
    let bits = digest.iter().take(16).fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    uuid_of(bits)
}
