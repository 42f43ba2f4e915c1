//! What benches of a served app share: the app, its process, and requests to it.
#![allow(dead_code, reason = "each bench uses its part")]

pub mod app;
pub mod by_hand;
pub mod key;
pub mod preparation;
pub mod process;
pub mod redis_server;
pub mod requests;
pub mod rsa;
