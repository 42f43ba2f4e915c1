//! Commands to the store of sessions.

use rocket::{get, routes};
use rocket_cognito::store::{MemoryStore, StoreError};
use rocket_cognito::{Clock, Cognito, CognitoUser, Sessions, catchers};

use crate::support::agent::Agent;
use crate::support::app::{CLIENT, Setup, build, code_for, with_routes};
use crate::support::gated_store::{GatedStore, When};
use crate::support::redis::RedisServer;
use crate::watch::{LAUNCH, Watch};

const SIGNED_IN: [(&str, u64); 7] = [
    ("refusals_total not_signed_in", 1),
    ("pool_calls_total token ok", 1),
    // The claim to the sign-in, and its result.
    ("store_commands_total item done", 2),
    ("store_commands_total write done", 1),
    ("sign_ins_total done", 1),
    ("store_commands_total load done", 1),
    ("admissions_total session", 1),
];

#[get("/devices")]
async fn devices(user: CognitoUser, sessions: Sessions) -> Result<String, StoreError> {
    Ok(sessions.of(user.sub()).await?.len().to_string())
}

#[rocket::async_test]
async fn each_command_counts_by_its_kind_and_outcome() {
    let (watch, store) =
        (Watch::default(), GatedStore::new(std::sync::Arc::new(MemoryStore::with_clock(&Clock::default()))));
    let app = Setup::new()
        .set("bearer_denylist", true)
        .start_with(|rocket| {
            let rocket = with_routes(rocket).mount("/", routes![devices]).register("/", catchers());
            watch.over(rocket.attach(Cognito::fairing().session_store(store.clone())))
        })
        .await;
    watch.moved(&[LAUNCH, ("store_commands_total check done", 1)]).await;
    let agent = app.signed_in("alice").await;
    watch.moved(&SIGNED_IN).await;
    assert_eq!(agent.get(&app.url("/devices")).await.body, "1");
    let steps = [
        ("store_commands_total load done", 1),
        ("store_commands_total list done", 1),
        ("admissions_total session", 1),
    ];
    watch.moved(&steps).await;
    let refreshed = agent.post(&app.url("/auth/refresh"), &[("origin", &app.origin())], &[]).await;
    assert!(refreshed.status.as_u16() < 400, "{}", refreshed.body);
    let steps = [
        ("store_commands_total load done", 1),
        ("store_commands_total lease done", 1),
        ("store_commands_total write done", 1),
        ("refreshes_total done", 1),
        ("pool_calls_total token ok", 1),
    ];
    watch.moved(&steps).await;

    let bearer = format!("Bearer {}", app.pool.sign_in("bob", CLIENT).unwrap().access_token);
    let bob = Agent::new();
    let me = app.url("/me");
    let ask = async || bob.send(reqwest::Method::GET, &me, &[("authorization", &bearer)], None).await.status;
    assert_eq!(ask().await, 200);
    watch.moved(&[("store_commands_total item done", 1), ("admissions_total bearer", 1)]).await;
    {
        let _down = store.hold_down("get");
        assert_eq!(ask().await, 503);
    }
    let steps = [("store_commands_total item unavailable", 1), ("refusals_total sessions_unavailable", 1)];
    watch.moved(&steps).await;
    {
        // Longer than anybody waits for a store.
        let _hold = store.hold("load", When::Before);
        assert_eq!(agent.get(&me).await.status, 503);
    }
    let steps = [("store_commands_total load unavailable", 1), ("refusals_total sessions_unavailable", 1)];
    watch.moved(&steps).await;

    let logout = agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert_eq!(logout.status, 303);
    let steps = [
        ("store_commands_total load done", 1),
        ("store_commands_total remove done", 1),
        // Its bearer tokens are refused from now on.
        ("store_commands_total item done", 1),
        ("pool_calls_total revoke ok", 1),
        ("sign_outs_total pool", 1),
    ];
    watch.moved(&steps).await;
}

#[rocket::async_test]
async fn a_redis_that_is_lost_counts_and_so_does_the_way_back() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let watch = Watch::default();
    let app = Setup::new()
        .set("session_store", redis.address())
        .start_with(|rocket| watch.over(build(rocket)))
        .await;
    watch.moved(&[LAUNCH, ("store_commands_total check done", 1)]).await;
    let agent = app.signed_in("alice").await;
    watch.moved(&SIGNED_IN).await;

    redis.run("CONFIG SET maxmemory 1");
    let bob = Agent::new();
    let login = bob.open(&app.url("/auth/login?next=/me")).await;
    let callback = code_for(&bob, &login, "bob").await;
    assert_eq!(bob.get(&callback).await.status, 503);
    let steps = [
        // The first answer may have got lost, so the claim is made twice.
        ("store_commands_total item refused", 2),
        ("sign_ins_total sessions_unavailable", 1),
        ("refusals_total sessions_unavailable", 1),
    ];
    watch.moved(&steps).await;

    redis.kill();
    assert_eq!(agent.get(&app.url("/me")).await.status, 503);
    let steps = [("store_commands_total load unavailable", 1), ("refusals_total sessions_unavailable", 1)];
    watch.moved(&steps).await;
    redis.start_again(&[]);
    watch.reads("store_reconnections_total", &[], 1.0).await;
    assert_eq!(agent.get(&app.url("/me")).await.status, 401);
    let steps = [
        ("store_reconnections_total", 1),
        ("store_commands_total load done", 1),
        ("refusals_total session_expired", 1),
    ];
    watch.moved(&steps).await;
}

#[rocket::async_test]
async fn a_first_connection_that_needs_several_tries_is_no_reconnection() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    redis.kill();
    let watch = Watch::default();
    let app = Setup::new()
        .set("session_store", redis.address())
        .start_with(|rocket| watch.over(build(rocket)))
        .await;
    watch.reads("store_commands_total", &[("command", "check"), ("outcome", "unavailable")], 1.0).await;
    redis.start_again(&[]);
    loop {
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        if agent.get(&callback).await.status == 303 {
            break;
        }
    }
    assert_eq!(watch.counters().get("store_reconnections_total", &[]), Some(0.0));
}
