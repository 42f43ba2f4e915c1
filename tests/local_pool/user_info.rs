//! `GET /oauth2/userInfo`.

use reqwest::Response;
use rocket_cognito::local_pool::{Failure, LocalClient, LocalPool, LocalPoolConfig, LocalUser};
use serde_json::{Value, json};

use crate::browser::*;

const PATH: &str = "/oauth2/userInfo";
const BAD_TOKEN: &str = "Access token is expired, disabled, or deleted, or the user has globally signed out.";
const NO_OPENID: &str = "Access token does not contain openid scope";

async fn get(browser: &Browser, authorization: &str) -> Response {
    let request = browser.get_url(browser.url(PATH, &[])).header("Authorization", authorization);
    request.send().await.unwrap()
}

async fn user_info(browser: &Browser, access_token: &str) -> (u16, Value) {
    let request = browser.get_url(browser.url(PATH, &[])).bearer_auth(access_token);
    answer(request).await
}

/// Told in the header and in the body.
async fn assert_refused(response: Response, status: u16, error: &str, description: &str) {
    assert_eq!(response.status(), status, "{description}");
    assert_eq!(
        response.headers()["www-authenticate"],
        format!("error=\"{error}\", error_description=\"{description}\"")
    );
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body, json!({ "error": error, "error_description": description }));
}

async fn assert_bad_token(browser: &Browser, token: &str, what: &str) {
    let response = get(browser, &format!("Bearer {token}")).await;
    assert_eq!(response.status(), 401, "{what}");
    assert_refused(response, 401, "invalid_token", BAD_TOKEN).await;
}

fn dave() -> LocalPoolConfig {
    let dave = LocalUser::new("dave").group("admin").attribute("name", "Dave");
    config().user(dave.attribute("phone_number", "+441632960000").attribute("custom:team", "blue"))
}

#[rocket::async_test]
async fn the_scopes_decide_what_is_told() {
    let pool = LocalPool::start(dave()).await.unwrap();
    let all = "custom:team email email_verified name phone_number phone_number_verified sub username";
    for (scope, told) in [
        ("openid", all),
        ("openid profile", all),
        ("openid profile email", all),
        ("aws.cognito.signin.user.admin openid", all),
        ("email openid", "email email_verified sub username"),
        ("openid phone", "phone_number phone_number_verified sub username"),
        ("email openid phone", "email email_verified phone_number phone_number_verified sub username"),
    ] {
        let mut browser = Browser::of(&pool);
        let code = browser.sign_in("dave", &[authorize("shop"), vec![("scope", scope)]].concat()).await;
        let (_, tokens) = browser.token(&redeem(&code)[..3]).await;
        let access_token = tokens["access_token"].as_str().unwrap();
        let response = get(&browser, &format!("Bearer {access_token}")).await;
        assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &json_type()));
        let told_now: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(keys(&told_now).join(" "), told, "{scope}");

        let id = part(tokens["id_token"].as_str().unwrap(), 1);
        for (name, value) in told_now.as_object().unwrap() {
            let expected = match name.as_str() {
                "username" => "dave".to_owned(),
                // Text here, and a boolean in the ID token.
                name if name.ends_with("_verified") => id[name].as_bool().unwrap().to_string(),
                name => id[name].as_str().unwrap().to_owned(),
            };
            assert_eq!(value, &json!(expected), "{name}");
        }
    }
}

fn json_type() -> reqwest::header::HeaderValue {
    reqwest::header::HeaderValue::from_static("application/json")
}

#[rocket::async_test]
async fn a_request_without_a_bearer_token_is_a_bad_request() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let description = "Bad OAuth2 request at UserInfo Endpoint";
    let bare = browser.get(PATH, &[("access_token", "x")]).await;
    assert_refused(bare, 400, "invalid_request", description).await;
    let token = pool.sign_in("alice", "shop").unwrap().access_token;
    for authorization in ["", "Bearer", "Bearer ", "Basic c2hvcDpzM2NyZXQ=", &token] {
        let response = get(&browser, authorization).await;
        assert_refused(response, 400, "invalid_request", description).await;
    }
    for scheme in ["Bearer", "bearer"] {
        assert_eq!(get(&browser, &format!("{scheme} {token}")).await.status(), 200);
    }
}

#[rocket::async_test]
async fn only_access_tokens_that_this_pool_has_signed_count() {
    let (pool, other) = (start().await, start().await);
    let browser = Browser::of(&pool);
    let tokens = pool.sign_in("alice", "shop").unwrap();
    let [header, claims, signature] = tokens.access_token.split('.').collect::<Vec<_>>()[..] else {
        panic!("not a JWT")
    };
    let bobs = pool.sign_in("bob", "shop").unwrap().access_token;
    let bobs_claims = bobs.split('.').nth(1).unwrap();
    for (token, what) in [
        ("x".to_owned(), "no JWT"),
        ("x.y.z".to_owned(), "no base64"),
        (tokens.id_token.clone(), "an ID token"),
        (tokens.refresh_token.clone(), "a refresh token"),
        (other.sign_in("alice", "shop").unwrap().access_token, "another pool's"),
        (format!("{header}.{bobs_claims}.{signature}"), "another's claims"),
        (format!("{header}.{claims}."), "no signature"),
        (format!("{header}.{claims}"), "no signature at all"),
    ] {
        assert_bad_token(&browser, &token, what).await;
    }
    assert_eq!(user_info(&browser, &tokens.access_token).await.0, 200);

    pool.rotate_keys();
    assert_eq!(user_info(&browser, &tokens.access_token).await.0, 200, "its key is in the JWKS");
    pool.forget_old_keys();
    assert_bad_token(&browser, &tokens.access_token, "its key is gone").await;
}

#[rocket::async_test]
async fn expired_tokens_and_disabled_users_are_refused() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = pool.sign_in("alice", "shop").unwrap();
    let token = tokens.access_token;
    let bobs = pool.sign_in("bob", "shop").unwrap().access_token;
    pool.set_clock_skew_seconds(3600);
    assert_bad_token(&browser, &token, "expired").await;
    pool.set_clock_skew_seconds(0);
    assert_eq!(user_info(&browser, &token).await.0, 200);

    pool.disable_user("alice").unwrap();
    assert_bad_token(&browser, &token, "disabled").await;
    assert_eq!(user_info(&browser, &bobs).await.0, 200);
    pool.enable_user("alice").unwrap();
    assert_bad_token(&browser, &token, "revoked").await;
    let (_, fresh) = browser.refresh(&tokens.refresh_token).await;
    assert_eq!(user_info(&browser, fresh["access_token"].as_str().unwrap()).await.0, 200);
}

#[rocket::async_test]
async fn a_revocation_ends_all_access_tokens_of_its_sign_in_and_of_no_other() {
    for config in [config(), config().refresh_token_rotation(true)] {
        let pool = LocalPool::start(config).await.unwrap();
        let browser = Browser::of(&pool);
        let [one, other] = [(); 2].map(|()| pool.sign_in("alice", "shop").unwrap());
        let (_, refreshed) = browser.refresh(&one.refresh_token).await;
        let newer = refreshed["access_token"].as_str().unwrap();
        for token in [&one.access_token, newer] {
            assert_eq!(user_info(&browser, token).await.0, 200);
        }
        browser.revoke(&one.refresh_token).await;
        for token in [&one.access_token, newer] {
            assert_bad_token(&browser, token, "revoked").await;
        }
        assert_eq!(user_info(&browser, &other.access_token).await.0, 200);
        pool.set_clock_skew_seconds(-86_400);
        assert_bad_token(&browser, newer, "revoked, by whatever clock").await;
    }
}

#[rocket::async_test]
async fn tokens_without_openid_are_refused() {
    let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
    let pool = LocalPool::start(config().client(worker)).await.unwrap();
    let mut browser = Browser::of(&pool);
    let parameters = [authorize("shop"), vec![("scope", "aws.cognito.signin.user.admin")]].concat();
    let code = browser.sign_in("alice", &parameters).await;
    let (_, tokens) = browser.token(&redeem(&code)[..3]).await;
    let users = tokens["access_token"].as_str().unwrap();
    for token in [users, &pool.machine_token("worker").unwrap()] {
        let response = get(&browser, &format!("Bearer {token}")).await;
        assert_refused(response, 401, "invalid_token", NO_OPENID).await;
    }
}

#[rocket::async_test]
async fn it_is_counted_fails_and_is_held_back_as_the_others() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let token = pool.sign_in("alice", "shop").unwrap().access_token;
    pool.fail_next(PATH, 1, Failure::Throttled { retry_after: None });
    assert_eq!(user_info(&browser, &token).await.0, 429);
    assert_eq!(user_info(&browser, &token).await.0, 200);

    let hold = pool.hold(PATH);
    let asked = rocket::tokio::spawn(async move { user_info(&browser, &token).await });
    in_time(hold.reached(1)).await;
    assert!(!asked.is_finished());
    drop(hold);
    assert_eq!(in_time(asked).await.unwrap().0, 200);
    assert_eq!(pool.requests(PATH), 3);
}

#[rocket::async_test]
async fn nothing_is_told_but_what_the_user_has() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = pool.sign_in("alice", "spa").unwrap();
    let (_, told) = user_info(&browser, &tokens.access_token).await;
    let sub = part(&tokens.access_token, 1)["sub"].clone();
    let expected = json!({
        "sub": sub, "username": "alice", "email": "alice@example.com", "email_verified": "true",
    });
    assert_eq!(told, expected, "no groups, either");
}
