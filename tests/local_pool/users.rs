//! Users that change while the pool runs.

use serde_json::json;

use crate::browser::*;

#[rocket::async_test]
async fn groups_change_with_the_next_refresh() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    for (groups, claim) in [(vec!["editor", "a:b"], Some(json!(["editor", "a:b"]))), (vec![], None)] {
        pool.set_groups("alice", groups).unwrap();
        let (_, answer) = browser.refresh(&token).await;
        for name in ["access_token", "id_token"] {
            assert_eq!(part(answer[name].as_str().unwrap(), 1).get("cognito:groups"), claim.as_ref());
        }
    }
    let signed_in = pool.sign_in("bob", "shop").unwrap();
    assert_eq!(part(&signed_in.id_token, 1)["cognito:groups"], json!(["editor"]), "others stay as they were");
}

#[rocket::async_test]
async fn a_disabled_user_cannot_refresh_redeem_or_sign_in_until_enabled_again() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let login = browser.url("/login", &authorize("shop"));
    let sign_in = |form: &[(&str, &str)]| browser.post(login.clone(), form).send();

    pool.disable_user("alice").unwrap();
    assert_eq!(browser.refresh(&token).await, invalid_grant());
    assert_eq!(browser.token(&redeem(&code)).await, invalid_grant());
    assert!(pool.sign_in("alice", "shop").is_none());
    let response = browser.get("/oauth2/authorize", &authorize("shop")).await;
    assert!(location(&response).starts_with("/login?"), "the session at the pool does not count either");
    for form in [vec![("user", "alice")], vec![("username", "alice"), ("password", "Passw0rd!")]] {
        let response = sign_in(&form).await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(!response.headers().contains_key("set-cookie"));
        assert!(response.text().await.unwrap().contains("User is disabled."));
    }
    let wrong = sign_in(&[("username", "alice"), ("password", "wrong")]).await.unwrap();
    assert!(wrong.text().await.unwrap().contains("Incorrect username or password."));
    assert!(pool.sign_in("bob", "shop").is_some());

    pool.enable_user("alice").unwrap();
    assert_eq!(browser.refresh(&token).await.0, 200);
    assert!(parameter(&sign_in(&[("user", "alice")]).await.unwrap(), "code").is_some());
}

#[rocket::async_test]
async fn a_change_that_cognito_would_refuse_changes_nothing() {
    let pool = start().await;
    for (result, word) in [
        (pool.set_groups("mallory", ["admin"]), "mallory"),
        (pool.disable_user("mallory"), "mallory"),
        (pool.enable_user("mallory"), "mallory"),
        (pool.set_groups("alice", ["editor", "two words"]), "two words"),
    ] {
        let error = result.unwrap_err();
        assert!(error.is_local_pool() && error.to_string().contains(word), "{error}");
    }
    let tokens = pool.sign_in("alice", "shop").unwrap();
    assert_eq!(part(&tokens.access_token, 1)["cognito:groups"], json!(["admin"]));
}
