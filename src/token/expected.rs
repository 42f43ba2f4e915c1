//! What a token must say to count here.

use super::claims::{Claims, TokenUse};
use super::error::TokenError;
use crate::clock::UnixSeconds;
use crate::config::{BearerSettings, BearerTokenUse, OwnClient, PoolSettings};

/// What a token must say to count here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expectations<'a> {
    /// Issuers, any of which is right.
    pub(crate) issuers: &'a [String],
    /// App clients, any of which is right.
    pub(crate) client_ids: &'a [String],
    /// What an access token may be bound to, beside its client (RFC 8707).
    pub(crate) audiences: &'a [String],
    /// `None`: either kind.
    pub(crate) token_use: Option<TokenUse>,
    /// Seconds by which clocks may differ.
    pub(crate) leeway: u64,
    /// Whether an expired token is refused.
    pub(crate) check_expiration: bool,
    /// Whether somebody else may act for whom the token is of.
    pub(crate) accepts_delegated: bool,
}

impl<'a> Expectations<'a> {
    /// What is expected of the tokens of a sign-in.
    pub(crate) fn of_session(
        pool: &'a PoolSettings,
        bearer: &'a BearerSettings,
        client: Option<&'a OwnClient>,
        token_use: TokenUse,
    ) -> Self {
        Expectations {
            client_ids: client.map_or(&[], |client| std::slice::from_ref(&client.id)),
            token_use: Some(token_use),
            // An agent has no browser session.
            accepts_delegated: false,
            ..Expectations::of_bearer(pool, bearer)
        }
    }

    /// What is expected of a bearer token.
    pub(crate) fn of_bearer(pool: &'a PoolSettings, bearer: &'a BearerSettings) -> Self {
        Expectations {
            issuers: &pool.issuers,
            client_ids: &bearer.accepted_client_ids,
            audiences: &bearer.accepted_audiences,
            token_use: match bearer.token_use {
                BearerTokenUse::Access => Some(TokenUse::Access),
                BearerTokenUse::Id => Some(TokenUse::Id),
                BearerTokenUse::Any => None,
            },
            leeway: pool.expiration_leeway,
            check_expiration: pool.check_expiration,
            accepts_delegated: true,
        }
    }

    /// Everything that claims say, at the time `now`.
    pub(super) fn check(&self, claims: &Claims, now: UnixSeconds) -> Result<(), TokenError> {
        if !self.issuers.contains(&claims.iss) {
            return Err(TokenError::Issuer);
        }
        if self.token_use.is_some_and(|wanted| wanted != claims.token_use) {
            return Err(TokenError::Use);
        }
        let client = match claims.token_use {
            TokenUse::Access => &claims.client_id,
            TokenUse::Id => &claims.aud,
        };
        let client = client.as_ref().filter(|client| self.client_ids.contains(client));
        // Cognito's access tokens have no `aud`, unless they are bound to a resource, or a trigger adds the client.
        let is_bound_elsewhere = |aud: &String| {
            let is_listed = claims.token_use == TokenUse::Access && self.audiences.contains(aud);
            Some(aud) != client && !is_listed
        };
        if client.is_none() {
            return Err(TokenError::Client);
        }
        if claims.aud.as_ref().is_some_and(is_bound_elsewhere) {
            return Err(TokenError::Audience);
        }
        let latest_start = now.plus(self.leeway);
        let starts = claims.iat.max(claims.nbf.unwrap_or(claims.iat));
        if starts > latest_start || claims.iat > claims.exp {
            return Err(TokenError::NotYetValid);
        }
        if self.check_expiration && self.is_expired(claims, now) {
            return Err(TokenError::Expired);
        }
        if claims.act.is_some() && !self.accepts_delegated {
            return Err(TokenError::Delegated);
        }
        Ok(())
    }

    pub(super) fn is_expired(&self, claims: &Claims, now: UnixSeconds) -> bool {
        now >= claims.exp.plus(self.leeway)
    }
}
