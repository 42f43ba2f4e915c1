//! Sign-ins by the API, and where their tokens count.

use rocket_cognito::local_pool::{LocalClient, LocalIdentity, LocalPool, LocalUser};
use serde_json::{Value, json};

use super::{done, of_pool, refused, sign_in};
use crate::browser::*;

async fn user_info(browser: &Browser, token: &Value) -> u16 {
    let request = browser.get_url(browser.url("/oauth2/userInfo", &[]));
    request.bearer_auth(token.as_str().unwrap()).send().await.unwrap().status().as_u16()
}

#[rocket::async_test]
async fn its_tokens_are_for_the_api_alone_and_can_be_refreshed() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = sign_in(&browser, "alice", "Passw0rd!").await;
    let (access, id) = (&tokens["AccessToken"], part(tokens["IdToken"].as_str().unwrap(), 1));
    assert_eq!(part(access.as_str().unwrap(), 1)["scope"], "aws.cognito.signin.user.admin");
    assert_eq!(user_info(&browser, access).await, 401, "it lacks openid");
    assert_eq!(id["email"], "alice@example.com");
    assert!(id.get("nonce").is_none() && id.get("at_hash").is_none());

    let form = [("grant_type", "refresh_token"), ("client_id", "spa")];
    let token = ("refresh_token", tokens["RefreshToken"].as_str().unwrap());
    let (status, answer) = browser.token_by_form(&[&form[..], &[token]].concat()).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(part(answer["id_token"].as_str().unwrap(), 1)["email"], "alice@example.com");
}

#[rocket::async_test]
async fn tokens_of_the_page_count_where_they_have_the_scope() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = pool.sign_in("alice", "spa").unwrap();
    done(&browser, "GetUser", json!({ "AccessToken": tokens.access_token })).await;
    done(&browser, "GlobalSignOut", json!({ "AccessToken": tokens.access_token })).await;
    assert_eq!(user_info(&browser, &tokens.access_token.into()).await, 401, "the sign-in has ended");
    let narrow = LocalClient::new("narrow").scope("openid");
    let pool = LocalPool::start(config().client(narrow)).await.unwrap();
    let token = pool.sign_in("alice", "narrow").unwrap().access_token;
    let (_, message) = refused(&Browser::of(&pool), "GetUser", json!({ "AccessToken": token })).await;
    assert_eq!(message, "Access Token does not have required scopes");
}

#[rocket::async_test]
async fn an_expired_access_token_says_so() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    pool.set_clock_skew_seconds(-7200);
    let token = sign_in(&browser, "alice", "Passw0rd!").await["AccessToken"].take();
    pool.set_clock_skew_seconds(0);
    let (kind, message) = refused(&browser, "GetUser", json!({ "AccessToken": token })).await;
    assert_eq!((&*kind, &*message), ("NotAuthorizedException", "Access Token has expired"));
}

#[rocket::async_test]
async fn with_rotation_tokens_come_from_get_tokens_from_refresh_token_alone() {
    let pool = LocalPool::start(config().refresh_token_rotation(true)).await.unwrap();
    let browser = Browser::of(&pool);
    let token = sign_in(&browser, "alice", "Passw0rd!").await["RefreshToken"].take();
    let flow = json!({
        "ClientId": "spa", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": { "REFRESH_TOKEN": token },
    });
    let (kind, message) = refused(&browser, "InitiateAuth", flow).await;
    assert!(
        kind == "InvalidParameterException" && message.contains("GetTokensFromRefreshToken"),
        "{message}"
    );
    let body = json!({ "ClientId": "spa", "RefreshToken": token });
    let next = done(&browser, "GetTokensFromRefreshToken", body.clone()).await;
    assert_ne!(next["AuthenticationResult"]["RefreshToken"], token);
    let again = async || refused(&browser, "GetTokensFromRefreshToken", body.clone()).await.0;
    assert_eq!(again().await, "RefreshTokenReuseException");
    let token = &next["AuthenticationResult"]["RefreshToken"];
    done(&browser, "RevokeToken", json!({ "ClientId": "spa", "Token": token })).await;
    assert_eq!(again().await, "NotAuthorizedException");
}

#[rocket::async_test]
async fn a_client_with_a_secret_proves_itself_by_the_hash() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let of = |client: &str, hash: Value| {
        let parameters = json!({ "USERNAME": "alice", "PASSWORD": "Passw0rd!", "SECRET_HASH": hash });
        json!({ "ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters })
    };
    // printf aliceshop | openssl dgst -sha256 -hmac s3cret -binary | base64
    let hash = "uada9RKeK9TniWoaPwLT67QOtg9Ar7MZ1dIpIr+a170=";
    done(&browser, "InitiateAuth", of("shop", hash.into())).await;
    let parameters = json!({ "REFRESH_TOKEN": "made-up", "SECRET_HASH": hash });
    let unknown =
        json!({ "ClientId": "shop", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters });
    for (body, word) in [
        (of("shop", Value::Null), "SECRET_HASH was not received"),
        (of("shop", "made-up".into()), "SecretHash does not match for the client: shop"),
        (unknown, "Invalid Refresh Token"),
        (of("spa", hash.into()), "Unable to verify secret hash for client spa"),
    ] {
        let (kind, message) = refused(&browser, "InitiateAuth", body).await;
        assert!(kind == "NotAuthorizedException" && message.contains(word), "{message}");
    }
}

#[rocket::async_test]
async fn a_session_of_a_challenge_is_for_its_user_and_client_once() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for name in ["dave", "erin"] {
        done(&browser, "AdminCreateUser", of_pool(json!({ "Username": name }))).await;
    }
    let parameters = json!({ "USERNAME": "dave", "PASSWORD": "Passw0rd!" });
    let body = json!({ "ClientId": "spa", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters });
    let session = done(&browser, "InitiateAuth", body).await["Session"].take();
    let respond = |username: &str, session: &Value| {
        let responses = json!({ "USERNAME": username, "NEW_PASSWORD": "An0ther-one!" });
        json!({
            "ClientId": "spa", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
            "ChallengeResponses": responses,
        })
    };
    for body in [respond("erin", &session), respond("dave", &"made-up".into())] {
        assert_eq!(refused(&browser, "RespondToAuthChallenge", body).await.0, "NotAuthorizedException");
    }
    let mut wrong = respond("dave", &session);
    wrong["ChallengeResponses"]["userAttributes.team"] = "blue".into();
    assert_eq!(refused(&browser, "RespondToAuthChallenge", wrong).await.0, "InvalidParameterException");
    done(&browser, "RespondToAuthChallenge", respond("dave", &session)).await;
    let (kind, _) = refused(&browser, "RespondToAuthChallenge", respond("dave", &session)).await;
    assert_eq!(kind, "NotAuthorizedException");
    sign_in(&browser, "dave", "An0ther-one!").await;
}

#[rocket::async_test]
async fn a_password_of_an_admins_ends_a_challenge() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    done(&browser, "AdminCreateUser", of_pool(json!({ "Username": "dave" }))).await;
    let parameters = json!({ "USERNAME": "dave", "PASSWORD": "Passw0rd!" });
    let body = json!({ "ClientId": "spa", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters });
    let session = done(&browser, "InitiateAuth", body).await["Session"].take();
    let password = of_pool(json!({ "Username": "dave", "Password": "Of-an-adm1n", "Permanent": true }));
    done(&browser, "AdminSetUserPassword", password).await;
    let responses = json!({ "USERNAME": "dave", "NEW_PASSWORD": "An0ther-one!" });
    let respond = json!({
        "ClientId": "spa", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
        "ChallengeResponses": responses,
    });
    assert_eq!(refused(&browser, "RespondToAuthChallenge", respond).await.0, "NotAuthorizedException");
    sign_in(&browser, "dave", "Of-an-adm1n").await;
}

#[rocket::async_test]
async fn a_user_of_another_provider_to_whom_an_admin_gives_a_password_signs_in_by_it() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    pool.add_user(LocalUser::federated(LocalIdentity::new("Google", "1234"))).unwrap();
    let user = || of_pool(json!({ "Username": "Google_1234" }));
    assert_eq!(done(&browser, "AdminGetUser", user()).await["UserStatus"], "EXTERNAL_PROVIDER");
    let mut password = user();
    (password["Password"], password["Permanent"]) = ("An0ther-one!".into(), true.into());
    done(&browser, "AdminSetUserPassword", password).await;
    assert_eq!(done(&browser, "AdminGetUser", user()).await["UserStatus"], "CONFIRMED");
    sign_in(&browser, "Google_1234", "An0ther-one!").await;
}
