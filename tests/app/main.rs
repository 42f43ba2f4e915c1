//! What an app goes through while it runs: it is stopped, killed, flooded and left alone, and its clock is wrong.

mod clocks;
mod crash;
mod memory;
mod process;
mod refused;
mod rest;
mod stop;
#[path = "../support/mod.rs"]
mod support;
