//! Faults between the app and the pool's JWKS.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rocket::futures::future::join_all;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{get, routes};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::json;

use crate::support::fault::{Fault, FaultProxy};
use crate::support::forge::{Key, access_claims};
use crate::support::settings;
use crate::support::stub::{Answer, Stub};
use crate::{Cell, MAX_TAKEN, PATIENCE, assert_all, expect, refusal, refused, trap};

static POOL: LazyLock<Key> = LazyLock::new(|| Key::new("pool"));
static STRANGER: LazyLock<Key> = LazyLock::new(|| Key::new("stranger"));

#[get("/me")]
fn me(_user: CognitoUser) {}

pub fn jwks() -> String {
    json!({ "keys": [POOL.jwk()] }).to_string()
}

pub fn good() -> String {
    POOL.token(&access_claims())
}

pub async fn app(jwks_uri: &str) -> Client {
    let rocket = rocket::custom(settings(jwks_uri)).attach(Cognito::fairing());
    let rocket = rocket.mount("/", routes![me]).register("/", rocket_cognito::catchers());
    Client::untracked(rocket).await.expect("the app starts whatever the endpoint does")
}

pub async fn ask(app: &Client, token: &str) -> (u16, String, String) {
    let header = Header::new("Authorization", format!("Bearer {token}"));
    refusal(app.get("/me").header(header).dispatch().await).await
}

/// The background task tries again by itself.
pub async fn recovers(cell: &str, app: &Client) -> Cell {
    let began = Instant::now();
    while ask(app, &good()).await.0 != 200 {
        if began.elapsed() > PATIENCE {
            return Err(format!("{cell}: it does not recover"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn proxy(upstream: &Stub, trap: &Stub, fault: Fault) -> FaultProxy {
    let proxy = FaultProxy::start(fault).await;
    proxy.lead_to(upstream.port());
    proxy.set_trap(trap.url("/jwks.json"));
    proxy
}

/// No keys yet: nobody is let in, nobody is called a forger, and once the fault is over keys come by themselves.
async fn cold(fault: Fault) -> Cell {
    let cell = format!("JWKS at launch, {fault:?}");
    let (upstream, trap) = (Stub::start(Answer::ok(jwks())).await, trap().await);
    let proxy = proxy(&upstream, &trap, fault).await;
    let app = app(&proxy.url("/jwks.json")).await;
    // The first connection fails, the next one of the background task does not.
    if fault != Fault::Flap {
        let expected = refused(503, "keys_unavailable", "soon");
        expect(&cell, "a good token's answer", ask(&app, &good()).await, expected.clone())?;
        expect(&cell, "a stranger's answer", ask(&app, &STRANGER.token(&access_claims())).await, expected)?;
    }
    expect(&cell, "an obvious forgery's answer", ask(&app, "x.y.z").await.0, 401)?;
    if proxy.written() > MAX_TAKEN {
        return Err(format!("{cell}: {} bytes were taken in", proxy.written()));
    }
    if fault != Fault::Flap {
        proxy.heal().await;
    }
    recovers(&cell, &app).await?;
    expect(&cell, "the trap's count", trap.requests(), 0)
}

/// Keys are there already: whatever the fault, they stay.
async fn warm(fault: Fault) -> Cell {
    let cell = format!("JWKS refresh, {fault:?}");
    let (upstream, trap) = (Stub::start(Answer::ok(jwks())).await, trap().await);
    let proxy = proxy(&upstream, &trap, Fault::None).await;
    let app = app(&proxy.url("/jwks.json")).await;
    expect(&cell, "a good token's answer before", ask(&app, &good()).await.0, 200)?;
    proxy.set(fault).await;
    let (connections, fetches) = (proxy.connections(), upstream.requests());
    // An unknown key causes a fetch ten seconds after the last one.
    tokio::time::sleep(Duration::from_millis(10_200)).await;
    let stranger = ask(&app, &STRANGER.token(&access_claims())).await;
    // On a busy machine the next try of a flapping network may have come through before the answer is made.
    if fault != Fault::Flap || stranger.0 != 401 {
        // Whether the key exists cannot be told, so this is not the token's fault.
        expect(&cell, "a stranger's answer", stranger, refused(503, "keys_unavailable", "soon"))?;
    }
    expect(&cell, "a good token's answer", ask(&app, &good()).await.0, 200)?;
    if fault != Fault::Refuse && proxy.connections() == connections {
        return Err(format!("{cell}: there was no fetch"));
    }
    if proxy.written() > MAX_TAKEN {
        return Err(format!("{cell}: {} bytes were taken in", proxy.written()));
    }
    proxy.heal().await;
    let began = Instant::now();
    while upstream.requests() == fetches || ask(&app, &STRANGER.token(&access_claims())).await.0 != 401 {
        if began.elapsed() > PATIENCE {
            return Err(format!("{cell}: it does not recover"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    expect(&cell, "the trap's count", trap.requests(), 0)
}

/// I5, I6, I7, J5, J9, J10.
#[rocket::async_test]
async fn no_fault_of_the_network_lets_anybody_in_or_lasts_longer_than_itself() {
    assert_all(join_all(Fault::ALL.map(|fault| Box::pin(cold(fault)))).await, 26);
}

/// I5, I6, I7, J4, J5.
#[rocket::async_test]
async fn no_fault_of_the_network_replaces_good_keys() {
    assert_all(join_all(Fault::ALL.map(|fault| Box::pin(warm(fault)))).await, 26);
}
