//! Sessions in a real Redis.
#![cfg(feature = "redis")]

mod credentials;
mod iam;
mod launch;
mod old_server;
mod sentinel;
mod suite;
#[path = "../support/mod.rs"]
mod support;
