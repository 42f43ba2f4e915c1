//! The tokens of a sign-in and of a machine, with Cognito's claims.

use std::fmt;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::client::LocalClient;
use super::grant::Grant;
use super::pool::Pool;
use super::random::{uuid, uuid_of};
use super::user::LocalUser;
use crate::crypto::base64url;
use crate::token::at_hash;

/// The three tokens of a sign-in at the [`LocalPool`](super::LocalPool), with the claims that Cognito's
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
pub(super) struct MintedTokens {
    pub(super) access_token: String,
    pub(super) id_token: Option<String>,
}

impl Pool {
    /// `None` when the key cannot sign.
    pub(super) fn mint(&self, user: &LocalUser, grant: &Grant, nonce: Option<&str>) -> Option<MintedTokens> {
        let keys = self.keys.current();
        let common = self.common_claims(grant, user);

        let mut access = common.clone();
        access.extend(claims(json!({
            "token_use": "access",
            "client_id": grant.client_id,
            "username": grant.username,
            "scope": grant.scopes.join(" "),
            "version": 2,
            "jti": uuid(),
            "exp": issued_at(&common) + u64::from(self.config.access_token_seconds),
        })));
        if let Some(resource) = &grant.resource {
            access.insert("aud".into(), resource.as_str().into());
        }
        let access_token = keys.access.sign(&Value::Object(access)).ok()?;
        if !grant.has_scope("openid") {
            return Some(MintedTokens { access_token, id_token: None });
        }

        let mut id = user.shown_attributes(&grant.scopes);
        let expires = issued_at(&common) + u64::from(self.config.id_token_seconds);
        id.extend(common);
        id.extend(claims(json!({
            "token_use": "id",
            "aud": grant.client_id,
            "cognito:username": grant.username,
            "at_hash": at_hash(&access_token),
            "jti": uuid(),
            "exp": expires,
        })));
        if let Some(nonce) = nonce {
            id.insert("nonce".into(), nonce.into());
        }
        let id_token = keys.id.sign(&Value::Object(id)).ok()?;
        Some(MintedTokens { access_token, id_token: Some(id_token) })
    }

    /// A refresh token for this grant.
    pub(super) fn new_refresh_token(&self, grant: Grant) -> String {
        let token = refresh_token();
        self.refresh_tokens.insert(&token, grant, Instant::now());
        token
    }

    pub(super) fn sign_in(&self, username: &str, client_id: &str) -> Option<LocalTokens> {
        let client = self.client(client_id)?;
        let user = self.users.enabled(username)?;
        let grant = Grant::new(client_id, username, client.granted_scopes(None)?, self.now());
        let minted = self.mint(&user, &grant, None)?;
        Some(LocalTokens {
            access_token: minted.access_token,
            id_token: minted.id_token?,
            refresh_token: self.new_refresh_token(grant),
        })
    }

    /// An access token that is about no user: no `username`, no groups, no sign-in it comes from. `None` when the
    /// key cannot sign.
    pub(super) fn mint_for_machine(&self, client: &LocalClient, scopes: &[String]) -> Option<String> {
        let now = self.now();
        let claims = json!({
            "iss": self.issuer(),
            "sub": client.client_id,
            "token_use": "access",
            "client_id": client.client_id,
            "scope": scopes.join(" "),
            "version": 2,
            "jti": uuid(),
            "auth_time": now,
            "iat": now,
            "exp": now + u64::from(self.config.access_token_seconds),
        });
        self.keys.current().access.sign(&claims).ok()
    }

    pub(super) fn machine_token(&self, client_id: &str) -> Option<String> {
        let client = self.client(client_id).filter(|client| client.client_credentials)?;
        self.mint_for_machine(client, &client.granted_scopes(None)?)
    }

    fn common_claims(&self, grant: &Grant, user: &LocalUser) -> Map<String, Value> {
        let mut common = claims(json!({
            "iss": self.issuer(),
            "sub": subject(&self.config.user_pool_id, &user.username),
            "auth_time": grant.auth_time,
            "iat": self.now(),
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

fn issued_at(common: &Map<String, Value>) -> u64 {
    common.get("iat").and_then(Value::as_u64).unwrap_or_default()
}

/// The same for a user in every launch, and another in another pool.
fn subject(user_pool_id: &str, username: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("{user_pool_id}\n{username}")).into();
    let bits = digest.iter().take(16).fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    uuid_of(bits)
}

/// Random text with the five parts and the 1.8 kB of Cognito's encrypted refresh tokens, so that
/// cookies have their real size.
pub(super) fn refresh_token() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#);
    let (key, iv, text, tag) =
        (base64url::<256>(), base64url::<12>(), base64url::<1008>(), base64url::<16>());
    format!("{header}.{key}.{iv}.{text}.{tag}")
}
