//! Session tracking as the API changes it while the pool runs.

use rocket_cognito::local_pool::{LocalLevels, LocalPool, LocalPoolConfig, LocalSessions};
use serde_json::{Value, json};

use crate::api::{done, of_pool, refused};
use crate::browser::*;

const GET: &str = "GetUserPoolSessionConfiguration";
const SET: &str = "SetUserPoolSessionConfiguration";
const GET_CLIENT: &str = "GetUserPoolClientSessionConfiguration";
const SET_CLIENT: &str = "SetUserPoolClientSessionConfiguration";

async fn start_with(config: LocalPoolConfig) -> (LocalPool, Browser) {
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    (pool, browser)
}

fn tracking(word: &str, max_per_user: impl Into<Value>) -> Value {
    of_pool(json!({ "UserSessionTracking": word, "TokenSession": { "MaxPerUser": max_per_user.into() } }))
}

fn of_client(client_id: &str, minutes: impl Into<Value>) -> Value {
    of_pool(json!({ "ClientId": client_id, "SSOSession": { "MaxValidityMinutes": minutes.into() } }))
}

async fn is_signed_in(browser: &Browser, client_id: &str) -> bool {
    parameter(&browser.get("/oauth2/authorize", &authorize(client_id)).await, "code").is_some()
}

#[rocket::async_test]
async fn the_pool_is_configured_while_it_runs_and_a_lower_limit_waits_for_a_sign_in() {
    let (pool, browser) = start_with(config()).await;
    assert_eq!(done(&browser, GET, of_pool(json!({}))).await, tracking("DISABLED", 20));
    let sign_in = || pool.sign_in("alice", "shop").unwrap();
    let tokens = [(); 3].map(|()| sign_in());
    let alive = async || {
        let mut alive = Vec::new();
        for tokens in &tokens {
            alive.push(browser.refresh(&tokens.refresh_token).await.0 == 200);
        }
        alive
    };
    for configuration in [tracking("ENABLED", 100), tracking("ENABLED", 2)] {
        assert_eq!(done(&browser, SET, configuration.clone()).await, configuration);
        assert_eq!(done(&browser, GET, of_pool(json!({}))).await, configuration);
        assert_eq!(alive().await, [true; 3]);
    }
    sign_in();
    assert_eq!(alive().await, [false, false, true]);
    let off = tracking("DISABLED", 1);
    assert_eq!(done(&browser, SET, off.clone()).await, off);
    sign_in();
    assert_eq!(alive().await, [false, false, true]);
    let of_alice = of_pool(json!({ "Username": "alice" }));
    assert_eq!(refused(&browser, "AdminListUserSessions", of_alice).await.0, "OperationNotEnabledException");
}

#[rocket::async_test]
async fn a_configuration_is_whole_or_refused() {
    let (_pool, browser) = start_with(config().sessions(LocalSessions::new().max_per_user(7))).await;
    let before = done(&browser, GET, of_pool(json!({}))).await;
    assert_eq!(before, tracking("ENABLED", 7));
    let (invalid, unreadable) = ("InvalidParameterException", "SerializationException");
    let mut elsewhere = tracking("ENABLED", 1);
    elsewhere["UserPoolId"] = "eu-west-1_Other".into();
    for (operation, members, kind) in [
        (SET, tracking("ENABLED", 0), invalid),
        (SET, tracking("ENABLED", 101), invalid),
        (SET, tracking("ENABLED", "5"), unreadable),
        (SET, tracking("ENABLED", Value::Null), invalid),
        (SET, tracking("ON", 5), invalid),
        (SET, of_pool(json!({ "TokenSession": { "MaxPerUser": 5 } })), invalid),
        (SET, of_pool(json!({ "UserSessionTracking": "DISABLED" })), invalid),
        (SET, of_pool(json!({ "UserSessionTracking": "DISABLED", "TokenSession": [] })), unreadable),
        (SET, elsewhere, "ResourceNotFoundException"),
        (SET_CLIENT, of_client("shop", 129_601), invalid),
        (SET_CLIENT, of_client("shop", -1), invalid),
        (SET_CLIENT, of_client("nothing", 5), "ResourceNotFoundException"),
        (SET_CLIENT, of_pool(json!({ "ClientId": "shop" })), invalid),
    ] {
        assert_eq!(refused(&browser, operation, members.clone()).await.0, kind, "{members}");
    }
    assert_eq!(done(&browser, GET, of_pool(json!({}))).await, before);

    let (_pool, browser) = start_with(config()).await;
    let refusal = refused(&browser, SET_CLIENT, of_client("shop", 5)).await;
    assert_eq!(refusal.0, "OperationNotEnabledException");
    let lite = config().levels(LocalLevels::new().ignored()).sessions(LocalSessions::new());
    let (_pool, browser) = start_with(lite).await;
    for (operation, members) in [(SET, tracking("ENABLED", 5)), (SET_CLIENT, of_client("shop", 5))] {
        assert_eq!(refused(&browser, operation, members).await.0, "FeatureUnavailableInTierException");
    }
    assert_eq!(done(&browser, GET, of_pool(json!({}))).await, tracking("DISABLED", 20));
}

#[rocket::async_test]
async fn a_client_goes_on_with_the_session_of_a_browser_for_a_time_of_its_own() {
    let (pool, mut browser) = start_with(config().sessions(LocalSessions::new())).await;
    let shown = of_pool(json!({ "ClientId": "shop" }));
    assert_eq!(done(&browser, GET_CLIENT, shown.clone()).await, of_client("shop", 60));
    done(&browser, SET_CLIENT, of_client("shop", 120)).await;
    assert_eq!(done(&browser, GET_CLIENT, shown).await, of_client("shop", 120));

    let response =
        browser.post(browser.url("/login", &authorize("spa")), &[("user", "alice")]).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Max-Age=7200"), "{cookie}");
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    for (seconds, shop, spa) in [(0, true, true), (3_700, true, false), (7_300, false, false)] {
        pool.set_clock_skew_seconds(seconds);
        let found = (is_signed_in(&browser, "shop").await, is_signed_in(&browser, "spa").await);
        assert_eq!(found, (shop, spa), "{seconds}");
    }
    pool.set_clock_skew_seconds(0);
    done(&browser, SET_CLIENT, of_client("shop", 0)).await;
    assert!(!is_signed_in(&browser, "shop").await && is_signed_in(&browser, "spa").await);

    // Without tracking it has no effect, and counts again with it.
    done(&browser, SET, tracking("DISABLED", 20)).await;
    assert!(is_signed_in(&browser, "shop").await);
    done(&browser, SET, tracking("ENABLED", 20)).await;
    assert!(!is_signed_in(&browser, "shop").await);
}
