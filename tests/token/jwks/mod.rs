//! The pool's public keys: fetched once, again when there is a reason, and kept through outages.
//! Letters with numbers are rows of `docs/requirements.md`.

mod fetches;
mod start;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use figment::Figment;
use rocket::futures::future::join_all;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{get, routes};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::{Value, json};

use crate::support::forge::{Key, access_claims, base64url, with};
use crate::support::stub::Stub;
use crate::support::{figment, settings};

static POOL: LazyLock<Key> = LazyLock::new(|| Key::new("pool"));
/// The key that the pool rotates to.
static NEXT: LazyLock<Key> = LazyLock::new(|| Key::new("next"));
static STRANGER: LazyLock<Key> = LazyLock::new(|| Key::new("stranger"));

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

async fn app(figment: Figment) -> Client {
    Client::untracked(rocket(figment)).await.expect("the app launches")
}

fn rocket(figment: Figment) -> rocket::Rocket<rocket::Build> {
    rocket::custom(figment)
        .attach(Cognito::fairing())
        .mount("/", routes![me])
        .register("/", rocket_cognito::catchers())
}

/// An app that gets its keys from `endpoint`.
async fn app_of(endpoint: &Stub) -> Client {
    app(settings(&endpoint.url("/jwks.json"))).await
}

fn good(key: &Key) -> String {
    key.token(&access_claims())
}

fn jwks(keys: &[&Key]) -> String {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string()
}

async fn status(app: &Client, token: &str) -> u16 {
    let header = Header::new("Authorization", format!("Bearer {token}"));
    app.get("/me").header(header).dispatch().await.status().code
}

/// How often each status came, of requests that run at the same time.
async fn statuses(app: &Client, tokens: &[String]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for status in join_all(tokens.iter().map(|token| status(app, token))).await {
        *counts.entry(status).or_default() += 1;
    }
    counts
}

/// A thousand requests in batches of a hundred.
async fn thousand(app: &Client, token: impl Fn() -> String) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for _ in 0..10 {
        let tokens: Vec<_> = (0..100).map(|_| token()).collect();
        for (status, count) in statuses(app, &tokens).await {
            *counts.entry(status).or_default() += count;
        }
    }
    counts
}

/// Well-formed, for the right pool and client, with a key that nobody has heard of.
fn unknown_kid(claims: &Value) -> String {
    let kid = base64url(rand::random::<[u8; 32]>());
    STRANGER.sign(&with(STRANGER.header(), "kid", kid.into()), claims)
}

/// Asks until the app has keys; it retries in the background.
async fn recovers(app: &Client) {
    let token = good(&POOL);
    let asking = async {
        while status(app, &token).await != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("the app recovers without a restart");
}

fn session(token: &str) -> Header<'static> {
    Header::new("Cookie", format!("cognito_access_token={token}"))
}

async fn assert_unavailable(app: &Client, token: &str, why: &str) {
    let request = app.get("/me").header(Header::new("Authorization", format!("Bearer {token}")));
    let response = request.header(session(token)).dispatch().await;
    assert_eq!(response.status().code, 503, "{why}");
    let seconds = response.headers().get_one("Retry-After").and_then(|text| text.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| (1..=15).contains(&seconds)), "until the keys are asked for again");
    assert_eq!(response.headers().get_one("WWW-Authenticate"), None, "the credential is not at fault");
    assert_eq!(response.headers().get_one("Set-Cookie"), None, "cookies stay");
    let body: Value = serde_json::from_str(&response.into_string().await.unwrap()).unwrap();
    assert_eq!(body["error"], "keys_unavailable");
}

async fn local_pool() -> LocalPool {
    let client = LocalClient::new("shop").callback_url("http://localhost:8000/auth/callback");
    LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap()
}

fn settings_of(pool: &LocalPool) -> Figment {
    figment()
        .merge(("cognito.user_pool_id", pool.user_pool_id()))
        .merge(("cognito.client_id", "shop"))
        .merge(("cognito.domain", pool.base_url()))
        .merge(("cognito.issuer", pool.issuer()))
        .merge(("cognito.redirect_url", "http://localhost:8000/auth/callback"))
        .merge(("cognito.logout_url", "http://localhost:8000/"))
}

fn fetches(pool: &LocalPool) -> u64 {
    pool.requests(&format!("/{}/.well-known/jwks.json", pool.user_pool_id()))
}

fn access_token(pool: &LocalPool) -> String {
    pool.sign_in("alice", "shop").unwrap().access_token
}
