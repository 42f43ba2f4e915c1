//! Apps that know two secrets of their client, of which the pool accepts one.

use rocket_cognito::client::{CodeExchange, CognitoClient, TokenExchange};
use rocket_cognito::local_pool::{LocalClient, LocalTokenExchange};
use serde_json::json;

use crate::world::*;

const DEAD: &str = "a-secret-that-was-deleted";

/// In either order, and the calls that the first try takes.
const ORDERS: [([&str; 2], u64); 2] = [([DEAD, SECRET], 2), ([SECRET, DEAD], 1)];

/// A client that knows these secrets.
fn client_of(world: &World, client_id: &str, secrets: [&str; 2]) -> CognitoClient {
    let settings = settings(&world.pool, client_id).into_iter().filter(|(key, _)| key != "client_secret");
    let settings = settings.map(|(key, value)| (key, json!(value)));
    CognitoClient::new(settings.chain([("client_secret".to_owned(), json!(secrets))])).unwrap()
}

#[rocket::async_test]
async fn either_of_two_secrets_exchanges_a_code_which_a_refusal_does_not_spend() {
    let world = World::start().await;
    for (secrets, calls) in ORDERS {
        let client = client_of(&world, "web", secrets);
        let begun = client.authorization().begin().unwrap();
        let (code, _) = world.code(begun.url(), "alice").await;
        let before = world.pool.requests(TOKEN);
        let tokens = client.exchange_code(CodeExchange::of(&begun, &code), now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - before, calls, "{secrets:?}");
        client.refresh(tokens.refresh_token().unwrap(), now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - before, calls + 1, "the one that works is remembered");
    }
}

#[rocket::async_test]
async fn either_of_two_secrets_gets_a_machines_token() {
    let world = World::start().await;
    for (secrets, calls) in ORDERS {
        let worker = client_of(&world, "worker", secrets);
        for (scopes, calls) in [(["orders/read"], calls), (["orders/write"], 1)] {
            let before = world.pool.requests(TOKEN);
            worker.client_credentials(&scopes, now()).await.unwrap();
            assert_eq!(world.pool.requests(TOKEN) - before, calls, "{secrets:?}");
        }
    }
}

#[rocket::async_test]
async fn either_of_two_secrets_exchanges_a_persons_token() {
    let service = LocalClient::new("service").secret(SECRET).token_exchange(LocalTokenExchange::Both);
    let world = World::of(config().client(service.scope("openid").scope("email"))).await;
    let alice = world.tokens("alice");
    for (secrets, calls) in ORDERS {
        let service = client_of(&world, "service", secrets);
        for calls in [calls, 1] {
            let before = world.pool.requests(TOKEN);
            service.exchange(TokenExchange::of(alice.access_token()), now()).await.unwrap();
            assert_eq!(world.pool.requests(TOKEN) - before, calls, "{secrets:?}");
        }
    }
}

#[rocket::async_test]
async fn either_of_two_secrets_revokes() {
    let world = World::start().await;
    for (secrets, calls) in ORDERS {
        let client = client_of(&world, "web", secrets);
        for calls in [calls, 1] {
            let tokens = world.tokens("alice");
            let before = world.pool.requests(REVOKE);
            client.revoke(tokens.refresh_token().unwrap()).await.unwrap();
            assert_eq!(world.pool.requests(REVOKE) - before, calls, "{secrets:?}");
            assert_eq!(kind(client.refresh(tokens.refresh_token().unwrap(), now()).await), "grant");
        }
    }
}

#[rocket::async_test]
async fn two_secrets_that_the_pool_refuses_are_reported_as_one_is() {
    let world = World::start().await;
    let refresh_token = world.tokens("alice").refresh_token().unwrap().to_owned();
    let client = client_of(&world, "web", [DEAD, "another-that-was-deleted"]);
    let one = world.client_with(&[("client_secret", DEAD)]);
    let reported = text("misconfigured", client.refresh(&refresh_token, now()).await);
    assert_eq!(reported, text("misconfigured", one.refresh(&refresh_token, now()).await));
    assert!(reported.contains("invalid_client") && reported.contains("`client_secret`"), "{reported}");
    assert!(!reported.contains("deleted"), "{reported}");
    let reported = text("misconfigured", client.revoke(&refresh_token).await);
    assert!(reported.contains("invalid_client") && !reported.contains("deleted"), "{reported}");
    // Nothing is spent.
    assert!(world.client.refresh(&refresh_token, now()).await.is_ok());
}
