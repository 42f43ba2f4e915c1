//! Several tabs, and several deliveries of one callback. What a browser keeps of attempts is the same for sessions of both
//! kinds, and is tested with one.

use std::collections::HashSet;
use std::time::Duration;

use rocket::futures::future::join_all;
use tokio::time::sleep;

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup};
use crate::support::kind::{Kind, each_kind};

fn logins(agent: &Agent) -> Vec<String> {
    agent.cookies().into_keys().filter(|name| name.starts_with("cognito_login_")).collect()
}

/// The same callback by `count` requests, all of which leave before the first answer is there.
async fn deliver(agent: &Agent, callback: &str, count: usize) -> Vec<Page> {
    let copies: Vec<_> = (0..count)
        .map(|_| {
            let copy = Agent::new();
            agent.cookies().iter().for_each(|(name, value)| copy.set_cookie(name, value));
            copy
        })
        .collect();
    join_all(copies.iter().map(|copy| copy.get(callback))).await
}

/// Delivers a callback, and tells the page that it led to.
async fn landing(agent: &Agent, callback: &str) -> (u16, String) {
    let page = agent.follow(callback).await;
    (page.status.as_u16(), page.body)
}

each_kind!(two_tabs_finish_in_any_order);
async fn two_tabs_finish_in_any_order(kind: Kind) {
    let app = Setup::new().start_with_sessions(kind).await;
    for order in [[0, 1], [1, 0]] {
        let agent = Agent::new();
        let tabs = [app.begin(&agent, "/page?tab=0").await, app.begin(&agent, "/page?tab=1").await];
        assert_eq!(logins(&agent).len(), 2);
        for tab in order {
            assert_eq!(landing(&agent, &tabs[tab]).await, (200, format!("/page?tab={tab}")));
        }
        assert!(logins(&agent).is_empty());
    }
    assert_eq!(app.exchanges(), 4);
}

each_kind!(a_dozen_tabs_finish_in_any_order);
async fn a_dozen_tabs_finish_in_any_order(kind: Kind) {
    const TABS: usize = 12;
    let app = Setup::new().start_with_sessions(kind).await;
    let agent = Agent::new();
    let orders: [Vec<usize>; 3] =
        [(0..TABS).rev().collect(), (0..TABS).collect(), (0..TABS).map(|tab| tab * 5 % TABS).collect()];
    for order in orders {
        let mut tabs = Vec::new();
        for tab in 0..TABS {
            tabs.push(app.begin(&agent, &format!("/page?tab={tab}")).await);
        }
        for (done, tab) in order.into_iter().enumerate() {
            assert_eq!(logins(&agent).len(), TABS - done);
            assert_eq!(landing(&agent, &tabs[tab]).await, (200, format!("/page?tab={tab}")));
        }
        assert!(logins(&agent).is_empty());
    }
    assert_eq!(app.exchanges(), 36);
}

#[rocket::async_test]
async fn a_thirteenth_tab_takes_the_place_of_the_oldest_only() {
    let app = App::start().await;
    let agent = Agent::new();
    let oldest = app.begin(&agent, "/page?oldest").await;
    let [oldest_cookie] = logins(&agent).try_into().unwrap();
    // Attempts know the millisecond in which they began.
    sleep(Duration::from_millis(2)).await;
    let mut others = Vec::new();
    for tab in 1..13 {
        others.push(app.begin(&agent, &format!("/page?tab={tab}")).await);
    }
    assert_eq!(logins(&agent).len(), 12);
    assert!(!logins(&agent).contains(&oldest_cookie));
    let refused = agent.get(&oldest).await;
    assert!(refused.status == 400 && refused.body.contains("no_login_attempt"), "{}", refused.body);
    for (callback, tab) in others.iter().zip(1..) {
        assert_eq!(landing(&agent, callback).await, (200, format!("/page?tab={tab}")));
    }
}

/// K18.
#[rocket::async_test]
async fn a_hundred_logins_leave_a_dozen_small_cookies() {
    let app = App::start().await;
    let agent = Agent::new();
    for _ in 0..100 {
        agent.get(&app.url("/auth/login?next=/page")).await;
    }
    let sizes: Vec<_> = agent.cookies().iter().map(|(name, value)| name.len() + value.len()).collect();
    assert_eq!(sizes.len(), 12);
    assert!(sizes.iter().sum::<usize>() <= 7_200, "{sizes:?}");
}

each_kind!(parallel_deliveries_of_one_callback_exchange_the_code_once_and_all_get_in);
async fn parallel_deliveries_of_one_callback_exchange_the_code_once_and_all_get_in(kind: Kind) {
    let app = Setup::new().start_with_sessions(kind).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/page?tab=1").await;

    let mut sessions = HashSet::new();
    let answers = deliver(&agent, &callback, 50).await;
    for answer in &answers {
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/page?tab=1"),
            "{}",
            answer.body
        );
        let cookie = |cookie: &&str| cookie.starts_with(&format!("{}=", kind.cookie_names()[0]));
        let session = answer.set_cookies().into_iter().find(cookie).unwrap();
        sessions.insert(session.split(';').next().unwrap());
    }
    assert_eq!((app.exchanges(), sessions.len()), (1, 1), "one exchange, one session");
}

each_kind!(parallel_deliveries_of_a_bad_code_exchange_it_once_and_all_are_refused_alike);
async fn parallel_deliveries_of_a_bad_code_exchange_it_once_and_all_are_refused_alike(kind: Kind) {
    let app = Setup::new().start_with_sessions(kind).await;
    let agent = Agent::new();
    let state = agent.get(&app.url("/auth/login")).await.location_parameter("state");
    let callback = app.url(&format!("/auth/callback?state={state}&code=none-of-the-pools"));
    for answer in deliver(&agent, &callback, 50).await {
        assert!(answer.status == 400 && answer.body.contains("code_refused"), "{}", answer.body);
        assert_eq!(answer.set_cookies().len(), 1, "the attempt's removal, and no session");
    }
    assert_eq!(app.exchanges(), 1);
}

each_kind!(a_reload_of_the_callback_leads_on_and_changes_nothing);
async fn a_reload_of_the_callback_leads_on_and_changes_nothing(kind: Kind) {
    let app = Setup::new().start_with_sessions(kind).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    assert_eq!(agent.follow(&callback).await.status, 200);
    let cookies = agent.cookies();
    for _ in 0..3 {
        let again = agent.open(&callback).await;
        assert_eq!((again.status.as_u16(), again.header("location")), (303, "/"));
        assert_eq!(again.set_cookies(), [""; 0]);
    }
    assert_eq!((app.exchanges(), agent.cookies()), (1, cookies));
}
