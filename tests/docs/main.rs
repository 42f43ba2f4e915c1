//! The documentation: what it says is so.

mod emulators;
mod examples;
mod file_names;
mod moving;
mod readme;
mod requirements;
mod seeds;
#[path = "../support/mod.rs"]
mod support;
mod tables;
