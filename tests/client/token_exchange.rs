//! Tokens of people, exchanged by services that call others for them (RFC 8693).

use rocket::{get, routes};
use rocket_cognito::client::{CognitoClient, ExchangedToken, TokenExchange};
use rocket_cognito::local_pool::{Failure, LocalClient, LocalPoolConfig, LocalTokenExchange};
use rocket_cognito::{Cognito, CognitoUser, PersonOrAgent};
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::figment;
use crate::support::forge::{Key, access_claims, id_claims, with, without};
use crate::support::server::Server;
use crate::support::stub::{Answer, Stub};
use crate::world::*;

const RESOURCE: &str = "https://orders.example.com";

fn of_service(allowed: LocalTokenExchange) -> LocalPoolConfig {
    let service = LocalClient::new("service").secret(SECRET).token_exchange(allowed);
    config().client(service.scope("openid").scope("email").scope("orders/read"))
}

/// A pool in which `service` may exchange tokens, and its client.
async fn start(allowed: LocalTokenExchange) -> (World, CognitoClient) {
    let world = World::of(of_service(allowed)).await;
    let service = world.client_of("service");
    (world, service)
}

async fn exchange(client: &CognitoClient, exchange: TokenExchange<'_>) -> Value {
    claims(client.exchange(exchange, now()).await.unwrap().token())
}

#[rocket::async_test]
async fn an_impersonation_is_the_persons_and_names_the_service() {
    let (world, service) = start(LocalTokenExchange::Impersonation).await;
    let tokens = world.tokens("alice");
    let subject = claims(tokens.access_token());
    let token = service.exchange(TokenExchange::of(tokens.access_token()), now()).await.unwrap();
    let exchanged = claims(token.token());
    assert_eq!(exchanged["sub"], subject["sub"]);
    assert_eq!((&exchanged["client_id"], &exchanged["token_use"]), (&json!("service"), &json!("access")));
    assert_eq!(exchanged["scope"], "openid email", "what both have");
    assert_eq!(exchanged["cognito:groups"], subject["cognito:groups"]);
    assert_eq!(token.expires_at(), at(exchanged["exp"].as_u64().unwrap()));
    // It is no sign-in.
    for absent in ["act", "aud", "auth_time", "acr", "amr"] {
        assert_eq!(exchanged.get(absent), None, "{absent}");
    }
    let user = service.verify_access_token(token.token(), now()).await.unwrap();
    assert_eq!((user.username(), user.is_machine(), user.actor()), ("alice", false, None));
    // Whoever does not list the service does not take its tokens.
    assert_eq!(kind(world.client.verify_access_token(token.token(), now()).await), "token");
    let listing = world.client_with(&[("accepted_client_ids", "service")]);
    assert_eq!(listing.verify_access_token(token.token(), now()).await.unwrap().client_id(), "service");
}

#[rocket::async_test]
async fn a_delegation_says_who_acts_and_who_did_before() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let (alice, worker) = (world.tokens("alice"), world.client_of("worker"));
    let actor = worker.client_credentials(&[], now()).await.unwrap();
    let token = TokenExchange::of(alice.access_token()).actor(actor.access_token());
    let token = service.exchange(token, now()).await.unwrap();
    let once = claims(token.token());
    assert_eq!(once["act"], json!({ "sub": "worker", "client_id": "worker" }));
    assert_eq!(once["sub"], claims(alice.access_token())["sub"]);
    // An agent is not the person, unless the settings say so.
    assert_eq!(kind(service.verify_access_token(token.token(), now()).await), "token");
    let more = settings(&world.pool, "service").into_iter().map(|(key, value)| (key, json!(value)));
    let accepting = CognitoClient::new(more.chain([("accept_delegated".to_owned(), json!(true))])).unwrap();
    let user = accepting.verify_access_token(token.token(), now()).await.unwrap();
    assert_eq!(user.actor().unwrap().sub(), Some("worker"));

    let bob = world.tokens("bob");
    let again = TokenExchange::of(token.token()).actor(bob.access_token());
    let again = exchange(&service, again).await;
    let bob = claims(bob.access_token());
    assert_eq!((&again["act"]["sub"], &again["act"]["act"]), (&bob["sub"], &once["act"]));
    // Without an actor's token, who acted already still does.
    let kept = exchange(&service, TokenExchange::of(token.token())).await;
    assert_eq!(kept["act"], once["act"]);
}

#[rocket::async_test]
async fn scopes_are_narrowed_to_what_subject_and_client_have_and_targets_bind() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let alice = world.tokens("alice");
    let ask = || TokenExchange::of(alice.access_token());
    assert_eq!(exchange(&service, ask().scopes(["email"])).await["scope"], "email");
    // `orders/read` is the client's and not the subject's; `phone` the other way round.
    assert_eq!(exchange(&service, ask().scopes(["orders/read", "email", "phone"])).await["scope"], "email");
    let none = service.exchange(ask().scopes(["orders/read"]), now()).await;
    assert!(text("misconfigured", none).contains("invalid_scope"));
    assert_eq!(exchange(&service, ask().resource(RESOURCE)).await["aud"], RESOURCE);
    assert_eq!(exchange(&service, ask().audience("orders")).await["aud"], "orders");
    assert_eq!(exchange(&service, ask().audience("orders").resource(RESOURCE)).await["aud"], RESOURCE);
    let wrong = service.exchange(ask().resource("no-url"), now()).await;
    assert!(text("misconfigured", wrong).contains("identifier of a resource server"));
    // Bound elsewhere, it does not count here, whoever its client is.
    let token = service.exchange(ask().resource(RESOURCE), now()).await.unwrap();
    assert_eq!(kind(service.verify_access_token(token.token(), now()).await), "token");
}

#[rocket::async_test]
async fn an_id_token_is_exchanged_and_got_as_well() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let alice = world.tokens("alice");
    let id = TokenExchange::of_id_token(alice.id_token().unwrap());
    assert_eq!(exchange(&service, id.clone()).await["token_use"], "access");
    let id = exchange(&service, id.for_id_token()).await;
    assert_eq!((&id["token_use"], &id["aud"]), (&json!("id"), &json!("service")));
    assert_eq!((&id["email"], id.get("phone_number")), (&json!("alice@example.com"), None));
}

#[rocket::async_test]
async fn an_exchanged_token_ends_with_the_one_that_it_was_got_for() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let alice = world.tokens("alice");
    let exp = claims(alice.access_token())["exp"].as_u64().unwrap();
    let later = world.in_seconds(3_000);
    let token = service.exchange(TokenExchange::of(alice.access_token()), later).await.unwrap();
    assert_eq!(token.expires_at(), at(exp));
}

#[rocket::async_test]
async fn tokens_that_do_not_count_are_not_exchanged() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let (alice, bob) = (world.tokens("alice"), world.tokens("bob"));
    let forged = Key::new("key").token(&access_claims());
    let machine = world.client_of("worker").client_credentials(&[], now()).await.unwrap();
    let (access, of_bob) = (alice.access_token(), bob.access_token());
    let id = alice.id_token().unwrap();
    for token in [
        TokenExchange::of(&forged),
        TokenExchange::of("no token"),
        TokenExchange::of(""),
        TokenExchange::of(id),
        TokenExchange::of_id_token(access),
        TokenExchange::of(machine.access_token()),
        TokenExchange::of(access).actor(&forged),
        TokenExchange::of(access).actor(id),
    ] {
        assert_eq!(kind(service.exchange(token, now()).await), "grant");
    }
    let actor = || TokenExchange::of(access).actor(of_bob);
    assert!(service.exchange(actor(), now()).await.is_ok());
    world.client.revoke(bob.refresh_token().unwrap()).await.unwrap();
    assert_eq!(kind(service.exchange(actor(), now()).await), "grant", "the actor's is revoked");
    world.pool.disable_user("alice").unwrap();
    assert_eq!(kind(service.exchange(TokenExchange::of(access), now()).await), "grant");
    world.pool.enable_user("alice").unwrap();
    let alice = world.tokens("alice");
    let of_alice = || TokenExchange::of(alice.access_token());
    assert!(service.exchange(of_alice(), now()).await.is_ok());
    world.client.revoke(alice.refresh_token().unwrap()).await.unwrap();
    assert_eq!(kind(service.exchange(of_alice(), now()).await), "grant", "the subject's is revoked");
    let alice = world.tokens("alice");
    let expired = world.in_seconds(3_700);
    assert_eq!(kind(service.exchange(TokenExchange::of(alice.access_token()), expired).await), "grant");
}

#[rocket::async_test]
async fn only_clients_that_say_so_exchange_and_only_what_they_say() {
    for (allowed, alone, with_actor) in [
        (LocalTokenExchange::Impersonation, true, false),
        (LocalTokenExchange::Delegation, false, true),
        (LocalTokenExchange::Both, true, true),
    ] {
        let (world, service) = start(allowed).await;
        let alice = world.tokens("alice");
        let ask = || TokenExchange::of(alice.access_token());
        for (ask, is_allowed) in [(ask(), alone), (ask().actor(alice.access_token()), with_actor)] {
            let result = service.exchange(ask, now()).await;
            if is_allowed {
                assert!(result.is_ok(), "{allowed:?}");
            } else {
                assert!(text("misconfigured", result).contains("ALLOW_TOKEN_EXCHANGE_DELEGATION"));
            }
        }
        for client in ["web", "worker"] {
            let result = world.client_of(client).exchange(ask(), now()).await;
            assert!(text("misconfigured", result).contains("unauthorized_client"));
        }
        let result = world.client_of("spa").exchange(ask(), now()).await;
        assert!(text("misconfigured", result).contains("without a secret"));
    }
    let public = LocalClient::new("public").token_exchange(LocalTokenExchange::Both);
    let refused = rocket_cognito::local_pool::LocalPool::start(config().client(public)).await.err().unwrap();
    assert!(refused.to_string().contains("`token_exchange` needs a `client_secret`"), "{refused}");
}

#[rocket::async_test]
async fn what_the_pool_hands_out_is_checked_before_it_is_used() {
    let key = Key::new("key");
    let (subject, actor) = (key.token(&access_claims()), key.token(&access_claims()));
    let stub = Stub::start(Answer::ok("{}")).await;
    let own = "https://api.example.com";
    let client = forged(&key, &stub.url(""), &[("accepted_audiences", own)]);
    let act = json!({ "sub": "agent" });
    let answer = |token: String, token_type: &str| {
        Answer::ok(json!({ "access_token": token, "token_type": token_type, "expires_in": 60 }).to_string())
    };
    let delegated = || with(access_claims(), "act", act.clone());
    let ask = || TokenExchange::of(&subject).actor(&actor);
    for (claims, expected) in [
        (delegated(), "none"),
        (without(without(delegated(), "auth_time"), "version"), "none"),
        (access_claims(), "token"),
        (with(delegated(), "sub", json!("somebody-else")), "token"),
        (with(delegated(), "client_id", json!("another")), "token"),
        (with(delegated(), "aud", json!(RESOURCE)), "token"),
        (with(delegated(), "exp", json!(1)), "token"),
        (with(id_claims(), "act", act.clone()), "token"),
    ] {
        stub.set(answer(key.token(&claims), "Bearer"));
        assert_eq!(kind(client.exchange(ask(), now()).await), expected, "{claims}");
    }
    // It is bound to what was asked for, where something was.
    for (aud, expected) in [
        (json!(RESOURCE), "none"),
        (json!(null), "token"),
        (json!(own), "token"),
        (json!("forgedclient"), "token"),
        (json!("https://other.example.com"), "token"),
    ] {
        let claims = if aud.is_null() { delegated() } else { with(delegated(), "aud", aud.clone()) };
        stub.set(answer(key.token(&claims), "Bearer"));
        for ask in [ask().resource(RESOURCE), ask().audience(RESOURCE)] {
            assert_eq!(kind(client.exchange(ask, now()).await), expected, "{aud}");
        }
    }
    stub.set(answer(key.token(&with(delegated(), "aud", json!(own))), "Bearer"));
    assert_eq!(kind(client.exchange(ask(), now()).await), "none", "nothing was asked for");
    // It may have fewer scopes than were asked for, and no others.
    for (scope, expected) in [
        (json!("openid"), "none"),
        (json!("email openid"), "none"),
        (json!(""), "none"),
        (json!("openid email orders/read"), "token"),
        (json!("orders/read"), "token"),
    ] {
        stub.set(answer(key.token(&with(delegated(), "scope", scope.clone())), "Bearer"));
        let result = client.exchange(ask().scopes(["openid", "email"]), now()).await;
        assert_eq!(kind(result), expected, "{scope}");
    }
    stub.set(answer(key.token(&without(delegated(), "scope")), "Bearer"));
    assert_eq!(kind(client.exchange(ask().scopes(["openid"]), now()).await), "none");
    stub.set(answer(key.token(&with(id_claims(), "act", act.clone())), "N_A"));
    assert_eq!(kind(client.exchange(ask().for_id_token(), now()).await), "none");
    stub.set(answer(Key::new("foreign").token(&delegated()), "Bearer"));
    assert_eq!(kind(client.exchange(ask(), now()).await), "token");
    for (status, body, expected) in [
        ("400 Bad Request", r#"{"error":"invalid_request"}"#, "grant"),
        ("400 Bad Request", r#"{"error":"invalid_grant"}"#, "grant"),
        ("400 Bad Request", r#"{"error":"invalid_target"}"#, "misconfigured"),
        ("400 Bad Request", r#"{"error":"unsupported_grant_type"}"#, "misconfigured"),
        ("401 Unauthorized", r#"{"error":"invalid_client"}"#, "misconfigured"),
        ("500 Internal Server Error", "", "unavailable"),
        ("200 OK", "{}", "unavailable"),
    ] {
        stub.set(Answer::new(status, "Content-Type: application/json\r\n", body));
        assert_eq!(kind(client.exchange(ask(), now()).await), expected, "{status} {body}");
    }
}

#[rocket::async_test]
async fn what_cannot_be_asked_for_is_said_before_the_pool_is_asked() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let alice = world.tokens("alice");
    let ask = || TokenExchange::of(alice.access_token());
    // A list that happens to be empty would stand for all scopes.
    for scopes in [vec![], vec![""], vec![" ", ""]] {
        let refused = service.exchange(ask().scopes(scopes), now()).await;
        assert!(text("misconfigured", refused).contains("no scope"));
    }
    for ask in [ask().audience("orders"), ask().resource(RESOURCE)] {
        let refused = service.exchange(ask.for_id_token(), now()).await;
        assert!(text("misconfigured", refused).contains("ID token"));
    }
}

/// The pool's word for both: a token that does not count, and a request that it does not understand.
#[rocket::async_test]
async fn a_refused_exchange_says_what_the_pool_said() {
    let subject = Key::new("key").token(&access_claims());
    let said = format!("requested_token_type is not supported, {subject}");
    let body = json!({ "error": "invalid_request", "error_description": said }).to_string();
    let stub = Stub::start(Answer::new("400 Bad Request", "Content-Type: application/json\r\n", &body)).await;
    let client = forged(&Key::new("key"), &stub.url(""), &[]);
    let error = client.exchange(TokenExchange::of(&subject), now()).await.unwrap_err();
    assert!(error.is_invalid_grant());
    let shown = error.to_string();
    assert!(shown.contains("\"invalid_request\" (\"requested_token_type is not supported"), "{shown}");
    assert!(shown.contains("form of the request") && !shown.contains("eyJ"), "{shown}");
}

#[rocket::async_test]
async fn neither_errors_nor_debug_show_the_tokens_of_an_exchange() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let alice = world.tokens("alice");
    let ask = TokenExchange::of(alice.access_token()).actor(alice.access_token());
    let shown = format!("{ask:?}");
    let token: ExchangedToken = service.exchange(ask.clone(), now()).await.unwrap();
    let shown = format!("{shown} {token:?}");
    assert!(!shown.contains("eyJ"), "{shown}");
    // A pool that repeats what it was sent.
    let body = json!({ "error": "invalid_target", "error_description": alice.access_token() }).to_string();
    let stub = Stub::start(Answer::new("400 Bad Request", "Content-Type: application/json\r\n", &body)).await;
    let client = forged(&Key::new("key"), &stub.url(""), &[]);
    let error = client.exchange(ask.clone(), now()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("eyJ"), "{error:?}");
    world.pool.fail_next(TOKEN, 1, Failure::ServerError);
    assert_eq!(kind(service.exchange(ask, now()).await), "unavailable");
}

#[get("/mine")]
fn mine(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[get("/theirs")]
fn theirs(by: PersonOrAgent) -> String {
    format!("{} by {:?}", by.username(), by.actor().and_then(|actor| actor.sub()))
}

/// A service exchanges the token of whoever calls it, and calls another app with the new one.
#[rocket::async_test]
async fn a_service_calls_another_app_for_a_person() {
    let (world, service) = start(LocalTokenExchange::Both).await;
    let of_app = |client: &str, more: Value| {
        let given = settings(&world.pool, client).into_iter().map(|(key, value)| (key, json!(value)));
        let more = more.as_object().unwrap().clone();
        let given = given.filter(|(key, _)| !["redirect_url", "logout_url"].contains(&key.as_str()));
        given
            .chain(more)
            .fold(figment(), |figment, (key, value)| figment.merge((format!("cognito.{key}"), value)))
    };
    let more =
        json!({ "routes": "none", "accepted_client_ids": ["service"], "accepted_audiences": [RESOURCE] });
    let build = |rocket: rocket::Rocket<rocket::Build>| {
        rocket
            .attach(Cognito::fairing())
            .mount("/", routes![mine, theirs])
            .register("/", rocket_cognito::catchers())
    };
    let orders = Server::start(of_app("web", more), build).await;
    let alice = world.tokens("alice");
    let actor = world.client_of("worker").client_credentials(&[], now()).await.unwrap();
    let ask = TokenExchange::of(alice.access_token()).actor(actor.access_token()).resource(RESOURCE);
    let token = service.exchange(ask.clone(), now()).await.unwrap();
    let call = async |path: &str, token: &str| {
        let headers = [("authorization", &*format!("Bearer {token}"))];
        let page = Agent::new().send(reqwest::Method::GET, &orders.url(path), &headers, None).await;
        (page.status.as_u16(), page.body)
    };
    assert_eq!(call("/theirs", token.token()).await, (200, "alice by Some(\"worker\")".to_owned()));
    let (status, body) = call("/mine", token.token()).await;
    assert!(status == 403 && body.contains("\"delegated\""), "{status} {body}");
    let elsewhere = service.exchange(ask.resource("https://other.example.com"), now()).await.unwrap();
    assert_eq!(call("/theirs", elsewhere.token()).await.0, 401);
    assert_eq!(call("/mine", alice.access_token()).await, (200, "alice".to_owned()));
}
