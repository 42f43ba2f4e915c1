//! Sessions in a real Redis.
#![cfg(feature = "redis")]

mod suite;
#[path = "../support/mod.rs"]
mod support;
