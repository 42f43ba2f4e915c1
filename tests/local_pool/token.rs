//! `POST /oauth2/token`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::browser::*;

#[rocket::async_test]
async fn basic_post_and_public_clients_get_tokens() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);

    let code = browser.code("alice").await;
    let (status, by_basic) = browser.token(&redeem(&code)).await;
    assert_eq!(status, 200);
    assert_eq!(keys(&by_basic), ["access_token", "expires_in", "id_token", "refresh_token", "token_type"]);
    assert_eq!(by_basic["token_type"], "Bearer");
    assert_eq!(by_basic["expires_in"], 3600);

    let code = browser.code("alice").await;
    let mut form = redeem(&code);
    form.extend([("client_id", "shop"), ("client_secret", SECRET)]);
    assert_eq!(browser.token_by_form(&form).await.0, 200);

    let code = browser.code_for("spa", "alice").await;
    let mut form = redeem(&code);
    form.push(("client_id", "spa"));
    assert_eq!(browser.token_by_form(&form).await.0, 200);
}

#[rocket::async_test]
async fn claims_are_cognitos() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let (_, tokens) = browser.token(&redeem(&code)).await;
    let [access_token, id_token, refresh_token] =
        ["access_token", "id_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned());

    let keys_of_pool = jwks(&browser, &pool).await;
    for token in [&access_token, &id_token] {
        assert_eq!(keys(&part(token, 0)), ["alg", "kid"]);
        assert_eq!(part(token, 0)["alg"], "RS256");
        assert_eq!(verifying_kid(&keys_of_pool, token).unwrap(), part(token, 0)["kid"]);
    }
    assert_ne!(part(&access_token, 0)["kid"], part(&id_token, 0)["kid"]);

    let (access, id) = (part(&access_token, 1), part(&id_token, 1));
    let access_claims = "acr amr auth_time client_id cognito:groups event_id exp iat iss jti origin_jti scope sub \
                         token_use username version";
    assert_eq!(keys(&access).join(" "), access_claims);
    let id_claims = "acr amr at_hash aud auth_time cognito:groups cognito:username email email_verified event_id exp iat \
                     iss jti nonce origin_jti sub token_use";
    assert_eq!(keys(&id).join(" "), id_claims);

    assert_eq!(access["scope"], "aws.cognito.signin.user.admin email openid phone profile");
    assert_eq!(access["version"], 2);
    assert_eq!((&access["client_id"], &access["username"]), (&json!("shop"), &json!("alice")));
    assert_eq!((&id["aud"], &id["cognito:username"]), (&json!("shop"), &json!("alice")));
    assert_eq!((&id["email"], &id["email_verified"]), (&json!("alice@example.com"), &json!(true)));
    assert_eq!(id["nonce"], "n-0S6");
    assert_eq!(id["at_hash"], URL_SAFE_NO_PAD.encode(&Sha256::digest(&access_token)[..16]));
    for (claims, token_use) in [(&access, "access"), (&id, "id")] {
        assert_eq!(claims["token_use"], token_use);
        assert_eq!(claims["iss"], pool.issuer());
        assert_eq!(claims["cognito:groups"], json!(["admin"]));
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    }
    for same in ["sub", "origin_jti", "event_id", "auth_time"] {
        assert_eq!(access[same], id[same]);
    }
    assert_ne!(access["jti"], id["jti"]);

    assert_eq!(refresh_token.split('.').count(), 5);
    assert!((1700..1900).contains(&refresh_token.len()), "{}", refresh_token.len());
}

#[rocket::async_test]
async fn groups_are_absent_when_empty() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("carol").await;
    let (_, tokens) = browser.token(&redeem(&code)).await;
    for name in ["access_token", "id_token"] {
        assert_eq!(part(tokens[name].as_str().unwrap(), 1).get("cognito:groups"), None);
    }
}

#[rocket::async_test]
async fn scopes_decide_what_the_answer_holds() {
    let pool = start().await;
    for (scope, id_claims) in [
        ("aws.cognito.signin.user.admin", None),
        ("openid", Some(true)),
        ("openid phone", Some(false)),
        ("email openid", Some(true)),
    ] {
        let mut browser = Browser::of(&pool);
        let mut parameters = authorize("shop");
        parameters.push(("scope", scope));
        let code = browser.sign_in("alice", &parameters).await;
        let (_, tokens) = browser.token(&redeem(&code)[..3]).await;
        assert_eq!(part(tokens["access_token"].as_str().unwrap(), 1)["scope"], scope);
        let email = tokens["id_token"].as_str().map(|token| part(token, 1).get("email").is_some());
        assert_eq!(email, id_claims, "{scope}");
    }
}

#[rocket::async_test]
async fn a_failed_client_authentication_does_not_burn_the_code() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let form = redeem(&code);
    let wrong_secret = json!({ "error": "invalid_client", "error_description": "invalid_client_secret" });

    let url = browser.url("/oauth2/token", &[]);
    let basic = |id: &'static str, secret: &'static str| {
        answer(browser.post(url.clone(), &form).basic_auth(id, Some(secret)))
    };
    assert_eq!(basic("shop", "wrong").await, (400, wrong_secret.clone()));
    assert_eq!(basic("nobody", SECRET).await, (400, json!({ "error": "invalid_client" })));
    let bearer = browser.post(url.clone(), &form).bearer_auth("x");
    assert_eq!(answer(bearer).await, (400, json!({ "error": "invalid_client" })));

    let by_form = |extra: &[(&'static str, &'static str)]| {
        let all: Vec<_> = form.iter().copied().chain(extra.iter().copied()).collect();
        answer(browser.post(url.clone(), &all))
    };
    assert_eq!(by_form(&[("client_id", "shop")]).await, (400, wrong_secret.clone()));
    assert_eq!(by_form(&[("client_id", "shop"), ("client_secret", "wrong")]).await, (400, wrong_secret));
    assert_eq!(by_form(&[]).await, (400, json!({ "error": "invalid_request" })));
    assert_eq!(
        by_form(&[("client_id", "spa"), ("client_secret", "any")]).await,
        (400, json!({ "error": "invalid_client" }))
    );
    assert_eq!(basic("spa", "").await, (400, json!({ "error": "invalid_client" })));
    // Not the client that the code was made for, either.
    assert_eq!(by_form(&[("client_id", "spa")]).await, (400, json!({ "error": "invalid_grant" })));

    assert_eq!(browser.token(&form).await.0, 200);
}

#[rocket::async_test]
async fn a_code_works_once_and_with_its_own_callback_and_verifier() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let invalid_grant = (400, json!({ "error": "invalid_grant" }));

    let code = browser.code("alice").await;
    assert_eq!(browser.token(&redeem(&code)).await.0, 200);
    assert_eq!(browser.token(&redeem(&code)).await, invalid_grant);
    assert_eq!(browser.token(&redeem("never-given")).await, invalid_grant);

    let code = browser.code("alice").await;
    let mut form = redeem(&code);
    form[3].1 = "another-verifier-of-at-least-forty-three-chars";
    assert_eq!(browser.token(&form).await, invalid_grant);

    let code = browser.code("alice").await;
    assert_eq!(browser.token(&redeem(&code)[..3]).await, invalid_grant, "no verifier");

    let code = browser.sign_in("alice", &authorize("shop")).await;
    assert_eq!(browser.token(&redeem(&code)).await, invalid_grant, "no challenge");

    let code = browser.code("alice").await;
    let mut form = redeem(&code);
    form[2].1 = "http://localhost:8000/auth/callback/";
    assert_eq!(
        browser.token(&form).await,
        (400, json!({ "error": "unauthorized_client", "error_description": "invalid_redirect" }))
    );
}

#[rocket::async_test]
async fn malformed_requests_are_told_apart() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let invalid_request = (400, json!({ "error": "invalid_request" }));
    let form = redeem(&code);

    assert_eq!(browser.token(&[]).await, invalid_request);
    for left_out in 0..3 {
        let mut form = form.clone();
        form.remove(left_out);
        assert_eq!(browser.token(&form).await, invalid_request, "without {left_out}");
    }
    let repeated: Vec<_> = form.iter().copied().chain([("code", "another")]).collect();
    assert_eq!(browser.token(&repeated).await, invalid_request);
    assert_eq!(browser.token(&[("grant_type", "refresh_token")]).await, invalid_request);
    let json = browser.post(browser.url("/oauth2/token", &[]), &form).basic_auth("shop", Some(SECRET));
    let json = json.header("Content-Type", "application/json").body("{}");
    assert_eq!(answer(json).await, invalid_request);

    let unsupported = (400, json!({ "error": "unsupported_grant_type" }));
    assert_eq!(browser.token(&[("grant_type", "password")]).await, unsupported);
    let unauthorized = (400, json!({ "error": "unauthorized_client" }));
    assert_eq!(browser.token(&[("grant_type", "client_credentials")]).await, unauthorized);

    assert_eq!(browser.token(&form).await.0, 200, "none of them spent the code");
}

#[rocket::async_test]
async fn a_refresh_keeps_the_groups_and_brings_no_new_refresh_token() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let (_, first) = browser.token(&redeem(&code)).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())];
    for _ in 0..2 {
        let (status, again) = browser.token(&form).await;
        assert_eq!(status, 200);
        assert_eq!(keys(&again), ["access_token", "expires_in", "id_token", "token_type"]);
        for name in ["access_token", "id_token"] {
            let [old, new] = [&first, &again].map(|tokens| part(tokens[name].as_str().unwrap(), 1));
            assert_eq!(new["cognito:groups"], json!(["admin"]));
            for kept in ["sub", "origin_jti", "auth_time", "scope", "iss", "token_use"] {
                assert_eq!(old[kept], new[kept], "{kept}");
            }
            assert_ne!(old["jti"], new["jti"]);
        }
    }
    let by_another: Vec<_> = form.into_iter().chain([("client_id", "spa")]).collect();
    let invalid_grant = (400, json!({ "error": "invalid_grant" }));
    assert_eq!(browser.token_by_form(&by_another).await, invalid_grant);
    assert_eq!(
        browser.token(&[("grant_type", "refresh_token"), ("refresh_token", "x")]).await,
        invalid_grant
    );
}
