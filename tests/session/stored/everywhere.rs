//! Signing out everywhere: at the pool and in the store, by one call.

use rocket::{Build, Rocket, post, routes};
use rocket_cognito::local_pool::{Failure, LocalSessions};
use rocket_cognito::{CognitoUser, NotAllEnded, Sessions};

use super::listing::{World, assert_says, json_of};
use crate::support::agent::{Agent, answer};
use crate::support::app::{CLIENT, Setup};

/// The endpoint of the pool's API.
const API: &str = "/";

#[post("/sessions/end-everywhere")]
async fn end_everywhere(user: CognitoUser, sessions: Sessions) -> String {
    match sessions.end_everywhere(&user).await {
        Ok(ended) => ended.to_string(),
        Err(error) => what_is_left(&error).join(", "),
    }
}

/// Where sessions may go on, and why.
fn what_is_left(error: &NotAllEnded) -> Vec<&'static str> {
    let text = error.to_string();
    assert_eq!(text.contains("at the pool: "), error.at_pool().is_some(), "{text}");
    assert_eq!(text.contains("in the store: "), error.in_store().is_some(), "{text}");
    let at_pool = error.at_pool().map(|error| match error {
        error if error.is_invalid_grant() => "pool: grant",
        error if error.is_unavailable() => "pool: unavailable",
        error if error.is_misconfigured() => "pool: misconfigured",
        error => panic!("{error}"),
    });
    at_pool.into_iter().chain(error.in_store().map(|_| "store")).collect()
}

async fn world(setup: Setup) -> World {
    let setup = setup.pool(|pool| pool.sessions(LocalSessions::new()));
    let add = |rocket: Rocket<Build>| rocket.mount("/", routes![end_everywhere]);
    World::start_with(setup, add, |fairing| fairing).await
}

/// Whether the pool still refreshes a sign-in.
async fn goes_on(world: &World, refresh_token: &str) -> bool {
    world.app.accepts_refresh_token(refresh_token).await
}

#[rocket::async_test]
async fn one_call_signs_out_everywhere_at_the_pool_and_in_the_store() {
    let world = world(Setup::new()).await;
    let (here, there) = (world.app.signed_in("alice").await, world.app.signed_in("alice").await);
    let bob = world.app.signed_in("bob").await;
    // Sign-ins that this store knows nothing of.
    let [elsewhere, bobs] = ["alice", "bob"].map(|name| world.app.pool.sign_in(name, CLIENT).unwrap());
    let other = world.another(|figment| figment).await;
    assert_says(&world.post(&here, "/sessions/end-everywhere").await, "2");
    assert_eq!(world.app.pool.requests(API), 1, "one call to the pool");
    world.assert_ended([&here, &there], [&bob]).await;
    assert_eq!(there.get(&other.url("/me")).await.status, 401, "at another instance too");
    assert!(!goes_on(&world, &elsewhere.refresh_token).await);
    assert!(goes_on(&world, &bobs.refresh_token).await);
    assert_eq!(world.list(&bob).await.len(), 1);

    // Whoever asks, it is about them alone.
    let alice = world.app.signed_in("alice").await;
    assert_says(&world.post(&bob, "/sessions/end-everywhere").await, "1");
    world.assert_ended([&bob], [&alice]).await;
    assert!(!goes_on(&world, &bobs.refresh_token).await);
}

#[rocket::async_test]
async fn what_can_end_ends_and_the_rest_is_reported() {
    let world = world(Setup::new()).await;
    let bob = world.app.signed_in("bob").await;
    let everywhere = async |agent: &Agent| world.post(agent, "/sessions/end-everywhere").await;

    let alice = world.app.signed_in("alice").await;
    let elsewhere = world.app.pool.sign_in("alice", CLIENT).unwrap();
    world.app.pool.fail_next(API, 1, Failure::ServerError);
    assert_says(&everywhere(&alice).await, "pool: unavailable");
    world.assert_ended([&alice], [&bob]).await;
    assert!(goes_on(&world, &elsewhere.refresh_token).await, "the pool was down");

    // Signed out at the pool, and refreshed by nobody since.
    let [first, second] = [world.app.signed_in("alice").await, world.app.signed_in("alice").await];
    let token = world.token(&first).await;
    assert_says(&everywhere(&first).await, "2");
    assert!(!world.pool_accepts(&token).await);
    let by_bearer = [("authorization", &*format!("Bearer {token}"))];
    let url = world.app.url("/sessions/end-everywhere");
    let third = world.app.signed_in("alice").await;
    assert_says(&Agent::new().post(&url, &by_bearer, &[]).await, "pool: grant");
    world.assert_ended([&second, &third], [&bob]).await;

    let alice = world.app.signed_in("alice").await;
    let elsewhere = world.app.pool.sign_in("alice", CLIENT).unwrap();
    let down = world.store.hold_down("remove_all");
    assert_says(&everywhere(&alice).await, "store");
    assert!(!goes_on(&world, &elsewhere.refresh_token).await, "the pool has ended all of its own");
    world.app.pool.fail_next(API, 1, Failure::Unavailable);
    assert_says(&everywhere(&alice).await, "pool: unavailable, store");
    drop(down);
    assert_eq!(answer(&world.get(&alice, "/me").await).0, 200, "as was said");
    assert_says(&everywhere(&alice).await, "pool: grant");
    world.assert_ended([&alice], [&bob]).await;
}

/// The setting `scopes` has to ask for it.
#[rocket::async_test]
async fn without_the_scope_the_sessions_of_the_store_end_all_the_same() {
    let world = world(Setup::new().set("scopes", ["openid"])).await;
    let alice = world.app.signed_in("alice").await;
    assert_eq!(json_of(&world.get(&alice, "/me").await)["username"], "alice");
    assert_says(&world.post(&alice, "/sessions/end-everywhere").await, "pool: misconfigured");
    assert_eq!(world.app.pool.requests(API), 0);
    world.assert_ended([&alice], []).await;
}
