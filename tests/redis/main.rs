//! Sessions in a real Redis.
#![cfg(feature = "redis")]

mod cluster;
mod faults;
mod losses;
mod suite;
#[path = "../support/mod.rs"]
mod support;
mod traffic;
mod values;
mod world;
