//! Starting, stopping and looking into a pool.

use std::net::TcpListener;

use figment::Figment;
use figment::providers::{Format, Toml};
use reqwest::Url;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalUser};
use serde_json::Value;

use crate::browser::*;

fn numbered(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("group-{number}"))
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[rocket::async_test]
async fn discovery_has_cognitos_twelve_keys_in_order() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let path = format!("/{}/.well-known/openid-configuration", pool.user_pool_id());
    let text = browser.get(&path, &[]).await.text().await.unwrap();
    let keys = [
        "authorization_endpoint",
        "end_session_endpoint",
        "id_token_signing_alg_values_supported",
        "issuer",
        "jwks_uri",
        "response_types_supported",
        "revocation_endpoint",
        "scopes_supported",
        "subject_types_supported",
        "token_endpoint",
        "token_endpoint_auth_methods_supported",
        "userinfo_endpoint",
    ];
    let positions: Vec<_> = keys.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(positions.is_sorted());
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document.as_object().unwrap().len(), 12);
    assert_eq!(document["issuer"], pool.issuer());
    assert_eq!(document["token_endpoint"], format!("{}/oauth2/token", pool.base_url()));
    assert_eq!(document["end_session_endpoint"], format!("{}/logout", pool.base_url()));

    for other in ["eu-west-1_Other", "nonsense"] {
        let response = browser.get(&format!("/{other}/.well-known/openid-configuration"), &[]).await;
        assert_eq!(response.status(), 404);
    }
}

#[rocket::async_test]
async fn the_jwks_has_two_keys_and_a_rotation_keeps_the_old_ones_once() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let first = jwks(&browser, &pool).await;
    assert_eq!(first.len(), 2);
    for key in &first {
        assert_eq!(keys(key), ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!((&key["alg"], &key["kty"], &key["use"]), (&"RS256".into(), &"RSA".into(), &"sig".into()));
        let kid = key["kid"].as_str().unwrap();
        assert!(kid.len() == 44 && kid.ends_with('='), "{kid}");
    }
    let token = pool.sign_in("alice", "shop").unwrap().access_token;

    pool.rotate_keys();
    let second = jwks(&browser, &pool).await;
    assert_eq!(second.len(), 4);
    assert!(verifying_kid(&second, &token).is_some(), "a live token still verifies");
    let new = pool.sign_in("alice", "shop").unwrap().access_token;
    assert_eq!(verifying_kid(&first, &new), None);
    assert_eq!(verifying_kid(&second, &new).unwrap(), part(&new, 0)["kid"]);

    pool.rotate_keys();
    let third = jwks(&browser, &pool).await;
    assert_eq!(third.len(), 4);
    assert_eq!(verifying_kid(&third, &token), None);
    assert!(verifying_kid(&third, &new).is_some());

    pool.forget_old_keys();
    let last = jwks(&browser, &pool).await;
    assert_eq!(last, third[..2]);
    assert_eq!(verifying_kid(&last, &new), None);
    let token = pool.sign_in("alice", "shop").unwrap().access_token;
    assert!(verifying_kid(&last, &token).is_some(), "the keys in force stay");
}

/// Keys take most of a start.
#[rocket::async_test]
async fn pools_of_one_id_begin_with_the_same_keys_and_rotate_them_apart() {
    let at = async |id: &str| LocalPool::start(config().user_pool_id(id)).await.unwrap();
    let (pool, other_id) = (at("eu-west-1_Keys").await, at("eu-west-1_OtherKeys").await);
    let first = jwks(&Browser::of(&pool), &pool).await;
    assert_ne!(jwks(&Browser::of(&other_id), &other_id).await, first);

    pool.rotate_keys();
    let later = at("eu-west-1_Keys").await;
    assert_eq!(jwks(&Browser::of(&later), &later).await, first);
    let rotated = jwks(&Browser::of(&pool), &pool).await;
    assert!(!first.contains(&rotated[0]) && rotated[2..] == first, "the rotation is of one pool");
    assert_ne!(pool.issuer(), later.issuer());
}

#[rocket::async_test]
async fn the_clock_can_be_wrong_and_be_set_again() {
    let pool = LocalPool::start(config().clock_skew_seconds(-7200)).await.unwrap();
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let (_, first) = browser.token(&redeem(&code)).await;
    let refresh_token = first["refresh_token"].as_str().unwrap().to_owned();
    let assert_shift = |token: &Value, seconds: i64| {
        let claims = part(token.as_str().unwrap(), 1);
        let shift = claims["iat"].as_i64().unwrap() - i64::try_from(now()).unwrap();
        // It may have taken a while.
        assert!((seconds - 60..=seconds).contains(&shift), "{shift}");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    };
    assert_shift(&first["access_token"], -7200);
    assert_shift(&first["id_token"], -7200);
    let id = part(first["id_token"].as_str().unwrap(), 1);
    assert!(id["auth_time"].as_u64().unwrap() <= now() - 7200);

    for (skew, shift) in [(300, 300), (0, 0), (i32::MAX, 86_400), (i32::MIN, -86_400)] {
        pool.set_clock_skew_seconds(skew);
        let (_, again) = browser.refresh(&refresh_token).await;
        assert_shift(&again["access_token"], shift);
        assert_eq!(part(again["id_token"].as_str().unwrap(), 1)["auth_time"], id["auth_time"]);
        assert_shift(&pool.sign_in("bob", "shop").unwrap().access_token.into(), shift);
    }
}

#[rocket::async_test]
async fn a_sign_in_gives_tokens_as_large_as_cognitos_largest() {
    let large = LocalUser::new("large").groups(numbered(100));
    let attributes = ["name", "profile", "custom:a", "custom:b"];
    let large = attributes.into_iter().fold(large, |user, name| user.attribute(name, "x".repeat(2048)));
    let grouped = LocalUser::new("grouped").group("first").groups(numbered(99));
    let config = config().user(large).user(grouped);
    let pool = LocalPool::start(config).await.unwrap();
    let mut browser = Browser::of(&pool);
    for (username, least, first) in [("large", 6_000, "group-0"), ("grouped", 1_000, "first")] {
        let code = browser.code(username).await;
        let (_, tokens) = browser.token(&redeem(&code)).await;
        let id_token = tokens["id_token"].as_str().unwrap();
        assert!(id_token.len() > least, "{}", id_token.len());
        for name in ["access_token", "id_token"] {
            let claims = part(tokens[name].as_str().unwrap(), 1);
            let groups = claims["cognito:groups"].as_array().unwrap();
            assert_eq!((groups.len(), &groups[0]), (100, &first.into()));
        }
    }
}

#[rocket::async_test]
async fn a_taken_port_is_told_with_the_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = LocalPool::start(config().port(port)).await.unwrap_err();
    assert!(error.is_local_pool());
    let text = error.to_string();
    assert!(text.contains(&format!("port {port} on 127.0.0.1 is taken")), "{text}");
    assert!(text.contains("`local_pool = { port = "), "{text}");
}

#[rocket::async_test]
async fn stopping_frees_the_port_and_leaves_the_log_level() {
    let level = log::max_level();
    let pool = start().await;
    let browser = Browser::of(&pool);
    assert_eq!(browser.get("/login", &authorize("shop")).await.status(), 200);
    assert_eq!(log::max_level(), level);
    let port = Url::parse(&pool.base_url()).unwrap().port().unwrap();
    pool.stop().await;

    let again = LocalPool::start(config().port(port)).await.unwrap();
    assert_eq!(again.base_url(), format!("http://127.0.0.1:{port}"));
    drop(again);
    for _ in 0..100 {
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return;
        }
        rocket::tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("a dropped pool still serves");
}

#[rocket::async_test]
async fn what_cognito_would_refuse_does_not_start() {
    for (config, words) in [
        (LocalClient::new("shop").callback_url("http://app.example/cb"), "must be https"),
        (LocalClient::new("shop").callback_url("http://localhost@app.example/cb"), "must be https"),
        (LocalClient::new("shop").callback_url("http://127.0.0.2/cb"), "must be https"),
        (LocalClient::new("shop").callback_url("https://app.example/cb#top"), "fragment"),
        (LocalClient::new("shop").callback_url("/cb"), "absolute"),
        (LocalClient::new("shop").callback_url("myapp://cb"), "absolute"),
        (LocalClient::new("shop").callback_url("https://app.example/a b"), "1024"),
        (LocalClient::new("shop").logout_url("http://app.example/"), "logout_urls"),
        (LocalClient::new(""), "client_id"),
    ]
    .map(|(client, words)| (LocalPoolConfig::default().client(client), words))
    .into_iter()
    .chain([
        (LocalPoolConfig::default().user_pool_id("nonsense"), "user_pool_id"),
        (LocalPoolConfig::default().user_pool_id("a/b_c"), "user_pool_id"),
        (LocalPoolConfig::default().access_token_seconds(0), "access_token_seconds"),
        (LocalPoolConfig::default().id_token_seconds(86_401), "id_token_seconds"),
        (LocalPoolConfig::default().clock_skew_seconds(86_401), "clock_skew_seconds"),
        (LocalPoolConfig::default().clock_skew_seconds(-86_401), "clock_skew_seconds"),
        (LocalPoolConfig::default().user(LocalUser::new("")), "username"),
        (LocalPoolConfig::default().user(LocalUser::new("a").groups(numbered(101))), "101 groups"),
        (
            LocalPoolConfig::default().user(LocalUser::new("a").attribute("name", "é".repeat(1025))),
            "2050 bytes",
        ),
        (LocalPoolConfig::default().user(LocalUser::new("a").password("")), "password"),
        (LocalPoolConfig::default().user(LocalUser::new("a").group("two words")), "two words"),
        (LocalPoolConfig::default().user(LocalUser::new("a").attribute("iss", "x")), "custom:iss"),
        (LocalPoolConfig::default().user(LocalUser::new("a").attribute("email", "x")), "key of its own"),
        (LocalPoolConfig::default().user(LocalUser::new("a")).user(LocalUser::new("a")), "twice"),
        (LocalPoolConfig::default().client(LocalClient::new("a")).client(LocalClient::new("a")), "twice"),
    ]) {
        let text = LocalPool::start(config.port(0)).await.unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
    }
    let url = "http://app.example/cb";
    let config = LocalPoolConfig::default().client(LocalClient::new("shop").callback_url(url));
    let text = LocalPool::start(config.port(0)).await.unwrap_err().to_string();
    assert!(text.contains("shop") && text.contains(url), "{text}");
}

#[rocket::async_test]
async fn the_table_builds_the_same_pool() {
    let toml = r#"
        port = 0
        user_pool_id = "us-east-2_Other1"
        access_token_seconds = 60
        refresh_token_seconds = 3600
        refresh_token_rotation = true
        refresh_token_grace_seconds = 60
        clock_skew_seconds = -600
        classic_hosted_ui = true
        identity_providers = ["Google", { name = "Acme", identifiers = ["acme.example"] }]
        sso_seconds = 0
        [[users]]
        username = "dave"
        groups = ["a", "b"]
        email = "d@x.y"
        attributes = { name = "Dave", "custom:team" = "blue" }
        [[clients]]
        client_id = "app"
        client_secret = ""
        callback_urls = ["https://app.example/cb"]
        scopes = ["openid", "shop/read"]
        [[clients]]
        client_id = "worker"
        client_secret = "s3cret"
        scopes = ["shop/read"]
        client_credentials = true
    "#;
    let config = Figment::from(Toml::string(toml)).extract::<LocalPoolConfig>().unwrap();
    let pool = LocalPool::start(config).await.unwrap();
    assert_eq!(pool.user_pool_id(), "us-east-2_Other1");
    let tokens = pool.sign_in("dave", "app").unwrap();
    let (access, id) = (part(&tokens.access_token, 1), part(&tokens.id_token, 1));
    assert_eq!(access["scope"], "openid shop/read");
    assert_eq!(access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap(), 60);
    assert!((now() - 660..=now() - 600).contains(&access["iat"].as_u64().unwrap()));
    assert_eq!(part(&pool.machine_token("worker").unwrap(), 1)["scope"], "shop/read");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("refresh_token", tokens.refresh_token.as_str()),
    ];
    for _ in 0..2 {
        let (_, answer) = Browser::of(&pool).token_by_form(&form).await;
        assert!(answer["refresh_token"].is_string(), "{answer}");
    }
    let silent = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
        ("prompt", "none"),
    ];
    let response = Browser::of(&pool).get("/oauth2/authorize", &silent).await;
    assert!(location(&response).starts_with("/login?"), "{}", location(&response));
    assert_eq!(
        (&id["name"], &id["custom:team"], &id["email"]),
        (&"Dave".into(), &"blue".into(), &"d@x.y".into())
    );
    assert_eq!(id["cognito:groups"], serde_json::json!(["a", "b"]));
    assert!(pool.sign_in("alice", "app").is_none() && pool.sign_in("dave", "nobody").is_none());

    for unknown in
        ["prot = 1", "users = [{ username = \"a\", group = \"b\" }]", "clients = [{ client = \"a\" }]"]
    {
        assert!(Figment::from(Toml::string(unknown)).extract::<LocalPoolConfig>().is_err());
    }
}

#[rocket::async_test]
async fn requests_to_known_endpoints_are_counted() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let jwks_path = format!("/{}/.well-known/jwks.json", pool.user_pool_id());
    assert_eq!(pool.requests(&jwks_path), 0);
    jwks(&browser, &pool).await;
    jwks(&browser, &pool).await;
    browser.token(&[]).await;
    browser.get("/nonsense", &[]).await;
    assert_eq!(
        [&*jwks_path, "/oauth2/token", "/login", "/nonsense"].map(|path| pool.requests(path)),
        [2, 1, 0, 0]
    );
}

#[rocket::async_test]
async fn debug_shows_no_secret() {
    let config = config().user(LocalUser::new("dave").password("hunter2"));
    let shown = format!("{config:?}");
    assert!(shown.contains("dave") && !shown.contains("hunter2") && !shown.contains(SECRET), "{shown}");
    let pool = LocalPool::start(config).await.unwrap();
    let tokens = pool.sign_in("dave", "shop").unwrap();
    let shown = format!("{pool:?} {tokens:?}");
    assert!(shown.contains(&pool.issuer()) && !shown.contains("eyJ"), "{shown}");
}

#[test]
fn a_pool_runs_inside_the_ignition_of_another_rocket() {
    use rocket::fairing::AdHoc;
    let rocket = rocket::custom(rocket::Config::figment().merge(("log_level", "off"))).attach(
        AdHoc::try_on_ignite("Pool", |rocket| {
            Box::pin(async move {
                match LocalPool::start(config()).await {
                    Ok(pool) => Ok(rocket.manage(pool)),
                    Err(_) => Err(rocket),
                }
            })
        }),
    );
    let client = rocket::local::blocking::Client::untracked(rocket).unwrap();
    let pool = client.rocket().state::<LocalPool>().unwrap();
    let url = format!("{}/error", pool.base_url());
    let runtime = rocket::tokio::runtime::Runtime::new().unwrap();
    let response =
        runtime.block_on(async { Browser::of(pool).get_url(url.parse().unwrap()).send().await.unwrap() });
    assert_eq!(response.status(), 400);
}
