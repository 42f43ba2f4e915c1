//! Sessions of a user, and what the pool says of itself.

use rocket_cognito::local_pool::{LocalClient, LocalIdentity, LocalPool, LocalSessions, LocalUser};
use serde_json::{Value, json};

use super::{done, of_pool, refused, sign_in};
use crate::browser::*;

#[rocket::async_test]
async fn a_session_is_a_sign_in_however_often_it_is_refreshed() {
    let config = config().refresh_token_rotation(true).refresh_token_grace_seconds(60);
    let pool = LocalPool::start(config.sessions(LocalSessions::new())).await.unwrap();
    let browser = Browser::of(&pool);
    let page = pool.sign_in("alice", "shop").unwrap();
    pool.sign_in("bob", "shop").unwrap();
    let tokens = sign_in(&browser, "alice", "Passw0rd!").await;
    pool.set_clock_skew_seconds(100);
    browser.refresh(&page.refresh_token).await;
    pool.set_clock_skew_seconds(0);

    let by = json!({ "AccessToken": tokens["AccessToken"] });
    let sessions = done(&browser, "ListUserSessions", by.clone()).await["Sessions"].take();
    let [refreshed, current] = sessions.as_array().unwrap().as_slice() else { panic!("two, not {sessions}") };
    assert_eq!((&refreshed["ClientId"], &current["ClientId"]), (&json!("shop"), &json!("spa")));
    assert_eq!((&refreshed["IsCurrentSession"], &current["IsCurrentSession"]), (&json!(false), &json!(true)));
    let date = |session: &Value, name: &str| session[name].as_u64().unwrap();
    assert!(date(refreshed, "LastActiveDate") >= date(refreshed, "CreateDate") + 90, "{refreshed}");
    assert_eq!(date(current, "LastActiveDate"), date(current, "CreateDate"));

    let foreign = pool.sign_in("bob", "shop").unwrap().access_token;
    let foreign = json!({ "AccessToken": foreign, "SessionId": refreshed["SessionId"] });
    assert_eq!(refused(&browser, "RevokeUserSession", foreign).await.0, "ResourceNotFoundException");
    let own = json!({ "AccessToken": tokens["AccessToken"], "SessionId": refreshed["SessionId"] });
    done(&browser, "RevokeUserSession", own).await;
    assert_eq!(browser.refresh(&page.refresh_token).await, invalid_grant());
    assert_eq!(done(&browser, "ListUserSessions", by).await["Sessions"].as_array().unwrap().len(), 1);
}

#[rocket::async_test]
async fn descriptions_say_what_the_settings_say() {
    let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
    let config = config().client(worker).alias_attributes(["email"]).case_sensitive(false);
    let config = config.user(LocalUser::federated(LocalIdentity::new("Google", "1234")));
    let pool = LocalPool::start(config.refresh_token_rotation(true).access_token_seconds(300)).await.unwrap();
    let browser = Browser::of(&pool);
    let described = done(&browser, "DescribeUserPool", of_pool(json!({}))).await["UserPool"].take();
    assert_eq!(described["AliasAttributes"], json!(["email"]));
    assert_eq!(described["UsernameConfiguration"], json!({ "CaseSensitive": false }));
    assert!(described.get("UsernameAttributes").is_none());
    let describe = async |client_id: &str| {
        let body = of_pool(json!({ "ClientId": client_id }));
        done(&browser, "DescribeUserPoolClient", body).await["UserPoolClient"].take()
    };
    let shop = describe("shop").await;
    assert_eq!((&shop["ClientSecret"], &shop["CallbackURLs"]), (&json!(SECRET), &json!([CALLBACK])));
    assert_eq!(
        (&shop["AccessTokenValidity"], &shop["TokenValidityUnits"]["AccessToken"]),
        (&json!(300), &json!("seconds"))
    );
    assert_eq!(
        shop["ExplicitAuthFlows"],
        json!(["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"])
    );
    assert_eq!(shop["SupportedIdentityProviders"], json!(["COGNITO", "Google"]));
    assert!(describe("spa").await.get("ClientSecret").is_none());
    let worker = describe("worker").await;
    assert_eq!(
        (&worker["AllowedOAuthFlows"], &worker["ExplicitAuthFlows"]),
        (&json!(["client_credentials"]), &json!([]))
    );
    let unknown = of_pool(json!({ "ClientId": "nothing" }));
    assert_eq!(refused(&browser, "DescribeUserPoolClient", unknown).await.0, "ResourceNotFoundException");
}
