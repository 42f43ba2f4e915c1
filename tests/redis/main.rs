//! Sessions in a real Redis.
#![cfg(feature = "redis")]

mod access;
mod cluster;
mod commands;
mod credentials;
mod failover;
mod faults;
mod launch;
mod losses;
mod memory;
mod old_server;
mod open_connection;
mod scripts;
mod suite;
#[path = "../support/mod.rs"]
mod support;
mod values;
mod world;
