//! The refresh of a sign-in.

use std::time::{Duration, Instant};

use super::grant::Grant;
use super::pool::Pool;
use crate::token::{MintedTokens, refresh_token};

/// Fresh tokens, with a new refresh token where rotation is on.
pub(crate) struct Refreshed {
    pub(crate) minted: MintedTokens,
    pub(crate) successor: Option<String>,
}

/// Why there are no fresh tokens.
pub(crate) enum RefreshFailure {
    /// No refresh token that counts, of this client.
    Unknown,
    /// It was replaced by another, and its time has passed.
    Replaced,
    /// The sign-in has come to its end.
    Expired,
    /// Its user is disabled or gone.
    Barred,
    /// The pool itself failed.
    Internal,
}

/// Refreshes the sign-in that this refresh token stands for.
pub(crate) fn refresh(pool: &Pool, client_id: &str, token: &str) -> Result<Refreshed, RefreshFailure> {
    let now = Instant::now();
    let lost = || match pool.grants.refresh_tokens.recall(token) {
        Some(grant) if grant.client_id == client_id => {
            let lives_on = |other: &Grant| other.origin_jti == grant.origin_jti;
            let was_replaced = pool.grants.refresh_tokens.all(now).iter().any(lives_on);
            if was_replaced { RefreshFailure::Replaced } else { RefreshFailure::Expired }
        }
        _ => RefreshFailure::Unknown,
    };
    let grant = pool.grants.refresh_tokens.get(token, now).ok_or_else(lost)?;
    if grant.client_id != client_id {
        return Err(RefreshFailure::Unknown);
    }
    let user = pool.users.enabled(&grant.username, &grant.sub).ok_or(RefreshFailure::Barred)?;
    let successor = pool.config.refresh_token_rotation.then(refresh_token);
    if let Some(successor) = &successor {
        let grace = Duration::from_secs(pool.config.refresh_token_grace_seconds.into());
        if !pool.grants.refresh_tokens.succeed(token, successor, now, grace) {
            // Another request with the same token was quicker.
            return Err(RefreshFailure::Replaced);
        }
    }
    pool.note_use(&grant.origin_jti);
    if successor.is_some() {
        pool.note_tokens_of(&grant);
    }
    let minted = pool.mint().for_user(&user, &grant, None).ok_or(RefreshFailure::Internal)?;
    Ok(Refreshed { minted, successor })
}
