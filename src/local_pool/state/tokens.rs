//! The tokens of a sign-in and of a machine, with Cognito's claims.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::grant::Grant;
use super::key_ring::SigningKeys;
use super::uuid::{uuid, uuid_of};
use crate::clock::UnixSeconds;
use crate::crypto::base64url;
use crate::local_pool::config::{LocalClient, LocalPoolConfig, LocalUser};
use crate::token::at_hash;

/// The three tokens of a sign-in at the [`LocalPool`](crate::local_pool::LocalPool), with the claims that Cognito's
/// developer guide describes under "Understanding user pool JSON web tokens (JWTs)".
#[derive(Clone)]
#[non_exhaustive]
pub struct LocalTokens {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// Who the user is.
    pub id_token: String,
    /// Opaque, as long as Cognito's.
    pub refresh_token: String,
}

impl fmt::Debug for LocalTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalTokens([redacted])")
    }
}

/// Fresh access and ID tokens; the latter with the scope `openid` only.
pub(crate) struct MintedTokens {
    pub(crate) access_token: String,
    pub(crate) id_token: Option<String>,
}

/// Mints tokens at one moment, with the keys in force.
pub(crate) struct TokenMint<'p> {
    pub(super) config: &'p LocalPoolConfig,
    pub(super) keys: Arc<SigningKeys>,
    pub(super) issuer: String,
    /// By the pool's own clock.
    pub(super) now: UnixSeconds,
}

impl TokenMint<'_> {
    /// The tokens of a user. `None` when a key cannot sign.
    pub(crate) fn for_user(
        &self,
        user: &LocalUser,
        grant: &Grant,
        nonce: Option<&str>,
    ) -> Option<MintedTokens> {
        let common = self.common_claims(grant, user);

        let mut access = common.clone();
        access.extend(claims(json!({
            "token_use": "access",
            "client_id": grant.client_id,
            "username": grant.username,
            "scope": grant.scopes.join(" "),
            "version": 2,
            "jti": uuid(),
            "exp": self.now.plus(self.config.access_token_seconds.into()),
        })));
        if let Some(resource) = &grant.resource {
            access.insert("aud".into(), resource.as_str().into());
        }
        let access_token = self.keys.access.sign(&Value::Object(access)).ok()?;
        if !grant.has_scope("openid") {
            return Some(MintedTokens { access_token, id_token: None });
        }

        let mut id = user.shown_attributes(&grant.scopes);
        id.extend(common);
        id.extend(claims(json!({
            "token_use": "id",
            "aud": grant.client_id,
            "cognito:username": grant.username,
            "at_hash": at_hash(&access_token),
            "jti": uuid(),
            "exp": self.now.plus(self.config.id_token_seconds.into()),
        })));
        if let Some(nonce) = nonce {
            id.insert("nonce".into(), nonce.into());
        }
        let id_token = self.keys.id.sign(&Value::Object(id)).ok()?;
        Some(MintedTokens { access_token, id_token: Some(id_token) })
    }

    /// An access token that is about no user: no `username`, no groups, no sign-in it comes from. `None` when the
    /// key cannot sign.
    pub(crate) fn for_machine(&self, client: &LocalClient, scopes: &[String]) -> Option<String> {
        let claims = json!({
            "iss": self.issuer,
            "sub": client.client_id,
            "token_use": "access",
            "client_id": client.client_id,
            "scope": scopes.join(" "),
            "version": 2,
            "jti": uuid(),
            "auth_time": self.now,
            "iat": self.now,
            "exp": self.now.plus(self.config.access_token_seconds.into()),
        });
        self.keys.access.sign(&claims).ok()
    }

    fn common_claims(&self, grant: &Grant, user: &LocalUser) -> Map<String, Value> {
        let mut common = claims(json!({
            "iss": self.issuer,
            "sub": subject(&self.config.user_pool_id, &user.username),
            "auth_time": grant.auth_time,
            "iat": self.now,
            "origin_jti": grant.origin_jti,
            "event_id": uuid(),
        }));
        // Cognito leaves the claim out when there are no groups.
        if !user.groups.is_empty() {
            common.insert("cognito:groups".into(), json!(user.groups));
        }
        common
    }
}

fn claims(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}

/// A user's `sub`, which stays from launch to launch, and differs from pool to pool.
fn subject(user_pool_id: &str, username: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("{user_pool_id}\n{username}")).into();
    let bits = digest.iter().take(16).fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    uuid_of(bits)
}

/// Random text with the five parts and the 1.8 kB of Cognito's encrypted refresh tokens, so that
/// cookies have their real size.
pub(crate) fn refresh_token() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#);
    let (key, iv, text, tag) =
        (base64url::<256>(), base64url::<12>(), base64url::<1008>(), base64url::<16>());
    format!("{header}.{key}.{iv}.{text}.{tag}")
}
