//! Processes that share a store refresh each session once, however slow the pool is.

use std::collections::BTreeMap;
use std::time::Duration;

use rocket::futures::{StreamExt, stream};

use crate::site::{Site, rotating};
use crate::visitor::{Answer, Visitor};

/// Requests of these visitors at processes chosen by chance, many at once.
async fn ask_all(site: &Site, visitors: &[Visitor], requests: usize) -> BTreeMap<Answer, usize> {
    let url = site.url("/me");
    let answers = stream::iter(0..requests).map(|number| visitors[number % visitors.len()].get(&url));
    let mut counts = BTreeMap::new();
    let mut answers = answers.buffer_unordered(200);
    while let Some(answer) = answers.next().await {
        *counts.entry(answer).or_default() += 1;
    }
    counts
}

/// Expired sessions, which are refreshed once each though this pool accepts a refresh token once.
async fn refreshes_once(site: &Site, username: &str, sessions: usize, requests: usize, delay: Duration) {
    let visitors = site.many_expired_in_store(username, sessions).await;
    site.way.delay(delay);
    let calls = site.calls();
    let answers = ask_all(site, &visitors, requests).await;
    eprintln!("{sessions} sessions, the pool answers after {delay:?}: {answers:?}");
    let allowed = |answer: &Answer| [200, 503].contains(&answer.status) && !answer.has_cookies;
    assert!(answers.keys().all(allowed), "{answers:?}");
    site.assert_all_served(&visitors).await;
    site.assert_generation(&visitors, 2).await;
    assert_eq!(site.calls() - calls, sessions as u64, "{delay:?}");
    site.way.delay(Duration::ZERO);
}

/// F2, F3.
#[rocket::async_test]
async fn three_processes_behind_a_proxy_refresh_five_hundred_sessions_once_each() {
    let Some(site) = Site::start(rotating(0), 3, &[]).await else { return };
    for (username, delay) in [("alice", 0), ("bob", 500), ("carol", 2000)] {
        refreshes_once(&site, username, 500, 10_000, Duration::from_millis(delay)).await;
    }
}

/// F3.
#[rocket::async_test]
async fn three_processes_refresh_once_at_a_pool_that_is_slower_than_visitors_wait() {
    let Some(site) = Site::start(rotating(0), 3, &[]).await else { return };
    for (username, delay) in [("alice", 5), ("bob", 10), ("carol", 30)] {
        refreshes_once(&site, username, 36, 2_000, Duration::from_secs(delay)).await;
    }
}
