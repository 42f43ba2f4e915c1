//! Tokens: strict parsing, typed claims, verification over a set of keys, and the cache of those keys.

mod cache;
mod claims;
mod expected;
mod jwks;
mod key_set;
mod verifier;
mod verify;

pub(crate) use claims::{Claims, Groups, Profile, TokenUse};
pub(crate) use expected::Expected;
pub(crate) use jwks::{Jwks, KeysUnavailable};
pub(crate) use verifier::Verifier;
#[cfg(feature = "local-pool")]
pub(crate) use verify::at_hash;
pub(crate) use verify::{Statement, Stub, TokenError, VerifiedToken};
#[cfg(any(test, fuzzing))]
pub(crate) use {key_set::KeySet, verify::Candidate};
