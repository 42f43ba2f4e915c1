//! `resource` at `/oauth2/authorize`: access tokens for one resource.

use rocket_cognito::local_pool::{LocalClient, LocalPool};
use serde_json::{Value, json};

use crate::browser::*;

const API: &str = "https://api.example.com/v1";

fn bound_to(resource: &str) -> Vec<(&str, &str)> {
    [authorize("shop"), vec![("resource", resource)]].concat()
}

/// The `aud` of access token and ID token.
fn audiences(tokens: &Value) -> [Option<Value>; 2] {
    ["access_token", "id_token"].map(|name| part(tokens[name].as_str().unwrap(), 1).get("aud").cloned())
}

async fn redeemed(browser: &Browser, code: &str) -> Value {
    let (status, tokens) = browser.token(&redeem(code)[..3]).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

#[rocket::async_test]
async fn the_access_token_alone_is_bound_letter_for_letter() {
    let pool = start().await;
    for resource in [
        API,
        "HTTPS://API.example.com",
        "https://api.example.com/v1?x=%20&y",
        "http://localhost:3000",
        "http://127.0.0.1/x",
        "http://[::1]:8000",
        "myapp://orders",
        "solar-system-data://api",
    ] {
        let mut browser = Browser::of(&pool);
        let code = browser.sign_in("alice", &bound_to(resource)).await;
        let tokens = redeemed(&browser, &code).await;
        assert_eq!(audiences(&tokens), [Some(json!(resource)), Some(json!("shop"))]);
        assert_eq!(part(tokens["access_token"].as_str().unwrap(), 1)["client_id"], "shop");
    }
}

#[rocket::async_test]
async fn a_refresh_keeps_the_resource_and_another_sign_in_does_not() {
    for config in [config(), config().refresh_token_rotation(true)] {
        let pool = LocalPool::start(config).await.unwrap();
        let mut browser = Browser::of(&pool);
        let code = browser.sign_in("alice", &bound_to(API)).await;
        let mut tokens = redeemed(&browser, &code).await;
        let mut refresh_token = tokens["refresh_token"].clone();
        for _ in 0..2 {
            let (status, refreshed) = browser.refresh(refresh_token.as_str().unwrap()).await;
            assert_eq!(status, 200, "{refreshed}");
            assert_eq!(audiences(&refreshed), [Some(json!(API)), Some(json!("shop"))]);
            refresh_token = refreshed.get("refresh_token").cloned().unwrap_or(refresh_token);
            tokens = refreshed;
        }
        let url = browser.url("/oauth2/userInfo", &[]);
        let user_info = browser.get_url(url).bearer_auth(tokens["access_token"].as_str().unwrap());
        assert_eq!(answer(user_info).await.0, 200);

        // The same session at the pool, with another resource and with none.
        for (parameters, expected) in
            [(bound_to("myapp://orders"), Some(json!("myapp://orders"))), (authorize("shop"), None)]
        {
            let response = browser.get("/oauth2/authorize", &parameters).await;
            let tokens = redeemed(&browser, &parameter(&response, "code").unwrap()).await;
            assert_eq!(audiences(&tokens), [expected, Some(json!("shop"))]);
        }
    }
}

#[rocket::async_test]
async fn what_is_no_resource_is_told_to_the_client() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let long = format!("https://api.example.com/{}", "x".repeat(1024));
    let twice = [bound_to(API), vec![("resource", API)]].concat();
    let bad = [
        "api",
        "/api",
        "//api.example.com",
        "api.example.com",
        "https:api.example.com",
        "https://",
        "myapp://",
        "urn:example:api",
        "javascript:alert(1)",
        "http://api.example.com",
        "http://localhost.example.com",
        "HTTP://api.example.com",
        "https://api.example.com/#x",
        "myapp://orders#x",
        "https://api.example.com https://b.example.com",
        "https://bücher.example",
        &long,
    ];
    for parameters in bad.into_iter().map(bound_to).chain([twice]) {
        for path in ["/oauth2/authorize", "/login"] {
            let response = browser.get(path, &parameters).await;
            assert!(location(&response).starts_with(&format!("{CALLBACK}?")), "{parameters:?}");
            assert_eq!(parameter(&response, "error").as_deref(), Some("invalid_request"), "{parameters:?}");
            assert_eq!(parameter(&response, "state").as_deref(), Some("s-1"));
            assert_eq!(parameter(&response, "code"), None);
        }
    }
}

#[rocket::async_test]
async fn a_machines_token_cannot_be_bound() {
    let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
    let pool = LocalPool::start(config().client(worker)).await.unwrap();
    let browser = Browser::of(&pool);
    let form = [("grant_type", "client_credentials"), ("client_id", "worker"), ("client_secret", SECRET)];
    let bound = [&form[..], &[("resource", API)]].concat();
    assert_eq!(browser.token_by_form(&bound).await, (400, json!({ "error": "invalid_request" })));
    assert_eq!(browser.token_by_form(&form).await.0, 200);
}
