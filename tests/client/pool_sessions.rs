//! The sessions of a person at the pool.

use rocket_cognito::client::{ClientError, CognitoClient, TokenSet};
use rocket_cognito::local_pool::{Failure, LocalClient, LocalSessions};
use rocket_cognito::{CognitoUser, PoolSession, PoolSessionKind};
use serde_json::{Value, json};

use crate::support::forge::{Key, access_claims, with};
use crate::support::stub::{Answer, Stub};
use crate::world::*;

const API: &str = "/";
const ADMIN: &str = "aws.cognito.signin.user.admin";

async fn user(client: &CognitoClient, tokens: &TokenSet) -> CognitoUser {
    client.verify_access_token(tokens.access_token(), now()).await.unwrap()
}

async fn list(user: &CognitoUser) -> Result<Vec<PoolSession>, ClientError> {
    user.pool_sessions()?.list().await
}

fn ids(sessions: &[PoolSession], is_current: bool) -> Vec<&str> {
    sessions.iter().filter(|session| session.is_current() == is_current).map(PoolSession::id).collect()
}

#[rocket::async_test]
async fn a_person_lists_the_sessions_of_all_clients_and_ends_another_one() {
    let world = World::of(config().sessions(LocalSessions::new())).await;
    let client = &world.client;
    let (here, there, bob) = (world.tokens("alice"), world.tokens("alice"), world.tokens("bob"));
    let alice = user(client, &here).await;
    let sessions = list(&alice).await.unwrap();
    let (current, others) = (ids(&sessions, true), ids(&sessions, false));
    assert_eq!((current.len(), others.len()), (1, 1));
    assert!(
        sessions.iter().all(|one| one.kind() == PoolSessionKind::Token && one.client_id() == Some("web"))
    );
    assert!(sessions.iter().all(|one| one.created_at().is_some() && one.last_active_at().is_some()));

    let at_pool = alice.pool_sessions().unwrap();
    assert!(at_pool.end(others[0]).await.unwrap());
    assert_eq!(kind(client.refresh(there.refresh_token().unwrap(), now()).await), "grant", "it has ended");
    assert!(!at_pool.end(others[0]).await.unwrap(), "there is no such session any more");
    assert_eq!(ids(&list(&alice).await.unwrap(), true), current);
    assert!(client.refresh(here.refresh_token().unwrap(), now()).await.is_ok());

    let bobs = list(&user(client, &bob).await).await.unwrap();
    assert!(!at_pool.end(bobs[0].id()).await.unwrap(), "another person's");
    assert!(client.refresh(bob.refresh_token().unwrap(), now()).await.is_ok());
}

#[rocket::async_test]
async fn the_session_that_asks_is_not_ended_as_if_it_were_another() {
    let world = World::of(config().sessions(LocalSessions::new())).await;
    let tokens = world.tokens("alice");
    let alice = user(&world.client, &tokens).await;
    let sessions = list(&alice).await.unwrap();
    let refused = alice.pool_sessions().unwrap().end(sessions[0].id()).await;
    assert!(text("misconfigured", refused).contains("sign-out"));
    assert!(world.client.refresh(tokens.refresh_token().unwrap(), now()).await.is_ok());
}

#[rocket::async_test]
async fn what_is_no_id_of_a_session_reaches_no_pool() {
    let world = World::of(config().sessions(LocalSessions::new())).await;
    let alice = user(&world.client, &world.tokens("alice")).await;
    let long = format!("tkn{}", "a".repeat(26));
    let upper = format!("tkn{}", "A".repeat(25));
    for id in ["", "tkn", "other", "tkn../../x", &long, &upper] {
        assert!(!alice.pool_sessions().unwrap().end(id).await.unwrap(), "{id}");
    }
    assert_eq!(world.pool.requests(API), 0);
}

#[rocket::async_test]
async fn all_sessions_of_a_person_end_at_once_and_no_other_persons() {
    let world = World::of(config().sessions(LocalSessions::new())).await;
    let client = &world.client;
    let (here, there, bob) = (world.tokens("alice"), world.tokens("alice"), world.tokens("bob"));
    let alice = user(client, &here).await;
    alice.pool_sessions().unwrap().end_all().await.unwrap();
    for tokens in [&here, &there] {
        assert_eq!(kind(client.refresh(tokens.refresh_token().unwrap(), now()).await), "grant");
    }
    assert!(client.refresh(bob.refresh_token().unwrap(), now()).await.is_ok());
    assert_eq!(kind(list(&alice).await), "grant", "the access token is revoked at the pool");
}

#[rocket::async_test]
async fn a_pool_in_trouble_is_unavailable() {
    let world = World::of(config().sessions(LocalSessions::new())).await;
    let alice = user(&world.client, &world.tokens("alice")).await;
    for failure in [
        Failure::ServerError,
        Failure::Unavailable,
        Failure::Throttled { retry_after: Some(1) },
        Failure::Blocked,
    ] {
        world.pool.fail_next(API, 1, failure);
        assert_eq!(kind(list(&alice).await), "unavailable", "{failure:?}");
    }
    assert!(list(&alice).await.is_ok());
}

#[rocket::async_test]
async fn without_scope_person_or_access_token_the_pool_is_not_asked() {
    let narrow = LocalClient::new("narrow").secret(SECRET).callback_url(CALLBACK).scope("openid");
    let world = World::of(config().sessions(LocalSessions::new()).client(narrow)).await;
    let tokens = kept(&world.pool.sign_in("alice", "narrow").unwrap());
    let alice = user(&world.client_of("narrow"), &tokens).await;
    assert!(text("misconfigured", list(&alice).await).contains(ADMIN));
    let by_id = world.client.verify_id_token(world.tokens("alice").id_token().unwrap(), None, now()).await;
    assert!(text("misconfigured", list(&by_id.unwrap()).await).contains("access token"));
    assert_eq!(world.pool.requests(API), 0);
}

/// Somebody of a pool whose API answers so, as long as it is kept.
async fn at(answer: Answer) -> (Stub, CognitoUser) {
    let stub = Stub::start(answer).await;
    let (key, issuer) = (Key::new("key"), stub.url("/pool"));
    let client = forged(&key, &stub.url(""), &[("issuer", &issuer)]);
    let claims = with(with(access_claims(), "iss", json!(issuer)), "scope", json!(ADMIN));
    let user = client.verify_access_token(&key.token(&claims), now()).await.unwrap();
    (stub, user)
}

/// What `list` returns where the API answers so.
async fn answered(status: &str, body: &Value) -> Result<Vec<PoolSession>, ClientError> {
    let headers = "Content-Type: application/x-amz-json-1.1\r\n";
    let (_stub, user) = at(Answer::new(status, headers, body.to_string())).await;
    list(&user).await
}

#[rocket::async_test]
async fn a_pool_that_does_not_answer_in_time_is_unavailable() {
    let (_stub, user) = at(Answer::Hang).await;
    let begun = std::time::Instant::now();
    assert_eq!(kind(list(&user).await), "unavailable");
    assert!(begun.elapsed().as_secs() < 10, "it waits for five seconds");
}

/// Such as the page of a proxy on the way.
#[rocket::async_test]
async fn nothing_has_ended_by_an_answer_that_is_not_of_the_api() {
    let session = format!("tkn{}", "a".repeat(25));
    for (body, expected) in [
        ("<html><h1>Welcome</h1></html>", "unavailable"),
        ("[]", "unavailable"),
        ("{", "unavailable"),
        ("{}", "none"),
        ("", "none"), // Cognito's reference says "an empty HTTP body"
    ] {
        let (_stub, user) = at(Answer::ok(body)).await;
        let sessions = user.pool_sessions().unwrap();
        assert_eq!(kind(sessions.end_all().await), expected, "{body:?}");
        assert_eq!(kind(sessions.end(&session).await), expected, "{body:?}");
    }
}

#[rocket::async_test]
async fn each_refusal_of_the_api_says_what_to_do() {
    for (name, message, expected, word) in [
        ("OperationNotEnabledException", "off", "misconfigured", "session tracking"),
        ("FeatureUnavailableInTierException", "tier", "misconfigured", "Essentials"),
        ("NotAuthorizedException", "Access Token does not have required scopes", "misconfigured", ADMIN),
        ("NotAuthorizedException", "Access Token has been revoked", "grant", ""),
        ("com.example#NotAuthorizedException", "Access Token has been revoked", "grant", ""),
        ("UserNotFoundException", "gone", "grant", ""),
        ("ResourceNotFoundException", "no pool", "misconfigured", "user_pool_id"),
        ("TooManyRequestsException", "slow down", "unavailable", ""),
        ("UnknownOperationException", "what", "misconfigured", "another server"),
    ] {
        let body = json!({ "__type": name, "message": message });
        let result = answered("400 Bad Request", &body).await;
        assert!(text(expected, result).contains(word), "{name}");
    }
    assert_eq!(
        kind(answered("500 Oops", &json!({ "__type": "InternalErrorException" })).await),
        "unavailable"
    );
    assert_eq!(kind(answered("200 OK", &json!({ "nothing": 1 })).await), "unavailable");
}

#[rocket::async_test]
async fn a_session_shows_what_the_pool_says_and_unknown_members_do_not_matter() {
    let sso = format!("sso{}", "a".repeat(25));
    let full = json!({
        "SessionId": format!("tkn{}", "b".repeat(25)), "SessionType": "TOKEN", "ClientId": "shop",
        "CreateDate": 1_790_000_000.25, "LastActiveDate": 1_790_000_100, "DeviceType": "unknown",
        "LastIPAddress": "192.0.2.1", "LastLocation": { "City": "Turin", "Country": "Italy" },
        "OriginSessionId": sso, "IsCurrentSession": true, "New": [1],
    });
    let bare = json!({ "SessionId": sso, "SessionType": "SSO", "CreateDate": "soon", "LastLocation": null });
    let later = json!({ "SessionId": "x", "SessionType": "MESH" });
    let sessions = answered("200 OK", &json!({ "Sessions": [full, bare, later] })).await.unwrap();
    assert_eq!(
        json!(sessions[0]),
        json!({
            "id": format!("tkn{}", "b".repeat(25)), "kind": "token", "client_id": "shop",
            "created_at": 1_790_000_000, "last_active_at": 1_790_000_100, "device": "unknown",
            "ip_address": "192.0.2.1", "city": "Turin", "country": "Italy", "sso_session_id": sso,
            "is_current": true,
        })
    );
    assert_eq!((sessions[1].kind(), sessions[1].created_at()), (PoolSessionKind::Sso, None));
    assert_eq!((sessions[2].kind(), sessions[2].is_current()), (PoolSessionKind::Other, false));
}
