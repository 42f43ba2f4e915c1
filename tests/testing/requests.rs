//! Requests of a test, and what the answer says about them.

use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::local::asynchronous;
use rocket::local::blocking::Client;
use rocket::response::Redirect;
use rocket::{catch, catchers, routes};
use rocket_cognito::testing::{Ask, TestPool};
use rocket_cognito::{Caller, Cognito, CognitoUser};

use crate::app::*;

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
fn an_app_without_the_pool_is_reported_with_what_to_type() {
    let (pool, _) = client();
    let settings = figment().merge(("cognito.disabled", true));
    let client = Client::tracked(shipped(settings)).unwrap();
    let text = panic_of(|| drop(client.get("/desk").signed_in(&pool.person("alice"))));
    assert!(text.contains("pool.attach("), "{text}");
}

#[test]
fn a_person_is_of_one_pool() {
    let (_, client) = client();
    let stranger = TestPool::new().person("stranger");
    for text in [
        panic_of(|| drop(client.get("/desk").signed_in(&stranger))),
        panic_of(|| drop(client.get("/desk").bearer(&stranger))),
    ] {
        assert!(text.contains("another `TestPool`"), "{text}");
    }
}

/// A clone shares what guards have found out.
#[test]
fn a_request_is_sent_once() {
    let (pool, client) = client();
    let request = client.get("/desk").signed_in(&pool.person("alice"));
    assert_eq!(request.clone().ask().status(), Status::Ok);
    let text = panic_of(|| drop(request.ask()));
    assert!(text.contains("has been sent before"), "{text}");
}

/// By its own site's form, whatever was said first.
#[test]
fn the_order_of_a_requests_parts_does_not_matter() {
    let (pool, client) = client();
    let alice = pool.person("alice").group("staff");
    for request in
        [client.post("/posts").as_page().signed_in(&alice), client.post("/posts").signed_in(&alice).as_page()]
    {
        assert_eq!(request.headers().get_one("Sec-Fetch-Site"), Some("same-origin"));
        assert_eq!(request.ask().status(), Status::Ok);
    }
    for attack in [
        client.post("/posts").from_another_site().as_page().signed_in(&alice),
        client.post("/posts").as_page().from_another_site().signed_in(&alice),
        client.post("/posts").as_page().signed_in(&alice).from_another_site(),
        client.post("/posts").signed_in(&alice).from_another_site().as_page(),
    ] {
        assert_eq!(attack.ask().code(), Some("cross_site"));
    }
}

#[test]
fn what_a_catcher_makes_of_a_refusal_hides_it_from_the_answer_alone() {
    #[catch(401)]
    fn elsewhere() -> Redirect {
        Redirect::to("/welcome")
    }
    let pool = TestPool::new();
    let app = rocket::custom(figment()).attach(Cognito::fairing()).mount("/", routes![desk]);
    let client = Client::tracked(pool.attach(app.register("/", catchers![elsewhere]))).unwrap();
    let answer = client.get("/desk").ask();
    assert_eq!((answer.status(), answer.code()), (Status::SeeOther, None));
    assert_eq!(answer.refusal().unwrap().code(), "not_signed_in");
}

/// An audit, say, which asks before any route does.
#[test]
fn a_fairing_of_the_app_sees_the_session() {
    let pool = TestPool::new();
    let asks = || {
        AdHoc::on_request("Asks", |request, _| {
            Box::pin(async move { assert!(request.guard::<CognitoUser>().await.is_success()) })
        })
    };
    for store in ["", "memory"] {
        let figment = figment().merge(("cognito.session_store", store));
        let client = Client::tracked(pool.attach(shipped(figment).attach(asks()))).unwrap();
        let request = client.get("/desk").signed_in(&pool.person("alice"));
        assert_eq!(request.ask().status(), Status::Ok, "{store}");
    }
}
