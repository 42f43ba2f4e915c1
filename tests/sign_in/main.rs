//! From the way to the pool to the way back: what begins and completes a sign-in, what is wrong with one, where it leads.

mod bad_input;
mod kinds_of_users;
mod parallel;
mod redirects;
mod round_trip;
#[path = "../support/mod.rs"]
mod support;
mod unmatched;
