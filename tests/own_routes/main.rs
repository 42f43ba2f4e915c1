//! An app with routes of its own for the sign-in, and one that keeps the mounted ones and has its say by hooks.

#[path = "../flow/app.rs"]
mod app;
mod callback;
mod hooks;
#[path = "../refresh/log.rs"]
mod log;
mod logout;
mod refresh;
#[path = "../flow/sealing.rs"]
mod sealing;
#[path = "../support/mod.rs"]
mod support;

/// As a browser says of a form on this site.
const SAME_ORIGIN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

/// With a log that is kept.
fn setup() -> app::Setup {
    log::record();
    app::Setup::new()
}
