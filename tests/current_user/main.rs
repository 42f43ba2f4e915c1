//! The application's own user: who is loaded, when, how often, and what becomes of those whom it does not know.

mod answers;
#[path = "../flow/app.rs"]
mod app;
mod failures;
mod launch;
#[path = "../refresh/log.rs"]
mod log;
mod once;
#[path = "../flow/sealing.rs"]
mod sealing;
#[path = "../support/mod.rs"]
mod support;
mod world;

/// As a browser says of a form on this site.
const SAME_ORIGIN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];
