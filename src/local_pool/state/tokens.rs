//! The tokens of a sign-in and of a machine, with Cognito's claims.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::grant::Grant;
use super::user::User;
use super::users::Users;
use crate::clock::UnixSeconds;
use crate::local_pool::config::{LocalClient, LocalPoolConfig};
use crate::token::{MachineClaims, MintedTokens, PersonClaims, SigningKeys};

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

/// Mints tokens at one moment, with the keys in force.
pub(crate) struct TokenMint<'p> {
    pub(super) config: &'p LocalPoolConfig,
    pub(super) users: &'p Users,
    pub(super) keys: Arc<SigningKeys>,
    pub(super) issuer: String,
    /// By the pool's own clock.
    pub(super) now: UnixSeconds,
}

impl TokenMint<'_> {
    /// The tokens of a user. `None` when a key cannot sign.
    pub(crate) fn for_user(&self, user: &User, grant: &Grant, nonce: Option<&str>) -> Option<MintedTokens> {
        let standing = self.users.standing(user);
        let (roles, preferred_role) = user.roles();
        let roles = [roles, standing.roles.as_slice()].concat();
        let level = grant.shows_level.then(|| grant.factors.level());
        let acr = level.and_then(|level| self.config.levels.names().name(level).map(str::to_owned));
        let amr = if grant.shows_level { grant.factors.methods() } else { Vec::new() };
        let claims = PersonClaims {
            issuer: &self.issuer,
            client_id: &grant.client_id,
            sub: &user.sub,
            username: &user.username,
            groups: &standing.groups,
            roles: &roles,
            preferred_role: preferred_role.or(standing.preferred_role.as_deref()),
            identities: &user.identities(),
            scopes: &grant.scopes,
            by_api: grant.by_api,
            attributes: &user.attributes(),
            resource: grant.resource.as_deref(),
            nonce,
            origin_jti: &grant.origin_jti,
            auth_time: grant.auth_time,
            acr: acr.as_deref(),
            amr: &amr,
            issued_at: self.now,
            access_seconds: self.config.access_token_seconds.into(),
            id_seconds: self.config.id_token_seconds.into(),
            more_access: user.trigger.access_claims_for(&grant.client_id),
            more_id: user.trigger.id_claims.clone(),
        };
        claims.sign(&self.keys)
    }

    /// The access token of a machine, with what a trigger adds; `None` when the key cannot sign.
    pub(crate) fn for_machine(
        &self,
        client: &LocalClient,
        scopes: &[String],
        more: Map<String, Value>,
    ) -> Option<String> {
        let claims = MachineClaims {
            issuer: &self.issuer,
            client_id: &client.client_id,
            scopes,
            resource: None,
            issued_at: self.now,
            seconds: self.config.access_token_seconds.into(),
            more,
        };
        claims.sign(&self.keys)
    }
}
