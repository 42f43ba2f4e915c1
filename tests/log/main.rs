//! What operators are told: all of it, so that the tests run one after the other.

mod cookies;
mod messages;
mod origins;
#[path = "../support/mod.rs"]
mod support;

use tokio::sync::{Mutex, MutexGuard};

/// Waits until no other test runs: there is one log.
async fn alone() -> MutexGuard<'static, ()> {
    static RUNNING: Mutex<()> = Mutex::const_new(());
    let running = RUNNING.lock().await;
    support::log::record();
    running
}
