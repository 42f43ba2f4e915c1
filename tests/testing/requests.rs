//! Requests of a test, and what the answer says about them.

use rocket::http::Status;
use rocket::local::asynchronous;
use rocket_cognito::Caller;
use rocket_cognito::testing::{Ask, TestPool};

use crate::app::{client, client_with, figment, panic_of, shipped};

#[test]
fn an_answer_says_why_and_who() {
    let (pool, client) = client();
    let (bob, alice) = (pool.person("bob"), pool.person("alice").group("staff"));
    let answer = client.post("/posts").signed_in(&bob).ask();
    let denial = answer.denial().unwrap();
    assert_eq!((answer.status(), denial.code()), (Status::Forbidden, "rule_not_met"));
    assert_eq!(denial.rule().unwrap().to_string(), "group \"staff\"");
    assert!(matches!(answer.caller(), Some(Caller::Person(user)) if user.username() == "bob"));

    let answer = client.post("/posts").signed_in(&alice).ask();
    assert_eq!((answer.status(), answer.denial().is_none()), (Status::Ok, true));
    assert_eq!(answer.into_string().unwrap(), "alice");

    let answer = client.post("/posts").ask();
    assert_eq!(answer.denial().unwrap().code(), "not_signed_in");
    assert!(answer.caller().is_none());
}

#[test]
fn an_optional_guards_refusal_is_none_of_the_answer() {
    let (_, client) = client();
    let answer = client.get("/").ask();
    assert_eq!((answer.status(), answer.denial().is_none()), (Status::Ok, true));
}

#[test]
fn a_page_visit_without_a_sign_in_is_sent_to_it_and_says_why() {
    let (_, client) = client();
    let answer = client.get("/desk").as_page().ask();
    assert_eq!(answer.status(), Status::SeeOther);
    assert_eq!(answer.headers().get_one("Location"), Some("/auth/login?next=%2Fdesk"));
    assert_eq!(answer.denial().unwrap().code(), "not_signed_in");
}

#[test]
fn the_proof_is_there_where_it_is_due_and_lacks_on_request() {
    let (pool, client) = client();
    let alice = pool.person("alice").group("staff");
    assert_eq!(client.post("/posts").signed_in(&alice).ask().status(), Status::Ok);
    for answer in [
        client.post("/posts").signed_in(&alice).from_another_site().ask(),
        client.post("/posts").from_another_site().signed_in(&alice).ask(),
    ] {
        assert_eq!(answer.denial().unwrap().code(), "cross_site");
    }
    assert_eq!(client.post("/posts").bearer(&alice).from_another_site().ask().status(), Status::Ok);
    assert_eq!(client.get("/desk").signed_in(&alice).from_another_site().ask().status(), Status::Ok);
}

#[test]
fn behind_a_proxy_a_token_has_the_proof_too() {
    let settings = figment()
        .merge(("cognito.jwt_header_name", "x-amzn-oidc-accesstoken"))
        .merge(("cognito.jwt_header_prefix", ""))
        .merge(("cognito.jwt_header_from_proxy", true));
    let (pool, client) = client_with(settings);
    let alice = pool.person("alice").group("staff");
    assert_eq!(client.post("/posts").bearer(&alice).ask().status(), Status::Ok);
    let attack = client.post("/posts").bearer(&alice).from_another_site().ask();
    assert_eq!(attack.denial().unwrap().code(), "cross_site");
}

#[rocket::async_test]
async fn an_asynchronous_client_asks_the_same_way() {
    let pool = TestPool::new();
    let client = asynchronous::Client::tracked(pool.attach(shipped(figment()))).await.unwrap();
    let alice = pool.person("alice");
    let answer = client.post("/posts").signed_in(&alice).ask().await;
    assert_eq!(answer.denial().unwrap().code(), "rule_not_met");
    let answer = client.post("/posts").bearer(&alice.group("staff")).ask().await;
    assert_eq!(answer.into_string().await.unwrap(), "alice");
}

#[test]
fn rockets_own_dispatch_carries_the_session_too() {
    let (pool, client) = client();
    let response = client.get("/desk").signed_in(&pool.person("alice")).dispatch();
    assert_eq!(response.into_string().unwrap(), "alice");
}

#[test]
fn an_app_without_the_pool_is_told_how_to_get_it() {
    let (pool, _) = client();
    let settings = figment().merge(("cognito.disabled", true));
    let client = rocket::local::blocking::Client::tracked(shipped(settings)).unwrap();
    let text = panic_of(|| drop(client.get("/desk").signed_in(&pool.person("alice"))));
    assert!(text.contains("pool.attach("), "{text}");
}
