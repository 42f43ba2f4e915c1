//! What a user may be, and what becomes of their tokens.

use rocket_cognito::local_pool::{LocalPool, LocalUser};
use serde_json::{Value, json};

use super::{call, done, of_pool, refused, sign_in};
use crate::browser::*;

fn attributes(list: &[(&str, &str)]) -> Value {
    list.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
}

async fn sub_of(browser: &Browser, username: &str) -> String {
    let user = done(browser, "AdminGetUser", of_pool(json!({ "Username": username }))).await;
    let attributes = user["UserAttributes"].as_array().unwrap();
    let sub = attributes.iter().find(|attribute| attribute["Name"] == "sub").unwrap();
    sub["Value"].as_str().unwrap().to_owned()
}

#[rocket::async_test]
async fn nobody_is_named_as_the_sub_of_another() {
    let config = config().alias_attributes(["preferred_username"]);
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    let sub = sub_of(&browser, "carol").await;
    let body = json!({ "ClientId": "spa", "Username": sub, "Password": "Passw0rd!" });
    assert_eq!(refused(&browser, "SignUp", body).await.0, "UsernameExistsException");
    let create = of_pool(json!({ "Username": sub }));
    assert_eq!(refused(&browser, "AdminCreateUser", create).await.0, "UsernameExistsException");
    let alias = of_pool(json!({
        "Username": "bob", "UserAttributes": attributes(&[("preferred_username", &sub)]),
    }));
    assert_eq!(refused(&browser, "AdminUpdateUserAttributes", alias).await.0, "AliasExistsException");
    let error = pool.add_user(LocalUser::new("dave").with_sub("bob")).unwrap_err().to_string();
    assert!(error.contains("the sub \"bob\" is another user's"), "{error}");
    let user = done(&browser, "AdminGetUser", of_pool(json!({ "Username": sub }))).await;
    assert_eq!(user["Username"], "carol");

    let own = pool.add_user(LocalUser::new("erin").with_sub("erin"));
    own.expect("a name may be the user's own sub");
    let twice = crate::browser::config().user(LocalUser::new("a").with_sub("b")).user(LocalUser::new("b"));
    let error = LocalPool::start(twice).await.unwrap_err().to_string();
    assert!(error.contains("`users[1].username`: \"b\" is given twice"), "{error}");
}

#[rocket::async_test]
async fn whose_sub_would_be_a_name_of_another_has_a_different_one() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let dave = || of_pool(json!({ "Username": "dave" }));
    let derived = {
        let other = start().await;
        let browser = Browser::of(&other);
        done(&browser, "AdminCreateUser", dave()).await;
        sub_of(&browser, "dave").await
    };
    done(&browser, "AdminCreateUser", of_pool(json!({ "Username": derived }))).await;
    done(&browser, "AdminCreateUser", dave()).await;
    assert_ne!(sub_of(&browser, "dave").await, derived);
}

#[rocket::async_test]
async fn fifty_custom_attributes_are_the_most_of_a_user() {
    let many = |count: usize| (0..count).map(|number| (format!("custom:a{number}"), "x"));
    let listed = |count| -> Value {
        many(count).map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
    };
    let with =
        |count| many(count).fold(LocalUser::new("many"), |user, (name, value)| user.attribute(name, value));
    let error = LocalPool::start(config().user(with(51))).await.unwrap_err().to_string();
    assert!(error.contains("many has 51 attributes of `custom:`, and Cognito allows 50"), "{error}");

    let pool = LocalPool::start(config().user(with(50))).await.unwrap();
    let browser = Browser::of(&pool);
    assert!(pool.set_attribute("many", "custom:one_more", "x").is_err());
    pool.set_attribute("many", "custom:a7", "y").unwrap();
    pool.set_attribute("many", "name", "Many").unwrap();
    let body = |count| {
        json!({
            "ClientId": "spa", "Username": "new", "Password": "Passw0rd!", "UserAttributes": listed(count),
        })
    };
    assert_eq!(refused(&browser, "SignUp", body(51)).await.0, "InvalidParameterException");
    done(&browser, "SignUp", body(50)).await;
    let token = sign_in(&browser, "many", "Passw0rd!").await["AccessToken"].take();
    let one_more = attributes(&[("custom:one_more", "x")]);
    let own = json!({ "AccessToken": token, "UserAttributes": one_more });
    assert_eq!(refused(&browser, "UpdateUserAttributes", own).await.0, "InvalidParameterException");
    let swap = attributes(&[("custom:a0", ""), ("custom:one_more", "x")]);
    done(&browser, "UpdateUserAttributes", json!({ "AccessToken": token, "UserAttributes": swap })).await;
}

#[rocket::async_test]
async fn an_attribute_of_a_new_user_without_a_value_is_none() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (operation, name) in [("AdminCreateUser", "e1"), ("SignUp", "e2")] {
        let body = of_pool(json!({
            "ClientId": "spa", "Username": name, "Password": "Passw0rd!",
            "UserAttributes": attributes(&[("email", ""), ("phone_number", ""), ("custom:team", "")]),
        }));
        done(&browser, operation, body).await;
        let user = done(&browser, "AdminGetUser", of_pool(json!({ "Username": name }))).await;
        assert_eq!(user["UserAttributes"].as_array().unwrap().len(), 1, "the sub alone: {user}");
    }
}

#[rocket::async_test]
async fn an_invitation_that_is_sent_again_replaces_the_temporary_password() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    done(&browser, "AdminCreateUser", of_pool(json!({ "Username": "dave" }))).await;
    let again = |password: &str| {
        of_pool(json!({ "Username": "dave", "MessageAction": "RESEND", "TemporaryPassword": password }))
    };
    assert_eq!(refused(&browser, "AdminCreateUser", again("short")).await.0, "InvalidPasswordException");
    done(&browser, "AdminCreateUser", again("N3w-passw!")).await;
    let by = |password: &str| {
        let parameters = json!({ "USERNAME": "dave", "PASSWORD": password });
        json!({ "ClientId": "spa", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters })
    };
    assert_eq!(refused(&browser, "InitiateAuth", by("Passw0rd!")).await.0, "NotAuthorizedException");
    assert_eq!(
        done(&browser, "InitiateAuth", by("N3w-passw!")).await["ChallengeName"],
        "NEW_PASSWORD_REQUIRED"
    );
}

#[rocket::async_test]
async fn who_is_enabled_again_refreshes_but_old_access_tokens_are_revoked() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = sign_in(&browser, "alice", "Passw0rd!").await;
    let bobs = sign_in(&browser, "bob", "Passw0rd!").await["AccessToken"].take();
    let alice = || of_pool(json!({ "Username": "alice" }));
    done(&browser, "AdminDisableUser", alice()).await;
    let refresh = json!({ "ClientId": "spa", "RefreshToken": tokens["RefreshToken"] });
    let (_, message) = refused(&browser, "GetTokensFromRefreshToken", refresh.clone()).await;
    assert_eq!(message, "User is disabled.");
    done(&browser, "AdminEnableUser", alice()).await;
    let by = |token: &Value| json!({ "AccessToken": token });
    let (_, message) = refused(&browser, "GetUser", by(&tokens["AccessToken"])).await;
    assert_eq!(message, "Access Token has been revoked");
    let fresh = done(&browser, "GetTokensFromRefreshToken", refresh).await["AuthenticationResult"].take();
    assert_eq!(done(&browser, "GetUser", by(&fresh["AccessToken"])).await["Username"], "alice");
    done(&browser, "GetUser", by(&bobs)).await;
}

#[rocket::async_test]
async fn who_signs_in_by_address_keeps_one() {
    let pool = LocalPool::start(config().username_attributes(["email"])).await.unwrap();
    let browser = Browser::of(&pool);
    let email = |value: &str| {
        of_pool(json!({ "Username": "alice@example.com", "UserAttributes": attributes(&[("email", value)]) }))
    };
    let (kind, message) = refused(&browser, "AdminUpdateUserAttributes", email("")).await;
    assert!(kind == "InvalidParameterException" && message.contains("signs in by `email`"), "{message}");
    done(&browser, "AdminUpdateUserAttributes", email("a@example.org")).await;
    sign_in(&browser, "a@example.org", "Passw0rd!").await;

    let capitals = of_pool(json!({
        "Username": "dave@example.com", "UserAttributes": attributes(&[("email", "Dave@example.com")]),
    }));
    assert_eq!(call(&browser, "AdminCreateUser", capitals.clone()).await.0, 400, "case counts here");
    let pool = LocalPool::start(config().username_attributes(["email"]).case_sensitive(false)).await.unwrap();
    done(&Browser::of(&pool), "AdminCreateUser", capitals).await;
}
