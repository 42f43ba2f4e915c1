//! Whoever reaches the pool may call its API, so that pages of other origins must not; and failures on demand.

use reqwest::Method;
use rocket_cognito::local_pool::Failure;
use serde_json::{Value, json};

use super::{JSON, call, done, of_pool, read, request, target};
use crate::browser::*;

#[rocket::async_test]
async fn no_page_of_another_origin_calls_it() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let body = of_pool(json!({ "Username": "carol", "GroupName": "admin" }));
    for (name, value) in [
        ("Origin", "http://localhost:5173"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let foreign = request(&browser, "AdminAddUserToGroup", &body).header(name, value);
        let (status, answer) = read(foreign.send().await.unwrap()).await;
        assert_eq!((status, &answer["__type"]), (403, &json!("ForbiddenException")), "{name}: {value}");
    }
    let preflight = browser.request(Method::OPTIONS, browser.url("/", &[]));
    let preflight =
        preflight.header("Origin", "http://localhost:5173").header("Access-Control-Request-Method", "POST");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let headers = answer.headers().keys().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
    assert!(!headers.iter().any(|name| name.starts_with("access-control-")), "{headers:?}");
    assert!(part(&pool.sign_in("carol", "shop").unwrap().id_token, 1).get("cognito:groups").is_none());
}

#[rocket::async_test]
async fn what_a_form_could_send_is_refused() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let body = of_pool(json!({ "Username": "alice" })).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "",
    ] {
        let request = browser.request(Method::POST, browser.url("/", &[])).body(body.clone());
        let request =
            request.header("X-Amz-Target", target("AdminDeleteUser")).header("Content-Type", content_type);
        let (status, answer) = read(request.send().await.unwrap()).await;
        assert_eq!(status, 415, "{content_type}: {answer}");
    }
    let request = browser.request(Method::POST, browser.url("/", &[])).header("Content-Type", JSON);
    let (status, answer) = read(request.body(body).send().await.unwrap()).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("UnknownOperationException")));
    assert_eq!(pool.usernames(), ["alice", "bob", "carol"]);
}

#[rocket::async_test]
async fn a_body_is_strict_json_of_64_kib_at_most() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let long = of_pool(json!({ "Username": "alice", "Nonsense": "x".repeat(65_536) }));
    assert_eq!(call(&browser, "AdminGetUser", long).await.0, 413);
    for body in ["", "{", "[]", r#"{"Username":"alice","Username":"bob"}"#, "{}{}"] {
        let text = request(&browser, "AdminGetUser", &Value::Null).body(body).send().await.unwrap();
        let (status, answer) = read(text).await;
        assert_eq!((status, &answer["__type"]), (400, &json!("SerializationException")), "{body}");
    }
}

#[rocket::async_test]
async fn it_is_counted_and_fails_in_its_own_form() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let alice = || of_pool(json!({ "Username": "alice" }));
    assert_eq!(pool.requests("/"), 0);
    for (failure, status, kind) in [
        (Failure::Throttled { retry_after: Some(7) }, 400, "TooManyRequestsException"),
        (Failure::Blocked, 400, "ForbiddenException"),
        (Failure::ServerError, 500, "InternalErrorException"),
        (Failure::Unavailable, 503, "ServiceUnavailableException"),
    ] {
        pool.fail_next("/", 1, failure);
        let (is_status, answer) = call(&browser, "AdminDeleteUser", alice()).await;
        assert_eq!((is_status, &answer["__type"]), (status, &json!(kind)));
    }
    done(&browser, "AdminGetUser", alice()).await;
    assert_eq!(pool.requests("/"), 5);

    pool.fail_next("/", 1, Failure::Unavailable);
    assert_eq!(browser.get("/", &[]).await.status(), 200, "the page at the same path is not the API");
    assert_eq!(browser.head_url(browser.url("/", &[])).send().await.unwrap().status(), 200);
    assert_eq!(call(&browser, "AdminGetUser", alice()).await.0, 503);
    assert_eq!(pool.requests("/"), 6);
}
