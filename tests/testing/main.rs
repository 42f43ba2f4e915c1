//! The test kit: people, machines and sessions of a test, and what an app answers them.

mod app;
mod parallel;
mod people;
mod pool;
mod requests;
mod sessions;
mod settings;
