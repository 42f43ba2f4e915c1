//! The two keys of a pool.

use serde_json::Value;

use super::signing_key::{KeyFailure, SigningKey};

/// One key signs access tokens and the other ID tokens, as in every Cognito pool.
pub(crate) struct SigningKeys {
    pub(crate) access: SigningKey,
    pub(crate) id: SigningKey,
}

impl SigningKeys {
    pub(crate) fn generate() -> Result<Self, KeyFailure> {
        Ok(SigningKeys { access: SigningKey::generate()?, id: SigningKey::generate()? })
    }

    /// The public keys as a JWKS lists them.
    pub(crate) fn jwks(&self) -> [Value; 2] {
        [self.access.jwk().clone(), self.id.jwk().clone()]
    }
}
