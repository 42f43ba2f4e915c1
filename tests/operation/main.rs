//! What an app goes through in operation: it is stopped, killed, flooded and left running, and its clock is wrong.

mod calls;
mod clocks;
mod crash;
mod formats;
mod memory;
mod process;
mod rest;
mod stop;
#[path = "../support/mod.rs"]
mod support;
