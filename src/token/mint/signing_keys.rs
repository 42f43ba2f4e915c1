//! The two keys of a pool.

#[cfg(feature = "local-pool")]
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(feature = "local-pool")]
use super::signing_key::SavedKey;
use super::signing_key::{KeyFailure, SigningKey};

/// One key signs access tokens and the other ID tokens, as in every Cognito pool.
pub(crate) struct SigningKeys {
    pub(crate) access: SigningKey,
    pub(crate) id: SigningKey,
}

/// Both private keys in a file.
#[cfg(feature = "local-pool")]
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedSigningKeys {
    access: SavedKey,
    id: SavedKey,
}

impl SigningKeys {
    pub(crate) fn generate() -> Result<Self, KeyFailure> {
        Ok(SigningKeys { access: SigningKey::generate()?, id: SigningKey::generate()? })
    }

    /// The keys as [`restored`](Self::restored) reads them.
    #[cfg(feature = "local-pool")]
    pub(crate) fn saved(&self) -> Result<SavedSigningKeys, KeyFailure> {
        Ok(SavedSigningKeys { access: self.access.saved()?, id: self.id.saved()? })
    }

    #[cfg(feature = "local-pool")]
    pub(crate) fn restored(saved: SavedSigningKeys) -> Result<Self, KeyFailure> {
        Ok(SigningKeys { access: SigningKey::restored(saved.access)?, id: SigningKey::restored(saved.id)? })
    }

    /// The public keys as a JWKS lists them.
    pub(crate) fn jwks(&self) -> [Value; 2] {
        [self.access.jwk().clone(), self.id.jwk().clone()]
    }
}
