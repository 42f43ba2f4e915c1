//! Tokens: strict parsing, typed claims, verification over a set of keys, and the cache of those keys.

mod actor;
mod bearer_fault;
mod cache;
mod claims;
mod encoding;
mod error;
mod expected;
mod header;
mod jwks;
mod key_set;
#[cfg(any(feature = "local-pool", feature = "testing"))]
mod mint;
mod origin;
mod set_up_fault;
mod unverified;
mod verified;
mod verifier;

pub use self::actor::Actor;
pub(crate) use self::bearer_fault::BearerFault;
pub(crate) use self::claims::{Claims, Groups, Profile, TokenUse};
pub(crate) use self::error::TokenError;
pub(crate) use self::expected::Expectations;
pub(crate) use self::jwks::{Jwks, KeysUnavailable};
#[cfg(feature = "local-pool")]
pub(crate) use self::mint::{
    ExchangedClaims, KeyFailure, SOCIAL_PROVIDERS, SavedSigningKeys, SigningKey, identities_claim,
    shown_attributes,
};
#[cfg(any(feature = "local-pool", feature = "testing"))]
pub(crate) use self::mint::{
    Identity, MachineClaims, MintedTokens, PersonClaims, SigningKeys, is_reserved_claim, refresh_token,
    subject, uuid,
};
pub(crate) use self::origin::{TokenOrigin, unverified_subject};
pub(crate) use self::set_up_fault::SetUpFault;
pub(crate) use self::verified::{Stub, TokenClaims, VerifiedToken};
pub(crate) use self::verifier::Verifier;
#[cfg(any(test, fuzzing))]
pub(crate) use self::{key_set::KeySet, unverified::UnverifiedToken};
