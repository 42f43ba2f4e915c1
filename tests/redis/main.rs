//! Sessions in a real Redis.
#![cfg(feature = "redis")]

mod commands;
mod memory;
mod suite;
#[path = "../support/mod.rs"]
mod support;
