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
    /// What an access token of any other client has to be bound to, so that it counts; empty where none does.
    pub(crate) any_clients_audiences: &'a [String],
    /// What an access token of one of these clients may be bound to, beside its client (RFC 8707).
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
            any_clients_audiences: &[],
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
            any_clients_audiences: bearer.any_clients_audiences(),
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
        self.check_client(claims)?;
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

    /// For which client, and for which resource, the token is.
    fn check_client(&self, claims: &Claims) -> Result<(), TokenError> {
        let is_access = claims.token_use == TokenUse::Access;
        let client = if is_access { &claims.client_id } else { &claims.aud };
        let Some(client) = client else { return Err(TokenError::Client) };
        let is_listed = self.client_ids.contains(client);
        if !is_listed {
            // Whoever may register a client at the pool has tokens of all other kinds: they prove nothing.
            return match &claims.aud {
                Some(aud) if is_access && self.any_clients_audiences.contains(aud) => Ok(()),
                _ => Err(TokenError::Client),
            };
        }
        match &claims.aud {
            Some(aud) if is_access && self.audiences.contains(aud) => Ok(()),
            // Cognito's access tokens have no `aud`, unless they are bound to a resource, or a trigger adds the client.
            Some(aud) if aud == client => Ok(()),
            None => Ok(()),
            Some(_) => Err(TokenError::Audience),
        }
    }

    /// Whether clients count that no list names.
    pub(super) fn accepts_any_client(&self) -> bool {
        !self.any_clients_audiences.is_empty()
    }

    pub(super) fn is_expired(&self, claims: &Claims, now: UnixSeconds) -> bool {
        now >= claims.exp.plus(self.leeway)
    }
}
