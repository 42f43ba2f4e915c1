//! `POST /oauth2/revoke`.

use serde_json::json;

use crate::browser::*;

#[rocket::async_test]
async fn a_revoked_refresh_token_is_dead_and_its_siblings_live() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let [one, other] = [(); 2].map(|()| pool.sign_in("alice", "shop").unwrap());
    let url = browser.url("/oauth2/revoke", &[]);

    // Twice: an already revoked token is no error, and neither is an unknown one.
    for token in [&one.refresh_token, &one.refresh_token, &"unknown".to_owned()] {
        let request = browser.post(url.clone(), &[("token", token)]).basic_auth("shop", Some(SECRET));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.text().await.unwrap(), "");
    }
    let refresh = |token: String| {
        let browser = &browser;
        async move { browser.token(&[("grant_type", "refresh_token"), ("refresh_token", &token)]).await }
    };
    assert_eq!(refresh(one.refresh_token.clone()).await, (400, json!({ "error": "invalid_grant" })));
    assert_eq!(refresh(other.refresh_token.clone()).await.0, 200);
}

#[rocket::async_test]
async fn wrong_revocations_are_told_apart() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = pool.sign_in("alice", "shop").unwrap();
    let url = browser.url("/oauth2/revoke", &[]);
    let revoke = |form: Vec<(&'static str, String)>, secret: Option<&'static str>| {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = browser.post(url.clone(), &form);
        answer(match secret {
            Some(secret) => request.basic_auth("shop", Some(secret)),
            None => request,
        })
    };
    let token = |token: &String| vec![("token", token.clone())];

    for jwt in [&tokens.access_token, &tokens.id_token] {
        let answer = revoke(token(jwt), Some(SECRET)).await;
        assert_eq!(answer, (400, json!({ "error": "unsupported_token_type" })));
    }
    assert_eq!(revoke(vec![], Some(SECRET)).await, (400, json!({ "error": "invalid_request" })));
    let repeated = [token(&tokens.refresh_token), token(&tokens.refresh_token)].concat();
    assert_eq!(revoke(repeated, Some(SECRET)).await, (400, json!({ "error": "invalid_request" })));

    let (status, body) = revoke(token(&tokens.refresh_token), Some("wrong")).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    for id in ["shop", "nobody"] {
        let form = [token(&tokens.refresh_token), vec![("client_id", id.to_owned())]].concat();
        let (status, body) = revoke(form, None).await;
        assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    }
    let by_another = [token(&tokens.refresh_token), vec![("client_id", "spa".to_owned())]].concat();
    assert_eq!(revoke(by_another, None).await, (400, json!({ "error": "invalid_request" })));

    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh_token.as_str())];
    assert_eq!(browser.token(&form).await.0, 200, "none of them revoked it");
}

#[rocket::async_test]
async fn a_public_client_revokes_with_its_id() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = pool.sign_in("bob", "spa").unwrap();
    let form = [("token", tokens.refresh_token.as_str()), ("client_id", "spa")];
    let response = browser.post(browser.url("/oauth2/revoke", &[]), &form).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh_token), ("client_id", "spa")];
    assert_eq!(browser.token_by_form(&form).await.0, 400);
}
