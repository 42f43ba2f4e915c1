//! Tokens as Cognito issues them, for pools that are not Cognito's own.
//!
//! The local pool and the test kit both ask here, so that their claims cannot differ.

mod attributes;
mod claims;
#[cfg(feature = "local-pool")]
mod exchanged_claims;
mod identity;
mod machine_claims;
mod person_claims;
mod refresh_token;
mod reserved_claims;
mod signing_key;
mod signing_keys;
mod uuid;

#[cfg(feature = "local-pool")]
pub(crate) use self::attributes::shown_attributes;
#[cfg(feature = "local-pool")]
pub(crate) use self::exchanged_claims::ExchangedClaims;
pub(crate) use self::identity::Identity;
#[cfg(feature = "local-pool")]
pub(crate) use self::identity::{SOCIAL_PROVIDERS, identities_claim};
pub(crate) use self::machine_claims::MachineClaims;
pub(crate) use self::person_claims::{MintedTokens, PersonClaims, subject};
pub(crate) use self::refresh_token::refresh_token;
pub(crate) use self::reserved_claims::is_reserved_claim;
#[cfg(feature = "local-pool")]
pub(crate) use self::signing_key::{KeyFailure, SigningKey};
#[cfg(feature = "local-pool")]
pub(crate) use self::signing_keys::SavedSigningKeys;
pub(crate) use self::signing_keys::SigningKeys;
pub(crate) use self::uuid::uuid;
