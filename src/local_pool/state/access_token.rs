//! Access tokens that are brought back to the pool.

use serde::Deserialize;

use super::pool::Pool;
use crate::clock::UnixSeconds;

/// The claims of an access token; a machine's has neither `username` nor `origin_jti`.
#[derive(Deserialize)]
pub(crate) struct AccessClaims {
    iss: String,
    pub(crate) sub: String,
    pub(crate) scope: String,
    exp: UnixSeconds,
    pub(crate) username: Option<String>,
    pub(crate) origin_jti: Option<String>,
}

impl AccessClaims {
    pub(crate) fn has_scope(&self, name: &str) -> bool {
        self.scope.split_whitespace().any(|scope| scope == name)
    }
}

/// Why an access token does not count.
pub(crate) enum Unusable {
    /// The pool has not issued it, at least not for this.
    Invalid,
    Expired,
    /// It lacks the scope that is asked for.
    LacksScope,
    /// Its sign-in has ended.
    Revoked,
}

/// The claims of an access token that has this scope and counts.
pub(crate) fn access_token(pool: &Pool, token: &str, scope: &str) -> Result<AccessClaims, Unusable> {
    let claims: AccessClaims = pool.keys.access_claims(token).ok_or(Unusable::Invalid)?;
    // The key may be that of another pool, too.
    if claims.iss != pool.issuer() {
        return Err(Unusable::Invalid);
    }
    if claims.exp <= pool.now() {
        return Err(Unusable::Expired);
    }
    if !claims.has_scope(scope) {
        return Err(Unusable::LacksScope);
    }
    match &claims.origin_jti {
        Some(origin) if pool.grants.is_revoked(origin) => Err(Unusable::Revoked),
        None if claims.username.is_some() => Err(Unusable::Invalid),
        _ => Ok(claims),
    }
}
