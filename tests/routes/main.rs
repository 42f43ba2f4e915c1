//! The routes of a sign-in: mounted ones, hooks, and those of an app's own.

mod own_login;
mod own_routes;
mod pool_answers;
mod requests;
mod sign_out;
#[path = "../support/mod.rs"]
mod support;
