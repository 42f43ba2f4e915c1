//! `/logout`, `/error` and what all pages share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalUser};
use sha2::{Digest, Sha256};

use crate::support::*;

#[rocket::async_test]
async fn logout_ends_the_session_and_goes_to_the_registered_url() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    browser.code("alice").await;
    let response = browser.get("/logout", &[("client_id", "shop"), ("logout_uri", LOGOUT)]).await;
    assert_eq!(location(&response), LOGOUT);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("cognito=;") && cookie.contains("Max-Age=0"), "{cookie}");

    // The cookie is dead, not only removed.
    let response = browser.get("/oauth2/authorize", &authorize("shop")).await;
    assert!(location(&response).starts_with("/login?"));
}

#[rocket::async_test]
async fn a_wrong_logout_keeps_the_session() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    browser.code("alice").await;

    for (parameters, missing) in [
        (vec![("client_id", "shop")], "redirect_uri"),
        (vec![("client_id", "shop"), ("post_logout_redirect_uri", LOGOUT)], "redirect_uri"),
        (vec![("logout_uri", LOGOUT)], "client_id"),
        (vec![], "client_id"),
    ] {
        let response = browser.get("/logout", &parameters).await;
        assert_eq!(response.status(), 400);
        let sentence = format!("Required String parameter &#x27;{missing}&#x27; is not present");
        let page = response.text().await.unwrap().replace('\'', "&#x27;");
        assert!(page.contains(&sentence), "{page}");
    }
    for (client_id, logout_uri) in [("shop", "http://localhost:8000"), ("shop", CALLBACK), ("nobody", LOGOUT)]
    {
        let response = browser.get("/logout", &[("client_id", client_id), ("logout_uri", logout_uri)]).await;
        let expected = format!("/error?error=redirect_mismatch&client_id={client_id}&logout_uri=");
        assert!(location(&response).starts_with(&expected));
    }
    assert!(parameter(&browser.get("/oauth2/authorize", &authorize("shop")).await, "code").is_some());
}

#[rocket::async_test]
async fn the_error_page_tells_the_developer_what_to_do() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let sent = "http://localhost:3000/auth/callback";
    let of = |client_id| [("error", "redirect_mismatch"), ("client_id", client_id), ("redirect_uri", sent)];

    let page = browser.get("/error", &of("shop")).await.text().await.unwrap();
    for text in ["redirect_mismatch", "http:&#x2f;&#x2f;localhost:3000", "callback_urls"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains(&CALLBACK.replace('/', "&#x2f;")));

    let page = browser.get("/error", &of("nobody")).await.text().await.unwrap();
    assert!(page.contains("no client <code>nobody</code>"));
    assert!(!page.contains(&CALLBACK.replace('/', "&#x2f;")));

    let plain_http = [("client_id", "shop"), ("redirect_uri", "http://app.example/cb")];
    let page = browser.get("/error", &plain_http).await.text().await.unwrap();
    assert!(page.contains("must be https"));

    assert_eq!(browser.get("/error", &[]).await.status(), 400);
}

#[rocket::async_test]
async fn pages_escape_what_they_show() {
    let attack = "\"'><script>alert(1)</script>";
    let config = LocalPoolConfig::default()
        .port(0)
        .user(LocalUser::new(attack).group("<script>"))
        .client(LocalClient::new("shop").callback_url(CALLBACK));
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    let url = browser.url("/login", &authorize("shop"));
    let form = [("username", attack), ("password", attack)];
    for response in [
        browser.get_url(url.clone()).send().await.unwrap(),
        browser.post(url, &form).send().await.unwrap(),
        browser.get("/error", &[("error", attack), ("client_id", attack), ("redirect_uri", attack)]).await,
        browser.get("/error", &[("client_id", "shop"), ("redirect_uri", attack)]).await,
        browser.get("/error", &[("client_id", "shop"), ("logout_uri", attack)]).await,
    ] {
        let page = response.text().await.unwrap();
        assert!(page.contains("script") && !page.contains("<script"), "{page}");
        assert!(!page.contains("\"'>"), "{page}");
    }
}

#[rocket::async_test]
async fn pages_run_no_script_and_are_not_framed_or_stored() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for response in [
        browser.get("/login", &authorize("shop")).await,
        browser.get("/error", &[]).await,
        browser.get("/logout", &[]).await,
    ] {
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let policy = header("content-security-policy");
        let page = response.text().await.unwrap();
        let style = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).unwrap().0;
        let hash = STANDARD.encode(Sha256::digest(style));
        assert_eq!(
            policy,
            format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'")
        );
    }
}
