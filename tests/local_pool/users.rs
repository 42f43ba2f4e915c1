//! Users that change while the pool runs.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use rocket::tokio::task::spawn_blocking;
use rocket_cognito::local_pool::{LocalIdentity, LocalPool, LocalTrigger, LocalUser};
use serde_json::{Value, json};

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
        (pool.remove_user("mallory"), "mallory"),
        (pool.set_attribute("mallory", "name", "x"), "mallory"),
        (pool.remove_attribute("mallory", "name"), "mallory"),
        (pool.set_trigger("mallory", LocalTrigger::new()), "mallory"),
        (pool.set_groups("alice", ["editor", "two words"]), "two words"),
        (pool.set_attribute("alice", "sub", "x"), "cannot be changed"),
        (pool.set_attribute("alice", "phone_number_verified", "true"), "no `phone_number` that could be"),
        (pool.remove_attribute("alice", "sub"), "cannot be changed"),
        (pool.remove_attribute("alice", "identities"), "cannot be changed"),
        (pool.remove_attribute("alice", "emial"), "is none of Cognito's"),
        (pool.remove_attribute("alice", "cognito:roles"), "type roles = "),
        (pool.set_attribute("alice", "team", "x"), "\"custom:team\""),
        (pool.set_attribute("alice", "email", "x"), "needs an address"),
        (pool.set_attribute("alice", "name", "x".repeat(2049)), "2049 bytes"),
        (pool.set_trigger("alice", LocalTrigger::new().access_claim("sub", "x")), "claim `sub`"),
        (pool.add_user(LocalUser::new("alice")), "\"alice\" is another user's"),
        (pool.add_user(LocalUser::new("two words")), "`username`: "),
        (pool.add_user(LocalUser::new("dave").with_sub(alices_sub(&pool))), "is another user's, alice"),
    ] {
        let error = result.unwrap_err();
        assert!(error.is_local_pool() && error.to_string().contains(word), "{error}");
    }
    let tokens = pool.sign_in("alice", "shop").unwrap();
    assert_eq!(part(&tokens.access_token, 1)["cognito:groups"], json!(["admin"]));
    assert_eq!(pool.usernames(), ["alice", "bob", "carol"]);
}

fn alices_sub(pool: &LocalPool) -> String {
    part(&pool.sign_in("alice", "shop").unwrap().access_token, 1)["sub"].as_str().unwrap().to_owned()
}

async fn user_info(browser: &Browser, access_token: &str) -> (u16, Value) {
    answer(browser.get_url(browser.url("/oauth2/userInfo", &[])).bearer_auth(access_token)).await
}

#[rocket::async_test]
async fn an_added_user_signs_in_at_once() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    pool.add_user(LocalUser::new("dave").group("staff").attribute("name", "Dave")).unwrap();
    pool.add_user(LocalUser::federated(LocalIdentity::new("Google", "1234"))).unwrap();
    assert_eq!(pool.usernames(), ["alice", "bob", "carol", "dave", "Google_1234"]);
    let linked = pool.add_user(LocalUser::new("erin").identity(LocalIdentity::new("Google", "1234")));
    assert!(linked.unwrap_err().to_string().contains("\"Google_1234\" is another user's"));
    let page = browser.get("/login", &authorize("shop")).await.text().await.unwrap();
    assert!(page.contains("value=\"dave\"") && page.contains("Continue with Google"), "{page}");
    let at_google = [authorize("shop"), vec![("identity_provider", "Google")]].concat();
    let page = browser.get("/login", &at_google).await.text().await.unwrap();
    assert!(page.contains("value=\"Google_1234\""), "{page}");
    let code = browser.code("dave").await;
    let (_, tokens) = browser.token(&redeem(&code)).await;
    let id = part(tokens["id_token"].as_str().unwrap(), 1);
    assert_eq!((&id["name"], &id["cognito:groups"]), (&json!("Dave"), &json!(["staff"])));
    let launched = LocalPool::start(config().user(LocalUser::new("dave"))).await.unwrap();
    let there = part(&launched.sign_in("dave", "shop").unwrap().id_token, 1);
    assert_eq!(id["sub"], there["sub"], "as if there from the start");
}

#[rocket::async_test]
async fn a_removed_user_is_refused_everywhere_and_nobody_inherits_their_sign_ins() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let tokens = pool.sign_in("alice", "shop").unwrap();
    let sub = alices_sub(&pool);
    pool.remove_user("alice").unwrap();
    assert_eq!(pool.usernames(), ["bob", "carol"]);
    let assert_refused = async || {
        assert_eq!(browser.refresh(&tokens.refresh_token).await, invalid_grant());
        assert_eq!(browser.token(&redeem(&code)).await, invalid_grant());
        assert_eq!(user_info(&browser, &tokens.access_token).await.0, 401);
        let response = browser.get("/oauth2/authorize", &authorize("shop")).await;
        assert!(location(&response).starts_with("/login?"), "the session at the pool is over");
    };
    assert_refused().await;
    assert!(pool.sign_in("alice", "shop").is_none());
    let form = [("username", "alice"), ("password", "Passw0rd!")];
    let response = browser.post(browser.url("/login", &authorize("shop")), &form).send().await.unwrap();
    assert_eq!(response.status(), 401);

    pool.add_user(LocalUser::new("alice")).unwrap();
    assert_refused().await;
    assert_ne!(alices_sub(&pool), sub, "another person of the same name");
    pool.remove_user("alice").unwrap();
    pool.add_user(LocalUser::new("alice").with_sub(&sub)).unwrap();
    assert_refused().await;
    assert!(pool.sign_in("bob", "shop").is_some());
}

#[rocket::async_test]
async fn a_sign_in_that_a_removal_overtakes_is_not_inherited() {
    let pool = Arc::new(start().await);
    pool.add_user(LocalUser::new("dave")).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let signing_in = spawn_blocking({
        let (pool, over) = (pool.clone(), over.clone());
        move || {
            let mut all = Vec::new();
            while !over.load(Relaxed) {
                all.extend(pool.sign_in("dave", "shop"));
            }
            all
        }
    });
    let changing = spawn_blocking({
        let pool = pool.clone();
        move || {
            for _ in 0..20 {
                // So that the other is in the middle of a sign-in.
                drop(pool.sign_in("dave", "spa"));
                pool.remove_user("dave").unwrap();
                pool.add_user(LocalUser::new("dave")).unwrap();
            }
        }
    });
    changing.await.unwrap();
    over.store(true, Relaxed);
    let sub = |token: &str| part(token, 1)["sub"].clone();
    let dave = sub(&pool.sign_in("dave", "shop").unwrap().access_token);
    let browser = Browser::of(&pool);
    for tokens in signing_in.await.unwrap() {
        let (status, answer) = browser.refresh(&tokens.refresh_token).await;
        assert_eq!(status == 200, sub(&tokens.access_token) == dave, "{answer}");
    }
}

#[rocket::async_test]
async fn attributes_change_at_user_info_at_once_and_in_tokens_with_the_next_refresh() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = pool.sign_in("alice", "shop").unwrap();
    let names = ["email", "email_verified", "name", "updated_at"];
    let pick = |claims: &Value| names.map(|name| claims.get(name).cloned().unwrap_or_default());
    pool.set_attribute("alice", "email", "alice@new.example").unwrap();
    pool.set_attribute("alice", "email_verified", "false").unwrap();
    pool.set_attribute("alice", "name", "Alice").unwrap();
    pool.set_attribute("alice", "updated_at", "1700000000").unwrap();
    for (is_there, email, verified, text, name) in [
        (true, json!("alice@new.example"), json!(false), json!("false"), json!("Alice")),
        (false, Value::Null, Value::Null, Value::Null, Value::Null),
    ] {
        if !is_there {
            pool.remove_attribute("alice", "email").unwrap();
            pool.remove_attribute("alice", "name").unwrap();
        }
        let time = json!(1_700_000_000);
        let (_, info) = user_info(&browser, &tokens.access_token).await;
        assert_eq!(pick(&info), [email.clone(), text, name.clone(), time.clone()]);
        let (_, answer) = browser.refresh(&tokens.refresh_token).await;
        assert_eq!(pick(&part(answer["id_token"].as_str().unwrap(), 1)), [email, verified, name, time]);
    }
}

#[rocket::async_test]
async fn an_address_that_changes_is_no_longer_verified() {
    let pool = start().await;
    let claims = || {
        let id = part(&pool.sign_in("alice", "shop").unwrap().id_token, 1);
        ["email_verified", "phone_number_verified", "custom:x_verified"]
            .map(|name| id.get(name).cloned().unwrap_or_default())
    };
    for (name, value, expected) in [
        ("email", "alice@example.com", json!([true, null, null])),
        ("email", "alice@new.example", json!([false, null, null])),
        ("email_verified", "true", json!([true, null, null])),
        ("phone_number", "+441632960000", json!([true, false, null])),
        ("phone_number_verified", "true", json!([true, true, null])),
        ("phone_number", "+441632960001", json!([true, false, null])),
        ("custom:x_verified", "7", json!([true, false, "7"])),
    ] {
        pool.set_attribute("alice", name, value).unwrap();
        assert_eq!(json!(claims()), expected, "{name} = {value}");
    }
    pool.remove_attribute("alice", "custom:x").unwrap();
    assert_eq!(json!(claims()), json!([true, false, "7"]), "it is another attribute");
    pool.remove_attribute("alice", "email").unwrap();
    let error = pool.set_attribute("alice", "email_verified", "true").unwrap_err().to_string();
    assert!(error.contains("alice has no `email` that could be verified"), "{error}");
}

#[rocket::async_test]
async fn claims_of_a_trigger_change_with_the_next_refresh() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    for (trigger, tenant, beta) in [
        (
            LocalTrigger::new().access_claim("tenant", "acme").id_claim("beta", true),
            json!("acme"),
            json!(true),
        ),
        (LocalTrigger::new().access_claim("tenant", json!({ "id": 7 })), json!({ "id": 7 }), Value::Null),
        (LocalTrigger::new(), Value::Null, Value::Null),
    ] {
        pool.set_trigger("alice", trigger).unwrap();
        let (_, answer) = browser.refresh(&token).await;
        let claims = ["access_token", "id_token"].map(|name| part(answer[name].as_str().unwrap(), 1));
        let claim = |index: usize, name: &str| claims[index].get(name).cloned().unwrap_or_default();
        assert_eq!((claim(0, "tenant"), claim(1, "beta")), (tenant, beta));
    }
}
