//! Processes that share a store refresh each session once, however slow the pool is.

use std::collections::BTreeMap;
use std::time::Duration;

use rocket::futures::{StreamExt, stream};

use super::world::{EXPIRED, Fleet, rotating};
use crate::refresh::world::copy;
use crate::support::agent::{Agent, answer};

/// Requests of all these browsers at apps chosen by chance, so many at once. It returns the answers, counted.
async fn ask_all(fleet: &Fleet, agents: &[Agent], requests: usize) -> BTreeMap<u16, usize> {
    let pages = stream::iter(0..requests).map(|number| async move {
        let agent = copy(&agents[number % agents.len()]);
        let page = fleet.get_at(rand::random_range(0..3), &agent, "/me").await;
        assert_eq!(page.set_cookies(), [""; 0]);
        (page.status.as_u16(), answer(&page).1)
    });
    let mut answers = BTreeMap::new();
    let mut pages = pages.buffer_unordered(300);
    while let Some((status, code)) = pages.next().await {
        let expected = if status == 503 { "session_not_renewed" } else { "" };
        assert_eq!(code, expected, "{status}");
        *answers.entry(status).or_default() += 1;
    }
    answers
}

/// Asks for each session until it is served again.
async fn assert_all_go_on(fleet: &Fleet, agents: &[Agent]) {
    for (number, agent) in agents.iter().enumerate() {
        let mut status = 503;
        while status == 503 {
            status = fleet.get_at(number, agent, "/me").await.status.as_u16();
        }
        assert_eq!((status, fleet.generation(agent).await), (200, Some(2)), "{number}");
    }
}

/// F2, F3.
#[rocket::async_test]
async fn three_apps_refresh_three_hundred_sessions_once_each() {
    let fleet = Fleet::start(rotating(0).set("sessions_per_user", 1000), 3).await;
    let agents = fleet.all_signed_in(300).await;
    let mut generation = 1;
    for delay in [0, 500, 2000] {
        fleet.advance(EXPIRED);
        fleet.way.delay(Duration::from_millis(delay));
        let calls = fleet.calls();
        let answers = ask_all(&fleet, &agents, 2000).await;
        generation += 1;
        for (number, agent) in agents.iter().enumerate() {
            let mut status = 503;
            while status == 503 {
                status = fleet.get_at(number, agent, "/me").await.status.as_u16();
            }
            assert_eq!((status, fleet.generation(agent).await), (200, Some(generation)), "{delay}: {number}");
        }
        assert_eq!(fleet.calls() - calls, 300, "{delay}");
        assert!(answers.keys().all(|status| [200, 503].contains(status)), "{answers:?}");
    }
}

/// F3.
#[rocket::async_test]
async fn a_pool_that_is_slower_than_visitors_wait_loses_no_session() {
    let fleet = Fleet::start(rotating(0), 3).await;
    let agents = fleet.all_signed_in(36).await;
    fleet.advance(EXPIRED);
    fleet.way.delay(Duration::from_secs(10));
    let calls = fleet.calls();
    let answers = ask_all(&fleet, &agents, 180).await;
    assert!(answers.keys().all(|status| [200, 503].contains(status)), "{answers:?}");
    assert_all_go_on(&fleet, &agents).await;
    assert_eq!(fleet.calls() - calls, 36);
}
