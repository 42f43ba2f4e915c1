//! `sso_seconds`: how long a browser stays signed in at the pool.

use reqwest::Response;
use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};

use crate::browser::*;

async fn signed_in(config: LocalPoolConfig) -> (LocalPool, Browser, Response) {
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    let login = browser.url("/login", &authorize("shop"));
    let response = browser.post(login, &[("user", "alice")]).send().await.unwrap();
    assert!(parameter(&response, "code").is_some());
    (pool, browser, response)
}

fn cookie(response: &Response) -> Option<&str> {
    response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap())
}

#[rocket::async_test]
async fn the_cookie_lasts_as_long_as_the_session() {
    for (config, seconds) in
        [(config(), 3600), (config().sso_seconds(1), 1), (config().sso_seconds(7_776_000), 7_776_000)]
    {
        let (_pool, _browser, response) = signed_in(config).await;
        let cookie = cookie(&response).unwrap();
        assert!(cookie.split("; ").any(|part| part == format!("Max-Age={seconds}")), "{cookie}");
    }
}

#[rocket::async_test]
async fn with_zero_every_sign_in_asks() {
    let (_pool, browser, response) = signed_in(config().sso_seconds(0)).await;
    assert_eq!(cookie(&response), None);
    let response = browser.get("/oauth2/authorize", &authorize("shop")).await;
    assert!(location(&response).starts_with("/login?"));
}

#[rocket::async_test]
async fn the_pool_itself_forgets_the_session_with_its_time() {
    let (_pool, mut browser, response) = signed_in(config().sso_seconds(1)).await;
    browser.cookie = cookie(&response).unwrap().split(';').next().map(str::to_owned);
    in_time(async {
        while parameter(&browser.get("/oauth2/authorize", &authorize("shop")).await, "code").is_some() {}
    })
    .await;
}

#[rocket::async_test]
async fn more_than_cognito_allows_is_refused() {
    let error = LocalPool::start(config().sso_seconds(7_776_001)).await.err().unwrap().to_string();
    assert!(error.contains("`sso_seconds`: must be 0 to 7776000"), "{error}");
}

#[rocket::async_test]
async fn a_second_sign_in_ends_the_first_session() {
    let (_pool, mut browser, response) = signed_in(config()).await;
    let first = cookie(&response).unwrap().split(';').next().map(str::to_owned);
    browser.cookie = first.clone();
    let login = browser.url("/login", &authorize("shop"));
    let response = browser.post(login, &[("user", "bob")]).send().await.unwrap();
    let second = cookie(&response).unwrap().split(';').next().map(str::to_owned);
    for (cookie, lasts) in [(first, false), (second, true)] {
        browser.cookie = cookie;
        let response = browser.get("/oauth2/authorize", &authorize("shop")).await;
        assert_eq!(parameter(&response, "code").is_some(), lasts);
    }
}
