//! Levels of sign-in: `acr_values`, `max_age`, the page for a second factor, and what tokens say.

use reqwest::Response;
use rocket_cognito::local_pool::{Factor, LocalLevels, LocalPool, LocalPoolConfig, LocalUser};
use serde_json::{Value, json};

use crate::browser::*;

pub const LOA: &str = "urn:cognito:loa:";

/// A user for each factor beside the password, named after it, and one with all.
fn with_users(config: LocalPoolConfig) -> LocalPoolConfig {
    let factors = [
        ("totp", Factor::Totp),
        ("sms", Factor::Sms),
        ("email", Factor::EmailCode),
        ("passkey", Factor::PlatformPasskey),
        ("security_key", Factor::RoamingPasskey),
    ];
    let all = factors.into_iter().fold(LocalUser::new("all"), |user, (_, factor)| user.factor(factor));
    let users = factors.into_iter().map(|(name, factor)| LocalUser::new(name).factor(factor));
    users.chain([all, LocalUser::new("none")]).fold(config, LocalPoolConfig::user)
}

pub async fn start_with(change: impl FnOnce(LocalPoolConfig) -> LocalPoolConfig) -> (LocalPool, Browser) {
    let pool = LocalPool::start(change(with_users(config()))).await.unwrap();
    let browser = Browser::of(&pool);
    (pool, browser)
}

pub fn asking<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut parameters = authorize("shop");
    parameters.push(("scope", "openid"));
    parameters.extend(more);
    parameters
}

pub fn acr_values(names: &str) -> Vec<(&str, &str)> {
    asking(&[("acr_values", names)])
}

pub async fn post(browser: &Browser, query: &[(&str, &str)], form: &[(&str, &str)]) -> Response {
    browser.post(browser.url("/login", query), form).send().await.unwrap()
}

/// The factors that the page for a second one offers, and its ticket.
async fn offered(response: Response) -> (Vec<String>, String) {
    offered_under("One more step", response).await
}

/// The factors that the page with this heading offers, and its ticket.
pub async fn offered_under(heading: &str, response: Response) -> (Vec<String>, String) {
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    assert!(page.contains(&format!("<h1>{heading}</h1>")), "{page}");
    let values = |name: &str| {
        let field = format!("name=\"{name}\" value=\"");
        let parts = page.split(&field).skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    (values("factor"), values("sign_in").remove(0))
}

pub fn shown<'a>(ticket: &'a str, factor: &'a str, code: &'a str) -> Vec<(&'a str, &'a str)> {
    let field = match factor {
        "totp" => "totp_code",
        "sms" => "sms_code",
        "password" => "password",
        _ => "email_code",
    };
    vec![("sign_in", ticket), ("factor", factor), (field, code)]
}

/// Level and methods in both tokens, which agree, and the refresh token.
pub async fn level_of(browser: &Browser, code: &str) -> (Value, Vec<String>, Value) {
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    let (status, tokens) = browser.token(&form).await;
    assert_eq!(status, 200, "{tokens}");
    let (acr, amr) = claims_of(&tokens);
    (acr, amr, tokens["refresh_token"].clone())
}

fn claims_of(tokens: &Value) -> (Value, Vec<String>) {
    let [access, id] = ["access_token", "id_token"].map(|name| part(tokens[name].as_str().unwrap(), 1));
    assert_eq!((&access["acr"], &access["amr"]), (&id["acr"], &id["amr"]));
    let amr: Option<Vec<String>> = serde_json::from_value(access["amr"].clone()).unwrap();
    let mut amr = amr.unwrap_or_default();
    amr.sort_unstable();
    (access["acr"].clone(), amr)
}

#[rocket::async_test]
async fn each_factor_reaches_its_level() {
    let (_pool, browser) = start_with(|config| config).await;
    for (username, asked, offer, acr, amr) in [
        ("totp", "urn:cognito:loa:4", Some("totp"), 4, vec!["mfa", "otp", "pwd"]),
        ("sms", "urn:cognito:loa:3", Some("sms"), 3, vec!["mfa", "pwd", "sms"]),
        ("email", "urn:cognito:loa:3", Some("email"), 3, vec!["email_otp", "mfa", "pwd"]),
        ("passkey", "urn:cognito:loa:3", Some("passkey"), 3, vec!["mfa", "pwd", "swk"]),
        ("security_key", "urn:cognito:loa:3", Some("security_key"), 3, vec!["hwk", "mfa", "pwd"]),
        // A code alone reaches the second level, and a password with it more.
        ("sms", "urn:cognito:loa:2", Some("sms"), 3, vec!["mfa", "pwd", "sms"]),
        // Levels are not nested by factor: an authenticator app has no way to exactly the third.
        ("totp", "urn:cognito:loa:3", None, 1, vec!["pwd"]),
        ("passkey", "urn:cognito:loa:4", None, 1, vec!["pwd"]),
        ("none", "urn:cognito:loa:4 urn:cognito:loa:3", None, 1, vec!["pwd"]),
        ("none", "urn:cognito:loa:1", None, 1, vec!["pwd"]),
    ] {
        let query = acr_values(asked);
        for first in [vec![("username", username), ("password", "Passw0rd!")], vec![("user", username)]] {
            let mut response = post(&browser, &query, &first).await;
            if let Some(factor) = offer {
                let (factors, ticket) = offered(response).await;
                assert_eq!(factors, [factor], "{username} {asked}");
                response = post(&browser, &query, &shown(&ticket, factor, "123456")).await;
            }
            let code = parameter(&response, "code").unwrap_or_else(|| panic!("{username} {asked}"));
            let (found_acr, found_amr, _) = level_of(&browser, &code).await;
            assert_eq!(
                (found_acr, found_amr),
                (json!(format!("{LOA}{acr}")), amr.iter().map(ToString::to_string).collect::<Vec<_>>()),
                "{username} {asked}"
            );
        }
    }
}

#[rocket::async_test]
async fn the_first_level_that_the_user_can_reach_counts_and_unknown_names_are_skipped() {
    let (_pool, browser) = start_with(|config| config).await;
    for (username, asked, expected) in [
        ("all", "urn:cognito:loa:4 urn:cognito:loa:3", vec!["totp"]),
        (
            "all",
            "urn:cognito:loa:3 urn:cognito:loa:4",
            vec!["totp", "passkey", "security_key", "sms", "email"],
        ),
        ("passkey", "urn:cognito:loa:4 urn:cognito:loa:3", vec!["passkey"]),
        ("all", "gold urn:cognito:loa:9 urn:cognito:loa:4", vec!["totp"]),
        ("all", "gold", vec![]),
        ("all", "urn:cognito:loa:1 urn:cognito:loa:4", vec![]),
    ] {
        let response = post(&browser, &acr_values(asked), &[("user", username)]).await;
        let factors = if response.status() == 302 { Vec::new() } else { offered(response).await.0 };
        assert_eq!(factors, expected, "{username} {asked}");
    }
}

#[rocket::async_test]
async fn a_session_below_the_level_is_asked_for_the_missing_factor_alone() {
    let (pool, mut browser) = start_with(|config| config).await;
    let code = browser.sign_in("totp", &asking(&[])).await;
    let (acr, _, _) = level_of(&browser, &code).await;
    assert_eq!(acr, "urn:cognito:loa:1");
    pool.set_clock_skew_seconds(60);
    let query = acr_values("urn:cognito:loa:4");
    let response = browser.get("/oauth2/authorize", &query).await;
    assert!(location(&response).starts_with("/login?"));
    let silent = browser.get("/oauth2/authorize", &[&query[..], &[("prompt", "none")]].concat()).await;
    assert_eq!(parameter(&silent, "error").as_deref(), Some("login_required"));
    let (factors, ticket) = offered(browser.get("/login", &query).await).await;
    assert_eq!(factors, ["totp"]);
    let response = post(&browser, &query, &shown(&ticket, "totp", "123456")).await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let code = parameter(&response, "code").unwrap();
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let (_, tokens) = browser.token(&form).await;
    let claims = part(tokens["access_token"].as_str().unwrap(), 1);
    assert_eq!(claims["acr"], "urn:cognito:loa:4");
    let age = claims["iat"].as_u64().unwrap() - claims["auth_time"].as_u64().unwrap();
    assert!((60..120).contains(&age), "a code is no new sign-in: {age}");

    browser.cookie = Some(cookie);
    let silent = browser.get("/oauth2/authorize", &[&query[..], &[("prompt", "none")]].concat()).await;
    assert!(parameter(&silent, "code").is_some(), "the session has the level by now");
    let always = browser.get("/oauth2/authorize", &[&query[..], &[("prompt", "login")]].concat()).await;
    assert!(location(&always).starts_with("/login?"));
    let from_scratch = browser.get("/login", &[&query[..], &[("prompt", "login")]].concat()).await;
    assert!(from_scratch.text().await.unwrap().contains("<h1>Sign in</h1>"));
}

#[rocket::async_test]
async fn an_old_session_signs_in_from_scratch() {
    let (pool, mut browser) = start_with(|config| config).await;
    browser.sign_in("totp", &asking(&[])).await;
    pool.set_clock_skew_seconds(100);
    for (max_age, is_asked) in [("0", true), ("60", true), ("1000", false)] {
        let response = browser.get("/oauth2/authorize", &asking(&[("max_age", max_age)])).await;
        assert_eq!(parameter(&response, "code").is_none(), is_asked, "{max_age}");
        let query = asking(&[("max_age", max_age), ("acr_values", "urn:cognito:loa:4")]);
        let page = browser.get("/login", &query).await.text().await.unwrap();
        assert_eq!(page.contains("<h1>Sign in</h1>"), is_asked, "{max_age}");
    }
    for wrong in ["-1", "x", "1.5", "99999999999999999999999"] {
        let response = browser.get("/oauth2/authorize", &asking(&[("max_age", wrong)])).await;
        assert_eq!(parameter(&response, "error").as_deref(), Some("invalid_request"), "{wrong}");
    }
}

#[rocket::async_test]
async fn a_factor_is_shown_once_by_whom_it_was_asked_of() {
    let (pool, browser) = start_with(|config| config).await;
    let query = acr_values("urn:cognito:loa:4");
    let ticket = async || offered(post(&browser, &query, &[("user", "totp")]).await).await.1;
    let first = ticket().await;
    for (form, problem) in [
        (shown(&first, "totp", "654321"), "This code is wrong."),
        (shown(&first, "totp", ""), "This code is wrong."),
        (shown(&first, "sms", "123456"), "Choose one of these."),
        (shown(&first, "password", "123456"), "Choose one of these."),
        (vec![("sign_in", &*first)], "Choose one of these."),
    ] {
        let response = post(&browser, &query, &form).await;
        assert_eq!(response.status(), 400, "{form:?}");
        assert!(!response.headers().contains_key("set-cookie"));
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("role=\"alert\">{problem}</p>")), "{form:?}: {page}");
    }
    let response = post(&browser, &query, &shown(&first, "totp", " 123456 ")).await;
    assert!(parameter(&response, "code").is_some());
    let again = post(&browser, &query, &shown(&first, "totp", "123456")).await;
    assert_eq!(again.status(), 401);
    assert!(again.text().await.unwrap().contains("This page has expired."));

    let second = ticket().await;
    let mut elsewhere = query.clone();
    elsewhere[1] = ("client_id", "spa");
    assert_eq!(post(&browser, &elsewhere, &shown(&second, "totp", "123456")).await.status(), 401);
    pool.disable_user("totp").unwrap();
    assert_eq!(post(&browser, &query, &shown(&second, "totp", "123456")).await.status(), 401);
    for made_up in ["", "x"] {
        assert_eq!(post(&browser, &query, &shown(made_up, "totp", "123456")).await.status(), 401);
    }
}

#[rocket::async_test]
async fn a_refresh_keeps_level_and_methods() {
    for rotation in [false, true] {
        let (_pool, browser) = start_with(|config| config.refresh_token_rotation(rotation)).await;
        let query = acr_values("urn:cognito:loa:4");
        let ticket = offered(post(&browser, &query, &[("user", "totp")]).await).await.1;
        let response = post(&browser, &query, &shown(&ticket, "totp", "123456")).await;
        let (acr, amr, refresh_token) = level_of(&browser, &parameter(&response, "code").unwrap()).await;
        let (status, tokens) = browser.refresh(refresh_token.as_str().unwrap()).await;
        assert_eq!(status, 200);
        assert_eq!(claims_of(&tokens), (acr, amr));
    }
}

#[rocket::async_test]
async fn a_pool_may_ignore_levels_or_speak_of_them_only_when_asked() {
    let asked = acr_values("urn:cognito:loa:4");
    let unasked = asking(&[]);
    let first = || json!("urn:cognito:loa:1");
    for (levels, is_classic, without, expected) in [
        (LocalLevels::new(), false, first(), "the page"),
        (LocalLevels::new().ignored(), false, Value::Null, "a code"),
        (LocalLevels::new(), true, first(), "a code"),
        (LocalLevels::new().only_when_asked(), false, Value::Null, "the page"),
    ] {
        let (_pool, browser) = start_with(|config| config.levels(levels).classic_hosted_ui(is_classic)).await;
        let response = post(&browser, &unasked, &[("user", "totp")]).await;
        let (acr, amr, _) = level_of(&browser, &parameter(&response, "code").unwrap()).await;
        assert_eq!((&acr, amr.is_empty()), (&without, without.is_null()));
        let response = post(&browser, &asked, &[("user", "totp")]).await;
        let found = if response.status() == 302 { "a code" } else { "the page" };
        assert_eq!(found, expected);
    }
    let (_pool, browser) = start_with(|config| config.levels(LocalLevels::new().only_when_asked())).await;
    let response = post(&browser, &acr_values("urn:cognito:loa:1"), &[("user", "none")]).await;
    assert_eq!(level_of(&browser, &parameter(&response, "code").unwrap()).await.0, first());
}

#[rocket::async_test]
async fn levels_may_have_other_names() {
    let (_pool, browser) = start_with(|config| config.levels(LocalLevels::new().name(4, "platinum"))).await;
    let query = acr_values("urn:cognito:loa:4 platinum");
    let (factors, ticket) = offered(post(&browser, &query, &[("user", "totp")]).await).await;
    assert_eq!(factors, ["totp"]);
    let response = post(&browser, &query, &shown(&ticket, "totp", "123456")).await;
    assert_eq!(level_of(&browser, &parameter(&response, "code").unwrap()).await.0, "platinum");

    let name = "x".repeat(65);
    for (level, name, problem) in [
        (3, "", "`levels.names.3`: needs 1 to 64 ASCII characters"),
        (3, &*name, "`levels.names.3`: needs 1 to 64 ASCII characters"),
        (3, "a b", "`levels.names.3`: needs 1 to 64 ASCII characters"),
        (3, "urn:cognito:loa:2", "`levels.names.3`: is the name of another level too"),
        (5, "x", "`levels.names.5`: is no level, which are 1 to 4"),
        (0, "x", "`levels.names.0`: is no level, which are 1 to 4"),
    ] {
        let config = config().levels(LocalLevels::new().name(level, name));
        let error = config.check().unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[rocket::async_test]
async fn a_new_password_is_followed_by_the_factor() {
    let (_pool, browser) = start_with(|config| config).await;
    let query = acr_values("urn:cognito:loa:4");
    let url = browser.url("/forgotPassword", &query);
    let form = [("username", "totp"), ("code", "123456"), ("password", "Secr3t-word")];
    let (factors, ticket) = offered(browser.post(url, &form).send().await.unwrap()).await;
    assert_eq!(factors, ["totp"]);
    let response = post(&browser, &query, &shown(&ticket, "totp", "123456")).await;
    assert!(parameter(&response, "code").is_some());
}
