//! Who everybody is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use figment::Figment;
use rocket::serde::json::Json;
use rocket::{Request, catch, catchers, get, routes};
use rocket_cognito::policy::CredentialSource;
use rocket_cognito::{Clock, Cognito, CognitoUser};
use serde_json::{Value, json};

use super::disabled;
use crate::support::agent::Agent;
use crate::support::server::Server;

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[get("/user")]
fn user(user: CognitoUser) -> Json<Value> {
    assert_eq!(user.source(), CredentialSource::Disabled);
    assert_eq!((user.access_token(), user.id_token()), (None, None));
    Json(json!({
        "sub": user.sub(),
        "username": user.username(),
        "email": user.email(),
        "email_verified": user.email_verified(),
        "name": user.name(),
        "groups": user.groups(),
        "scopes": user.scopes().collect::<Vec<_>>(),
    }))
}

#[get("/claims")]
fn claims(user: &CognitoUser) -> Json<[Value; 2]> {
    Json([user.access_claims().unwrap().unwrap(), user.id_claims().unwrap().unwrap()])
}

#[get("/times")]
fn times(user: &CognitoUser) -> Json<[u64; 2]> {
    Json([seconds(user.authenticated_at().unwrap()), seconds(user.expires_at())])
}

#[get("/missing")]
fn missing(_user: CognitoUser) -> Option<()> {
    None
}

#[catch(404)]
fn not_found(request: &Request<'_>) -> String {
    CognitoUser::of(request).map_or("nobody".into(), |user| user.username().to_owned())
}

async fn serve(figment: Figment, clock: &Clock) -> Server {
    let fairing = Cognito::fairing().clock(clock);
    Server::start(figment, |rocket| {
        let rocket = rocket.mount("/", routes![user, claims, times, missing]);
        rocket.register("/", catchers![not_found]).attach(fairing)
    })
    .await
}

async fn told(server: &Server, path: &str) -> Value {
    serde_json::from_str(&Agent::new().get(&server.url(path)).await.body).unwrap()
}

#[rocket::async_test]
async fn the_stub_user_has_sensible_defaults() {
    let server = serve(disabled(), &Clock::default()).await;
    assert_eq!(
        told(&server, "/user").await,
        json!({
            "sub": "00000000-0000-4000-8000-000000000000",
            "username": "disabled",
            "email": "disabled@example.com",
            "email_verified": true,
            "name": null,
            "groups": [],
            "scopes": ["aws.cognito.signin.user.admin", "openid", "profile", "phone", "email"],
        })
    );
    let [access, id] = serde_json::from_value(told(&server, "/claims").await).unwrap();
    let (access, id): (Value, Value) = (access, id);
    for (claims, token_use, client) in [(&access, "access", "client_id"), (&id, "id", "aud")] {
        assert_eq!((&claims["token_use"], &claims[client]), (&json!(token_use), &json!("disabled")));
        assert_eq!(claims["iss"], "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Disabled");
        assert_eq!(claims.get("cognito:groups"), None);
    }
    assert_eq!((&access["username"], &id["cognito:username"]), (&json!("disabled"), &json!("disabled")));
}

#[rocket::async_test]
async fn disabled_user_describes_the_stub_user() {
    let described = figment::util::map![
        "username" => json!("eve"),
        "sub" => json!("4711"),
        "groups" => json!(["admin", "editor"]),
        "scopes" => json!(["openid", "shop/read"]),
        "attributes" => json!({ "name": "Eve", "custom:team": "blue", "levels": [1, 2], "email_verified": false }),
    ];
    let figment = disabled()
        .merge(("cognito.disabled_user", described))
        .merge(("cognito.user_pool_id", "eu-west-1_AbC123"))
        .merge(("cognito.client_id", "shop"));
    let server = serve(figment.clone(), &Clock::default()).await;
    assert_eq!(
        told(&server, "/user").await,
        json!({
            "sub": "4711",
            "username": "eve",
            "email": "eve@example.com",
            "email_verified": false,
            "name": "Eve",
            "groups": ["admin", "editor"],
            "scopes": ["openid", "shop/read"],
        })
    );
    for claims in told(&server, "/claims").await.as_array().unwrap() {
        assert_eq!((&claims["custom:team"], &claims["levels"]), (&json!("blue"), &json!([1, 2])));
        assert_eq!(claims["cognito:groups"], json!(["admin", "editor"]));
        assert_eq!(claims["iss"], "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123");
        assert_eq!(claims.get("client_id").or(claims.get("aud")), Some(&json!("shop")));
    }
    let server =
        serve(figment.merge(("cognito.disabled_user.email", "e@shop.example")), &Clock::default()).await;
    assert_eq!(told(&server, "/user").await["email"], "e@shop.example");
}

#[rocket::async_test]
async fn the_stub_user_has_just_signed_in_and_is_good_for_a_day() {
    let clock = Clock::default();
    let server = serve(disabled(), &clock).await;
    for ahead in [0, 100 * 86_400] {
        clock.advance(Duration::from_secs(ahead));
        let before = seconds(SystemTime::now()) + ahead;
        let [now, end]: [u64; 2] = serde_json::from_value(told(&server, "/times").await).unwrap();
        assert!((before..=seconds(SystemTime::now()) + ahead).contains(&now));
        assert_eq!(end - now, 86_400);
    }
}

#[rocket::async_test]
async fn catchers_see_the_stub_user() {
    let server = serve(disabled(), &Clock::default()).await;
    let page = Agent::new().get(&server.url("/missing")).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (404, "disabled"));
}
