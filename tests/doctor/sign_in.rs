//! What is registered for the client: callbacks, scopes, sign-out, revocation.

use crate::setup::{CALLBACK, Setup, client};
use crate::support::stub::Answer;

#[rocket::async_test]
async fn a_domain_that_nobody_reaches_is_found() {
    let setup = Setup::new().await.set("cognito.domain", "http://127.0.0.1:1");
    setup.shows(&[("domain_differs", "localhost"), ("domain_unreachable", "Branding")]).await;
}

#[rocket::async_test]
async fn a_callback_that_the_client_does_not_know_is_found() {
    let setup = Setup::new().await.set("cognito.redirect_url", "http://localhost:8000/auth/callback2");
    setup.shows(&[("callback_unknown", "/auth/callback2")]).await;
}

#[rocket::async_test]
async fn a_further_callback_that_the_client_does_not_know_is_found() {
    let further = "http://127.0.0.1:8000/auth/callback";
    let setup = Setup::new().await.set("cognito.accepted_redirect_urls", vec![further]);
    setup.shows(&[("callback_unknown", further)]).await;
    let setup = Setup::with_client(client().callback_url(further)).await;
    setup.set("cognito.accepted_redirect_urls", vec![further]).shows(&[]).await;
}

#[rocket::async_test]
async fn each_scope_that_the_client_lacks_is_found() {
    let setup = Setup::new().await;
    let setup = setup.set("cognito.scopes", vec!["openid", "email", "shop/read", "profile", "shop/write"]);
    setup.shows(&[("scope_refused", "\"shop/read\""), ("scope_refused", "\"shop/write\"")]).await;
}

#[rocket::async_test]
async fn a_client_without_openid_is_found_once() {
    let setup = Setup::with_client(client().scope("email").scope("shop/read")).await;
    let setup = setup.set("cognito.scopes", vec!["openid", "email", "shop/read"]);
    setup.shows(&[("scope_refused", "\"openid\"")]).await;
}

#[rocket::async_test]
async fn a_server_that_is_no_pool_is_found() {
    let setup = Setup::new().await;
    setup.front.answer("/oauth2/authorize", Answer::new("404 Not Found", "", ""));
    setup.shows(&[("authorize_unexpected", "404")]).await;
}

#[rocket::async_test]
async fn a_provider_that_shows_its_page_elsewhere_is_no_mistake() {
    let setup = Setup::new().await;
    setup.front.answer("/oauth2/authorize", Answer::redirect("https://idp.example.com/saml"));
    setup.shows(&[]).await;
}

#[rocket::async_test]
async fn a_sign_out_url_that_the_client_does_not_know_is_found() {
    // Registered as a callback, which is the usual mistake.
    let setup = Setup::with_client(client()).await.set("cognito.logout_url", CALLBACK);
    setup.shows(&[("sign_out_url_unknown", "sign-out URLs")]).await;
}

#[rocket::async_test]
async fn a_sign_out_that_leads_elsewhere_is_found() {
    let setup = Setup::new().await;
    setup.front.answer("/logout", Answer::redirect("/login"));
    setup.shows(&[("sign_out_unexpected", "logout_url")]).await;
}

#[rocket::async_test]
async fn a_client_without_revocation_is_found_where_refresh_tokens_are_kept() {
    let setup = Setup::new().await;
    let refused = Answer::new(
        "400 Bad Request",
        "Content-Type: application/json\r\n",
        r#"{"error":"invalid_request"}"#,
    );
    setup.front.answer("/oauth2/revoke", refused);
    setup.shows(&[("revocation_off", "outlives the sign-out")]).await;
    setup.set("cognito.refresh_flow_enabled", false).shows(&[]).await;
}
