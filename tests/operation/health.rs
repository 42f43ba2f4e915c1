//! The health of an app, whatever happens to it.

use std::sync::Arc;

use rocket::{State, get, routes};
use rocket_cognito::operation::{Counters, Health, Monitor};
use rocket_cognito::store::MemoryStore;
use rocket_cognito::{Clock, Cognito, catchers};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::agent::Agent;
use crate::support::app::{Setup, build, with_routes};
use crate::support::forge::Key;
use crate::support::gated_store::GatedStore;
use crate::support::server::Server;
use crate::support::stub::{Answer, Stub};
use crate::support::{TOKEN, free_port, settings};
use crate::watch::Watch;

#[get("/ready")]
fn ready(health: Health) -> Health {
    health
}

async fn health(server: &Server) -> (u16, Value) {
    let page = Agent::new().get(&server.url("/ready")).await;
    assert_eq!(page.header("content-type"), "application/json");
    (page.status.as_u16(), serde_json::from_str(&page.body).unwrap())
}

/// `value` with every age, which differs from run to run, as 0.
fn ageless(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members {
                let member_value = member.take();
                *member = if name == "age_seconds" && member_value.is_u64() {
                    json!(0)
                } else {
                    ageless(member_value)
                };
            }
        }
        Value::Array(_) => panic!("it has no lists"),
        _ => {}
    }
    value
}

#[rocket::async_test]
async fn an_app_is_ready_when_it_has_keys_and_shows_its_last_calls() {
    let app = Setup::new().start_with(|rocket| build(rocket).mount("/", routes![ready])).await;
    let at_launch = json!({
        "is_ready": true,
        "is_stopping": false,
        "keys": { "count": 2, "age_seconds": 0, "last_failure": null },
        "calls": {
            "api": null, "jwks": { "result": "ok", "age_seconds": 0 }, "revoke": null, "token": null, "userinfo": null,
        },
        "store": { "kind": "cookies", "last_command": null },
    });
    let (status, shown) = health(&app.server).await;
    assert_eq!((status, ageless(shown)), (200, at_launch));
    let agent = app.signed_in("alice").await;
    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    let (status, shown) = health(&app.server).await;
    let ok = json!({ "result": "ok", "age_seconds": 0 });
    let calls = json!({ "api": null, "jwks": ok, "revoke": ok, "token": ok, "userinfo": null });
    assert_eq!((status, &ageless(shown)["calls"]), (200, &calls));
}

#[rocket::async_test]
async fn an_app_without_keys_is_not_ready_until_they_come() {
    let (watch, stub) = (Watch::default(), Stub::start(Answer::new("500 Oops", "", "")).await);
    let app = Server::start(settings(&stub.url("/jwks.json")), |rocket| {
        watch.over(build(rocket).mount("/", routes![ready]))
    })
    .await;
    let (status, shown) = health(&app).await;
    assert_eq!((status, &shown["is_ready"]), (503, &json!(false)));
    let keys = json!({ "count": 0, "age_seconds": null, "last_failure": "it answered with status 500" });
    assert_eq!(shown["keys"], keys);
    assert_eq!(shown["calls"]["jwks"]["result"], "failed");
    stub.set(Answer::ok(json!({ "keys": [Key::new("kid").jwk()] }).to_string()));
    watch.reads("keys", &[], 1.0).await;
    let (status, shown) = health(&app).await;
    assert_eq!((status, &shown["keys"]["last_failure"]), (200, &Value::Null));
}

#[rocket::async_test]
async fn disabled_mode_needs_no_keys() {
    let app = Setup::new()
        .set("disabled", true)
        .start_with(|rocket| build(rocket).mount("/", routes![ready]))
        .await;
    let (status, shown) = health(&app.server).await;
    assert_eq!((status, &shown["keys"]["count"], &shown["calls"]["jwks"]), (200, &json!(0), &Value::Null));
}

#[rocket::async_test]
async fn a_store_that_is_lost_is_shown_and_makes_no_app_unready() {
    let store = GatedStore::new(Arc::new(MemoryStore::with_clock(&Clock::default())));
    let app = Setup::new()
        .start_with(|rocket| {
            let rocket = with_routes(rocket).mount("/", routes![ready]).register("/", catchers());
            rocket.attach(Cognito::fairing().session_store(store.clone()))
        })
        .await;
    let agent = app.signed_in("alice").await;
    let done = json!({ "kind": "own", "last_command": { "result": "done", "age_seconds": 0 } });
    let shown = health(&app.server).await;
    assert_eq!((shown.0, &ageless(shown.1)["store"]), (200, &done));
    store.set_down(true);
    assert_eq!(agent.get(&app.url("/me")).await.status, 503);
    let lost = json!({ "kind": "own", "last_command": { "result": "unavailable", "age_seconds": 0 } });
    let shown = health(&app.server).await;
    assert_eq!((shown.0, &ageless(shown.1)["store"]), (200, &lost));
}

#[get("/of-the-app")]
fn ready_of_the_app(monitor: &State<Monitor>) -> Health {
    monitor.health()
}

#[get("/metrics-of-the-app")]
fn metrics_of_the_app(counters: Counters) -> Counters {
    counters
}

/// Rocket accepts no new connection at the app's own port by then.
#[rocket::async_test]
async fn a_second_server_shows_that_the_app_is_stopping() {
    let watch = Watch::default();
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket).mount("/", routes![ready]))).await;
    let figment = rocket::Config::figment().merge(("port", free_port()));
    let operators = Server::start(figment, |rocket| {
        rocket.manage(watch.monitor()).mount("/", routes![ready, ready_of_the_app, metrics_of_the_app])
    })
    .await;
    // Rocket runs what follows a liftoff at once: only an answer of the app shows that its keys are there.
    assert_eq!(health(&app.server).await.0, 200);
    assert_eq!(health(&operators).await.0, 200);
    assert_eq!(Agent::new().get(&operators.url("/of-the-app")).await.status, 200);
    let scrape = Agent::new().get(&operators.url("/metrics-of-the-app")).await.body;
    assert!(
        scrape.contains("rocket_cognito_pool_calls_total{endpoint=\"jwks\",result=\"ok\"} 1"),
        "{scrape}"
    );
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    let hold = app.pool.hold(TOKEN);
    let port = app.server.port;
    let stop = async {
        hold.reached(1).await;
        let stopping = tokio::spawn(app.server.stop());
        let (status, shown) = loop {
            let (status, shown) = health(&operators).await;
            if status != 200 {
                break (status, shown);
            }
        };
        assert_eq!((status, &shown["is_stopping"], &shown["is_ready"]), (503, &json!(true), &json!(false)));
        // The system may accept it still; nobody reads it.
        let unanswered = async {
            let mut connection = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
            connection.write_all(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n").await.ok()?;
            Some(connection)
        };
        let unanswered = unanswered.await;
        drop(hold);
        stopping.await.unwrap();
        let mut answer = Vec::new();
        if let Some(mut connection) = unanswered {
            let _ = connection.read_to_end(&mut answer).await;
        }
        assert_eq!(String::from_utf8_lossy(&answer), "", "the app's own port shows nothing");
    };
    let (page, ()) = tokio::join!(agent.get(&callback), stop);
    assert_eq!(page.status, 303);
    operators.stop().await;
}

/// While it waits for the calls that are under way it serves what has begun, and takes nothing new.
#[rocket::async_test]
async fn an_app_that_is_stopping_is_not_ready() {
    let watch = Watch::default();
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket))).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    let hold = app.pool.hold(TOKEN);
    let stop = async {
        hold.reached(1).await;
        assert!(watch.health().is_ready() && !watch.health().is_stopping());
        let stopping = tokio::spawn(app.server.stop());
        while !watch.health().is_stopping() {
            tokio::task::yield_now().await;
        }
        let health = watch.health();
        assert_eq!((health.is_ready(), health.status().code), (false, 503));
        drop(hold);
        stopping.await.unwrap();
    };
    let (page, ()) = tokio::join!(agent.get(&callback), stop);
    assert_eq!(page.status, 303);
}
