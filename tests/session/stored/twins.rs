//! A callback that comes to two processes.

use std::time::Duration;

use rocket::futures::future::join_all;
use rocket_cognito::store::SessionStore;

use super::world::{Fleet, SID, address, rotating, sign_out};
use crate::refresh::world::copy;
use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::gated_store::When::{After, Before};
use crate::support::kind::{Kind, each_store};

/// The callback of a sign-in, as it came to the first app, at another.
fn at(fleet: &Fleet, number: usize, callback: &str) -> String {
    let path = callback.split_once("/auth/").unwrap().1;
    fleet.url_at(number, &format!("/auth/{path}"))
}

each_store!(twins_at_other_processes_get_the_same_session_for_one_exchange);
/// C3, C20.
async fn twins_at_other_processes_get_the_same_session_for_one_exchange(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 3).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let (tabs, calls): (Vec<_>, _) = ((0..9).map(|_| copy(&agent)).collect(), fleet.calls());
    let hold = fleet.app.pool.hold(TOKEN);
    let pages = join_all(tabs.iter().enumerate().map(|(number, tab)| {
        let url = at(&fleet, number, &callback);
        async move { tab.get(&url).await }
    }));
    let meanwhile = async {
        hold.reached(1).await;
        drop(hold);
    };
    let (pages, ()) = tokio::join!(pages, meanwhile);
    for page in &pages {
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"), "{}", page.body);
    }
    assert_eq!(fleet.calls() - calls, 1);
    let ids: std::collections::BTreeSet<_> = tabs.iter().map(|tab| tab.cookie(SID).unwrap()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(fleet.store.inner.list(&address(&tabs[0]).user).await.unwrap().len(), 1);
    for (number, tab) in tabs.iter().enumerate() {
        assert_eq!(fleet.get_at(number, tab, "/me").await.status, 200);
    }
    assert_eq!(fleet.app.revocations(), 0);
}

each_store!(a_twin_with_another_code_gets_nothing);
/// C3: with another code nobody gets anything.
async fn a_twin_with_another_code_gets_nothing(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let (twin, calls) = (copy(&agent), fleet.calls());
    assert_eq!(agent.get(&callback).await.status, 303);
    let other = callback.replace("code=", "code=x");
    let page = twin.get(&at(&fleet, 1, &other)).await;
    assert_ne!(page.header("location"), "/me", "{}", page.body);
    assert_eq!((twin.cookie(SID), fleet.calls() - calls), (None, 1));
}

each_store!(a_callback_from_before_a_sign_out_brings_nothing_back);
/// A callback whose sign-in has been signed out brings nothing back, at any process.
async fn a_callback_from_before_a_sign_out_brings_nothing_back(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let before = copy(&agent);
    assert_eq!(agent.get(&callback).await.status, 303);
    sign_out(&fleet.app.url("/auth/logout"), &agent).await;
    for app in 0..2 {
        let page = copy(&before).get(&at(&fleet, app, &callback)).await;
        assert_eq!(answer(&page), (400, "login_used".into()), "{app}");
        assert_eq!(before.cookie(SID), None);
    }
}

each_store!(a_twin_that_is_delivered_again_after_a_sign_out_elsewhere_brings_nothing_back);
/// What a process keeps of a callback is no session any more, once it was signed out at another one.
async fn a_twin_that_is_delivered_again_after_a_sign_out_elsewhere_brings_nothing_back(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let (twin, late) = (copy(&agent), copy(&agent));
    assert_eq!(agent.get(&callback).await.status, 303);
    assert_eq!(twin.get(&at(&fleet, 1, &callback)).await.header("location"), "/me");
    sign_out(&fleet.app.url("/auth/logout"), &agent).await;
    let anew = fleet.signed_in("alice").await;
    late.set_cookie(SID, &anew.cookie(SID).unwrap());
    late.get(&at(&fleet, 1, &callback)).await;
    assert_eq!(late.cookie(SID), anew.cookie(SID));
    assert_eq!(fleet.get(&anew, "/me").await.status, 200, "the newer session goes on");
}

each_store!(a_session_that_is_not_stored_is_no_session);
/// A sign-in whose session was not stored leaves nothing, here and at the pool.
async fn a_session_that_is_not_stored_is_no_session(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let hold = fleet.store.hold("create", Before);
    let meanwhile = async {
        hold.reached().await;
        fleet.store.set_down(true);
        drop(hold);
    };
    let (page, ()) = tokio::join!(agent.get(&callback), meanwhile);
    assert_eq!(answer(&page), (503, "sessions_unavailable".into()));
    assert_eq!(agent.cookie(SID), None);
    fleet.store.set_down(false);
    fleet.revoked(1).await;

    // One that was stored though the answer got lost is removed.
    let callback = fleet.app.begin(&agent, "/me").await;
    let hold = fleet.store.hold("create", After);
    let meanwhile = async {
        hold.reached().await;
        fleet.store.lose_answers(true);
        drop(hold);
    };
    let (page, ()) = tokio::join!(agent.get(&callback), meanwhile);
    assert_eq!(answer(&page), (503, "sessions_unavailable".into()));
    fleet.store.lose_answers(false);
    fleet.revoked(2).await;
    let signed_in = fleet.signed_in("alice").await;
    let user = address(&signed_in).user;
    let removed = async {
        while fleet.store.inner.list(&user).await.unwrap().len() > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), removed).await.expect("the one that is signed in stays");
}

each_store!(a_hook_that_fails_at_a_twin_ends_nothing);
/// A hook that fails at a twin, such as one that inserts a row, does not end the session that the first delivery began.
async fn a_hook_that_fails_at_a_twin_ends_nothing(kind: Kind) {
    let mut fleet = Fleet::start(kind, rotating(0), 1).await;
    fleet.others.push(fleet.another(|figment| figment.merge(("login_fails", true))).await);
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let twin = copy(&agent);
    assert_eq!(agent.get(&callback).await.header("location"), "/me");
    assert_eq!(answer(&twin.get(&at(&fleet, 1, &callback)).await), (500, "hook_failed".into()));
    for app in 0..2 {
        assert_eq!(fleet.get_at(app, &agent, "/me").await.status, 200, "{app}");
    }
    assert_eq!(fleet.app.revocations(), 0);
}

each_store!(a_twin_gets_a_cookie_that_ends_with_the_browser_too);
/// A twin keeps what the sign-in said about the cookie.
async fn a_twin_gets_a_cookie_that_ends_with_the_browser_too(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0).set("persistent_cookies", false), 2).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let twin = copy(&agent);
    let pages = [agent.get(&callback).await, twin.get(&at(&fleet, 1, &callback)).await];
    for page in &pages {
        let cookies = page.set_cookies();
        let id = cookies.iter().find(|cookie| cookie.starts_with(SID)).unwrap();
        assert!(!id.contains("Max-Age"), "{id}");
    }
}

each_store!(a_claim_whose_answer_got_lost_costs_no_sign_in);
/// The answer to a claim got lost: the same callback serves all the same.
async fn a_claim_whose_answer_got_lost_costs_no_sign_in(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    for times in [1, 2] {
        let agent = Agent::new();
        let callback = fleet.app.begin(&agent, "/me").await;
        fleet.store.lose_next("claim", times);
        let page = agent.get(&callback).await;
        if times == 2 {
            assert_eq!(answer(&page), (503, "sessions_unavailable".into()));
            assert_eq!(agent.get(&callback).await.header("location"), "/me");
        } else {
            assert_eq!(page.header("location"), "/me");
        }
        assert_eq!(fleet.get(&agent, "/me").await.status, 200);
    }
}

each_store!(a_code_is_not_sent_while_the_store_is_out_of_reach);
/// While the store is out of reach no code is sent, and the same callback serves later.
async fn a_code_is_not_sent_while_the_store_is_out_of_reach(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let calls = fleet.calls();
    fleet.store.set_down(true);
    let page = agent.get(&callback).await;
    assert_eq!(answer(&page), (503, "sessions_unavailable".into()));
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(fleet.calls(), calls);
    fleet.store.set_down(false);
    assert_eq!(agent.get(&callback).await.header("location"), "/me");
    assert_eq!(fleet.get(&agent, "/me").await.status, 200);
}
