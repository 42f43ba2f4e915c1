//! Processes that share a store refresh each session once, however slow the pool is.

use std::collections::BTreeSet;
use std::time::Duration;

use rocket::futures::{StreamExt, stream};

use super::world::{EXPIRED, Fleet, rotating};
use crate::refresh::world::copy;
use crate::support::agent::{Agent, answer};

/// Requests of all these browsers at apps chosen by chance, many at once: they are served, or told to come again.
async fn ask_all(fleet: &Fleet, agents: &[Agent], requests: usize) {
    let pages = stream::iter(0..requests).map(|number| async move {
        let agent = copy(&agents[number % agents.len()]);
        let page = fleet.get_at(rand::random_range(0..3), &agent, "/me").await;
        assert_eq!(page.set_cookies(), [""; 0]);
        answer(&page)
    });
    let answers: BTreeSet<_> = pages.buffer_unordered(300).collect().await;
    let allowed = [(200, String::new()), (503, "session_not_renewed".into())];
    assert!(answers.iter().all(|answer| allowed.contains(answer)), "{answers:?}");
}

/// Asks for each session until it is served again, some at once. All are then of this generation.
async fn assert_all_go_on(fleet: &Fleet, agents: &[Agent], generation: u64) {
    let served = stream::iter(agents.iter().enumerate()).map(|(number, agent)| async move {
        let mut status = 503;
        while status == 503 {
            status = fleet.get_at(number, agent, "/me").await.status.as_u16();
        }
        assert_eq!((status, fleet.generation(agent).await), (200, Some(generation)), "{number}");
    });
    served.buffer_unordered(36).collect::<()>().await;
}

/// F2, F3.
#[rocket::async_test]
async fn three_apps_refresh_three_hundred_sessions_once_each() {
    let fleet = Fleet::start(rotating(0).set("sessions_per_user", 1000), 3).await;
    let agents = fleet.all_signed_in(300).await;
    for (round, delay) in [0, 500, 2000].into_iter().enumerate() {
        fleet.advance(EXPIRED);
        fleet.way.delay(Duration::from_millis(delay));
        let calls = fleet.calls();
        ask_all(&fleet, &agents, 2000).await;
        assert_all_go_on(&fleet, &agents, round as u64 + 2).await;
        assert_eq!(fleet.calls() - calls, 300, "{delay}");
    }
}

/// F3.
#[rocket::async_test]
async fn a_pool_that_is_slower_than_visitors_wait_loses_no_session() {
    let fleet = Fleet::start(rotating(0), 3).await;
    let agents = fleet.all_signed_in(36).await;
    for (round, delay) in [10, 30].into_iter().enumerate() {
        fleet.advance(EXPIRED);
        fleet.way.delay(Duration::from_secs(delay));
        let calls = fleet.calls();
        ask_all(&fleet, &agents, 180).await;
        assert_all_go_on(&fleet, &agents, round as u64 + 2).await;
        assert_eq!(fleet.calls() - calls, 36, "{delay}");
    }
}
