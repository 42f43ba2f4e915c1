//! The client that the fairing manages: the app's own settings and keys.

use rocket::{Build, Rocket, State, get, routes};
use rocket_cognito::client::{CodeExchange, CognitoClient};
use rocket_cognito::local_pool::LocalPool;
use rocket_cognito::{Cognito, CognitoUser};

use crate::support::agent::Agent;
use crate::support::server::Server;
use crate::support::stub::{Answer, Stub};
use crate::support::{figment, free_port};
use crate::world::*;

#[get("/me")]
async fn me(user: CognitoUser, client: &State<CognitoClient>) -> String {
    let token = user.access_token().unwrap();
    let verified = client.verify_access_token(token, now()).await.unwrap();
    let info = client.user_info(token, now()).await.unwrap();
    let keys = client.jwks().await.unwrap();
    format!("{} {} {}", verified.username(), info.email().unwrap(), keys["keys"].as_array().unwrap().len())
}

#[get("/login-url")]
fn login_url(client: &State<CognitoClient>, pool: &State<LocalPool>) -> String {
    let begun = client.authorization().begin().unwrap();
    assert!(begun.url().starts_with(&pool.base_url()));
    begun.redirect_url().to_owned()
}

#[get("/token?<name>")]
fn token(name: &str, pool: &State<LocalPool>) -> String {
    pool.sign_in(name, "localclient").unwrap().access_token
}

#[get("/fetches")]
fn fetches(pool: &State<LocalPool>) -> String {
    pool.requests(&keys_path(pool)).to_string()
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.attach(Cognito::fairing()).mount("/", routes![me, login_url, token, fetches])
}

#[rocket::async_test]
async fn it_has_the_embedded_pools_settings_and_shares_the_guards_keys() {
    let port = free_port();
    let figment = figment().merge(("port", port)).merge(("cognito.local_pool.port", 0));
    let app = Server::start(figment, build).await;
    let agent = Agent::new();
    let expected = format!("http://localhost:{port}/auth/callback");
    assert_eq!(agent.get(&app.url("/login-url")).await.body, expected);

    let bearer = format!("Bearer {}", agent.get(&app.url("/token?name=alice")).await.body);
    let headers = [("authorization", bearer.as_str())];
    let page = agent.send(reqwest::Method::GET, &app.url("/me"), &headers, None).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "alice alice@example.com 2"));
    assert_eq!(
        agent.get(&app.url("/fetches")).await.body,
        "1",
        "the keys were fetched at liftoff, and not again"
    );
    app.stop().await;
}

#[get("/calls")]
async fn calls(user: CognitoUser, client: &State<CognitoClient>) -> String {
    let told = [
        text("misconfigured", client.authorization().begin()),
        text("misconfigured", client.exchange_code(CodeExchange::new("x"), now()).await),
        text("misconfigured", client.refresh("x", now()).await),
        text("misconfigured", client.client_credentials(&[], now()).await),
        text("misconfigured", client.revoke("x").await),
        text("misconfigured", client.verify_access_token("x", now()).await),
        text("misconfigured", client.verify_id_token("x", None, now()).await),
        text("misconfigured", client.user_info("x", now()).await),
        text("misconfigured", client.jwks().await),
        text("misconfigured", client.logout_url().map(drop)),
    ];
    assert!(told.iter().all(|told| told.contains("disabled mode calls nobody")), "{told:?}");
    text("misconfigured", user.fetch_user_info().await)
}

#[rocket::async_test]
async fn in_disabled_mode_it_calls_nobody() {
    let trap = Stub::start(Answer::Hang).await;
    let figment = figment()
        .merge(("cognito.disabled", true))
        .merge(("cognito.domain", trap.url("")))
        .merge(("cognito.jwks_uri", trap.url("/jwks.json")));
    let build = |rocket: Rocket<Build>| rocket.attach(Cognito::fairing()).mount("/", routes![calls]);
    let app = Server::start(figment, build).await;
    let page = Agent::new().get(&app.url("/calls")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("no access token"), "{}", page.body);
    assert_eq!(trap.requests(), 0);
}
