//! `/logout`, `/error` and what all pages share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalUser};
use sha2::{Digest, Sha256};

use crate::browser::*;

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
        (vec![("client_id", "shop"), ("redirect_uri", CALLBACK)], "response_type"),
        (vec![("client_id", "shop"), ("response_type", "code")], "redirect_uri"),
        (vec![("logout_uri", LOGOUT)], "client_id"),
        (vec![("redirect_uri", CALLBACK), ("response_type", "code")], "client_id"),
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
    for (client_id, redirect_uri) in
        [("shop", LOGOUT), ("shop", "https://evil.example/"), ("nobody", CALLBACK)]
    {
        let parameters =
            [("client_id", client_id), ("redirect_uri", redirect_uri), ("response_type", "code")];
        let expected = format!("/error?error=redirect_mismatch&client_id={client_id}&redirect_uri=");
        assert!(location(&browser.get("/logout", &parameters).await).starts_with(&expected));
        // A good form does not mend the one that wins.
        let parameters = [authorize("shop"), vec![("logout_uri", CALLBACK)]].concat();
        let expected = "/error?error=redirect_mismatch&client_id=shop&logout_uri=";
        assert!(location(&browser.get("/logout", &parameters).await).starts_with(expected));
    }
    assert!(parameter(&browser.get("/oauth2/authorize", &authorize("shop")).await, "code").is_some());
}

#[rocket::async_test]
async fn logout_with_a_callback_ends_the_session_and_asks_to_sign_in_again() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    browser.code("alice").await;
    let challenge = challenge();
    let rest = [("nonce", "n"), ("code_challenge", &*challenge), ("code_challenge_method", "S256")];
    let parameters = [&*authorize("shop"), &rest].concat();
    let url = browser.url("/logout", &parameters);
    let response = browser.get_url(url.clone()).send().await.unwrap();
    assert_eq!(location(&response), format!("/login?{}", url.query().unwrap()));
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("cognito=;") && cookie.contains("Max-Age=0"), "{cookie}");
    let silent = browser.get("/oauth2/authorize", &authorize("shop")).await;
    assert!(location(&silent).starts_with("/login?"));

    // The sign-in that follows is one as any other.
    let login = browser.url(&location(&response), &[]);
    assert_eq!(browser.get_url(login.clone()).send().await.unwrap().status(), 200);
    let response = browser.post(login, &[("user", "bob")]).send().await.unwrap();
    assert_eq!(parameter(&response, "state").as_deref(), Some("s-1"));
    let (status, tokens) = browser.token(&redeem(&parameter(&response, "code").unwrap())).await;
    assert_eq!(status, 200);
    let id = part(tokens["id_token"].as_str().unwrap(), 1);
    assert_eq!((&id["nonce"], &id["cognito:username"]), (&"n".into(), &"bob".into()));
}

#[rocket::async_test]
async fn of_both_forms_of_logout_the_sign_out_url_wins() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    browser.code("alice").await;
    let parameters = [authorize("shop"), vec![("logout_uri", LOGOUT)]].concat();
    assert_eq!(location(&browser.get("/logout", &parameters).await), LOGOUT);
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
        .identity_provider("\"'><script>")
        .client(LocalClient::new("shop").callback_url(CALLBACK));
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    let url = browser.url("/login", &authorize("shop"));
    let form = [("username", attack), ("password", attack)];
    let at_provider =
        browser.url("/login", &[authorize("shop"), vec![("identity_provider", "\"'><script>")]].concat());
    let new = [("user_id", "a <script>\"'>"), ("email", attack)];
    for response in [
        browser.get_url(url.clone()).send().await.unwrap(),
        browser.post(url, &form).send().await.unwrap(),
        browser.get_url(at_provider.clone()).send().await.unwrap(),
        browser.post(at_provider, &new).send().await.unwrap(),
        browser.post(browser.url("/signup", &authorize("shop")), &form).send().await.unwrap(),
        browser.post(browser.url("/forgotPassword", &authorize("shop")), &form).send().await.unwrap(),
        browser.get("/", &[]).await,
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
        browser.get("/", &[]).await,
        browser.get("/login", &authorize("shop")).await,
        browser.get("/signup", &authorize("shop")).await,
        browser.get("/forgotPassword", &authorize("shop")).await,
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
