//! The whole flow over real HTTP: sign-in, guards, cookies, sign-out, bearer tokens.

mod bearer;
mod cookies;
mod parallel;
mod sign_in;
mod sign_out;
#[path = "../support/mod.rs"]
mod support;
