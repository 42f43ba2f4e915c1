//! The examples, each as people run it.

mod containers;
mod others;
mod quickstart;
#[path = "../support/mod.rs"]
mod support;
