//! What every answer says to browsers and caches, and what no answer says to anybody.

#[path = "../flow/app.rs"]
mod app;
mod injection;
mod matrix;
mod pages;
mod payloads;
#[path = "../secrets/pool.rs"]
mod pool;
mod refusals;
#[allow(dead_code, reason = "only its endpoint is needed")]
#[path = "../sign_in_bad_input/rig.rs"]
mod rig;
mod scripts;
#[path = "../flow/sealing.rs"]
mod sealing;
mod site;
mod snapshot;
#[path = "../support/mod.rs"]
mod support;
