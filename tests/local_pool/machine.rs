//! Machine clients: `client_credentials` at `POST /oauth2/token`.

use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::{Value, json};

use crate::browser::*;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

fn worker() -> LocalClient {
    let worker = LocalClient::new("worker").secret(SECRET).client_credentials();
    worker.scope("orders/read").scope("https://api.example/orders/write")
}

async fn start() -> LocalPool {
    LocalPool::start(config().client(worker())).await.unwrap()
}

/// `POST /oauth2/token` as `worker`, with Basic.
async fn token(browser: &Browser, form: &[(&str, &str)]) -> (u16, Value) {
    let request = browser.post(browser.url("/oauth2/token", &[]), form);
    answer(request.basic_auth("worker", Some(SECRET))).await
}

fn error(name: &str) -> (u16, Value) {
    (400, json!({ "error": name }))
}

#[rocket::async_test]
async fn a_machine_gets_an_access_token_of_its_own_and_no_other() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let (status, by_basic) = token(&browser, &[GRANT]).await;
    assert_eq!(status, 200, "{by_basic}");
    assert_eq!(keys(&by_basic), ["access_token", "expires_in", "token_type"]);
    assert_eq!((&by_basic["expires_in"], &by_basic["token_type"]), (&json!(3600), &json!("Bearer")));
    let by_form = [GRANT, ("client_id", "worker"), ("client_secret", SECRET)];
    let (status, by_form) = browser.token_by_form(&by_form).await;
    assert_eq!(status, 200, "{by_form}");

    let [first, second, minted] = [
        by_basic["access_token"].as_str().unwrap().to_owned(),
        by_form["access_token"].as_str().unwrap().to_owned(),
        pool.machine_token("worker").unwrap(),
    ];
    let keys_of_pool = jwks(&browser, &pool).await;
    for token in [&first, &second, &minted] {
        assert_eq!(verifying_kid(&keys_of_pool, token).unwrap(), part(token, 0)["kid"]);
        let claims = part(token, 1);
        assert_eq!(
            keys(&claims).join(" "),
            "auth_time client_id exp iat iss jti scope sub token_use version"
        );
        for (name, value) in [
            ("sub", json!("worker")),
            ("client_id", json!("worker")),
            ("token_use", json!("access")),
            ("scope", json!("orders/read https://api.example/orders/write")),
            ("version", json!(2)),
            ("iss", json!(pool.issuer())),
        ] {
            assert_eq!(claims[name], value, "{name}");
        }
        assert_eq!(claims["auth_time"], claims["iat"]);
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    }
    assert_ne!(part(&first, 1)["jti"], part(&second, 1)["jti"]);
    let user_token = pool.sign_in("alice", "shop").unwrap().access_token;
    assert_eq!(part(&user_token, 0)["kid"], part(&first, 0)["kid"], "access tokens have one key");
}

#[rocket::async_test]
async fn a_machine_may_ask_for_fewer_scopes_but_for_no_other() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let with = |extra: &[(&'static str, &'static str)]| [&[GRANT], extra].concat();
    for (scope, granted) in [
        ("orders/read", "orders/read"),
        ("https://api.example/orders/write", "https://api.example/orders/write"),
        ("https://api.example/orders/write orders/read", "orders/read https://api.example/orders/write"),
        ("", "orders/read https://api.example/orders/write"),
    ] {
        let (status, answer) = token(&browser, &with(&[("scope", scope)])).await;
        assert_eq!(status, 200, "{scope}: {answer}");
        assert_eq!(part(answer["access_token"].as_str().unwrap(), 1)["scope"], granted);
    }
    for scope in ["orders/write", "orders/read orders/write", "openid orders/write", "orders", " "] {
        assert_eq!(token(&browser, &with(&[("scope", scope)])).await, error("invalid_scope"), "{scope}");
    }
    // Those that there are, though not for this client.
    for scope in ["openid", "orders/read openid"] {
        assert_eq!(token(&browser, &with(&[("scope", scope)])).await, error("invalid_grant"), "{scope}");
    }
    for metadata in ["dev", r#"["dev"]"#, r#"{"environment": 1}"#] {
        let form = with(&[("aws_client_metadata", metadata)]);
        assert_eq!(token(&browser, &form).await, error("invalid_request"), "{metadata}");
    }
    let metadata = with(&[("aws_client_metadata", r#"{"environment": "dev"}"#)]);
    let (status, answer) = token(&browser, &metadata).await;
    assert_eq!(status, 200, "{answer}");
}

#[rocket::async_test]
async fn a_machine_has_this_grant_alone_and_nobody_else_has_it() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let refresh_token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];

    assert_eq!(token(&browser, &redeem(&code)).await, error("unauthorized_client"));
    assert_eq!(token(&browser, &refresh).await, error("unauthorized_client"));
    assert_eq!(browser.token(&[GRANT]).await, error("unauthorized_client"));
    assert_eq!(browser.token_by_form(&[GRANT, ("client_id", "spa")]).await, error("unauthorized_client"));
    assert_eq!(browser.token(&redeem(&code)).await.0, 200, "the code was not spent");
    assert_eq!(browser.refresh(&refresh_token).await.0, 200);

    for path in ["/oauth2/authorize", "/login"] {
        let response = browser.get(path, &authorize("worker")).await;
        let page = location(&response);
        assert_eq!(page, "/error?error=unauthorized_client&client_id=worker");
        let page = browser.get_url(browser.url(&page, &[])).send().await.unwrap();
        assert_eq!(page.status(), 400);
        let page = page.text().await.unwrap();
        assert!(page.contains("<code>worker</code> is a machine"), "{page}");
        assert!(!page.contains("[[debug.cognito.local_pool.clients]]"), "{page}");
    }
    assert!(pool.sign_in("alice", "worker").is_none());
    for not_a_machine in ["shop", "spa", "nobody"] {
        assert!(pool.machine_token(not_a_machine).is_none(), "{not_a_machine}");
    }
}

#[rocket::async_test]
async fn a_machine_proves_itself_by_its_secret() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let url = browser.url("/oauth2/token", &[]);
    let wrong_secret = json!({ "error": "invalid_client", "error_description": "invalid_client_secret" });
    let basic = browser.post(url.clone(), &[GRANT]).basic_auth("worker", Some("wrong"));
    assert_eq!(answer(basic).await, (400, wrong_secret.clone()));
    let id_alone = browser.post(url, &[GRANT, ("client_id", "worker")]);
    assert_eq!(answer(id_alone).await, (400, wrong_secret));
}

#[rocket::async_test]
async fn machines_that_cognito_would_refuse_do_not_start() {
    let machine = || LocalClient::new("worker").client_credentials();
    for (client, words) in [
        (machine().scope("orders/read"), "`client_secret`"),
        (machine().secret("").scope("orders/read"), "`client_secret`"),
        (worker().callback_url(CALLBACK), "`callback_urls`"),
        (worker().logout_url(LOGOUT), "`logout_urls`"),
        (machine().secret(SECRET), "needs `scopes`"),
        (worker().scope("openid"), "\"openid\""),
        (worker().scope("aws.cognito.signin.user.admin"), "\"aws.cognito.signin.user.admin\""),
        (worker().scope("/read"), "\"/read\""),
        (worker().scope("orders/"), "\"orders/\""),
        (worker().scope("orders/read all"), "\"orders/read all\""),
    ] {
        let config = LocalPoolConfig::default().port(0).client(client);
        let text = LocalPool::start(config).await.unwrap_err().to_string();
        assert!(text.contains("worker with `client_credentials`") && text.contains(words), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
    // All at once.
    let config = LocalPoolConfig::default().client(machine().callback_url(CALLBACK).scope("openid"));
    let text = LocalPool::start(config).await.unwrap_err().to_string();
    for words in ["`client_secret`", "`callback_urls`", "\"openid\""] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[rocket::async_test]
async fn a_machine_follows_the_clock_and_the_lifetime_of_its_pool() {
    let config = config().client(worker()).access_token_seconds(300);
    let pool = LocalPool::start(config).await.unwrap();
    let iat = |token: &str| part(token, 1)["iat"].as_u64().unwrap();
    let now = iat(&pool.machine_token("worker").unwrap());
    pool.set_clock_skew_seconds(7200);
    let (_, answer) = token(&Browser::of(&pool), &[GRANT]).await;
    let later = answer["access_token"].as_str().unwrap();
    assert!(iat(later) >= now + 7200);
    assert_eq!(part(later, 1)["exp"], iat(later) + 300);
    assert_eq!(answer["expires_in"], 300);
}
