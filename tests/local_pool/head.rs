//! HEAD: as GET where that is harmless.

use reqwest::header::HeaderMap;

use crate::browser::*;

#[rocket::async_test]
async fn head_has_the_status_and_headers_of_get() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let issuer_path = format!("/{}", pool.user_pool_id());
    let well_known = |name: &str| format!("{issuer_path}/.well-known/{name}");
    for (path, parameters, status) in [
        ("/", vec![], 200),
        ("/login", authorize("shop"), 200),
        ("/login", authorize("nobody"), 302),
        ("/signup", authorize("shop"), 200),
        ("/forgotPassword", authorize("shop"), 200),
        ("/error", vec![], 400),
        ("/health", vec![], 200),
        (&well_known("openid-configuration"), vec![], 200),
        (&well_known("jwks.json"), vec![], 200),
        ("/oauth2/userInfo", vec![], 400),
        ("/nothing/here", vec![], 404),
        ("/other_Pool/.well-known/jwks.json", vec![], 404),
    ] {
        let url = browser.url(path, &parameters);
        let head = browser.head_url(url.clone()).send().await.unwrap();
        let get = browser.get_url(url).send().await.unwrap();
        assert_eq!((head.status(), get.status().as_u16()), (get.status(), status), "{path}");
        for name in ["content-type", "location", "content-security-policy", "cache-control"] {
            assert_eq!(head.headers().get(name), get.headers().get(name), "{path}: {name}");
        }
        let length = |headers: &HeaderMap| headers.get("content-length").cloned();
        let has_body = length(get.headers()).is_some_and(|length| length != "0");
        assert!(!has_body || length(head.headers()) == length(get.headers()), "{path}");
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
}

#[rocket::async_test]
async fn head_hands_out_no_code_and_ends_no_session() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    browser.code("alice").await;
    let logout = [("client_id", "shop"), ("logout_uri", LOGOUT)];
    for (url, method) in [
        (browser.url("/oauth2/authorize", &authorize("shop")), "GET"),
        (browser.url("/logout", &logout), "GET"),
        (browser.url("/oauth2/token", &[]), "POST"),
        (browser.url("/oauth2/revoke", &[]), "POST"),
    ] {
        let response = browser.head_url(url).send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], method);
        assert!(!response.headers().contains_key("location"));
        assert!(!response.headers().contains_key("set-cookie"));
    }
    assert!(parameter(&browser.get("/oauth2/authorize", &authorize("shop")).await, "code").is_some());
}
