//! The checks of tokens that a program has, and of those that the pool has just issued.

use std::sync::Arc;
use std::time::SystemTime;

use super::requirements;
use crate::oauth::TokenResponse;
use crate::pool::{ClientError, IssuedTokens, UserPool};
use crate::token::{Expectations, TokenError, VerifiedToken};
use crate::user::CognitoUser;

/// Whom a token is of.
pub(super) async fn token(
    pool: &UserPool,
    token: &str,
    expected: &Expectations<'_>,
    now: SystemTime,
) -> Result<CognitoUser, ClientError> {
    requirements::check_enabled(pool)?;
    let token = pool.verifier().verify_on_demand(token, expected, now.into()).await??;
    Ok(CognitoUser::from_bearer(token, pool.endpoints().cloned()))
}

/// The access token of an answer, all of whose tokens have been verified.
pub(super) async fn issued(
    pool: &UserPool,
    issued: &TokenResponse,
    nonce: Option<&str>,
    now: SystemTime,
) -> Result<Arc<VerifiedToken>, ClientError> {
    let tokens = IssuedTokens::verify(pool, issued, now.into()).await?;
    if let Some(nonce) = nonce {
        tokens.id.as_ref().ok_or(TokenError::Nonce)?.check_nonce(nonce)?;
    }
    Ok(tokens.access)
}
