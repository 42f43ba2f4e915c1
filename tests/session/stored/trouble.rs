//! Late refreshes, lost answers, limits and made-up cookies.

use std::time::Duration;

use super::world::{EXPIRED, Fleet, SID, rotating, sign_out};
use crate::refresh::world::copy;
use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::app::set_cookie;
use crate::support::kind::{Kind, each_store};

each_store!(a_refresh_that_nobody_waited_for_is_shown_to_the_hook);
/// A hook that has a say is asked, though nobody has waited for the refresh.
async fn a_refresh_that_nobody_waited_for_is_shown_to_the_hook(kind: Kind) {
    let mut fleet = Fleet::start(kind, rotating(0), 1).await;
    fleet.others.push(fleet.another(|figment| figment.merge(("refuses_refresh", true))).await);
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    let hold = fleet.app.pool.hold(TOKEN);
    let page = fleet.get_at(1, &agent, "/me").await;
    assert_eq!(answer(&page), (503, "session_not_renewed".into()));
    drop(hold);
    let refreshed = async {
        while fleet.generation(&agent).await != Some(2) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refreshed).await.unwrap();
    fleet.advance(70);
    assert_eq!(answer(&fleet.get_at(1, &agent, "/me").await), (401, "session_expired".into()));
    assert_eq!(fleet.generation(&agent).await, None);
    fleet.revoked(1).await;
}

each_store!(the_cookie_of_a_busy_session_outlasts_its_idle_limit);
/// S5, K19: the cookie lasts as long as a session may, which an idle limit does not shorten.
async fn the_cookie_of_a_busy_session_outlasts_its_idle_limit(kind: Kind) {
    let setup = rotating(0).set("session_idle_seconds", 600).set("session_max_seconds", 7200);
    let fleet = Fleet::start(kind, setup, 1).await;
    let agent = Agent::new();
    let callback = fleet.app.begin(&agent, "/me").await;
    let page = agent.get(&callback).await;
    let cookies = page.set_cookies();
    let (_, _, attributes) = set_cookie(cookies.iter().find(|cookie| cookie.starts_with(SID)).unwrap());
    let age: u64 = attributes.iter().find_map(|it| it.strip_prefix("Max-Age=")).unwrap().parse().unwrap();
    assert!((7190..=7200).contains(&age), "{age}");
    for _ in 0..10 {
        fleet.advance(500);
        assert_eq!(fleet.get(&agent, "/me").await.status, 200, "never idle");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    fleet.advance(601);
    assert_eq!(fleet.get(&agent, "/me").await.status, 401);
}

each_store!(a_busy_session_outlasts_the_age_of_its_refresh_token);
/// S5: a short `refresh_cookie_age_seconds` ends no session of somebody who comes again and again.
async fn a_busy_session_outlasts_the_age_of_its_refresh_token(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0).set("refresh_cookie_age_seconds", 200), 1).await;
    let agent = fleet.signed_in("alice").await;
    for _ in 0..10 {
        let touches = fleet.store.calls("touch");
        fleet.advance(51);
        assert_eq!(fleet.get(&agent, "/me").await.status, 200);
        while fleet.store.calls("touch") == touches {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

each_store!(a_turn_whose_answer_got_lost_is_asked_for_again);
/// A lost answer to the question for the turn costs no lease.
async fn a_turn_whose_answer_got_lost_is_asked_for_again(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    fleet.store.lose_next("turn", 1);
    assert_eq!(fleet.get(&agent, "/me").await.status, 200);
    assert_eq!(fleet.generation(&agent).await, Some(2));
}

each_store!(a_sign_out_whose_answer_got_lost_revokes_all_the_same);
/// A sign-out whose answer from the store got lost still revokes.
async fn a_sign_out_whose_answer_got_lost_revokes_all_the_same(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = fleet.signed_in("alice").await;
    let tab = copy(&agent);
    fleet.store.lose_next("remove", 1);
    assert_eq!(sign_out(&fleet.app.url("/auth/logout"), &agent).await.status, 303);
    assert_eq!(fleet.get(&tab, "/me").await.status, 401);
    fleet.revoked(1).await;
}

each_store!(a_sign_out_ends_a_session_that_this_instance_cannot_open);
/// K10: an instance whose keys do not open a session ends it all the same.
async fn a_sign_out_ends_a_session_that_this_instance_cannot_open(kind: Kind) {
    let mut fleet = Fleet::start(kind, rotating(0), 1).await;
    let other = "another key of thirty-two bytes at least";
    fleet.others.push(fleet.another(|figment| figment.merge(("cognito.secret_keys", [other]))).await);
    let agent = fleet.signed_in("alice").await;
    let tab = copy(&agent);
    assert_eq!(fleet.get_at(1, &agent, "/me").await.status, 401);
    assert_eq!(fleet.get(&agent, "/me").await.status, 200, "it is left alone");
    assert_eq!(sign_out(&fleet.url_at(1, "/auth/logout"), &agent).await.status, 303);
    assert_eq!(fleet.get(&tab, "/me").await.status, 401);
}

each_store!(made_up_cookies_leave_nothing_behind);
/// O5: anybody can send cookies of the right form.
async fn made_up_cookies_leave_nothing_behind(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = fleet.signed_in("alice").await;
    let made_up = |number: usize| format!("{SID}=1.AAAAAAAAAAAAAAAAAAAAAA.{number:0>42}A");
    let before = fleet.store.all_calls();
    for number in 0..50 {
        let page = fleet.with_cookies(0, "/auth/logout", &made_up(number)).await;
        assert_eq!(page.status, 303, "{}", page.body);
    }
    assert_eq!(fleet.store.all_calls() - before, 50, "each is looked for once");
    let tab = copy(&agent);
    sign_out(&fleet.app.url("/auth/logout"), &agent).await;
    assert_eq!(fleet.get(&tab, "/me").await.status, 401);
}

each_store!(bearer_tokens_are_refused_when_the_end_of_all_sessions_returns);
/// L10, fail-closed: when the call returns, no bearer token of these sign-ins is accepted, however slow the pool is.
async fn bearer_tokens_are_refused_when_the_end_of_all_sessions_returns(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0).set("bearer_denylist", true), 2).await;
    let agents: Vec<_> = rocket::futures::future::join_all((0..20).map(|_| fleet.signed_in("alice"))).await;
    let mut tokens = Vec::new();
    for agent in &agents {
        tokens.push(fleet.access_token(agent).await);
    }
    let bearer = async |app, token: &str| {
        let header = format!("Bearer {token}");
        let headers = [("authorization", header.as_str())];
        answer(&Agent::new().send(reqwest::Method::GET, &fleet.url_at(app, "/me"), &headers, None).await)
    };
    assert_eq!(bearer(0, &tokens[0]).await.0, 200);
    let hold = fleet.app.pool.hold("/oauth2/revoke");
    assert_eq!(fleet.get(&agents[0], "/end-all").await.body, "20");
    for token in &tokens {
        assert_eq!(bearer(1, token).await, (401, "invalid_token".into()));
    }
    drop(hold);

    // With the store out of reach nobody can tell, and this process refuses what was signed out meanwhile.
    let agent = fleet.signed_in("alice").await;
    let (token, other) = (fleet.access_token(&agent).await, fleet.signed_in("bob").await);
    let others = fleet.access_token(&other).await;
    fleet.store.set_down(true);
    assert_eq!(bearer(0, &others).await, (503, "sessions_unavailable".into()));
    fleet.store.set_down(false);
    let lost = fleet.store.hold_down("put");
    sign_out(&fleet.app.url("/auth/logout"), &agent).await;
    assert_eq!(bearer(0, &token).await, (401, "invalid_token".into()), "in this process");
    drop(lost);
    let everywhere = async {
        while bearer(1, &token).await.0 != 401 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), everywhere).await.unwrap();
    assert_eq!(bearer(1, &others).await.0, 200);
}
