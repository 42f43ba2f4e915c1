//! The client that the fairing manages: the app's own settings and keys.

use rocket::{Build, Rocket, State, get, routes};
use rocket_cognito::local_pool::LocalPool;
use rocket_cognito::{Cognito, CognitoClient, CognitoUser};

use crate::support::agent::Agent;
use crate::support::server::Server;
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
