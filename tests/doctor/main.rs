//! The doctor: each broken set-up gives its finding, and no other.

mod client;
mod front;
mod healthy;
mod pool;
mod program;
mod settings;
mod setup;
mod sign_in;
mod stores;
#[path = "../support/mod.rs"]
mod support;
