//! Lists of a user's sessions.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rocket::error::ErrorKind;
use rocket::futures::future::join_all;
use rocket::{Route, State, get, routes};
use rocket_cognito::{Cognito, Denial, Sessions};
use serde_json::json;

use super::listing::{FIREFOX, SID, World, assert_says, comes_to_pass, json_of};
use crate::support::agent::Agent;
use crate::support::app::Setup;
use crate::support::forge::{JwksFile, Key};
use crate::support::settings;

/// L10.
#[rocket::async_test]
async fn fifty_sign_ins_of_one_user_at_once_are_fifty_sessions_which_all_end_at_once() {
    let world = World::start(Setup::new()).await;
    let bob = world.app.signed_in("bob").await;
    let agents = join_all((0..50).map(|_| world.app.signed_in("alice"))).await;
    let list = world.list(&agents[0]).await;
    let ids: BTreeSet<_> = list.iter().map(|session| session["id"].as_str().unwrap()).collect();
    assert_eq!((list.len(), ids.len()), (50, 50));

    let tokens = join_all(agents.iter().map(|agent| world.token(agent))).await;
    assert_says(&world.post(&agents[7], "/sessions/end-all").await, "50");
    world.assert_ended(&agents, [&bob]).await;
    world.revoked(50).await;
    let accepted = join_all(tokens.iter().map(|token| world.pool_accepts(token))).await;
    assert_eq!(accepted, [false; 50]);
    assert_eq!(world.list(&bob).await.len(), 1);
    world.app.signed_in("alice").await;
    let alice = world.app.signed_in("alice").await;
    assert_eq!(world.list(&alice).await.len(), 2, "new sign-ins begin new sessions");
}

/// The time of an app whose clock is ahead by so many seconds.
fn now(ahead: u64) -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + ahead
}

#[rocket::async_test]
async fn a_list_says_device_times_and_which_session_asks() {
    let world = World::start(Setup::new().set("refresh_cookie_age_seconds", 7_200)).await;
    let first_began = now(0);
    let firefox = world.signed_in_by(FIREFOX).await;
    let first_had_begun = now(0);
    world.clock.advance(Duration::from_secs(200));
    let program = world.signed_in_by("curl/8.5.0 <b>caf\u{e9}</b>").await;
    let silent = world.app.signed_in("alice").await;
    world.clock.advance(Duration::from_secs(200));
    world.signed_in_by(FIREFOX).await;
    world.app.signed_in("bob").await;

    let asked = now(400);
    let list = world.list(&firefox).await;
    let had_asked = now(400);
    let shown: Vec<_> =
        list.iter().map(|it| json!([it["device"], it["user_agent"], it["is_current"]])).collect();
    // The one that asks is being seen now; then comes whoever signed in last.
    assert_eq!(
        shown,
        [
            json!(["Firefox on Windows", FIREFOX, true]),
            json!(["Firefox on Windows", FIREFOX, false]),
            json!(["Unknown device", null, false]),
            json!(["Unknown device", "curl/8.5.0 <b>caf</b>", false]),
        ]
    );
    let seconds = |index: usize, name: &str| list[index][name].as_u64().unwrap();
    assert!((first_began..=first_had_begun).contains(&seconds(0, "created_at")), "{list:?}");
    assert!((asked..=had_asked).contains(&seconds(0, "last_seen_at")), "{list:?}");
    for index in 1..4 {
        // Two clocks, both rounded to seconds.
        assert!(seconds(index, "last_seen_at").abs_diff(seconds(index, "created_at")) <= 1, "{list:?}");
    }
    for index in 0..4 {
        assert!(seconds(index, "ends_at").abs_diff(seconds(index, "created_at") + 7_200) <= 2, "{list:?}");
    }
    let members: BTreeSet<_> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["created_at", "device", "ends_at", "id", "is_current", "last_seen_at", "user_agent"];
    assert_eq!(members, BTreeSet::from(expected));

    for (agent, index) in [(&silent, 2), (&program, 3)] {
        let id = list[index]["id"].as_str().unwrap();
        assert_eq!(world.id(agent).await, id);
        assert!(!agent.cookie(SID).unwrap().contains(id));
    }
    let sub = world.sub(&firefox).await;
    let by_handle = json_of(&world.get(&Agent::new(), &format!("/users/{sub}/sessions")).await);
    let current: Vec<_> = by_handle.as_array().unwrap().iter().map(|it| it["is_current"].clone()).collect();
    assert_eq!(current, [false; 4], "a handle has no session of its own");
}

/// S3.
#[rocket::async_test]
async fn neither_a_list_nor_its_debug_text_says_more_than_it_is_to() {
    let world = World::start(Setup::new()).await;
    let alice = world.app.signed_in("alice").await;
    let debug = world.get(&alice, "/debug").await.body;
    assert!(debug.starts_with("Sessions { has_current: true, .. } [SessionInfo { id: "), "{debug}");
    let shown = world.get(&alice, "/sessions").await.body + &debug;
    let (cookie, token) = (alice.cookie(SID).unwrap(), world.token(&alice).await);
    let secrets = cookie.split('.').chain(token.split('.')).filter(|part| part.len() > 1);
    for secret in secrets.chain([world.sub(&alice).await.as_str()]) {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}

#[rocket::async_test]
async fn beyond_the_cap_the_session_that_was_not_seen_for_longest_ends() {
    let world = World::start(Setup::new().set("sessions_per_user", 3)).await;
    let mut agents = Vec::new();
    for _ in 0..3 {
        agents.push(world.app.signed_in("alice").await);
    }
    world.clock.advance(Duration::from_secs(301));
    assert_eq!(world.get(&agents[0], "/me").await.status, 200);
    // It is noted after the answer.
    comes_to_pass(async || world.store.calls("touch") == 1).await;
    let bob = world.app.signed_in("bob").await;
    let fourth = world.app.signed_in("alice").await;
    world.assert_ended([&agents[1]], [&agents[0], &agents[2], &fourth, &bob]).await;
    world.revoked(1).await;
    assert_eq!(world.list(&fourth).await.len(), 3);
}

/// Nor can their tokens be revoked here.
#[rocket::async_test]
async fn sessions_of_other_keys_are_not_listed_and_end_with_all() {
    let world = World::start(Setup::new()).await;
    let alice = world.app.signed_in("alice").await;
    let sub = world.sub(&alice).await;
    let other = world
        .another(|figment| figment.merge(("cognito.secret_keys", "zyxwvutsrqponmlkjihgfedcba9876543210")))
        .await;
    let list = Agent::new().get(&other.url(&format!("/users/{sub}/sessions"))).await;
    assert_says(&list, "[]");
    let url = other.url(&format!("/users/{sub}/end-sessions"));
    assert_says(&Agent::new().post(&url, &[], &[]).await, "1");
    world.assert_ended([&alice], []).await;
}

#[rocket::async_test]
async fn sessions_in_cookies_are_neither_listed_nor_ended() {
    let world = World::start(Setup::new().set("session_store_writes", false)).await;
    let alice = world.app.signed_in("alice").await;
    assert_eq!(world.list(&alice).await, [json!(null); 0]);
    for path in ["/sessions/end-others", "/sessions/end-all"] {
        assert_says(&world.post(&alice, path).await, "0");
    }
    world.assert_ended([], [&alice]).await;
}

#[get("/guard")]
fn guard(_sessions: Sessions) {}

#[get("/wrapped")]
fn wrapped(_sessions: Result<Sessions, Denial>) {}

#[get("/handle")]
fn handle(_sessions: &State<Sessions>) {}

fn each_route() -> [Vec<Route>; 3] {
    [routes![guard], routes![wrapped], routes![handle]]
}

#[rocket::async_test]
async fn routes_that_ask_for_sessions_do_not_launch_without_a_store() {
    let keys = JwksFile::new(&[&Key::new("k")]);
    let settings = settings(&keys.uri());
    let nobody_signs_in = settings.clone().merge(("cognito.routes", "none"));
    for (index, figment) in [settings.clone(), nobody_signs_in].into_iter().enumerate() {
        for routes in each_route() {
            let app = rocket::custom(figment.clone()).attach(Cognito::fairing()).mount("/", routes);
            let error = app.ignite().await.expect_err("it refuses");
            assert!(matches!(error.kind(), ErrorKind::SentinelAborts(_)), "{index}: {error}");
        }
    }
    let with_store = settings.merge(("cognito.session_store", "memory"));
    let app = each_route().into_iter().fold(rocket::custom(with_store), |app, routes| app.mount("/", routes));
    assert!(app.attach(Cognito::fairing()).ignite().await.is_ok());
}

#[rocket::async_test]
async fn in_disabled_mode_nobody_has_a_session() {
    let world = World::start(Setup::new().set("disabled", true)).await;
    let agent = Agent::new();
    assert_eq!(world.list(&agent).await, [json!(null); 0]);
    for path in ["/sessions/end?id=x", "/sessions/end-others", "/sessions/end-all"] {
        assert_says(&world.post(&agent, path).await, "0");
    }
    assert_eq!(world.store.all_calls(), 0);
}
