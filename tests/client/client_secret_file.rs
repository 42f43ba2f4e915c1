//! Apps that read the secrets of their client from a file, which is replaced when they rotate.

use std::time::Duration;

use rocket_cognito::client::{CodeExchange, CognitoClient, TokenExchange};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalTokenExchange};
use serde_json::json;

use crate::support::free_port;
use crate::support::secret_file::{SecretFile, WAYS};
use crate::world::*;

const DEAD: &str = "a-secret-that-was-deleted";

/// After this the file is read again.
const READ_EVERY: Duration = Duration::from_secs(2);

/// A client that reads its secrets from this file.
fn client_of(pool: &LocalPool, client_id: &str, file: &SecretFile) -> CognitoClient {
    let settings = settings(pool, client_id).into_iter().filter(|(key, _)| key != "client_secret");
    CognitoClient::new(settings.chain([("client_secret_file".to_owned(), file.text())])).unwrap()
}

/// What Secrets Manager stores of the client `web`.
fn stored(pool: &LocalPool, secret: &str) -> String {
    let [pool_id, client_id] = [pool.user_pool_id(), "web"];
    json!({ "userPoolId": pool_id, "userPoolClientId": client_id, "clientSecretValue": secret }).to_string()
}

#[rocket::async_test]
async fn a_secret_that_rotates_in_exchanges_a_code_which_the_refusal_does_not_spend() {
    let world = World::start().await;
    for way in WAYS {
        let mut file = SecretFile::replaced(*way, DEAD);
        let client = client_of(&world.pool, "web", &file);
        let begun = client.authorization().begin().unwrap();
        let (code, _) = world.code(begun.url(), "alice").await;
        file.write(SECRET);
        let before = world.pool.requests(TOKEN);
        let tokens = client.exchange_code(CodeExchange::of(&begun, &code), now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - before, 2, "{way:?}");
        client.refresh(tokens.refresh_token().unwrap(), now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - before, 3, "the one that works is remembered");
    }
}

#[rocket::async_test]
async fn a_secret_that_rotates_in_gets_a_machines_token() {
    let world = World::start().await;
    let mut file = SecretFile::new(DEAD);
    let worker = client_of(&world.pool, "worker", &file);
    file.write(format!("{SECRET}\n"));
    for (scopes, calls) in [(["orders/read"], 2), (["orders/write"], 1)] {
        let before = world.pool.requests(TOKEN);
        worker.client_credentials(&scopes, now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - before, calls);
    }
}

#[rocket::async_test]
async fn a_secret_that_rotates_in_exchanges_a_persons_token() {
    let service = LocalClient::new("service").secret(SECRET).token_exchange(LocalTokenExchange::Both);
    let world = World::of(config().client(service.scope("openid").scope("email"))).await;
    let alice = world.tokens("alice");
    let mut file = SecretFile::new(DEAD);
    let service = client_of(&world.pool, "service", &file);
    file.write(SECRET);
    for calls in [2, 1] {
        let before = world.pool.requests(TOKEN);
        service.exchange(TokenExchange::of(alice.access_token()), now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - before, calls);
    }
}

#[rocket::async_test]
async fn a_secret_that_rotates_in_refreshes_and_revokes() {
    let world = World::start().await;
    for secrets_manager in [false, true] {
        let content = |secret: &str| match secrets_manager {
            true => stored(&world.pool, secret),
            false => secret.to_owned(),
        };
        let mut file = SecretFile::new(content(DEAD));
        let [refreshes, revokes] = [(); 2].map(|()| client_of(&world.pool, "web", &file));
        file.write(content(SECRET));
        for calls in [2, 1] {
            let tokens = world.tokens("alice");
            let refresh_token = tokens.refresh_token().unwrap();
            let before = world.pool.requests(TOKEN);
            refreshes.refresh(refresh_token, now()).await.unwrap();
            assert_eq!(world.pool.requests(TOKEN) - before, calls);
            let before = world.pool.requests(REVOKE);
            revokes.revoke(refresh_token).await.unwrap();
            assert_eq!(world.pool.requests(REVOKE) - before, calls);
            assert_eq!(kind(revokes.refresh(refresh_token, now()).await), "grant");
        }
    }
}

/// As rotations go at Cognito: the pool has the new secret alone in the end, and the file both.
#[rocket::async_test]
async fn a_client_outlives_rotation_after_rotation() {
    let port = free_port();
    let pool_with = |number: u32| {
        let web = LocalClient::new("web").callback_url(CALLBACK).secret(format!("secret-{number}"));
        LocalPool::start(LocalPoolConfig::default().port(port).client(web))
    };
    let mut pool = pool_with(0).await.unwrap();
    let mut file = SecretFile::new("secret-0\n");
    let client = client_of(&pool, "web", &file);
    for number in 1..5 {
        drop(pool);
        pool = pool_with(number).await.unwrap();
        file.write(format!("secret-{number}\nsecret-{}\n", number - 1));
        for calls in [2, 1] {
            let tokens = kept(&pool.sign_in("alice", "web").unwrap());
            let before = pool.requests(REVOKE);
            client.revoke(tokens.refresh_token().unwrap()).await.unwrap();
            assert_eq!(pool.requests(REVOKE) - before, calls, "rotation {number}");
        }
        rocket::tokio::time::sleep(READ_EVERY).await;
    }
}

#[rocket::async_test]
async fn a_file_that_has_not_changed_is_reported_as_a_wrong_secret_is_and_doubles_no_call() {
    let world = World::start().await;
    let refresh_token = world.tokens("alice").refresh_token().unwrap().to_owned();
    let mut file = SecretFile::new(DEAD);
    let client = client_of(&world.pool, "web", &file);
    for _ in 0..3 {
        let before = world.pool.requests(TOKEN);
        let reported = text("misconfigured", client.refresh(&refresh_token, now()).await);
        assert_eq!(world.pool.requests(TOKEN) - before, 1);
        assert!(
            reported.contains("invalid_client") && reported.contains("`client_secret_file`"),
            "{reported}"
        );
        assert!(!reported.contains("deleted"), "{reported}");
    }
    file.write(SECRET);
    let refreshed = client.refresh(&refresh_token, now()).await;
    assert_eq!(kind(refreshed), "misconfigured", "the file was read a moment ago");
    rocket::tokio::time::sleep(READ_EVERY).await;
    client.refresh(&refresh_token, now()).await.unwrap();
}

#[rocket::async_test]
async fn a_file_that_is_of_no_use_when_it_is_read_again_leaves_the_secrets_that_were_there() {
    let world = World::start().await;
    let refresh_token = world.tokens("alice").refresh_token().unwrap().to_owned();
    for useless in
        [None, Some("two words"), Some(""), Some("a\nb\nc"), Some("{"), Some("{\"userPoolId\":\"x\"}")]
    {
        let mut file = SecretFile::new(format!("{DEAD}\n{SECRET}"));
        let client = client_of(&world.pool, "web", &file);
        match useless {
            Some(content) => file.write(content),
            None => file.remove(),
        }
        let before = world.pool.requests(TOKEN);
        client.refresh(&refresh_token, now()).await.unwrap();
        assert_eq!(
            world.pool.requests(TOKEN) - before,
            2,
            "the second of the two is still there: {useless:?}"
        );
    }
}

#[rocket::async_test]
async fn each_of_two_lines_is_a_secret_and_a_third_that_rotates_in_is_tried_too() {
    let world = World::start().await;
    let refresh_token = world.tokens("alice").refresh_token().unwrap().to_owned();
    let dead_too = "another-that-was-deleted";
    for (before, after, calls) in [
        (format!("{DEAD}\n{SECRET}"), None, 2),
        (format!("\u{feff}{SECRET}\r\n{DEAD}\r\n"), None, 1),
        (format!("{DEAD}\n{dead_too}"), Some(format!("{SECRET}\n{dead_too}")), 2),
        (format!("{DEAD}\n{dead_too}"), Some(format!("{dead_too}\n{SECRET}")), 3),
        (DEAD.to_owned(), Some(format!("{dead_too}\n{SECRET}")), 3),
    ] {
        let mut file = SecretFile::new(&before);
        let client = client_of(&world.pool, "web", &file);
        if let Some(after) = &after {
            file.write(after);
        }
        let counted = world.pool.requests(TOKEN);
        client.refresh(&refresh_token, now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - counted, calls, "{before:?} {after:?}");
        client.refresh(&refresh_token, now()).await.unwrap();
        assert_eq!(world.pool.requests(TOKEN) - counted, calls + 1, "{before:?} {after:?}");
    }
}

#[rocket::async_test]
async fn many_calls_at_once_learn_of_the_new_secret_together() {
    let world = World::start().await;
    let mut file = SecretFile::new(DEAD);
    let client = client_of(&world.pool, "web", &file);
    let tokens: Vec<_> = (0..8).map(|_| world.tokens("alice")).collect();
    file.write(SECRET);
    let calls = tokens.iter().map(|tokens| client.refresh(tokens.refresh_token().unwrap(), now()));
    for answer in rocket::futures::future::join_all(calls).await {
        answer.unwrap();
    }
}
