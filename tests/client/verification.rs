//! Whom a token is of, if it counts.

use std::time::SystemTime;

use rocket_cognito::client::{CodeExchange, CognitoClient, TokenSet};
use rocket_cognito::local_pool::Failure;
use rocket_cognito::policy::CredentialSource;
use serde_json::{Value, json};

use crate::support::forge::{self, CLIENT_ID, Key, access_claims, id_claims, with, without};
use crate::world::*;

fn client(key: &Key) -> CognitoClient {
    let more = [("accepted_client_ids", "partner"), ("accepted_audiences", "https://api.example.com")];
    forged(key, "http://127.0.0.1:9", &more)
}

async fn access(client: &CognitoClient, token: &str, now: SystemTime) -> &'static str {
    kind(client.verify_access_token(token, now).await)
}

async fn id(client: &CognitoClient, token: &str, nonce: Option<&str>) -> &'static str {
    kind(client.verify_id_token(token, nonce, now()).await)
}

#[rocket::async_test]
async fn a_users_claims_are_those_of_the_token() {
    let key = Key::new("key");
    let client = client(&key);
    let user = client.verify_access_token(&key.token(&access_claims()), now()).await.unwrap();
    assert_eq!(
        (user.username(), user.client_id(), user.source()),
        ("dora", CLIENT_ID, CredentialSource::Bearer)
    );
    assert_eq!((user.groups(), user.email()), (&["editor".to_owned()][..], None));
    assert_eq!(user.scopes().collect::<Vec<_>>(), ["openid", "email"]);
    let user = client.verify_id_token(&key.token(&id_claims()), None, now()).await.unwrap();
    assert_eq!((user.email(), user.access_token()), (Some("dora@example.com"), None));
    let claims = user.id_claims::<Value>().unwrap().unwrap();
    assert_eq!(claims["custom:tenant"], "acme");
}

#[rocket::async_test]
async fn expiry_goes_by_the_time_that_is_given() {
    let key = Key::new("key");
    let client = client(&key);
    let strict = forged(&key, "http://127.0.0.1:9", &[("expiration_leeway", "0")]);
    let start = forge::now();
    let claims = with(with(access_claims(), "iat", json!(start)), "exp", json!(start + 3600));
    let token = key.token(&with(claims, "auth_time", json!(start)));
    for (client, seconds, expected) in [
        (&client, 0, "none"),
        (&client, 3629, "none"),
        (&client, 3630, "token"),
        (&client, 1_000_000, "token"),
        (&strict, 3599, "none"),
        (&strict, 3600, "token"),
    ] {
        assert_eq!(access(client, &token, at(start + seconds)).await, expected, "{seconds}");
    }
    for (client, before, expected) in
        [(&client, 30, "none"), (&client, 31, "token"), (&strict, 0, "none"), (&strict, 1, "token")]
    {
        assert_eq!(access(client, &token, at(start - before)).await, expected, "{before} too early");
    }
    assert_eq!(access(&client, &token, SystemTime::UNIX_EPOCH).await, "token");
}

/// Only in builds and profiles in which the unsafe modes may run.
#[rocket::async_test]
async fn tests_may_have_tokens_that_never_expire() {
    let key = Key::new("key");
    let client = forged_with(&key, "http://127.0.0.1:9", &[("check_expiration", json!(false))]);
    assert_eq!(access(&client, &key.token(&access_claims()), later(1_000_000_000)).await, "none");
}

#[rocket::async_test]
async fn access_tokens_of_others_do_not_count() {
    let (key, stranger) = (Key::new("key"), Key::new("key"));
    let client = client(&key);
    let changed = |name: &str, value: Value| key.token(&with(access_claims(), name, value));
    let good = key.token(&access_claims());
    let (body, signature) = good.rsplit_once('.').unwrap();
    for (expected, what, token) in [
        ("none", "good", good.clone()),
        ("none", "an accepted client's", changed("client_id", json!("partner"))),
        ("none", "for an accepted resource", changed("aud", json!("https://api.example.com"))),
        (
            "none",
            "a machine's",
            key.token(&with(without(access_claims(), "username"), "sub", json!(CLIENT_ID))),
        ),
        ("token", "another client's", changed("client_id", json!("other"))),
        ("token", "no client's", key.token(&without(access_claims(), "client_id"))),
        ("token", "for another resource", changed("aud", json!("https://other.example.com"))),
        ("token", "another pool's", changed("iss", json!(forge::ISSUER.replace("Forged", "Other")))),
        ("token", "an ID token", key.token(&id_claims())),
        ("token", "a stranger's", stranger.token(&access_claims())),
        ("token", "with another's claims", format!("{}.{signature}", body.replacen("ey", "eyA", 1))),
        ("token", "without a signature", format!("{body}.")),
        ("token", "of no algorithm", key.sign(&with(key.header(), "alg", json!("none")), &access_claims())),
        ("token", "no token", "nonsense".to_owned()),
    ] {
        assert_eq!(access(&client, &token, now()).await, expected, "{what}");
    }
}

#[rocket::async_test]
async fn an_id_token_answers_the_sign_in_that_asked() {
    let key = Key::new("key");
    let client = client(&key);
    let bare = key.token(&id_claims());
    let with_nonce = key.token(&with(id_claims(), "nonce", json!("n-1")));
    for (expected, token, nonce) in [
        ("none", &bare, None),
        ("token", &bare, Some("n-1")),
        ("token", &bare, Some("")),
        ("none", &with_nonce, Some("n-1")),
        ("none", &with_nonce, None),
        ("token", &with_nonce, Some("n-2")),
        ("token", &with_nonce, Some("")),
    ] {
        assert_eq!(id(&client, token, nonce).await, expected, "{nonce:?}");
    }
    for (expected, what, claims) in [
        ("token", "an access token", access_claims()),
        ("token", "another client's", with(id_claims(), "aud", json!("other"))),
        ("token", "a resource's", with(id_claims(), "aud", json!("https://api.example.com"))),
        ("none", "an accepted client's", with(id_claims(), "aud", json!("partner"))),
        ("token", "another pool's", with(id_claims(), "iss", json!("https://evil.example"))),
    ] {
        assert_eq!(id(&client, &key.token(&claims), None).await, expected, "{what}");
    }
    let stranger = Key::new("key").token(&id_claims());
    assert_eq!(id(&client, &stranger, None).await, "token");
}

#[rocket::async_test]
async fn tokens_of_the_pool_count_until_its_keys_are_gone() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    let user = world.client.verify_access_token(tokens.access_token(), now()).await.unwrap();
    assert_eq!(user.username(), "alice");
    world.pool.rotate_keys();
    let after = world.client_of("web");
    assert_eq!(
        access(&after, tokens.access_token(), now()).await,
        "none",
        "the old keys are still published"
    );
    world.pool.forget_old_keys();
    assert_eq!(access(&world.client_of("web"), tokens.access_token(), now()).await, "token");
    world.pool.fail(&keys_path(&world.pool), Failure::Unavailable);
    assert_eq!(access(&after, tokens.access_token(), now()).await, "none", "an outage changes nothing");
}

#[rocket::async_test]
async fn a_client_of_others_verifies_and_asks_for_nothing() {
    let world = World::start().await;
    let settings = settings(&world.pool, "web").into_iter().map(|(key, value)| match key.as_str() {
        "client_id" => ("accepted_client_ids".to_owned(), value),
        _ => (key, value),
    });
    let client = CognitoClient::new(settings).unwrap();
    let tokens = world.tokens("alice");
    assert_eq!(access(&client, tokens.access_token(), now()).await, "none");
    assert!(client.user_info(tokens.access_token(), now()).await.is_ok());
    let refreshed = client.refresh(tokens.refresh_token().unwrap(), now()).await;
    for told in [
        text("misconfigured", client.authorization().begin().map(drop)),
        text("misconfigured", client.logout_url().map(drop)),
        text("misconfigured", client.revoke("x").await),
        text("misconfigured", refreshed),
    ] {
        assert!(told.contains("`client_id` is not set"), "{told}");
    }
    assert_eq!(world.pool.requests(TOKEN) + world.pool.requests(REVOKE), 0);
}

/// So that they can be spawned, in whatever framework.
#[test]
fn clients_are_shared_and_calls_are_spawned() {
    fn shared<T: Clone + Send + Sync + 'static>(value: T) -> T {
        value
    }
    fn spawned<T: Send>(_call: T) {}
    let client = shared(client(&Key::new("key")));
    let tokens = TokenSet::new("x", now());
    spawned(client.exchange_code(CodeExchange::new("x"), now()));
    spawned(client.refresh("x", now()));
    spawned(client.renew_if_due(&tokens, now()));
    spawned(client.client_credentials(&[], now()));
    spawned(client.user_info("x", now()));
    spawned(client.revoke("x"));
    spawned(client.jwks());
    spawned(client.verify_access_token("x", now()));
    spawned(client.verify_id_token("x", None, now()));
}
