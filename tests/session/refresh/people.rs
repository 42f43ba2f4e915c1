//! Whose session it is, and what the pool says of them now. What cookies of two people make is of sessions in cookies alone.

use serde_json::Value;

use super::world::{DUE, EXPIRED, World, copy, rotating, setup};
use crate::support::REFRESH;
use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::app::code_for;
use crate::support::kind::{Kind, each_kind};
use crate::support::log::lines_with;

fn body(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

/// Signs in whoever's browser it is as `username`, though somebody else is signed in there.
async fn sign_in_as(world: &World, agent: &Agent, username: &str) {
    let login = agent.open(&world.url("/auth/login?next=/me")).await;
    let callback = code_for(agent, &login, username).await;
    assert_eq!(agent.open(&callback).await.status, 303);
}

each_kind!(a_planted_session_is_replaced_by_a_new_one_and_ends);
/// S1: somebody else's session in the browser is not taken up by a sign-in, and ends with it.
async fn a_planted_session_is_replaced_by_a_new_one_and_ends(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let attacker = world.session("bob");
    let (victim, planted) = (copy(&attacker), world.record(&attacker));
    sign_in_as(&world, &victim, "alice").await;
    assert_ne!(world.record(&victim)["session_id"], planted["session_id"]);
    for name in kind.cookie_names() {
        assert_ne!(victim.cookie(name), attacker.cookie(name), "{name}");
    }
    assert_eq!(world.record(&victim)["session_id"].as_str().unwrap().len(), 43);
    world.advance(EXPIRED);
    let calls = world.calls();
    world.assert_over(&world.get(&attacker, "/me").await, &attacker, "the planted session");
    assert_eq!(world.calls(), calls);
    assert_eq!(body(&world.get(&victim, "/me").await)["username"], "alice");
}

each_kind!(every_sign_in_has_a_session_of_its_own);
/// S1: of two sign-ins none has the session of the other.
async fn every_sign_in_has_a_session_of_its_own(kind: Kind) {
    let world = World::start(kind, setup()).await;
    let agent = world.app.signed_in("alice").await;
    let first = world.record(&agent);
    sign_in_as(&world, &agent, "alice").await;
    assert_ne!(world.record(&agent)["session_id"], first["session_id"]);
    assert!(!world.app.accepts_refresh_token(first["refresh_token"].as_str().unwrap()).await);
    assert!(world.app.accepts_refresh_token(&world.refresh_token(&agent)).await);
}

each_kind!(a_sign_in_as_somebody_else_leaves_nothing_of_the_first);
/// S2.
async fn a_sign_in_as_somebody_else_leaves_nothing_of_the_first(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.app.signed_in("alice").await;
    let alices = world.refresh_token(&agent);
    world.app.leave_pool(&agent).await;
    sign_in_as(&world, &agent, "bob").await;
    assert!(!world.app.accepts_refresh_token(&alices).await);
    for _ in 0..3 {
        let me = body(&world.get(&agent, "/me").await);
        assert_eq!((me["username"].as_str(), me["email"].as_str()), (Some("bob"), Some("bob@example.com")));
        assert_eq!(world.record(&agent)["sub"], me["sub"]);
        world.advance(EXPIRED);
    }
}

each_kind!(a_renewal_that_is_under_way_does_not_mix_two_people);
/// S2: the renewal of the first session is under way when the second begins.
async fn a_renewal_that_is_under_way_does_not_mix_two_people(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    let tab = copy(&agent);
    let callback = {
        let login = agent.open(&world.url("/auth/login?next=/me")).await;
        code_for(&agent, &login, "bob").await
    };
    world.advance(EXPIRED);
    let hold = world.app.pool.hold(crate::support::TOKEN);
    let sign_in = async {
        hold.reached(1).await;
        let callback = agent.open(&callback);
        let release = async {
            hold.reached(2).await;
            drop(hold);
        };
        tokio::join!(callback, release).0
    };
    let (late, landed) = tokio::join!(world.get(&tab, "/me"), sign_in);
    assert_eq!(landed.status, 303);
    // Whichever came first, the other is not in it.
    let is_alices = late.status == 200 && body(&late)["username"] == "alice";
    assert!(is_alices || late.status == 401, "{}", late.body);
    assert_eq!(body(&world.get(&agent, "/me").await)["username"], "bob");
    world.advance(EXPIRED);
    assert_eq!(body(&world.get(&agent, "/me").await)["username"], "bob");
    world.advance(EXPIRED);
    let page = world.get(&tab, "/me").await;
    assert_eq!(page.status, 401);
    kind.assert_nothing_left(&page, &tab, "it is over");
}

each_kind!(a_request_that_waited_removes_no_cookie_of_the_next_sign_in);
/// S2: alice's request waits for a renewal while bob signs in on the same browser.
async fn a_request_that_waited_removes_no_cookie_of_the_next_sign_in(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    let login = agent.open(&world.url("/auth/login?next=/me")).await;
    let callback = code_for(&agent, &login, "bob").await;
    world.advance(EXPIRED);
    let slow = Agent::new();
    agent.cookies().iter().for_each(|(name, value)| slow.set_cookie(name, value));
    let hold = world.app.pool.hold(crate::support::TOKEN);
    let sign_in = async {
        hold.reached(1).await;
        let release = async {
            hold.reached(2).await;
            drop(hold);
        };
        tokio::join!(agent.open(&callback), release).0
    };
    let (late, landed) = tokio::join!(world.get(&slow, "/me"), sign_in);
    assert_eq!(landed.status, 303);
    // Were it the same browser's, its answer would come last.
    let removed = late.set_cookies().into_iter().filter(|cookie| cookie.contains("Max-Age=0"));
    assert_eq!(removed.collect::<Vec<_>>(), [""; 0], "{}", late.status);
}

each_kind!(new_groups_are_seen_after_the_next_renewal);
/// S4.
async fn new_groups_are_seen_after_the_next_renewal(kind: Kind) {
    let world = World::start(kind, setup()).await;
    let agent = world.session("alice");
    let admin = async || world.get(&agent, "/admin").await.status.as_u16();
    assert_eq!(admin().await, 200);
    world.app.pool.set_groups("alice", ["editor"]).unwrap();
    assert_eq!(admin().await, 200, "the token of before");
    world.advance(EXPIRED);
    assert_eq!(admin().await, 403, "in the very request that renews");
    assert_eq!(body(&world.get(&agent, "/me").await)["groups"], serde_json::json!(["editor"]));
    world.app.pool.set_groups("alice", ["admin"]).unwrap();
    let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    assert_eq!(agent.post(&world.url("/auth/refresh"), &headers, &[]).await.status, 204);
    assert_eq!(admin().await, 200);
}

each_kind!(a_disabled_user_is_out_with_the_next_renewal);
/// S6, F7.
async fn a_disabled_user_is_out_with_the_next_renewal(kind: Kind) {
    for seconds in [DUE, EXPIRED] {
        let world = World::start(kind, rotating(60)).await;
        let agent = world.app.signed_in("alice").await;
        world.app.pool.disable_user("alice").unwrap();
        assert_eq!(world.get(&agent, "/me").await.status, 200, "the token of before");
        world.advance(seconds);
        let calls = world.calls();
        let (page, other) = (world.get(&agent, "/me").await, copy(&agent));
        kind.assert_ended_by_pool(&page, &agent, "disabled");
        assert_eq!(answer(&world.get(&other, "/me").await), kind.afterwards());
        assert_eq!(world.calls() - calls, 1);
    }
}

each_kind!(a_page_for_everybody_shows_that_a_session_is_over);
/// F7: an optional guard goes on without anybody, and cookies that are over go all the same.
async fn a_page_for_everybody_shows_that_a_session_is_over(kind: Kind) {
    let world = World::start(kind, setup()).await;
    let agent = world.session("alice");
    world.app.pool.disable_user("alice").unwrap();
    world.advance(EXPIRED);
    let page = world.get(&agent, "/").await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "nobody"));
    kind.assert_nothing_left(&page, &agent, "over");
}

/// K7: by a guard or on demand. Before anything is due the cookie of the other person changes nothing.
#[rocket::async_test]
async fn cookies_of_two_people_make_no_session() {
    let over = "a session has ended: its tokens are of two people";
    let limited = || rotating(0).set("session_idle_seconds", 3600);
    let rows = [(DUE, false, rotating(0)), (EXPIRED, false, rotating(0)), (0, true, rotating(0))];
    let rows = rows.into_iter().chain([(0, false, limited()), (EXPIRED, false, limited())]);
    for (seconds, on_demand, setup) in rows {
        let (world, lines) = (World::start(Kind::Cookies, setup).await, lines_with(over));
        let [alice, bob] = ["alice", "bob"].map(|username| world.session(username));
        let token = world.refresh_token(&alice);
        bob.set_cookie(REFRESH, &alice.cookie(REFRESH).unwrap());
        if on_demand {
            assert_eq!(body(&world.get(&bob, "/me").await)["username"], "bob");
        }
        world.advance(seconds);
        let calls = world.calls();
        let headers = [("sec-fetch-site", "same-origin")];
        let page = match on_demand {
            true => bob.post(&world.url("/auth/refresh"), &headers, &[]).await,
            false => world.get(&bob, "/me").await,
        };
        world.assert_over(&page, &bob, &format!("after {seconds} seconds"));
        assert_eq!((world.calls(), lines_with(over)), (calls, lines + 1));
        world.revoked().await;
        assert!(!world.app.accepts_refresh_token(&token).await);
    }
}

/// K7: the ID token of another person is no part of the session, and a renewal does not make it one.
#[rocket::async_test]
async fn somebody_elses_id_token_is_replaced_by_the_next_renewal() {
    let world = World::start(Kind::Cookies, rotating(0)).await;
    let [alice, bob] = ["alice", "bob"].map(|username| world.session(username));
    alice.set_cookie("cognito_id_token", &bob.cookie("cognito_id_token").unwrap());
    assert_eq!(body(&world.get(&alice, "/me").await)["email"], Value::Null);
    world.advance(EXPIRED);
    assert_eq!(body(&world.get(&alice, "/me").await)["email"], "alice@example.com");
    assert_eq!(world.generation(&alice), 1);
}
