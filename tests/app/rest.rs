//! An app that nobody visits.

use std::fs;

use tokio::time::{Duration, sleep, timeout};

use crate::process::World;
use crate::support::not_tested;
use crate::support::quickstart::Quickstart;

/// Longer than tokens that are kept wait for the next sweep.
const REST: Duration = Duration::from_secs(12);
/// A guard against waiting for ever: what a launch leaves to be done takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often the threads of a process have been put to sleep or interrupted, where the system tells it.
fn switches(app: &Quickstart) -> Option<u64> {
    let threads = fs::read_dir(format!("/proc/{}/task", app.id())).ok()?;
    let of_thread = |status: String| {
        let counts = status.lines().filter_map(|line| line.split_once("voluntary_ctxt_switches:"));
        counts.map(|(_, count)| count.trim().parse::<u64>().unwrap()).sum::<u64>()
    };
    Some(
        threads
            .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok())
            .map(of_thread)
            .sum(),
    )
}

/// Nothing of it runs between two hourly fetches of the keys: no thread is woken.
#[rocket::async_test]
async fn an_app_at_rest_is_not_woken() {
    let world = World::start(|pool| pool).await;
    let app = world.launch(&[]).await;
    if switches(&app).is_none() {
        not_tested("wake-ups, which this system does not tell");
        return;
    }
    let rests = async {
        loop {
            let before = switches(&app);
            sleep(REST).await;
            if switches(&app) == before {
                break;
            }
        }
    };
    timeout(PATIENCE, rests).await.expect("it comes to rest");
}
