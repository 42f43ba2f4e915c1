//! Processes that share a store refresh each session once, however slow the pool is.

use std::collections::BTreeSet;
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket::futures::{StreamExt, stream};

use super::world::{EXPIRED, Fleet, rotating};
use crate::refresh::world::copy;
use crate::support::agent::{Agent, answer};
use crate::support::kind::{Kind, each_store};

/// Requests of all these browsers at apps chosen by chance, many at once: they are served, or told to come again.
async fn ask_all(fleet: &Fleet, agents: &[Agent], requests: usize) {
    let pages = stream::iter(0..requests).map(|number| async move {
        let agent = copy(&agents[number % agents.len()]);
        let page = fleet.get_at(rand::random_range(0..3), &agent, "/me").await;
        assert_eq!(page.set_cookies(), [""; 0]);
        answer(&page)
    });
    let answers: BTreeSet<_> = pages.buffer_unordered(300).collect().await;
    // A server in a process of its own may answer too late on a busy machine.
    let allowed =
        [(200, String::new()), (503, "session_not_renewed".into()), (503, "sessions_unavailable".into())];
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

each_store!(three_apps_refresh_three_hundred_sessions_once_each);
/// F2, F3.
async fn three_apps_refresh_three_hundred_sessions_once_each(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0).set("sessions_per_user", 1000), 3).await;
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

/// Asks for a session until it is served, without a copy of its browser.
async fn is_served(url: &str, agent: &Agent) {
    let mut page = agent.get(url).await;
    while page.status == 503 {
        assert_eq!(answer(&page).1, "session_not_renewed");
        page = agent.get(url).await;
    }
    assert_eq!(page.status, 200, "{}", page.body);
}

each_store!(a_pool_that_is_slower_than_visitors_wait_loses_no_session);
/// F3: in a store that three apps share, and in cookies with one app.
async fn a_pool_that_is_slower_than_visitors_wait_loses_no_session(kind: Kind) {
    let (stored, in_cookies) =
        tokio::join!(Fleet::start(kind, rotating(0), 3), Fleet::start(kind, rotating(0), 1));
    let agents = stored.all_signed_in(36).await;
    let app = in_cookies.another(|figment| figment.merge(("no_store", true))).await;
    let browsers: Vec<_> = (0..36).map(|_| Agent::new()).collect();
    for browser in &browsers {
        in_cookies.sign_in_at(&app, browser).await;
    }
    for (round, delay) in [10, 30].into_iter().enumerate() {
        let fleets = [&stored, &in_cookies];
        let calls = fleets.map(Fleet::calls);
        for fleet in fleets {
            fleet.advance(EXPIRED);
            fleet.way.delay(Duration::from_secs(delay));
        }
        let in_store = async {
            ask_all(&stored, &agents, 180).await;
            assert_all_go_on(&stored, &agents, round as u64 + 2).await;
        };
        let url = app.url("/me");
        let all = join_all(browsers.iter().map(|browser| is_served(&url, browser)));
        tokio::join!(in_store, all);
        let calls = [0, 1].map(|fleet| fleets[fleet].calls() - calls[fleet]);
        assert_eq!(calls, [36, 36], "{delay}");
    }
}
