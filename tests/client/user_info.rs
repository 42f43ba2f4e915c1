//! A user's attributes as they are in the pool now.

use std::time::Duration;

use rocket_cognito::client::{ClientError, CodeExchange, CognitoClient, UserInfo};
use rocket_cognito::local_pool::{Failure, LocalPool, LocalUser};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::forge::{Key, access_claims, with, without};
use crate::support::stub::{Answer, Stub};
use crate::world::*;

fn dave() -> LocalUser {
    let dave = LocalUser::new("dave").attribute("name", "Dave").attribute("phone_number", "+441632960000");
    dave.attribute("custom:team", "blue").group("admin")
}

#[rocket::async_test]
async fn it_tells_what_the_scopes_allow() {
    let world = World::of(config().user(dave())).await;
    let tokens = world.tokens("dave");
    let info = world.client.user_info(tokens.access_token(), now()).await.unwrap();
    assert_eq!(
        (info.sub(), info.username()),
        (claims(tokens.access_token())["sub"].as_str().unwrap(), Some("dave"))
    );
    assert_eq!((info.name(), info.email()), (Some("Dave"), Some("dave@example.com")));
    assert_eq!((info.email_verified(), info.phone_number()), (Some(true), Some("+441632960000")));
    assert_eq!(
        (info.given_name(), info.family_name(), info.picture(), info.locale()),
        (None, None, None, None)
    );

    #[derive(Deserialize)]
    struct Team {
        #[serde(rename = "custom:team")]
        team: String,
    }
    assert_eq!(info.claims::<Team>().unwrap().team, "blue");
    assert!(info.claims::<Vec<String>>().is_err());
    assert!(info.claims::<Value>().unwrap().get("cognito:groups").is_none());

    let user = world.client.verify_access_token(tokens.access_token(), now()).await.unwrap();
    assert_eq!(user.fetch_user_info().await.unwrap().name(), Some("Dave"));
}

#[rocket::async_test]
async fn tokens_that_do_not_serve_are_told_apart() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    let client = &world.client;
    let asked = || world.pool.requests(USER_INFO);
    assert_eq!(kind(client.user_info(tokens.id_token().unwrap(), now()).await), "token", "an ID token");
    assert_eq!(kind(client.user_info("nonsense", now()).await), "token");
    assert_eq!(kind(client.user_info(tokens.access_token(), later(4000)).await), "token", "expired");
    let user = client.verify_id_token(tokens.id_token().unwrap(), None, now()).await.unwrap();
    assert!(text("misconfigured", user.fetch_user_info().await).contains("no access token"));

    let worker = world.client_of("worker");
    let machine = world.pool.machine_token("worker").unwrap();
    assert!(text("misconfigured", worker.user_info(&machine, now()).await).contains("a machine"));
    let without_domain: Vec<_> =
        settings(&world.pool, "web").into_iter().filter(|(key, _)| key != "domain").collect();
    let bare = CognitoClient::new(without_domain).unwrap();
    assert!(text("misconfigured", bare.user_info(tokens.access_token(), now()).await).contains("`domain`"));
    assert_eq!(asked(), 0, "the pool was never asked");

    let begun = client.authorization().begin().unwrap();
    let url = format!("{}&scope=aws.cognito.signin.user.admin", begun.url());
    let (code, _) = world.code(&url, "alice").await;
    let exchange = CodeExchange::new(&code).code_verifier(begun.code_verifier());
    let without_openid = client.exchange_code(exchange, now()).await.unwrap();
    assert_eq!(kind(client.user_info(without_openid.access_token(), now()).await), "grant", "no openid");
    world.pool.disable_user("alice").unwrap();
    assert_eq!(kind(client.user_info(tokens.access_token(), now()).await), "grant", "disabled there");
    assert_eq!(asked(), 2);
}

#[rocket::async_test]
async fn an_outage_is_told_apart() {
    let world = World::start().await;
    let token = world.tokens("alice").access_token().to_owned();
    for (failure, retry_after) in [
        (Failure::Throttled { retry_after: Some(4) }, Some(Duration::from_secs(4))),
        (Failure::Blocked, None),
        (Failure::ServerError, None),
        (Failure::Unavailable, None),
    ] {
        world.pool.fail_next(USER_INFO, 1, failure);
        let error = world.client.user_info(&token, now()).await.unwrap_err();
        assert_eq!(
            (error.is_unavailable(), error.retry_after()),
            (true, retry_after),
            "{failure:?}: {error}"
        );
    }
    assert!(world.client.user_info(&token, now()).await.is_ok());
}

/// A client of an endpoint that answers about dora with `body`.
async fn told(body: impl AsRef<[u8]>) -> Result<UserInfo, ClientError> {
    answered(Answer::ok(body)).await
}

async fn answered(answer: Answer) -> Result<UserInfo, ClientError> {
    let key = Key::new("key");
    let stub = Stub::start(answer).await;
    let client = forged(&key, &stub.url(""), &[]);
    client.user_info(&key.token(&access_claims()), now()).await
}

fn dora() -> Value {
    json!({ "sub": access_claims()["sub"], "username": "dora" })
}

#[rocket::async_test]
async fn flags_are_text_or_boolean() {
    for (value, expected) in [
        (json!("true"), Some(true)),
        (json!("false"), Some(false)),
        (json!(true), Some(true)),
        (json!(false), Some(false)),
        (json!("True"), None),
        (json!(""), None),
        (json!(1), None),
        (json!(null), None),
    ] {
        let body =
            with(with(dora(), "email_verified", value.clone()), "phone_number_verified", value.clone());
        let info = told(body.to_string()).await.unwrap();
        assert_eq!((info.email_verified(), info.phone_number_verified()), (expected, expected), "{value}");
    }
    assert_eq!(told(dora().to_string()).await.unwrap().email_verified(), None);
}

/// OpenID Connect Core section 5.3.4.
#[rocket::async_test]
async fn an_answer_about_somebody_else_does_not_count() {
    let result = told(with(dora(), "sub", json!("somebody-else")).to_string()).await;
    let text = text("token", result);
    assert!(text.contains("another `sub`") && !text.contains("somebody"), "{text}");
}

#[rocket::async_test]
async fn answers_that_say_nothing_about_a_user_are_none() {
    let twice = format!(r#"{{"sub":"x","sub":{}}}"#, dora()["sub"]);
    let large = with(dora(), "name", json!("x".repeat(65_536))).to_string();
    for body in ["", "null", "[]", "<html>", r#"{"error":"x"}"#, &twice, &large] {
        assert_eq!(kind(told(body).await), "unavailable");
    }
    for body in [without(dora(), "sub"), with(dora(), "sub", json!(1)), with(dora(), "sub", json!(null))] {
        assert_eq!(kind(told(body.to_string()).await), "unavailable", "{body}");
    }
    for (status, expected) in [
        ("401 Unauthorized", "grant"),
        ("400 Bad Request", "unavailable"),
        ("403 Forbidden", "unavailable"),
        ("404 Not Found", "unavailable"),
        ("201 Created", "unavailable"),
    ] {
        let answer = Answer::new(status, "Content-Type: application/json\r\n", dora().to_string());
        assert_eq!(kind(answered(answer).await), expected, "{status}");
    }
    let key = Key::new("key");
    let html = Answer::new("200 OK", "Content-Type: text/html\r\n", dora().to_string());
    let stub = Stub::start(html).await;
    let client = forged(&key, &stub.url(""), &[]);
    let token = key.token(&access_claims());
    assert_eq!(kind(client.user_info(&token, now()).await), "unavailable", "not said to be JSON");
    stub.set(Answer::redirect("http://127.0.0.1:9/"));
    assert_eq!(kind(client.user_info(&token, now()).await), "unavailable", "redirected");
    drop(stub);
    assert_eq!(kind(client.user_info(&token, now()).await), "unavailable", "nobody listens");
}

#[rocket::async_test]
async fn it_waits_five_seconds_and_no_longer() {
    let key = Key::new("key");
    let stub = Stub::start(Answer::Hang).await;
    let client = forged(&key, &stub.url(""), &[]);
    let token = key.token(&access_claims());
    let asked = std::time::Instant::now();
    let told = text("unavailable", client.user_info(&token, now()).await);
    assert!(told.contains("did not answer in time"), "{told}");
    assert!((4.5..20.0).contains(&asked.elapsed().as_secs_f64()), "{:?}", asked.elapsed());
}

#[rocket::async_test]
async fn attributes_are_as_they_are_in_the_pool_not_in_the_token() {
    let pool = LocalPool::start(config().user(dave())).await.unwrap();
    let client = CognitoClient::new(settings(&pool, "web")).unwrap();
    let tokens = pool.sign_in("dave", "web").unwrap();
    let user = client.verify_access_token(&tokens.access_token, now()).await.unwrap();
    assert_eq!(user.email(), None, "an access token has no attributes");
    assert_eq!(user.fetch_user_info().await.unwrap().email(), Some("dave@example.com"));
    assert_eq!(pool.requests(USER_INFO), 1);
}
