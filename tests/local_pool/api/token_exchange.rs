//! `GetDerivedToken`: a token exchanged by the API.

use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalTokenExchange};
use serde_json::{Value, json};

use super::{done, refused};
use crate::browser::*;

async fn start(allowed: LocalTokenExchange) -> (LocalPool, Browser) {
    let service = LocalClient::new("service").secret(SECRET).token_exchange(allowed);
    let pool = LocalPool::start(config().client(service)).await.unwrap();
    let browser = Browser::of(&pool);
    (pool, browser)
}

/// A request of `service` for alice, with these members in place of its own; `null` takes one away.
fn request(pool: &LocalPool, more: Value) -> Value {
    let token = pool.sign_in("alice", "shop").unwrap().access_token;
    let mut request = json!({
        "ClientId": "service", "ClientSecret": SECRET, "SubjectToken": token, "SubjectTokenType": "ACCESS_TOKEN",
    });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

#[rocket::async_test]
async fn a_service_gets_a_token_for_a_person_by_the_api() {
    let (pool, browser) = start(LocalTokenExchange::Both).await;
    let bob = pool.sign_in("bob", "spa").unwrap();
    let more = json!({ "Scopes": ["email", "orders/read"], "Resources": ["https://orders.example.com"] });
    let answer = done(&browser, "GetDerivedToken", request(&pool, more)).await;
    let access = part(answer["IssuedToken"].as_str().unwrap(), 1);
    assert_eq!((&access["client_id"], &access["username"]), (&json!("service"), &json!("alice")));
    assert_eq!((&access["scope"], &access["aud"]), (&json!("email"), &json!("https://orders.example.com")));
    assert_eq!((&answer["Scopes"], access.get("act")), (&json!(["email"]), None));
    assert_eq!(answer["ExpiresIn"], access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap());

    let more = json!({
        "ActorToken": bob.id_token, "ActorTokenType": "ID_TOKEN", "RequestedTokenType": "ID_TOKEN", "Scopes": [],
    });
    let answer = done(&browser, "GetDerivedToken", request(&pool, more)).await;
    assert_eq!((&answer["IssuedTokenType"], &answer["TokenType"]), (&json!("ID_TOKEN"), &json!("N_A")));
    let id = part(answer["IssuedToken"].as_str().unwrap(), 1);
    assert_eq!((&id["cognito:username"], &id["act"]["client_id"]), (&json!("alice"), &json!("spa")));
    assert_eq!(id["act"]["sub"], part(&bob.id_token, 1)["sub"]);
}

#[rocket::async_test]
async fn what_the_api_does_not_exchange_is_an_error_of_its_model() {
    let (pool, browser) = start(LocalTokenExchange::Impersonation).await;
    let (invalid, refusal) = ("InvalidParameterException", "NotAuthorizedException");
    let token = pool.sign_in("bob", "spa").unwrap().access_token;
    let actor = json!({ "ActorToken": token, "ActorTokenType": "ACCESS_TOKEN" });
    for (more, kind, word) in [
        (json!({ "ClientId": null }), invalid, "Value null at 'clientId'"),
        (json!({ "SubjectToken": null }), invalid, "Value null at 'subjectToken'"),
        (json!({ "SubjectTokenType": null }), invalid, "Value null at 'subjectTokenType'"),
        (json!({ "SubjectTokenType": "JWT" }), invalid, "[ACCESS_TOKEN, ID_TOKEN, SAML2]"),
        (json!({ "SubjectTokenType": "SAML2" }), invalid, "tokens of its own only"),
        (json!({ "SubjectTokenProviderName": "Okta" }), invalid, "tokens of its own only"),
        (json!({ "ActorToken": token }), invalid, "Value null at 'actorTokenType'"),
        (json!({ "ActorTokenType": "ID_TOKEN" }), invalid, "Value null at 'actorToken'"),
        (json!({ "RequestedTokenType": "SAML2" }), invalid, "[ACCESS_TOKEN, ID_TOKEN]"),
        (json!({ "Audiences": ["a"], "Resources": ["b"] }), invalid, "together"),
        (json!({ "Audiences": ["a", "b"] }), invalid, "'audiences'"),
        (json!({ "Resources": ["no-url"] }), invalid, "no name of a target service"),
        (json!({ "Scopes": ["phone/read"] }), invalid, "No scope is left"),
        (json!({ "Scopes": vec!["email"; 51] }), invalid, "equal to 50"),
        (json!({ "Scopes": "email" }), "SerializationException", "Scopes"),
        (json!({ "ClientId": "nothing" }), "ResourceNotFoundException", "nothing"),
        (json!({ "ClientSecret": null }), refusal, "secret of client service"),
        (json!({ "ClientSecret": "wrong" }), refusal, "secret of client service"),
        (json!({ "ClientId": "shop" }), refusal, "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"),
        (actor, refusal, "ALLOW_TOKEN_EXCHANGE_DELEGATION"),
        (json!({ "SubjectToken": "made-up" }), refusal, "does not count"),
        (json!({ "SubjectTokenType": "ID_TOKEN" }), refusal, "does not count"),
    ] {
        let (is_kind, message) = refused(&browser, "GetDerivedToken", request(&pool, more.clone())).await;
        assert!(is_kind == kind && message.contains(word), "{more}: {is_kind} {message}");
    }
    let good = request(&pool, json!({}));
    done(&browser, "GetDerivedToken", good.clone()).await;
    pool.disable_user("alice").unwrap();
    assert_eq!(refused(&browser, "GetDerivedToken", good).await.0, refusal);
}
