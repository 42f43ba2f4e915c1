//! The pool's public keys, where no fairing keeps them fresh.

use std::time::Duration;

use rocket::futures::future::join_all;
use rocket_cognito::local_pool::Failure;
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::forge::{Key, access_claims, with};
use crate::support::stub::{Answer, Stub};
use crate::world::*;

#[rocket::async_test]
async fn they_are_fetched_once_and_given_as_they_were_published() {
    let world = World::start().await;
    let token = world.tokens("alice").access_token().to_owned();
    let verified = join_all((0..50).map(|_| world.client.verify_access_token(&token, now()))).await;
    assert!(verified.iter().all(Result::is_ok));
    let published = Agent::new().get(&format!("{}/.well-known/jwks.json", world.pool.issuer())).await.body;
    assert_eq!(world.client.jwks().await.unwrap(), serde_json::from_str::<Value>(&published).unwrap());
    assert_eq!(world.key_fetches(), 2, "ours, and the one beside it");
    assert_eq!(world.client.clone().jwks().await.unwrap()["keys"].as_array().unwrap().len(), 2);
    assert_eq!(world.key_fetches(), 2);
}

/// The pool answers when all of them wait.
#[rocket::async_test]
async fn sixty_four_first_verifications_at_once_cause_one_fetch() {
    let world = World::start().await;
    let token = world.tokens("alice").access_token().to_owned();
    let hold = world.pool.hold(&keys_path(&world.pool));
    let verified: Vec<_> = (0..64)
        .map(|_| {
            let (client, token) = (world.client.clone(), token.clone());
            tokio::spawn(async move { client.verify_access_token(&token, now()).await.is_ok() })
        })
        .collect();
    hold.reached(1).await;
    // Whoever would ask on its own has done so by then.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!verified.iter().any(|task| task.is_finished()));
    assert_eq!(world.key_fetches(), 1);
    drop(hold);
    assert!(join_all(verified).await.into_iter().all(|is_good| is_good.unwrap()));
    assert_eq!(world.key_fetches(), 1);
}

/// Half of them of one token, half of a hundred in turn.
#[rocket::async_test]
async fn a_million_verifications_cause_one_fetch() {
    let world = World::start().await;
    let tokens: Vec<_> = (0..100).map(|_| world.tokens("alice").access_token().to_owned()).collect();
    let check = |tokens: Vec<String>| {
        let client = world.client.clone();
        tokio::spawn(async move {
            for token in tokens.iter().cycle().take(500_000) {
                assert!(client.verify_access_token(token, now()).await.is_ok());
            }
        })
    };
    for checks in [check(tokens[..1].to_vec()), check(tokens)] {
        checks.await.unwrap();
    }
    assert_eq!(world.key_fetches(), 1);
}

#[rocket::async_test]
async fn unknown_keys_and_nonsense_cause_no_flood() {
    let world = World::start().await;
    let stranger = Key::new("stranger");
    for nonsense in ["", "x", "a.b.c", &stranger.token(&access_claims()), &"x".repeat(100_000)] {
        assert_eq!(kind(world.client.verify_access_token(nonsense, now()).await), "token");
    }
    assert_eq!(world.key_fetches(), 0, "another pool's issuer is no reason to ask");

    let claims = with(access_claims(), "iss", world.pool.issuer().into());
    let claims = with(claims, "client_id", json!("web"));
    for number in 0..1_000 {
        let header = with(stranger.header(), "kid", json!(format!("unknown-{number}")));
        let token = stranger.sign(&header, &claims);
        assert_eq!(kind(world.client.verify_access_token(&token, now()).await), "token");
    }
    assert_eq!(world.key_fetches(), 1);
}

#[rocket::async_test]
async fn without_keys_nothing_can_be_told_and_the_pool_is_not_pestered() {
    let world = World::start().await;
    let token = world.tokens("alice").access_token().to_owned();
    for failure in [Failure::Unavailable, Failure::Throttled { retry_after: None }] {
        world.pool.fail(&keys_path(&world.pool), failure);
        let (client, before) = (world.client_of("web"), world.key_fetches());
        let verified = join_all((0..20).map(|_| client.verify_access_token(&token, now()))).await;
        assert!(verified.into_iter().all(|result| kind(result) == "unavailable"));
        assert_eq!(kind(client.jwks().await), "unavailable");
        assert_eq!(world.key_fetches() - before, 1);
    }
}

#[rocket::async_test]
async fn answers_that_are_no_keys_are_none() {
    let key = Key::new("key");
    let jwks = json!({ "keys": [key.jwk()] }).to_string();
    let many = json!({ "keys": vec![key.jwk(); 33] }).to_string();
    for answer in [
        Answer::ok("{}"),
        Answer::ok("<html>"),
        Answer::ok(many),
        Answer::ok(r#"{"keys":[{"kty":"oct","kid":"key","k":"c2VjcmV0"}]}"#),
        Answer::ok(" ".repeat(300 * 1024) + &jwks),
        Answer::new("500 Internal Server Error", "", &jwks),
        Answer::redirect("http://127.0.0.1:9/"),
        Answer::Bytes(b"no HTTP".to_vec()),
    ] {
        let stub = Stub::start(answer).await;
        let client = rocket_cognito::client::CognitoClient::new([
            ("user_pool_id", "eu-west-1_Forged123"),
            ("client_id", "forgedclient"),
            ("jwks_uri", &stub.url("/jwks.json")),
        ])
        .unwrap();
        assert_eq!(kind(client.jwks().await), "unavailable");
        assert_eq!(
            kind(client.verify_access_token(&key.token(&access_claims()), now()).await),
            "unavailable"
        );
        assert_eq!(stub.requests(), 1);
    }
}
