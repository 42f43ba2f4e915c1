//! The test kit: people, machines and sessions of a test, and what an app answers them.

mod map;
#[path = "../support/mod.rs"]
mod support;
