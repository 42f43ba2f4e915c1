//! What operators are told: all of it, so that the tests run one after the other.

mod cookies;
mod launches;
mod local_pool;
mod messages;
mod mistakes;
mod origins;
mod repeated;
mod resources;
mod sign_ins;
mod stores;
#[path = "../support/mod.rs"]
mod support;

use rocket::error::ErrorKind;
use rocket::{Build, Rocket};
use tokio::sync::{Mutex, MutexGuard};

/// Waits until no other test runs: there is one log.
async fn alone() -> MutexGuard<'static, ()> {
    static RUNNING: Mutex<()> = Mutex::const_new(());
    let running = RUNNING.lock().await;
    support::log::record();
    running
}

/// What operators are told of an app whose fairing refuses the launch, or one of whose guards does.
async fn refused(rocket: Rocket<Build>) -> String {
    support::log::new_lines();
    let error = rocket.ignite().await.expect_err("it refuses");
    // Asking for its kind keeps Rocket's error from panicking when dropped.
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_) | ErrorKind::SentinelAborts(_)), "{error}");
    support::log::new_lines().join("\n")
}

#[track_caller]
fn assert_told(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word:?} is not in:\n{said}");
    }
}
