//! Access tokens in the `Authorization` header, for clients without cookies.

use std::time::Duration;

use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::Value;
use tokio::time::sleep;

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, SECRET, Setup};
use crate::support::forge::{self, Key, base64url};

async fn get(app: &App, path: &str, token: &str) -> Page {
    let authorization = format!("Bearer {token}");
    Agent::new().send(reqwest::Method::GET, &app.url(path), &[("authorization", &authorization)], None).await
}

async fn assert_refused(app: &App, token: &str, what: &str) {
    let page = get(app, "/me", token).await;
    assert_eq!(page.status, 401, "{what}");
    assert_eq!(page.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{what}");
    let body: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(body["error"], "invalid_token", "{what}");
    assert_eq!(page.set_cookies(), [""; 0]);
}

#[rocket::async_test]
async fn an_access_token_opens_what_its_groups_allow() {
    let app = App::start().await;
    for (username, admin, edit) in [("alice", 200, 200), ("bob", 403, 200), ("carol", 403, 403)] {
        let token = app.pool.sign_in(username, CLIENT).unwrap().access_token;
        let me = get(&app, "/me", &token).await;
        let body: Value = serde_json::from_str(&me.body).unwrap();
        assert_eq!(
            (me.status.as_u16(), &body["username"], &body["email"]),
            (200, &username.into(), &Value::Null)
        );
        assert_eq!(get(&app, "/admin", &token).await.status, admin);
        assert_eq!(get(&app, "/edit", &token).await.status, edit);
    }
    assert_eq!(app.exchanges(), 0);
}

#[rocket::async_test]
async fn every_other_token_gets_the_same_401() {
    let app = Setup::new().pool(|pool| pool.client(LocalClient::new("another"))).start().await;
    let same_pool_id = LocalPoolConfig::default().port(0).client(LocalClient::new(CLIENT).secret(SECRET));
    let impostor = LocalPool::start(same_pool_id).await.unwrap();

    let tokens = app.pool.sign_in("alice", CLIENT).unwrap();
    let [header, payload, signature] =
        <[&str; 3]>::try_from(tokens.access_token.split('.').collect::<Vec<_>>()).unwrap();
    let id_parts: Vec<_> = tokens.id_token.split('.').collect();
    let key = Key::new("k");
    let claims = forge::with(forge::access_claims(), "iss", app.pool.issuer().into());
    let claims = forge::with(claims, "client_id", CLIENT.into());
    let mut flipped = signature.to_owned();
    flipped.replace_range(10..11, if &signature[10..11] == "A" { "B" } else { "A" });
    let none = base64url(r#"{"alg":"none","kid":"k"}"#);

    for (what, token) in [
        ("an ID token", tokens.id_token.clone()),
        ("a refresh token", tokens.refresh_token.clone()),
        ("another client's", app.pool.sign_in("alice", "another").unwrap().access_token),
        ("another pool's", impostor.sign_in("alice", CLIENT).unwrap().access_token),
        ("one signed with a key of nobody", key.token(&claims)),
        ("a changed signature", format!("{header}.{payload}.{flipped}")),
        ("a signature cut off", format!("{header}.{payload}.")),
        ("no signature at all", format!("{header}.{payload}")),
        ("alg none", format!("{none}.{payload}.")),
        ("the claims of another token", format!("{header}.{}.{signature}", id_parts[1])),
        ("the header of another token", format!("{}.{payload}.{signature}", id_parts[0])),
        ("four parts", format!("{}.x", tokens.access_token)),
        ("text", "x".to_owned()),
    ] {
        assert_refused(&app, &token, what).await;
    }
    assert_eq!(get(&app, "/me", &tokens.access_token).await.status, 200);
}

#[rocket::async_test]
async fn an_expired_token_is_refused() {
    let setup = Setup::new().set("expiration_leeway", 0).pool(|pool| pool.access_token_seconds(1));
    let app = setup.start().await;
    let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    sleep(Duration::from_millis(2100)).await;
    assert_refused(&app, &token, "expired").await;

    let lenient = Setup::new().pool(|pool| pool.access_token_seconds(1)).start().await;
    let token = lenient.pool.sign_in("alice", CLIENT).unwrap().access_token;
    sleep(Duration::from_millis(2100)).await;
    assert_eq!(get(&lenient, "/me", &token).await.status, 200, "clocks may differ by the leeway");
}

#[rocket::async_test]
async fn a_bad_header_does_not_fall_back_to_the_session() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let get = async |authorization: &str| {
        let headers = [("authorization", authorization)];
        agent.send(reqwest::Method::GET, &app.url("/me"), &headers, None).await.status
    };
    assert_eq!(get("Bearer x").await, 401);
    assert_eq!(get("Bearer").await, 401);
    assert_eq!(get("Basic c3RhZ2luZzpzdGFnaW5n").await, 200, "another scheme is not our credential");
}
