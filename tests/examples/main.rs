//! The examples, each as people run it.

mod containers;
mod infrastructure;
mod mcp;
mod others;
mod quickstart;
#[path = "../support/mod.rs"]
mod support;
