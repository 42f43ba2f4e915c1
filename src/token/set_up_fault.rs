//! Tokens that come straight from the pool and are of another pool or client, or of another time: not the visitor's fault.

use super::claims::TokenUse;
use super::encoding::decode;
use super::error::TokenError;
use super::expected::Expectations;
use super::verified::parse_claims;
use crate::clock::UnixSeconds;
use crate::telemetry::{quoted, redacted};

const CLOCK: &str = "set this machine's clock right; `expiration_leeway` bridges small differences";

/// What in the settings, or in this machine's clock, a token contradicts.
#[derive(Debug)]
pub(crate) struct SetUpFault {
    pub(crate) error: TokenError,
    pub(crate) reason: String,
    /// What to correct.
    pub(crate) remedy: &'static str,
}

impl SetUpFault {
    /// Why the pool's own token was refused, if another setting or clock would make it count. Whoever calls has the token
    /// from the pool itself: its signature has not been verified.
    pub(crate) fn of(
        error: TokenError,
        jwt: &str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Option<Self> {
        let claims = parse_claims(&decode(jwt.split('.').nth(1)?).ok()?).ok()?;
        let first = |texts: &[String]| quoted(texts.first().map_or("", String::as_str));
        let (reason, remedy) = match error {
            TokenError::Issuer => (
                format!("its `iss` is {}, and not {}", quoted(&claims.iss), first(expected.issuers)),
                "check `user_pool_id` and `domain`, which are of two pools, or, where they are set, `issuer` and \
                 `accepted_issuers`",
            ),
            TokenError::Client => {
                let client = match claims.token_use {
                    TokenUse::Access => claims.client_id,
                    TokenUse::Id => claims.aud,
                };
                // No more than a client's id.
                let client = redacted(&client.unwrap_or_default());
                (
                    format!("it is for the client {client}, and not for {}", first(expected.client_ids)),
                    "check `client_id`",
                )
            }
            TokenError::Audience => (
                format!("it is for the resource {}", quoted(&claims.aud.unwrap_or_default())),
                "list the resource in `accepted_audiences`, or do not ask for it",
            ),
            TokenError::NotYetValid => {
                let ahead = claims.iat.max(claims.nbf.unwrap_or(claims.iat)).since(now);
                (Some(ahead).filter(|ahead| *ahead > expected.leeway).map(|ahead| {
                    format!("by this machine's clock it is valid {ahead} seconds from now, though it has just arrived")
                })?, CLOCK)
            }
            TokenError::Expired => (
                format!(
                    "by this machine's clock it was issued {} seconds ago and has expired, though it has just arrived",
                    now.since(claims.iat),
                ),
                CLOCK,
            ),
            _ => return None,
        };
        Some(SetUpFault { error, reason, remedy })
    }
}
