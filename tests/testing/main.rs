//! The test kit: people, machines and sessions of a test, what an app answers them, and the map of its routes.

mod app;
mod child;
mod map;
mod parallel;
mod people;
mod pool;
mod requests;
mod sessions;
mod settings;
#[path = "../support/mod.rs"]
mod support;
