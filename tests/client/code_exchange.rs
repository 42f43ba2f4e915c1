//! Codes for tokens.

use std::time::Duration;

use reqwest::Url;
use rocket_cognito::client::CodeExchange;
use rocket_cognito::local_pool::Failure;
use serde_json::json;

use crate::support::forge::{CLIENT_ID, Key, access_claims, id_claims, with};
use crate::support::stub::{Answer, Stub};
use crate::world::*;

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";

impl World {
    /// The code of a sign-in that another program has begun.
    async fn foreign_code(&self, client_id: &str, more: &[(&str, &str)]) -> String {
        let base = [("response_type", "code"), ("client_id", client_id), ("redirect_uri", CALLBACK)];
        let url = format!("{}/oauth2/authorize", self.pool.base_url());
        let url = Url::parse_with_params(&url, base.iter().chain(more)).unwrap();
        self.code(url.as_str(), "alice").await.0
    }
}

#[rocket::async_test]
async fn the_code_of_a_sign_in_becomes_verified_tokens() {
    let world = World::start().await;
    for client in [world.client.clone(), world.client_of("spa")] {
        for callback in [CALLBACK, OTHER_CALLBACK] {
            let begun = client.authorization().redirect_url(callback).begin().unwrap();
            let (code, state) = world.code(begun.url(), "alice").await;
            assert!(begun.has_state(&state));
            let tokens = client.exchange_code(CodeExchange::of(&begun, &code), now()).await.unwrap();

            let user = client.verify_access_token(tokens.access_token(), now()).await.unwrap();
            assert_eq!((user.username(), user.expires_at()), ("alice", tokens.expires_at()));
            let id = client.verify_id_token(tokens.id_token().unwrap(), Some(begun.nonce()), now()).await;
            assert_eq!(id.unwrap().email(), Some("alice@example.com"));
            assert!(tokens.refresh_token().is_some());
        }
    }
    assert_eq!(world.pool.requests(REVOKE), 0);
}

#[rocket::async_test]
async fn sign_ins_of_other_programs_need_neither_verifier_nor_nonce() {
    let world = World::start().await;
    let code = world.foreign_code("web", &[]).await;
    assert!(world.client.exchange_code(CodeExchange::new(&code), now()).await.is_ok());

    let challenge = "tYwSR7j1H4NwDSUNiXHRxTKB-CTGmhhzU7i2a6TM5Ig";
    let pkce = [("code_challenge", challenge), ("code_challenge_method", "S256"), ("nonce", "n-1")];
    let code = world.foreign_code("web", &pkce).await;
    let exchange = CodeExchange::new(&code).redirect_url(CALLBACK);
    assert_eq!(kind(world.client.exchange_code(exchange, now()).await), "grant", "the verifier is missing");

    let code = world.foreign_code("web", &[("scope", "email openid"), ("nonce", "n-1")]).await;
    let exchange = CodeExchange::new(&code).nonce("n-1");
    assert!(world.client.exchange_code(exchange, now()).await.is_ok());
}

#[rocket::async_test]
async fn without_the_scope_openid_there_is_no_id_token_and_no_nonce() {
    let world = World::start().await;
    let scope = ("scope", "aws.cognito.signin.user.admin");
    let code = world.foreign_code("web", &[scope]).await;
    let tokens = world.client.exchange_code(CodeExchange::new(&code), now()).await.unwrap();
    assert_eq!(tokens.id_token(), None);
    let code = world.foreign_code("web", &[scope, ("nonce", "n-1")]).await;
    let exchange = CodeExchange::new(&code).nonce("n-1");
    assert_eq!(kind(world.client.exchange_code(exchange, now()).await), "token");
}

#[rocket::async_test]
async fn whatever_does_not_belong_together_is_refused() {
    let world = World::start().await;
    let client = &world.client;
    let begun = client.authorization().begin().unwrap();
    let new_code = async || world.code(begun.url(), "alice").await.0;
    let code = new_code().await;
    let exchange = CodeExchange::of(&begun, &code).code_verifier(VERIFIER);
    assert_eq!(kind(client.exchange_code(exchange, now()).await), "grant", "another verifier");

    let code = new_code().await;
    let exchange = CodeExchange::of(&begun, &code).redirect_url(OTHER_CALLBACK);
    let told = text("misconfigured", client.exchange_code(exchange, now()).await);
    assert!(told.contains("letter for letter"), "{told}");

    let code = new_code().await;
    assert!(client.exchange_code(CodeExchange::of(&begun, &code), now()).await.is_ok());
    let again = CodeExchange::of(&begun, &code);
    assert_eq!(kind(client.exchange_code(again, now()).await), "grant", "used up");

    let code = new_code().await;
    let spa = world.client_of("spa");
    let exchange = CodeExchange::of(&begun, &code);
    assert_eq!(kind(spa.exchange_code(exchange.clone(), now()).await), "grant", "another client's");
    assert!(client.exchange_code(exchange, now()).await.is_ok());
    assert_eq!(kind(client.exchange_code(CodeExchange::new("made-up"), now()).await), "grant");

    let told = text(
        "misconfigured",
        world.client_with(&[("client_secret", "no")]).exchange_code(CodeExchange::new("x"), now()).await,
    );
    assert!(told.contains("invalid_client") && told.contains("`client_secret`"), "{told}");
}

/// A code that an attacker has slipped in brings the attacker's tokens.
#[rocket::async_test]
async fn a_sign_in_with_another_nonce_is_ended_at_the_pool() {
    let world = World::start().await;
    let (begun, other) =
        (world.client.authorization().begin().unwrap(), world.client.authorization().begin().unwrap());
    let (code, _) = world.code(begun.url(), "alice").await;
    let exchange = CodeExchange::of(&begun, &code).nonce(other.nonce());
    let told = text("token", world.client.exchange_code(exchange, now()).await);
    assert!(told.contains("nonce"), "{told}");
    assert_eq!(world.pool.requests(REVOKE), 1);

    let code = world.foreign_code("web", &[]).await;
    let exchange = CodeExchange::new(&code).nonce(other.nonce());
    assert_eq!(kind(world.client.exchange_code(exchange, now()).await), "token", "there is none");
}

#[rocket::async_test]
async fn tokens_that_do_not_count_here_are_refused() {
    let (key, stranger) = (Key::new("key"), Key::new("key"));
    let stub = Stub::start(Answer::Hang).await;
    let client = forged(&key, &stub.url(""), &[("accepted_client_ids", "other")]);
    let (access, id) = (access_claims(), id_claims());
    let good = (key.token(&access), key.token(&id));
    let cases = [
        ("none", good.clone()),
        ("token", (stranger.token(&access), good.1.clone())),
        ("token", (good.0.clone(), stranger.token(&id))),
        ("misconfigured", (key.token(&with(access.clone(), "client_id", json!("other"))), good.1.clone())),
        (
            "misconfigured",
            (key.token(&with(access.clone(), "iss", json!("https://evil.example"))), good.1.clone()),
        ),
        ("token", (key.token(&with(access.clone(), "exp", json!(2))), good.1.clone())),
        ("token", (good.0.clone(), key.token(&with(id.clone(), "sub", json!("another"))))),
        ("misconfigured", (good.0.clone(), key.token(&with(id.clone(), "aud", json!("other"))))),
        ("token", (good.1.clone(), good.0.clone())),
    ];
    for (expected, (access, id)) in cases {
        let tokens = json!({ "access_token": access, "id_token": id, "token_type": "Bearer" });
        stub.set(Answer::ok(tokens.to_string()));
        let result = client.exchange_code(CodeExchange::new("x"), now()).await;
        assert_eq!(kind(result), expected, "{CLIENT_ID}: {tokens}");
    }
}

#[rocket::async_test]
async fn while_there_are_no_keys_no_code_is_spent() {
    let world = World::start().await;
    let begun = world.client.authorization().begin().unwrap();
    let (code, _) = world.code(begun.url(), "alice").await;
    world.pool.fail(&keys_path(&world.pool), Failure::Unavailable);
    for _ in 0..3 {
        let result = world.client.exchange_code(CodeExchange::of(&begun, &code), now()).await;
        assert_eq!(kind(result), "unavailable");
    }
    assert_eq!((world.pool.requests(TOKEN), world.key_fetches()), (0, 1), "it rests for ten seconds");

    world.pool.recover(&keys_path(&world.pool));
    let client = world.client_of("web");
    assert!(client.exchange_code(CodeExchange::of(&begun, &code), now()).await.is_ok());
    world.pool.rotate_keys();
    let (code, _) = world.code(begun.url(), "alice").await;
    let result = client.exchange_code(CodeExchange::of(&begun, &code), now()).await;
    assert!(result.is_ok(), "fresh tokens are worth a fetch at any time: {result:?}");
}

#[rocket::async_test]
async fn an_outage_is_told_apart_and_says_when_to_come_again() {
    let world = World::start().await;
    for (failure, retry_after) in [
        (Failure::Throttled { retry_after: Some(7) }, Some(Duration::from_secs(7))),
        (Failure::Throttled { retry_after: None }, None),
        (Failure::Blocked, None),
        (Failure::ServerError, None),
        (Failure::Unavailable, None),
    ] {
        world.pool.fail_next(TOKEN, 1, failure);
        let error = world.client.exchange_code(CodeExchange::new("x"), now()).await.unwrap_err();
        assert_eq!(
            (error.is_unavailable(), error.retry_after()),
            (true, retry_after),
            "{failure:?}: {error}"
        );
    }
    let exchange = CodeExchange::new("x").redirect_url(CALLBACK);
    let without =
        rocket_cognito::client::CognitoClient::new([("user_pool_id", "eu-west-1_x"), ("client_id", "web")]);
    assert_eq!(kind(without.unwrap().exchange_code(exchange, now()).await), "misconfigured", "no domain");
}

#[rocket::async_test]
async fn what_the_pool_repeats_of_a_secret_is_not_told() {
    let key = Key::new("key");
    let (code, verifier) = ("c0de-canary", "ver1fier-canary");
    let error =
        json!({ "error": "invalid_request", "error_description": format!("{code} {verifier} {SECRET}") });
    let answer = Answer::new("400 Bad Request", "Content-Type: application/json\r\n", error.to_string());
    let stub = Stub::start(answer).await;
    let client = forged(&key, &stub.url(""), &[]);
    let exchange = CodeExchange::new(code).code_verifier(verifier);
    let told = text("misconfigured", client.exchange_code(exchange, now()).await);
    assert!(told.contains("[redacted]") && !told.contains("canary"), "{told}");
    let told = text("misconfigured", client.refresh(code, now()).await);
    assert!(told.contains("[redacted]") && !told.contains("c0de"), "{told}");
    let told = text("misconfigured", client.revoke(code).await);
    assert!(told.contains("[redacted]") && !told.contains("c0de"), "{told}");
}

/// RFC 8707.
#[rocket::async_test]
async fn a_token_for_a_resource_counts_where_that_is_listed() {
    let world = World::start().await;
    let api = "https://api.example.com";
    let listing = world.client_with(&[("accepted_audiences", api)]);
    for (client, expected) in [(&listing, "none"), (&world.client, "misconfigured")] {
        let begun = listing.authorization().resource(api).begin().unwrap();
        let (code, _) = world.code(begun.url(), "alice").await;
        let result = client.exchange_code(CodeExchange::of(&begun, &code), now()).await;
        if let Ok(tokens) = &result {
            let user = client.verify_access_token(tokens.access_token(), now()).await.unwrap();
            assert_eq!(user.audience(), Some(api));
        }
        assert_eq!(kind(result), expected);
    }
    assert_eq!(world.pool.requests(REVOKE), 1, "the sign-in that was refused is over");
}
