//! What the pool answers when the visitors have left.

use std::time::Duration;

use rocket::futures::future::{BoxFuture, FutureExt, join_all};
use rocket_cognito::local_pool::{Failure, Hold};
use tokio::time::{sleep, timeout};

use super::lost::behind_a_proxy;
use super::world::{DUE, EXPIRED, World, assert_ended, assert_waits, copy, rotating};
use crate::support::TOKEN;
use crate::support::agent::{Agent, Page, answer};
use crate::support::app::App;
use crate::support::fault::Fault;
use crate::support::kind::{Kind, each_kind};

/// A guard against waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session that is being refreshed, and whose visitor has left. The pool has replaced its refresh token for good.
async fn left(world: &World) -> (Agent, Hold) {
    let agent = world.session("alice");
    world.expire(&agent);
    let hold = world.app.pool.hold(TOKEN);
    assert_waits(&world.get(&agent, "/me").await, "the pool is silent");
    (agent, hold)
}

/// Lets an answer arrive with nobody there.
async fn arrive(hold: Hold) {
    drop(hold);
    sleep(Duration::from_secs(1)).await;
}

async fn post(world: &World, agent: &Agent, path: &str) -> Page {
    agent.post(&world.url(path), &[("sec-fetch-site", "same-origin")], &[]).await
}

each_kind!(a_pool_that_took_nine_seconds_ended_the_session);
/// F3: dropped after eight seconds, the answer took the only copy of the new refresh token along.
async fn a_pool_that_took_nine_seconds_ended_the_session(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.app.signed_in("alice").await;
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    world.advance(EXPIRED);
    let calls = world.calls();
    let hold = world.app.pool.hold(TOKEN);
    let slowly = async {
        hold.reached(1).await;
        sleep(Duration::from_secs(9)).await;
        drop(hold);
    };
    let (page, ()) = tokio::join!(world.get(&agent, "/me"), slowly);
    assert_waits(&page, "the pool is slow");
    assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
    assert_eq!((world.calls() - calls, world.generation(&agent)), (1, 1));
}

each_kind!(what_the_pool_answers_when_everybody_has_left_is_kept);
/// F3.
async fn what_the_pool_answers_when_everybody_has_left_is_kept(kind: Kind) {
    let cases: [BoxFuture<'_, ()>; 8] = [
        five_minutes_later(kind).boxed(),
        when_the_new_tokens_have_expired_as_well(kind).boxed(),
        after_an_answer_that_fails_and_one_that_is_lost(kind).boxed(),
        while_it_is_still_under_way(kind).boxed(),
        on_demand(kind).boxed(),
        ahead_of_expiry(kind).boxed(),
        after_a_sign_out(kind).boxed(),
        by_an_app_that_is_stopping(kind).boxed(),
    ];
    timeout(PATIENCE, join_all(cases)).await.expect("all come to their end");
}

async fn five_minutes_later(kind: Kind) {
    let world = World::start(kind, rotating(0).pool(|pool| pool.access_token_seconds(3600))).await;
    let (agent, hold) = left(&world).await;
    arrive(hold).await;
    world.advance(300);
    let tab = copy(&agent);
    assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
    assert_eq!((world.calls(), world.generation(&agent)), (1, 1));
    // From now on as with any other refresh.
    world.advance(50);
    assert_eq!(world.get(&tab, "/me").await.status, 200);
    assert_eq!((world.calls(), world.generation(&tab)), (1, 1));
}

async fn when_the_new_tokens_have_expired_as_well(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, hold) = left(&world).await;
    arrive(hold).await;
    world.advance(590);
    assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
    assert_eq!((world.calls(), world.generation(&agent)), (2, 2), "by the new refresh token");
}

async fn after_an_answer_that_fails_and_one_that_is_lost(kind: Kind) {
    let (world, proxy) = behind_a_proxy(kind, 0).await;
    world.app.pool.fail_next(TOKEN, 1, Failure::ServerError);
    let (agent, hold) = left(&world).await;
    drop(hold);
    assert_waits(&world.get(&agent, "/me").await, "the first answer");
    assert_eq!(proxy.requests(), 1);
    proxy.set(Fault::ResetAfterRequest).await;
    world.advance(2);
    assert_waits(&world.get(&agent, "/me").await, "the second");
    assert_eq!(proxy.requests(), 2);
    proxy.heal().await;
    world.advance(3);
    assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
    assert_eq!((proxy.requests(), world.generation(&agent)), (3, 1));
}

/// Whoever comes meanwhile waits for the same call, and for no longer than the first.
async fn while_it_is_still_under_way(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, hold) = left(&world).await;
    assert_waits(&world.get(&agent, "/me").await, "the pool is still silent");
    let (page, ()) = tokio::join!(world.get(&agent, "/me"), arrive(hold));
    assert_eq!(answer(&page), (200, String::new()));
    assert_eq!((world.calls(), world.generation(&agent)), (1, 1));
}

async fn on_demand(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, hold) = (world.session("alice"), world.app.pool.hold(TOKEN));
    assert_waits(&post(&world, &agent, "/auth/refresh").await, "the pool is silent");
    arrive(hold).await;
    assert_eq!(post(&world, &agent, "/auth/refresh").await.status, 303);
    // Cookies have missed the answer, which serves. The store has it, and whoever demands then demands a later one.
    let refreshes = if kind == Kind::Cookies { 1 } else { 2 };
    assert_eq!((world.calls(), world.generation(&agent)), (refreshes, refreshes));
}

/// A token that is still valid serves meanwhile.
async fn ahead_of_expiry(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    world.advance(DUE);
    let hold = world.app.pool.hold(TOKEN);
    for _ in 0..20 {
        let page = world.get(&agent, "/me").await;
        assert_eq!((page.status.as_u16(), page.set_cookies()), (200, vec![]));
    }
    arrive(hold).await;
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!((world.calls(), world.generation(&agent)), (1, 1));
}

/// The session stays over, and the new refresh token is revoked.
async fn after_a_sign_out(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, hold) = left(&world).await;
    let tab = copy(&agent);
    assert_eq!(post(&world, &agent, "/auth/logout").await.status, 303);
    drop(hold);
    while world.app.revocations() < 2 {
        sleep(Duration::from_millis(20)).await;
    }
    assert_ended(&world.get(&tab, "/me").await, "signed out");
    assert_eq!(world.calls(), 1);
}

/// It waits for the call, though no visitor does.
async fn by_an_app_that_is_stopping(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (_agent, hold) = left(&world).await;
    let World { app: App { server, pool: _pool, .. }, .. } = world;
    let stopping = tokio::spawn(server.stop());
    sleep(Duration::from_secs(4)).await;
    assert!(!stopping.is_finished(), "it waits for the pool's answer");
    drop(hold);
    stopping.await.unwrap();
}
