//! Tokens that are too large for cookies, and keys that are not there yet.

use serde_json::json;

use super::assert_refused;
use crate::support::forge::{Key, access_claims, id_claims, with};
use crate::support::log;
use crate::support::rig::{REFRESH, Reply, Rig};

#[rocket::async_test]
async fn an_id_token_that_does_not_fit_beside_the_others_is_left_out() {
    let rig = Rig::start().await;
    let attempt = rig.begin().await;
    let padding = json!("x".repeat(14_000));
    let access = with(access_claims(), "padding", padding.clone());
    let id = with(with(id_claims(), "padding", padding), "nonce", json!(attempt.nonce));
    let page = rig.deliver(&attempt, Reply::json(200, &rig.answer(&access, &id))).await;
    assert_eq!(page.status, 303);
    assert!(page.set_cookies().iter().all(|cookie| cookie.split(';').next().unwrap().len() <= 4096));
    assert!(attempt.agent.cookie("cognito_access_token").unwrap().starts_with("5~"));
    assert_eq!(attempt.agent.cookie("cognito_id_token"), None);
    assert_eq!(attempt.agent.get(&rig.app.url("/me")).await.status, 200);
}

#[rocket::async_test]
async fn a_token_that_is_too_long_is_the_operators_business() {
    let rig = Rig::start().await;
    let padding = json!("x".repeat(18_000));
    for (access_padding, id_padding) in [(&padding, &json!("")), (&json!(""), &padding)] {
        let attempt = rig.begin().await;
        let access = with(access_claims(), "padding", access_padding.clone());
        let id = with(id_claims(), "padding", id_padding.clone());
        let id = with(id, "nonce", json!(attempt.nonce));
        let page = rig.deliver(&attempt, Reply::json(200, &rig.answer(&access, &id))).await;
        assert_refused(&page, 503, "sign_in_misconfigured", "more than 24 KiB");
    }
}

#[rocket::async_test]
async fn a_refresh_token_that_does_not_fit_is_not_kept() {
    let rig = Rig::start().await;
    let attempt = rig.begin().await;
    let large = "r".repeat(7_000);
    let answer = with(rig.tokens(&attempt), "refresh_token", json!(large));
    assert_eq!(rig.deliver(&attempt, Reply::json(200, &answer)).await.status, 303);
    assert_eq!(attempt.agent.cookie("cognito_refresh_token"), None);
    assert_eq!(attempt.agent.get(&rig.app.url("/me")).await.status, 200);
    log::assert_said("a refresh token of 7000 bytes does not fit into cookies; it is not kept");
    // To revoke it would end the access token at the pool. The next sign-in, which is refused, revokes its own.
    let refused = rig.begin().await;
    let answer = rig.answer(&access_claims(), &with(id_claims(), "nonce", json!("another")));
    assert_eq!(rig.deliver(&refused, Reply::json(200, &answer)).await.status, 400);
    assert_eq!(rig.revokes().await, [REFRESH]);
}

/// The pool has rotated its keys, and the JWKS may not be fetched again yet.
#[rocket::async_test]
async fn tokens_of_a_key_that_is_not_known_yet_ask_to_start_again() {
    let rig = Rig::start().await;
    let attempt = rig.begin().await;
    let new = Key::new("a-new-key");
    let id = with(id_claims(), "nonce", json!(attempt.nonce));
    let answer = crate::support::rig::answer(&new.token(&access_claims()), &new.token(&id));
    let page = rig.deliver(&attempt, Reply::json(200, &answer)).await;
    assert_refused(&page, 503, "pool_unavailable", "an unknown key");
    assert_eq!(page.header("retry-after"), "5");
    assert_eq!(rig.revokes().await, [REFRESH]);
}
