//! Two secrets of one client, of which either works, and what changes them while the pool runs.

use std::fs;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rocket_cognito::local_pool::{
    LocalClient, LocalPool, LocalPoolConfig, LocalRegistration, LocalTokenExchange,
};
use serde_json::{Value, json};

use crate::api::{done, of_pool, refused};
use crate::browser::*;
use crate::state::Folder;

const OLD: &str = "the_old_secret_of_a_client";
const NEW: &str = "the_new_secret_of_a_client";
const WRONG: &str = "a_wrong_secret_of_no_client";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn app() -> LocalClient {
    let app = LocalClient::new("app").secret(OLD).callback_url(CALLBACK);
    app.token_exchange(LocalTokenExchange::Both)
}

async fn start_with(app: LocalClient) -> (LocalPool, Browser) {
    let worker = LocalClient::new("worker").secret(OLD).secret(NEW).scope("orders/read");
    let config = config().client(app).client(worker.client_credentials());
    let pool = LocalPool::start(config.registration(LocalRegistration::Open)).await.unwrap();
    let browser = Browser::of(&pool);
    (pool, browser)
}

/// The status of a refresh with this secret.
async fn refresh_with(pool: &LocalPool, browser: &Browser, secret: &str) -> u16 {
    let tokens = pool.sign_in("alice", "app").unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*tokens.refresh_token)];
    let request = browser.post(browser.url("/oauth2/token", &[]), &form);
    answer(request.basic_auth("app", Some(secret))).await.0
}

fn secret_hash(username: &str, secret: &str) -> String {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(sign(&key, format!("{username}app").as_bytes()))
}

/// Which of the secrets of `app` work.
async fn accepted<'s>(pool: &LocalPool, browser: &Browser, secrets: &[&'s str]) -> Vec<&'s str> {
    let mut accepted = Vec::new();
    for secret in secrets {
        if refresh_with(pool, browser, secret).await == 200 {
            accepted.push(*secret);
        }
    }
    accepted
}

#[rocket::async_test]
async fn either_of_two_secrets_works_wherever_a_client_proves_itself() {
    let (pool, mut browser) = start_with(app().secret(NEW)).await;
    for (secret, is_right) in [(OLD, true), (NEW, true), (WRONG, false)] {
        let url = |path: &str| browser.url(path, &[]);
        let (token_url, revoke_url) = (url("/oauth2/token"), url("/oauth2/revoke"));
        let tokens = pool.sign_in("alice", "app").unwrap();
        let expected = if is_right { 200 } else { 400 };
        assert_eq!(refresh_with(&pool, &browser, secret).await, expected, "refresh, {secret}");

        let machine = [("grant_type", "client_credentials")];
        let request = browser.post(token_url.clone(), &machine).basic_auth("worker", Some(secret));
        assert_eq!(answer(request).await.0, expected, "machine, {secret}");

        let exchange = [
            ("grant_type", EXCHANGE),
            ("subject_token", &*tokens.access_token),
            ("subject_token_type", ACCESS_TOKEN),
            ("client_id", "app"),
            ("client_secret", secret),
        ];
        assert_eq!(browser.token_by_form(&exchange).await.0, expected, "exchange, {secret}");

        let parameters = json!({
            "USERNAME": "alice", "PASSWORD": "Passw0rd!", "SECRET_HASH": secret_hash("alice", secret),
        });
        let by_hash =
            json!({ "ClientId": "app", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters });
        let of_token =
            |name: &str| json!({ "ClientId": "app", "ClientSecret": secret, name: &*tokens.refresh_token });
        let calls = [
            ("InitiateAuth", by_hash),
            ("GetTokensFromRefreshToken", of_token("RefreshToken")),
            ("RevokeToken", of_token("Token")),
        ];
        for (operation, body) in calls {
            if is_right {
                done(&browser, operation, body).await;
            } else {
                refused(&browser, operation, body).await;
            }
        }

        let revocation = browser.post(revoke_url, &[("token", &*tokens.refresh_token)]);
        let revocation = revocation.basic_auth("app", Some(secret)).send().await.unwrap();
        assert_eq!(revocation.status(), if is_right { 200 } else { 401 }, "revocation, {secret}");

        browser.cookie = None;
        let code = browser.code_for("app", "alice").await;
        let request = browser.post(token_url, &redeem(&code)).basic_auth("app", Some(secret));
        assert_eq!(answer(request).await.0, expected, "code, {secret}");
    }
}

#[rocket::async_test]
async fn secrets_are_added_listed_and_deleted_while_the_pool_runs() {
    let (pool, browser) = start_with(app()).await;
    let of_app = || of_pool(json!({ "ClientId": "app" }));
    let secrets = async || {
        let listed = done(&browser, "ListUserPoolClientSecrets", of_app()).await;
        assert_eq!(keys(&listed), ["ClientSecrets"]);
        listed["ClientSecrets"].as_array().unwrap().clone()
    };
    let delete = |id: &Value| {
        let mut body = of_app();
        body["ClientSecretId"] = id.clone();
        body
    };
    let before = secrets().await;
    assert_eq!(before.len(), 1);
    assert_eq!(keys(&before[0]), ["ClientSecretCreateDate", "ClientSecretId"]);

    let added = done(&browser, "AddUserPoolClientSecret", of_app()).await["ClientSecretDescriptor"].take();
    let generated = added["ClientSecretValue"].as_str().unwrap();
    assert_eq!(generated.len(), 52);
    let id = added["ClientSecretId"].as_str().unwrap();
    let (client_id, epoch) = id.split_once("--").unwrap();
    assert!(client_id == "app" && epoch.parse::<u64>().unwrap() > 1_700_000_000, "{id}");
    let listed = secrets().await;
    assert_eq!(
        listed.iter().map(|one| &one["ClientSecretId"]).collect::<Vec<_>>(),
        [&before[0]["ClientSecretId"], &added["ClientSecretId"]]
    );
    assert!(listed.iter().all(|secret| secret.get("ClientSecretValue").is_none()), "{listed:?}");
    assert_eq!(accepted(&pool, &browser, &[OLD, generated, WRONG]).await, [OLD, generated]);

    done(&browser, "DeleteUserPoolClientSecret", delete(&before[0]["ClientSecretId"])).await;
    assert_eq!(accepted(&pool, &browser, &[OLD, generated]).await, [generated]);
    let described = done(&browser, "DescribeUserPoolClient", of_app()).await;
    assert_eq!(described["UserPoolClient"]["ClientSecret"], generated);

    let mut own = of_app();
    own["ClientSecret"] = NEW.into();
    let added = done(&browser, "AddUserPoolClientSecret", own).await["ClientSecretDescriptor"].take();
    assert_eq!(keys(&added), ["ClientSecretCreateDate", "ClientSecretId"], "they know it already");
    assert_eq!(accepted(&pool, &browser, &[OLD, generated, NEW]).await, [generated, NEW]);
}

#[rocket::async_test]
async fn no_client_gets_a_third_secret_nor_loses_its_last_one_nor_gains_a_first_one() {
    let (pool, browser) = start_with(app()).await;
    let metadata = json!({ "redirect_uris": [CALLBACK] }).to_string();
    let request = browser.request(reqwest::Method::POST, browser.url("/oauth2/register", &[]));
    let (_, registered) = answer(request.header("Content-Type", "application/json").body(metadata)).await;
    let registered = registered["client_id"].as_str().unwrap();
    let of = |client_id: &str, more: Value| {
        let mut body = of_pool(json!({ "ClientId": client_id }));
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let [add, list, delete] =
        ["AddUserPoolClientSecret", "ListUserPoolClientSecrets", "DeleteUserPoolClientSecret"];
    let listed = done(&browser, list, of("app", json!({}))).await;
    let only = json!({ "ClientSecretId": listed["ClientSecrets"][0]["ClientSecretId"] });
    let (invalid, not_found) = ("InvalidParameterException", "ResourceNotFoundException");
    for (operation, body, kind, word) in [
        (delete, of("app", only.clone()), invalid, "last secret"),
        (delete, of("app", json!({ "ClientSecretId": "app--1" })), not_found, "no secret of this id"),
        (delete, of("app", json!({})), invalid, "clientSecretId"),
        (add, of("app", json!({ "ClientSecret": "short" })), invalid, "24"),
        (add, of("app", json!({ "ClientSecret": "x".repeat(65) })), invalid, "64"),
        (add, of("app", json!({ "ClientSecret": "with-hyphens-in-the-secret" })), invalid, "pattern"),
        (add, of("app", json!({ "ClientSecret": OLD })), invalid, "twice"),
        (add, of("worker", json!({})), "LimitExceededException", "two secrets"),
        (add, of("spa", json!({})), invalid, "gains none"),
        (list, of("spa", json!({})), invalid, "no secret"),
        (add, of(registered, json!({})), invalid, "registered itself"),
        (list, of(registered, json!({})), invalid, "registered itself"),
        (add, of("nobody", json!({})), not_found, "nobody"),
        (list, json!({ "ClientId": "app", "UserPoolId": "eu-west-1_Other" }), not_found, "User pool"),
    ] {
        let (answered, message) = refused(&browser, operation, body.clone()).await;
        assert_eq!(answered, kind, "{operation} {body}: {message}");
        assert!(message.contains(word), "{operation} {body}: {message}");
        for secret in [OLD, NEW, "short", "with-hyphens"] {
            assert!(!message.contains(secret), "{message}");
        }
    }
    assert_eq!(accepted(&pool, &browser, &[OLD, NEW]).await, [OLD], "nothing has changed");
}

#[rocket::async_test]
async fn a_test_replaces_the_secrets_of_a_client() {
    let (pool, browser) = start_with(app()).await;
    for (secrets, right) in [([NEW, OLD].as_slice(), [OLD, NEW].as_slice()), (&[NEW], &[NEW])] {
        pool.set_client_secrets("app", secrets.iter().copied()).unwrap();
        assert_eq!(accepted(&pool, &browser, &[OLD, NEW, WRONG]).await, right);
    }
    for (client_id, secrets, word) in [
        ("app", [].as_slice(), "needs a secret"),
        ("app", &[""], "empty"),
        ("app", &[OLD, OLD], "twice"),
        ("app", &[OLD, NEW, WRONG], "more than two"),
        ("spa", &[OLD], "gains none"),
        ("nobody", &[OLD], "not in the settings"),
    ] {
        let error = pool.set_client_secrets(client_id, secrets.iter().copied()).unwrap_err();
        assert!(error.is_local_pool() && error.to_string().contains(word), "{error}");
        assert!(!error.to_string().contains(OLD), "{error}");
    }
    assert_eq!(accepted(&pool, &browser, &[OLD, NEW]).await, [NEW], "nothing has changed");
}

#[rocket::async_test]
async fn the_settings_have_one_or_two_secrets_which_count_again_after_a_restart() {
    let folder = Folder::new();
    let path = folder.path("pool.toml");
    let state = folder.path("pool.json");
    let read = |secrets: &str| {
        let toml = format!(
            "port = 0\nstate = {state:?}\n[[clients]]\nclient_id = \"app\"\nclient_secret = {secrets}\n"
        );
        fs::write(&path, toml).unwrap();
        LocalPoolConfig::from_file(&path)
    };
    let both = format!("[\"{NEW}\", \"{OLD}\"]");
    let both = || read(&both).unwrap();
    let pool = LocalPool::start(both()).await.unwrap();
    assert_eq!(accepted(&pool, &Browser::of(&pool), &[OLD, NEW, WRONG]).await, [OLD, NEW]);
    pool.set_client_secrets("app", [WRONG]).unwrap();
    pool.stop().await;
    let pool = LocalPool::start(both()).await.unwrap();
    assert_eq!(accepted(&pool, &Browser::of(&pool), &[OLD, NEW, WRONG]).await, [OLD, NEW]);
    pool.stop().await;
    assert!(!fs::read_to_string(&state).unwrap().contains(WRONG), "secrets of settings are not kept");

    for (wrong, word) in [
        (format!("[\"{OLD}\", \"{NEW}\", \"{WRONG}\"]"), "more than two secrets"),
        (format!("[\"{OLD}\", \"{OLD}\"]"), "one secret twice"),
        (format!("[\"{OLD}\", 7]"), "`clients[0].client_secret`"),
        ("7".to_owned(), "`clients[0].client_secret`"),
    ] {
        let error = read(&wrong).unwrap_err().to_string();
        assert!(error.contains(word) && !error.contains(OLD), "{error}");
    }
}
