//! Several processes of one app that share their sessions by a real Redis, behind a real haproxy. The processes are
//! instances of the example `three_instances`.
#![cfg(feature = "redis")]

mod callbacks;
mod crashes;
mod ends;
mod example;
mod formats;
mod refreshes;
mod rollout;
mod sign_ins;
mod site;
#[path = "../support/mod.rs"]
mod support;
mod visitor;
