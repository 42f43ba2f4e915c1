//! The refresh token of the latest answer is the one that is kept. What older cookies are worth is of sessions in cookies
//! alone.

use reqwest::Method;
use rocket::futures::future::join_all;

use super::world::{EXPIRED, World, copy, rotating, setup};
use crate::support::agent::{Agent, Page};
use crate::support::kind::{Kind, each_kind};

/// One of the ways in which a session is renewed.
async fn renew(world: &World, agent: &Agent, round: u32) -> (Page, u16) {
    let from_here = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    match round % 5 {
        0 => (world.get(agent, "/me").await, 200),
        1 => (world.get(agent, "/admin").await, 403),
        2 => (world.get(agent, "/panic").await, 500),
        3 => (agent.send(Method::HEAD, &world.url("/me"), &[], None).await, 200),
        _ => (agent.post(&world.url("/auth/refresh"), &from_here, &[]).await, 204),
    }
}

each_kind!(fifty_renewals_with_rotation_lose_nothing_whatever_the_route_answers);
/// F4.
async fn fifty_renewals_with_rotation_lose_nothing_whatever_the_route_answers(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.app.signed_in("bob").await;
    let (session, calls) = (world.record(&agent), world.calls());
    for round in 1..=50 {
        world.advance(EXPIRED);
        let before = world.refresh_token(&agent);
        let (page, status) = renew(&world, &agent, round).await;
        assert_eq!(page.status, status, "round {round}: {}", page.body);
        assert_eq!((world.calls() - calls, world.generation(&agent)), (round.into(), round.into()));
        assert_ne!(world.refresh_token(&agent), before, "round {round}");
    }
    for name in ["session_id", "sub", "created_at"] {
        assert_eq!(world.record(&agent)[name], session[name], "{name}");
    }
    assert_eq!(world.get(&agent, "/me").await.status, 200);
}

each_kind!(without_a_new_refresh_token_the_old_one_stays);
/// F5.
async fn without_a_new_refresh_token_the_old_one_stays(kind: Kind) {
    let world = World::start(kind, setup()).await;
    let agent = world.app.signed_in("bob").await;
    let token = world.refresh_token(&agent);
    for round in 1..=5 {
        world.advance(EXPIRED);
        let (page, status) = renew(&world, &agent, round).await;
        assert_eq!(page.status, status, "round {round}: {}", page.body);
        assert_eq!((world.generation(&agent), world.refresh_token(&agent)), (round.into(), token.clone()));
    }
}

each_kind!(requests_of_two_generations_at_once_never_end_a_session);
/// F4, F7: tabs that have not heard of the last renewal yet, beside one that has.
async fn requests_of_two_generations_at_once_never_end_a_session(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    for round in 1..=150 {
        let (tab, late, calls) = (copy(&agent), copy(&agent), world.calls());
        world.advance(EXPIRED);
        let pages = join_all([&agent, &tab, &agent, &tab].map(|browser| world.get(browser, "/me"))).await;
        let later = join_all([&late, &agent, &late, &tab].map(|browser| world.get(browser, "/me"))).await;
        for page in pages.iter().chain(&later) {
            assert_eq!(page.status, 200, "round {round}: {}", page.body);
        }
        assert_eq!([&agent, &tab, &late].map(|agent| world.generation(agent)), [round; 3]);
        assert_eq!(world.calls() - calls, 1, "round {round}");
    }
}

/// F13: an older answer that arrives last.
#[rocket::async_test]
async fn a_browser_that_ends_up_with_the_older_cookies_gets_the_newer_ones() {
    let world = World::start(Kind::Cookies, rotating(0)).await;
    let agent = world.session("alice");
    world.advance(EXPIRED);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    let older = copy(&agent);
    world.advance(EXPIRED);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    let calls = world.calls();
    for path in ["/me", "/admin", "/panic"] {
        let older = copy(&older);
        assert!(world.get(&older, path).await.status != 401);
        assert_eq!((world.generation(&older), world.refresh_token(&older)), (2, world.refresh_token(&agent)));
    }
    assert_eq!(world.calls(), calls);
}

/// F14: without a server store it is the pool that refuses it.
#[rocket::async_test]
async fn a_stolen_refresh_cookie_that_has_been_replaced_is_refused() {
    let world = World::start(Kind::Cookies, rotating(0)).await;
    let agent = world.session("alice");
    let stolen = copy(&agent);
    world.advance(EXPIRED);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    // By now nobody can have been waiting for the new tokens any more.
    world.advance(70);
    world.assert_over(&world.get(&stolen, "/me").await, &stolen, "a refresh token that has been replaced");
    world.advance(EXPIRED);
    assert_eq!(world.get(&agent, "/me").await.status, 200, "its owner has a newer one");
    assert_eq!(world.generation(&agent), 2);
}
