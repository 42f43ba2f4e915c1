//! Operations and the errors that each answers.

use rocket_cognito::local_pool::{LocalIdentity, LocalPool, LocalUser};
use serde_json::{Value, json};

use super::{done, of_pool, refused, sign_in};
use crate::browser::*;

/// Carol has an address that is not verified, `frank` comes from another provider, and `new` has not confirmed.
async fn start() -> LocalPool {
    let pool = crate::browser::start().await;
    pool.set_attribute("carol", "email_verified", "false").unwrap();
    pool.add_user(LocalUser::federated(LocalIdentity::new("Google", "frank"))).unwrap();
    let body = json!({ "ClientId": "spa", "Username": "new", "Password": "Passw0rd!" });
    done(&Browser::of(&pool), "SignUp", body).await;
    pool
}

async fn assert_refused(browser: &Browser, table: &[(&str, Value, &str)]) {
    for (operation, body, kind) in table {
        let (is_kind, message) = refused(browser, operation, body.clone()).await;
        assert_eq!(is_kind, *kind, "{operation} {body}: {message}");
    }
}

#[rocket::async_test]
async fn of_users() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let nobody = || of_pool(json!({ "Username": "nobody", "Password": "Passw0rd!", "UserAttributes": [] }));
    let mut table: Vec<_> = [
        "AdminGetUser",
        "AdminDeleteUser",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminSetUserPassword",
        "AdminUpdateUserAttributes",
        "AdminConfirmSignUp",
        "AdminUserGlobalSignOut",
    ]
    .map(|operation| (operation, nobody(), "UserNotFoundException"))
    .into();
    let alice = |more: Value| {
        let mut members = of_pool(json!({ "Username": "alice" }));
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        members
    };
    let attribute =
        |name: &str, value: &str| alice(json!({ "UserAttributes": [{ "Name": name, "Value": value }] }));
    table.extend([
        ("AdminCreateUser", alice(json!({})), "UsernameExistsException"),
        ("AdminCreateUser", alice(json!({ "MessageAction": "RESEND" })), "UnsupportedUserStateException"),
        (
            "AdminCreateUser",
            of_pool(json!({ "Username": "x", "TemporaryPassword": "x" })),
            "InvalidPasswordException",
        ),
        ("AdminSetUserPassword", alice(json!({ "Password": "nodigits!A" })), "InvalidPasswordException"),
        ("AdminUpdateUserAttributes", attribute("sub", "x"), "InvalidParameterException"),
        ("AdminUpdateUserAttributes", attribute("email", "x"), "InvalidParameterException"),
        ("AdminConfirmSignUp", alice(json!({})), "NotAuthorizedException"),
        ("ListUsers", json!({ "UserPoolId": "eu-west-1_Other" }), "ResourceNotFoundException"),
    ]);
    assert_refused(&browser, &table).await;
}

#[rocket::async_test]
async fn of_groups() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let of = |group: &str, username: &str| of_pool(json!({ "GroupName": group, "Username": username }));
    let table = [
        ("CreateGroup", of("admin", "alice"), "GroupExistsException"),
        ("GetGroup", of("nothing", "alice"), "ResourceNotFoundException"),
        ("DeleteGroup", of("nothing", "alice"), "ResourceNotFoundException"),
        ("ListUsersInGroup", of("nothing", "alice"), "ResourceNotFoundException"),
        ("AdminAddUserToGroup", of("nothing", "alice"), "ResourceNotFoundException"),
        ("AdminAddUserToGroup", of("admin", "nobody"), "UserNotFoundException"),
        ("AdminRemoveUserFromGroup", of("nothing", "alice"), "ResourceNotFoundException"),
        ("AdminRemoveUserFromGroup", of("admin", "nobody"), "UserNotFoundException"),
        ("AdminListGroupsForUser", of("admin", "nobody"), "UserNotFoundException"),
        ("ListGroups", json!({ "UserPoolId": "eu-west-1_Other" }), "ResourceNotFoundException"),
        ("CreateGroup", of("two words", "alice"), "InvalidParameterException"),
        ("CreateGroup", of_pool(json!({ "GroupName": "x", "Precedence": -1 })), "InvalidParameterException"),
    ];
    assert_refused(&browser, &table).await;
}

#[rocket::async_test]
async fn of_tokens() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let auth = |flow: &str, parameters: Value| json!({ "ClientId": "spa", "AuthFlow": flow, "AuthParameters": parameters });
    let by = |username: &str, password: &str| {
        auth("USER_PASSWORD_AUTH", json!({ "USERNAME": username, "PASSWORD": password }))
    };
    pool.add_user(LocalUser::new("off").disabled()).unwrap();
    let token = sign_in(&browser, "alice", "Passw0rd!").await;
    let refresh = |client: &str, token: &Value| json!({ "ClientId": client, "RefreshToken": token });
    let shop = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let table = [
        ("InitiateAuth", by("alice", "wrong"), "NotAuthorizedException"),
        ("InitiateAuth", by("nobody", "Passw0rd!"), "NotAuthorizedException"),
        ("InitiateAuth", by("off", "Passw0rd!"), "NotAuthorizedException"),
        ("InitiateAuth", by("Google_frank", "Passw0rd!"), "NotAuthorizedException"),
        ("InitiateAuth", by("new", "Passw0rd!"), "UserNotConfirmedException"),
        ("InitiateAuth", auth("CUSTOM_AUTH", json!({})), "InvalidParameterException"),
        ("InitiateAuth", auth("ADMIN_USER_PASSWORD_AUTH", json!({})), "InvalidParameterException"),
        ("AdminInitiateAuth", of_pool(auth("USER_PASSWORD_AUTH", json!({}))), "InvalidParameterException"),
        (
            "InitiateAuth",
            auth("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": "made-up" })),
            "NotAuthorizedException",
        ),
        ("GetTokensFromRefreshToken", refresh("spa", &shop.clone().into()), "NotAuthorizedException"),
        ("GetTokensFromRefreshToken", refresh("shop", &shop.clone().into()), "NotAuthorizedException"),
        (
            "GetTokensFromRefreshToken",
            refresh("nothing", &token["RefreshToken"]),
            "ResourceNotFoundException",
        ),
        ("RevokeToken", json!({ "ClientId": "spa", "Token": shop }), "InvalidParameterException"),
        ("RevokeToken", json!({ "ClientId": "shop", "Token": shop }), "UnauthorizedException"),
        ("RevokeToken", json!({ "ClientId": "nothing", "Token": shop }), "UnauthorizedException"),
        (
            "RevokeToken",
            json!({ "ClientId": "shop", "Token": shop, "ClientSecret": 1 }),
            "SerializationException",
        ),
        (
            "RevokeToken",
            json!({ "ClientId": "spa", "Token": token["IdToken"] }),
            "UnsupportedTokenTypeException",
        ),
        (
            "RespondToAuthChallenge",
            json!({ "ClientId": "spa", "ChallengeName": "SMS_MFA" }),
            "InvalidParameterException",
        ),
    ];
    assert_refused(&browser, &table).await;
    done(&browser, "GetTokensFromRefreshToken", refresh("spa", &token["RefreshToken"])).await;
}

#[rocket::async_test]
async fn of_the_own_account() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = sign_in(&browser, "alice", "Passw0rd!").await;
    let by = |token: &Value, more: Value| {
        let mut members = json!({ "AccessToken": token });
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        members
    };
    let id = &tokens["IdToken"];
    let mut table: Vec<_> = ["GetUser", "GlobalSignOut", "DeleteUser", "ListUserSessions"]
        .map(|operation| (operation, by(id, json!({})), "NotAuthorizedException"))
        .into();
    let access = &tokens["AccessToken"];
    let passwords = |previous: &str, proposed: &str| {
        by(access, json!({ "PreviousPassword": previous, "ProposedPassword": proposed }))
    };
    let attribute = |name: &str| by(access, json!({ "UserAttributes": [{ "Name": name, "Value": "true" }] }));
    table.extend([
        ("ChangePassword", passwords("wrong", "An0ther-one!"), "NotAuthorizedException"),
        ("ChangePassword", passwords("Passw0rd!", "short"), "InvalidPasswordException"),
        ("UpdateUserAttributes", attribute("email_verified"), "NotAuthorizedException"),
        ("UpdateUserAttributes", attribute("team"), "InvalidParameterException"),
        ("RevokeUserSession", by(access, json!({ "SessionId": "x" })), "InvalidParameterException"),
    ]);
    assert_refused(&browser, &table).await;
    sign_in(&browser, "alice", "Passw0rd!").await;
}

#[rocket::async_test]
async fn of_new_people_and_forgotten_passwords() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let of = |username: &str, code: &str, password: &str| json!({ "ClientId": "spa", "Username": username, "ConfirmationCode": code, "Password": password });
    let good = |username: &str| of(username, "123456", "Passw0rd!");
    pool.add_user(LocalUser::new("off").disabled()).unwrap();
    let mut with_flag = good("x");
    with_flag["UserAttributes"] = json!([{ "Name": "email_verified", "Value": "true" }]);
    let table = [
        ("SignUp", good("alice"), "UsernameExistsException"),
        ("SignUp", of("x", "", "short"), "InvalidPasswordException"),
        ("SignUp", with_flag, "NotAuthorizedException"),
        ("ConfirmSignUp", good("nobody"), "ExpiredCodeException"),
        ("ConfirmSignUp", good("alice"), "NotAuthorizedException"),
        ("ConfirmSignUp", of("new", "654321", ""), "CodeMismatchException"),
        ("ResendConfirmationCode", good("alice"), "InvalidParameterException"),
        ("ForgotPassword", good("Google_frank"), "NotAuthorizedException"),
        ("ConfirmForgotPassword", good("nobody"), "CodeMismatchException"),
        ("ConfirmForgotPassword", good("off"), "CodeMismatchException"),
        ("ConfirmForgotPassword", good("carol"), "ExpiredCodeException"),
        ("ConfirmForgotPassword", good("new"), "ExpiredCodeException"),
        ("ConfirmForgotPassword", of("alice", "654321", "Passw0rd!"), "CodeMismatchException"),
        ("ConfirmForgotPassword", of("alice", "123456", "short"), "InvalidPasswordException"),
        ("ConfirmForgotPassword", good("Google_frank"), "NotAuthorizedException"),
    ];
    assert_refused(&browser, &table).await;
}

#[rocket::async_test]
async fn nobody_learns_from_a_code_who_has_an_account() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    pool.add_user(LocalUser::new("off").disabled()).unwrap();
    let of = |username: &str| json!({ "ClientId": "spa", "Username": username });
    for (operation, username, destination) in [
        ("ForgotPassword", "nobody", "n***@e***"),
        ("ForgotPassword", "off", "o***@e***"),
        ("ForgotPassword", "carol", "c***@e***"),
        ("ForgotPassword", "new", "n***@e***"),
        ("ForgotPassword", "+441632960000", "+********0000"),
        ("ResendConfirmationCode", "nobody", "n***@e***"),
        ("ResendConfirmationCode", "off", "o***@e***"),
    ] {
        let details = done(&browser, operation, of(username)).await["CodeDeliveryDetails"].take();
        assert_eq!(details["Destination"], destination, "{operation} {username}");
        let medium = if username.starts_with('+') { "SMS" } else { "EMAIL" };
        assert_eq!(details["DeliveryMedium"], medium);
    }
}

#[rocket::async_test]
async fn what_a_request_lacks_is_reported_before_anybody_is_looked_up() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let tokens = sign_in(&browser, "alice", "Passw0rd!").await;
    let nobody = || of_pool(json!({ "Username": "nobody" }));
    let own = || json!({ "AccessToken": tokens["AccessToken"] });
    for (operation, body, member) in [
        ("AdminAddUserToGroup", nobody(), "groupName"),
        ("AdminRemoveUserFromGroup", nobody(), "groupName"),
        ("AdminSetUserPassword", nobody(), "password"),
        ("AdminUpdateUserAttributes", nobody(), "userAttributes"),
        ("UpdateUserAttributes", own(), "userAttributes"),
        ("UpdateUserAttributes", json!({ "AccessToken": "x" }), "userAttributes"),
        ("ChangePassword", json!({ "AccessToken": "x" }), "proposedPassword"),
        ("RevokeUserSession", json!({ "AccessToken": "x" }), "sessionId"),
    ] {
        let (kind, message) = refused(&browser, operation, body).await;
        let is_named = message.contains(&format!("Value null at '{member}'"));
        assert!(kind == "InvalidParameterException" && is_named, "{operation}: {kind} {message}");
    }
}
