//! Tokens, and the public keys that vouch for them. Letters with numbers are rows of `docs/requirements.md`.

mod attacks;
mod cache;
mod jwks;
mod mutants;
#[path = "../support/mod.rs"]
mod support;
