//! A client's own tokens, for other services.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rocket::futures::future::join_all;
use rocket_cognito::client::{ClientError, ClientToken, CognitoClient};
use rocket_cognito::local_pool::Failure;
use serde_json::json;

use crate::support::forge::{self, Key};
use crate::support::stub::{Answer, Stub};
use crate::world::*;

const READ: &[&str] = &["orders/read"];

type Result = std::result::Result<Arc<ClientToken>, ClientError>;

async fn many(client: &CognitoClient, count: usize) -> Vec<Result> {
    join_all((0..count).map(|_| client.client_credentials(READ, now()))).await
}

fn answer(token: &str, more: serde_json::Value) -> Answer {
    let mut answer = json!({ "access_token": token, "token_type": "Bearer" });
    answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Answer::ok(answer.to_string())
}

/// A client of an endpoint that answers this.
async fn stubbed(answer: Answer) -> (Stub, CognitoClient) {
    let stub = Stub::start(answer).await;
    let client = forged(&Key::new("key"), &stub.url(""), &[]);
    (stub, client)
}

#[rocket::async_test]
async fn a_token_is_got_once_for_its_scopes_in_whatever_order() {
    let world = World::start().await;
    let worker = world.client_of("worker");
    let token = worker.client_credentials(READ, now()).await.unwrap();
    assert_eq!(claims(token.access_token())["scope"], "orders/read");
    let machine = worker.verify_access_token(token.access_token(), now()).await.unwrap();
    assert_eq!((machine.is_machine(), machine.client_id()), (true, "worker"));
    let expires_in = token.expires_at().duration_since(now()).unwrap().as_secs();
    assert!((3590..=3600).contains(&expires_in), "{expires_in}");

    for (scopes, asked, granted) in [
        (READ, 1, "orders/read"),
        (&["orders/read", "orders/read"], 1, "orders/read"),
        (&["orders/write", "orders/read"], 2, "orders/read orders/write"),
        (&["orders/read", "orders/write"], 2, "orders/read orders/write"),
        (&[], 3, "orders/read orders/write"),
        (READ, 3, "orders/read"),
    ] {
        let token = worker.client_credentials(scopes, now()).await.unwrap();
        assert_eq!(claims(token.access_token())["scope"], granted, "{scopes:?}");
        assert_eq!(world.pool.requests(TOKEN), asked, "{scopes:?}");
    }
    let clone = worker.clone();
    assert!(clone.client_credentials(READ, now()).await.is_ok());
    assert_eq!(world.pool.requests(TOKEN), 3, "clones share them");
}

#[rocket::async_test]
async fn it_is_renewed_before_it_expires() {
    let start = SystemTime::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    for (lifetime, last_good) in [
        (json!({ "expires_in": 3600 }), 3539),
        (json!({ "expires_in": 120 }), 59),
        (json!({ "expires_in": 60 }), 29),
        (json!({ "expires_in": 1 }), 0),
        (json!({}), 239),
        (json!({ "expires_in": "soon" }), 239),
        (json!({ "expires_in": -1 }), 239),
    ] {
        let (stub, client) = stubbed(answer("first", lifetime.clone())).await;
        assert!(client.client_credentials(READ, at(0)).await.is_ok());
        stub.set(answer("second", lifetime.clone()));
        for (seconds, token) in [(0, "first"), (last_good, "first"), (last_good + 1, "second")] {
            let got = client.client_credentials(READ, at(seconds)).await.unwrap();
            assert_eq!(got.access_token(), token, "{lifetime} after {seconds}");
        }
    }
    let (stub, client) = stubbed(answer("dead on arrival", json!({ "expires_in": 0 }))).await;
    for requests in 1..=3 {
        assert!(client.client_credentials(READ, now()).await.is_ok());
        assert_eq!(stub.requests(), requests);
    }
    let (_stub, client) = stubbed(answer("for ever", json!({ "expires_in": u64::MAX }))).await;
    assert!(client.client_credentials(READ, now()).await.is_ok());
}

#[rocket::async_test]
async fn fifty_callers_make_one_call() {
    let world = World::start().await;
    let worker = world.client_of("worker");
    let hold = world.pool.hold(TOKEN);
    let (tokens, ()) = tokio::join!(many(&worker, 50), async {
        hold.reached(1).await;
        drop(hold);
    });
    let first = tokens[0].as_ref().unwrap().access_token();
    assert!(tokens.iter().all(|token| token.as_ref().unwrap().access_token() == first));
    assert_eq!(world.pool.requests(TOKEN), 1);
}

#[rocket::async_test]
async fn a_failure_is_for_those_who_wait_and_not_for_later() {
    let failure = Answer::new("503 Service Unavailable", "Retry-After: 9\r\n", "");
    let (gate, held) = failure.held();
    let (stub, client) = stubbed(held).await;
    let (results, ()) = tokio::join!(many(&client, 20), async {
        stub.asked(1).await;
        drop(gate);
    });
    for result in results {
        let error = result.unwrap_err();
        assert_eq!((error.is_unavailable(), error.retry_after()), (true, Some(Duration::from_secs(9))));
    }
    assert_eq!(stub.requests(), 1);
    stub.set(answer("at last", json!({})));
    assert_eq!(client.client_credentials(READ, now()).await.unwrap().access_token(), "at last");
    assert_eq!(stub.requests(), 2);
}

#[rocket::async_test]
async fn who_gives_up_leaves_the_call_to_the_next() {
    let (_gate, held) = answer("never", json!({})).held();
    let (stub, client) = stubbed(held).await;
    let ask = |client: CognitoClient| async move { client.client_credentials(READ, now()).await };
    let first = tokio::spawn(ask(client.clone()));
    stub.asked(1).await;
    let second = tokio::spawn(ask(client));
    stub.set(answer("for the second", json!({})));
    first.abort();
    assert_eq!(second.await.unwrap().unwrap().access_token(), "for the second");
    assert_eq!(stub.requests(), 2);
}

#[rocket::async_test]
async fn sets_of_scopes_without_end_are_not_all_kept() {
    let (stub, client) = stubbed(answer("x", json!({}))).await;
    let ask = async |number: usize| {
        let scope = format!("orders/{number}");
        assert!(client.client_credentials(&[&scope], now()).await.is_ok());
        stub.requests()
    };
    for number in 0..64 {
        ask(number).await;
    }
    assert_eq!(ask(0).await, 64, "so many are kept");
    assert_eq!(ask(64).await, 65);
    assert_eq!(ask(0).await, 66, "and no more");
}

#[rocket::async_test]
async fn a_client_that_may_not_is_told_what_to_correct() {
    let world = World::start().await;
    let worker = world.client_of("worker");
    for scopes in [&["orders/delete"][..], &["orders/read", "orders/delete"], &["orders/read x y"]] {
        let told = text("misconfigured", worker.client_credentials(scopes, now()).await);
        assert!(told.contains("invalid_scope") && told.contains("no resource server"), "{told}");
    }
    // There is such a scope, and no code that could be spent.
    for scopes in [&["openid"][..], &["orders/read", "openid"]] {
        let told = text("misconfigured", worker.client_credentials(scopes, now()).await);
        assert!(told.contains("invalid_grant") && told.contains("allow the app client the scopes"), "{told}");
    }
    let told = text("misconfigured", world.client.client_credentials(READ, now()).await);
    assert!(told.contains("unauthorized_client") && told.contains("client credentials grant"), "{told}");
    let asked = world.pool.requests(TOKEN);
    let told = text("misconfigured", world.client_of("spa").client_credentials(READ, now()).await);
    assert!(told.contains("without a secret") && told.contains("`client_secret`"), "{told}");
    assert_eq!(world.pool.requests(TOKEN), asked, "nobody was asked");

    world.pool.fail_next(TOKEN, 1, Failure::ServerError);
    assert_eq!(kind(worker.client_credentials(READ, now()).await), "unavailable");
    assert!(worker.client_credentials(READ, now()).await.is_ok());
}

#[rocket::async_test]
async fn answers_that_are_no_tokens_are_none() {
    let (stub, client) = stubbed(Answer::Hang).await;
    for body in
        ["{}", "[]", "<html>", r#"{"access_token":1,"token_type":"Bearer"}"#, r#"{"access_token":"x"}"#]
    {
        stub.set(Answer::ok(body));
        assert_eq!(kind(client.client_credentials(READ, now()).await), "unavailable", "{body}");
    }
    stub.set(answer("x", json!({ "padding": "x".repeat(65_536) })));
    assert_eq!(kind(client.client_credentials(READ, now()).await), "unavailable", "too large");
}

#[rocket::async_test]
async fn tokens_are_kept_for_scopes_and_metadata_together() {
    let world = World::start().await;
    let worker = world.client_of("worker");
    let dev: &[(&str, &str)] = &[("environment", "dev"), ("team", "a \"b\" & c")];
    let turned: &[(&str, &str)] = &[dev[1], dev[0]];
    for (scopes, metadata, asked) in [
        (READ, &[][..], 1),
        (READ, dev, 2),
        (READ, turned, 2),
        (READ, &[("environment", "live")], 3),
        (&[], dev, 4),
        (READ, &[], 4),
        (READ, dev, 4),
    ] {
        let token = worker.client_credentials_with(scopes, metadata, now()).await;
        assert!(token.is_ok(), "the pool takes the metadata as JSON");
        assert_eq!(world.pool.requests(TOKEN), asked, "{scopes:?} {metadata:?}");
    }
}

/// Cognito's guide names neither `auth_time` nor `version` for them, and features of 2026 add claims.
#[rocket::async_test]
async fn a_machines_token_needs_no_auth_time_and_no_version_and_unknown_claims_do_not_matter() {
    let key = Key::new("key");
    let client = forged(&key, "https://acme.example.com", &[]);
    let machine = json!({
        "iss": forge::ISSUER, "sub": forge::CLIENT_ID, "client_id": forge::CLIENT_ID, "token_use": "access",
        "scope": "orders/read", "jti": "j", "iat": forge::now(), "exp": forge::now() + 60,
    });
    let user = client.verify_access_token(&key.token(&machine), now()).await.unwrap();
    assert_eq!((user.is_machine(), user.authenticated_at()), (true, None));
    let more = json!({ "session_id": "tkn0123", "new": { "nested": [null, 1] }, "may_act": { "sub": "x" } });
    let mut with_more = forge::access_claims();
    with_more.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let user = client.verify_access_token(&key.token(&with_more), now()).await.unwrap();
    assert_eq!((user.username(), user.actor()), ("dora", None));
}
