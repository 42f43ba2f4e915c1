//! A token that passed every check, and what tokens say.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::claims::{Claims, Groups, Profile, TokenUse};
use super::encoding::{decode, parse};
use super::error::TokenError;
use super::key_set::Key;
use crate::config::LevelNames;
use crate::crypto::same;

/// What a token takes of memory beside its texts.
const ENTRY_BYTES: usize = 640;
/// What a short text in a list takes beside its part of the token.
const TEXT_BYTES: usize = 56;
/// What an actor takes, with two texts.
const ACTOR_BYTES: usize = 2 * TEXT_BYTES;

/// What a token says.
pub(crate) struct TokenClaims {
    pub(crate) claims: Claims,
    /// Empty unless the token is an ID token.
    pub(crate) profile: Profile,
    /// The level of the sign-in, 1 to 4; `None` where the token does not say, or names none of the pool's.
    pub(crate) level: Option<u8>,
}

/// What a token would say, if there were one.
pub(crate) struct Stub {
    payload: Box<[u8]>,
    statement: TokenClaims,
}

/// A token whose signature and claims held when they were checked.
pub(crate) struct VerifiedToken {
    jwt: Box<str>,
    statement: TokenClaims,
    /// The key of the signature.
    key: Arc<Key>,
    /// The `at_hash` of this token, where it was asked for.
    at_hash: OnceLock<String>,
}

impl TokenClaims {
    fn new(payload: &[u8], claims: Claims, level_names: &LevelNames) -> Self {
        let profile = match claims.token_use {
            TokenUse::Id => serde_json::from_slice(payload).unwrap_or_default(),
            TokenUse::Access => Profile::default(),
        };
        // Whoever acts for somebody has not shown what they have shown.
        let acr = claims.acr.as_deref().filter(|_| claims.act.is_none());
        let level = acr.and_then(|acr| level_names.level(acr));
        TokenClaims { claims, profile, level }
    }
}

impl Stub {
    /// What a token with this payload would say.
    pub(crate) fn new(payload: Vec<u8>, level_names: &LevelNames) -> Result<Self, TokenError> {
        let claims = parse_claims(&payload)?;
        Ok(Stub { statement: TokenClaims::new(&payload, claims, level_names), payload: payload.into() })
    }

    /// All claims, as a type of the caller's choice.
    pub(crate) fn claims_as<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.payload)
    }
}

impl Deref for Stub {
    type Target = TokenClaims;

    fn deref(&self) -> &TokenClaims {
        &self.statement
    }
}

impl Deref for VerifiedToken {
    type Target = TokenClaims;

    fn deref(&self) -> &TokenClaims {
        &self.statement
    }
}

impl VerifiedToken {
    pub(super) fn new(
        jwt: &str,
        payload: &[u8],
        claims: Claims,
        key: Arc<Key>,
        level_names: &LevelNames,
    ) -> Self {
        VerifiedToken {
            jwt: jwt.into(),
            statement: TokenClaims::new(payload, claims, level_names),
            key,
            at_hash: OnceLock::new(),
        }
    }

    /// The token as it was sent.
    pub(crate) fn jwt(&self) -> &str {
        &self.jwt
    }

    /// Whether the pool still publishes the key of its signature.
    pub(super) fn has_published_key(&self) -> bool {
        self.key.is_published()
    }

    /// What it takes of memory, about: its text, claims that are about as long as their part of it, and a place for each
    /// group, method and actor.
    pub(super) fn bytes(&self) -> usize {
        let groups = match &self.claims.groups {
            Groups::Listed(names) => names.capacity(),
            Groups::Malformed => 0,
        };
        let methods = self.claims.amr.as_ref().map_or(0, Vec::capacity);
        let actors = std::iter::successors(self.claims.act.as_ref(), |actor| actor.actor()).count();
        let lists = (groups + methods) * TEXT_BYTES + actors * ACTOR_BYTES;
        self.jwt.len() + self.jwt.len() / 2 + lists + ENTRY_BYTES
    }

    /// All claims, as a type of the caller's choice.
    pub(crate) fn claims_as<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        let payload = self.jwt.split('.').nth(1).and_then(|payload| decode(payload).ok()).unwrap_or_default();
        serde_json::from_slice(&payload)
    }

    /// Whether this ID token answers the login that sent `nonce` (OpenID Connect Core section 3.1.3.7).
    pub(crate) fn check_nonce(&self, nonce: &str) -> Result<(), TokenError> {
        match &self.claims.nonce {
            Some(claim) if same(claim, nonce) => Ok(()),
            _ => Err(TokenError::Nonce),
        }
    }

    fn at_hash(&self) -> &str {
        self.at_hash.get_or_init(|| at_hash(&self.jwt))
    }

    /// Whether this ID token and `access` come from one sign-in: `sub`, `origin_jti` and `at_hash`
    /// (OpenID Connect Core section 3.1.3.6), the last two where Cognito sends them.
    pub(crate) fn check_belongs_to(&self, access: &VerifiedToken) -> Result<(), TokenError> {
        let same_subject = self.claims.iss == access.claims.iss && self.claims.sub == access.claims.sub;
        let same_origin = match (&self.claims.origin_jti, &access.claims.origin_jti) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        };
        let same_hash = self.claims.at_hash.as_ref().is_none_or(|claim| same(claim, access.at_hash()));
        if same_subject && same_origin && same_hash { Ok(()) } else { Err(TokenError::Mismatch) }
    }
}

/// The left half of the access token's SHA-256, base64url (OpenID Connect Core section 3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    let digest = Sha256::digest(access_token.as_bytes());
    let (left, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

pub(super) fn parse_claims(payload: &[u8]) -> Result<Claims, TokenError> {
    let claims: Claims = parse(payload)?;
    if claims.is_identifying() { Ok(claims) } else { Err(TokenError::Malformed) }
}
