//! `POST /`: Cognito's API.

mod errors;
mod groups;
mod judge;
mod lists;
mod sessions;
mod sign_in;
mod token_exchange;
mod users;
mod web_pages;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::browser::*;

const JSON: &str = "application/x-amz-json-1.1";

fn target(operation: &str) -> String {
    format!("AWSCognitoIdentityProviderService.{operation}")
}

/// A call as the SDKs send it, unsigned.
fn request(browser: &Browser, operation: &str, body: &Value) -> RequestBuilder {
    let request = browser.request(Method::POST, browser.url("/", &[]));
    request.header("X-Amz-Target", target(operation)).header("Content-Type", JSON).body(body.to_string())
}

/// The status and what was answered; an empty body is `null`.
async fn call(browser: &Browser, operation: &str, body: Value) -> (u16, Value) {
    read(request(browser, operation, &body).send().await.unwrap()).await
}

async fn read(response: Response) -> (u16, Value) {
    assert_eq!(response.headers()["content-type"], JSON);
    let status = response.status().as_u16();
    let kind = response.headers().get("x-amzn-errortype").map(|kind| kind.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let body: Value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
    assert_eq!(body.get("__type").map(|kind| kind.as_str().unwrap().to_owned()), kind);
    (status, body)
}

/// What an operation that succeeds answers.
pub async fn done(browser: &Browser, operation: &str, body: Value) -> Value {
    let (status, answer) = call(browser, operation, body).await;
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// The type and the message of an error with status 400.
pub async fn refused(browser: &Browser, operation: &str, body: Value) -> (String, String) {
    let (status, answer) = call(browser, operation, body).await;
    assert_eq!(status, 400, "{operation}: {answer}");
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("__type"), text("message"))
}

/// Tokens of a sign-in at the client `spa`.
pub async fn sign_in(browser: &Browser, username: &str, password: &str) -> Value {
    let parameters = json!({ "USERNAME": username, "PASSWORD": password });
    let body = json!({ "ClientId": "spa", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters });
    done(browser, "InitiateAuth", body).await["AuthenticationResult"].take()
}

/// An operation about this pool, with these members.
pub fn of_pool(mut members: Value) -> Value {
    members["UserPoolId"] = "eu-west-1_LocalPool".into();
    members
}

#[rocket::async_test]
async fn what_is_missing_or_of_another_type_is_named() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let invalid = "InvalidParameterException";
    for (operation, body, kind, word) in [
        ("AdminGetUser", json!({ "Username": "alice" }), invalid, "Value null at 'userPoolId'"),
        ("AdminGetUser", of_pool(json!({})), invalid, "Value null at 'username'"),
        ("AdminGetUser", of_pool(json!({ "Username": null })), invalid, "Value null at 'username'"),
        ("AdminGetUser", of_pool(json!({ "Username": "" })), invalid, "'username' failed to satisfy"),
        ("AdminGetUser", of_pool(json!({ "Username": "two words" })), invalid, "regular expression"),
        ("AdminGetUser", of_pool(json!({ "Username": "x".repeat(129) })), invalid, "equal to 128"),
        ("AdminGetUser", of_pool(json!({ "Username": 1 })), "SerializationException", "Username"),
        ("AdminGetUser", json!([]), "SerializationException", "no JSON object"),
        ("ListUsers", of_pool(json!({ "Limit": "1" })), "SerializationException", "Limit"),
        ("ListUsers", of_pool(json!({ "Limit": 61 })), invalid, "equal to 60"),
        ("ListUsers", of_pool(json!({ "Limit": -1 })), invalid, "equal to 0"),
        (
            "ListUsers",
            of_pool(json!({ "AttributesToGet": "sub" })),
            "SerializationException",
            "AttributesToGet",
        ),
        ("ListUsers", of_pool(json!({ "PaginationToken": "made-up" })), invalid, "pagination token"),
        (
            "AdminCreateUser",
            of_pool(json!({ "Username": "x", "MessageAction": "SEND" })),
            invalid,
            "enum value set: [RESEND, SUPPRESS]",
        ),
        (
            "AdminCreateUser",
            of_pool(json!({ "Username": "x", "UserAttributes": [{ "Value": "v" }] })),
            invalid,
            "Value null at 'name'",
        ),
        (
            "AdminCreateUser",
            of_pool(json!({ "Username": "x", "UserAttributes": [{ "Name": "team", "Value": "v" }] })),
            invalid,
            "\"custom:team\"",
        ),
        (
            "AdminSetUserPassword",
            of_pool(json!({ "Username": "alice", "Password": "Passw0rd!", "Permanent": "yes" })),
            "SerializationException",
            "Permanent",
        ),
        ("InitiateAuth", json!({ "ClientId": "spa" }), invalid, "Value null at 'authFlow'"),
        (
            "InitiateAuth",
            json!({ "ClientId": "spa", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {} }),
            invalid,
            "Missing required parameter USERNAME",
        ),
        ("GetUser", json!({ "AccessToken": "x" }), "NotAuthorizedException", "Invalid Access Token"),
        (
            "CreateUserPool",
            json!({}),
            "UnknownOperationException",
            "no operation \"CreateUserPool\". It has Add",
        ),
    ] {
        let (is_kind, message) = refused(&browser, operation, body).await;
        assert!(is_kind == kind && message.contains(word), "{operation}: {is_kind} {message}");
    }
    let unknown = of_pool(json!({ "Username": "alice", "Nonsense": { "a": [1] } }));
    assert_eq!(done(&browser, "AdminGetUser", unknown).await["Username"], "alice");
}

#[rocket::async_test]
async fn an_admin_creates_changes_disables_and_removes_a_user() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let dave = || of_pool(json!({ "Username": "dave" }));
    let mut create = dave();
    create["UserAttributes"] = json!([{ "Name": "phone_number", "Value": "+441632960000" }]);
    let user = done(&browser, "AdminCreateUser", create).await["User"].take();
    assert_eq!((&user["UserStatus"], &user["Enabled"]), (&json!("FORCE_CHANGE_PASSWORD"), &json!(true)));
    assert!(user["UserCreateDate"].is_u64());
    assert!(!user["Attributes"].to_string().contains("email"), "{user}");
    assert!(pool.sign_in("dave", "spa").is_none(), "the password is to be replaced first");

    let mut password = dave();
    (password["Password"], password["Permanent"]) = ("An0ther-one!".into(), true.into());
    done(&browser, "AdminSetUserPassword", password).await;
    let tokens = sign_in(&browser, "dave", "An0ther-one!").await;
    let user = json!({ "AccessToken": tokens["AccessToken"] });
    assert_eq!(done(&browser, "GetUser", user.clone()).await["Username"], "dave");

    done(&browser, "AdminDisableUser", dave()).await;
    assert_eq!(refused(&browser, "GetUser", user.clone()).await.0, "NotAuthorizedException");
    done(&browser, "AdminEnableUser", dave()).await;
    assert_eq!(done(&browser, "AdminDeleteUser", dave()).await, Value::Null);
    assert_eq!(refused(&browser, "GetUser", user).await.0, "NotAuthorizedException");
    assert_eq!(refused(&browser, "AdminGetUser", dave()).await.0, "UserNotFoundException");
    assert_eq!(pool.usernames(), ["alice", "bob", "carol"]);
}

#[rocket::async_test]
async fn where_people_sign_in_by_address_usernames_are_uuids() {
    let config = config().username_attributes(["email"]);
    let pool = rocket_cognito::local_pool::LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    let body = json!({ "ClientId": "spa", "Username": "dave@example.com", "Password": "Passw0rd!" });
    let sub = done(&browser, "SignUp", body).await["UserSub"].take();
    let body = json!({ "ClientId": "spa", "Username": "dave@example.com", "ConfirmationCode": "123456" });
    done(&browser, "ConfirmSignUp", body).await;
    let user = done(&browser, "AdminGetUser", of_pool(json!({ "Username": "dave@example.com" }))).await;
    assert_eq!(user["Username"], sub);
    let tokens = sign_in(&browser, "dave@example.com", "Passw0rd!").await;
    let id = part(tokens["IdToken"].as_str().unwrap(), 1);
    assert_eq!((&id["cognito:username"], &id["email_verified"]), (&sub, &json!(true)));
    let taken = of_pool(json!({ "Username": "dave@example.com" }));
    assert_eq!(refused(&browser, "AdminCreateUser", taken).await.0, "UsernameExistsException");
    let address = json!([{ "Name": "email", "Value": "dave@example.com" }]);
    let taken = of_pool(json!({ "Username": "alice@example.com", "UserAttributes": address }));
    assert_eq!(refused(&browser, "AdminUpdateUserAttributes", taken).await.0, "AliasExistsException");
}

#[rocket::async_test]
async fn the_page_of_the_api_lists_every_operation_and_no_other() {
    let pool = start().await;
    let (_, message) = refused(&Browser::of(&pool), "Nonsense", json!({})).await;
    let offered = message.split_once("It has ").unwrap().1.trim_end_matches('.');
    let page = include_str!("../../../docs/local-pool-api.md");
    let first_cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    let mut listed: Vec<_> =
        first_cells.flat_map(|(cell, _)| cell.split(", ")).map(|name| name.trim_matches('`')).collect();
    listed.sort_unstable();
    assert_eq!(offered.split(", ").collect::<Vec<_>>(), listed);
}
