//! The pool's JWKS: where they come from, when they are due, and the cache that fetches them.

mod jwks;
mod source;
mod state;

pub(crate) use self::jwks::{Jwks, KeysUnavailable};
