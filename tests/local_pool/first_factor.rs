//! Sign-ins without a password: by a code or a passkey alone, and what an app that asks for a level gets of them.

use rocket_cognito::local_pool::{LocalIdentity, LocalUser};
use serde_json::json;

use crate::browser::*;
use crate::levels::{LOA, acr_values, asking, level_of, offered_under, post, shown, start_with};

const FIRST: &str = "Sign in without a password";

fn without_password(username: &str) -> Vec<(&str, &str)> {
    vec![("username", username), ("password", ""), ("without_password", "yes")]
}

/// Signs in by these factors in turn, the first one instead of the password; each page offers what is listed beside it.
async fn signs_in(
    browser: &Browser,
    query: &[(&str, &str)],
    username: &str,
    steps: &[(&str, &[&str])],
) -> String {
    let mut response = post(browser, query, &without_password(username)).await;
    for (step, (factor, expected)) in steps.iter().enumerate() {
        let heading = if step == 0 { FIRST } else { "One more step" };
        let (factors, ticket) = offered_under(heading, response).await;
        assert_eq!(factors, *expected, "{username} {query:?}");
        let proof = if *factor == "password" { "Passw0rd!" } else { "123456" };
        response = post(browser, query, &shown(&ticket, factor, proof)).await;
    }
    parameter(&response, "code").unwrap_or_else(|| panic!("{username} {query:?} {steps:?}"))
}

#[rocket::async_test]
async fn a_factor_alone_reaches_its_level_and_more_is_asked_for_where_the_app_does() {
    let (_pool, browser) = start_with(|config| config).await;
    let every = ["passkey", "security_key", "sms", "email"];
    for (username, asked, steps, acr, amr) in [
        ("email", "", vec![("email", &["email"][..])], 2, vec!["email_otp"]),
        ("sms", "", vec![("sms", &["sms"])], 2, vec!["sms"]),
        ("passkey", "", vec![("passkey", &["passkey"])], 3, vec!["swk"]),
        ("security_key", "", vec![("security_key", &["security_key"])], 3, vec!["hwk"]),
        ("all", "", vec![("sms", &every)], 2, vec!["sms"]),
        ("email", "1", vec![("email", &["email"])], 2, vec!["email_otp"]),
        ("email", "2", vec![("email", &["email"])], 2, vec!["email_otp"]),
        ("passkey", "3", vec![("passkey", &["passkey"])], 3, vec!["swk"]),
        (
            "email",
            "3",
            vec![("email", &["email"]), ("password", &["password"])],
            3,
            vec!["email_otp", "mfa", "pwd"],
        ),
        (
            "all",
            "3",
            vec![("sms", &every), ("passkey", &["passkey", "security_key", "password"])],
            3,
            vec!["mfa", "sms", "swk"],
        ),
        // A level that the user cannot reach asks for nothing.
        ("email", "4", vec![("email", &["email"])], 2, vec!["email_otp"]),
    ] {
        let asked = if asked.is_empty() { String::new() } else { format!("{LOA}{asked}") };
        let query = if asked.is_empty() { asking(&[]) } else { acr_values(&asked) };
        let code = signs_in(&browser, &query, username, &steps).await;
        let (found_acr, found_amr, _) = level_of(&browser, &code).await;
        assert_eq!(
            (found_acr, found_amr),
            (json!(format!("{LOA}{acr}")), amr.iter().map(ToString::to_string).collect()),
            "{username} {asked}"
        );
    }
}

#[rocket::async_test]
async fn whom_no_factor_alone_would_do_for_is_asked_for_the_password() {
    let (pool, browser) = start_with(|config| config).await;
    pool.add_user(LocalUser::federated(LocalIdentity::new("Google", "frank"))).unwrap();
    pool.add_user(LocalUser::new("off").disabled()).unwrap();
    for (username, asked, problem) in [
        ("none", "", "This user signs in with a password here"),
        // An authenticator app comes second, and the highest level needs it and the password.
        ("totp", "", "This user signs in with a password here"),
        ("all", "urn:cognito:loa:4", "This user signs in with a password here"),
        ("", "", "Enter who signs in."),
        ("nobody", "", "There is no such user."),
        ("off", "", "User is disabled."),
        ("Google_frank", "", "This user does not sign in here."),
    ] {
        let response = post(&browser, &acr_values(asked), &without_password(username)).await;
        assert_eq!(response.status(), 400, "{username}");
        assert!(!response.headers().contains_key("set-cookie"));
        let page = response.text().await.unwrap();
        assert!(page.contains("<h1>Sign in</h1>") && page.contains(problem), "{username}: {page}");
    }
}

#[rocket::async_test]
async fn nobody_is_signed_in_without_a_proof() {
    let (_pool, browser) = start_with(|config| config).await;
    let query = acr_values("urn:cognito:loa:3");
    let (_, ticket) = offered_under(FIRST, post(&browser, &query, &without_password("email")).await).await;
    for (factor, proof, problem) in [
        ("email", "654321", "This code is wrong."),
        ("email", "", "This code is wrong."),
        ("passkey", "", "Choose one of these."),
        ("password", "Passw0rd!", "Choose one of these."),
        ("totp", "123456", "Choose one of these."),
    ] {
        let response = post(&browser, &query, &shown(&ticket, factor, proof)).await;
        assert_eq!(response.status(), 400, "{factor} {proof}");
        assert!(response.text().await.unwrap().contains(problem), "{factor} {proof}");
    }
    let response = post(&browser, &query, &shown(&ticket, "email", "123456")).await;
    let (_, next) = offered_under("One more step", response).await;
    for wrong in ["", "wrong", "123456"] {
        let response = post(&browser, &query, &shown(&next, "password", wrong)).await;
        assert_eq!(response.status(), 400);
        assert!(response.text().await.unwrap().contains("This password is wrong."));
    }
    for spent in [&ticket, "made-up"] {
        let response = post(&browser, &query, &shown(spent, "email", "123456")).await;
        assert!(response.text().await.unwrap().contains("This page has expired."));
    }
    let response = post(&browser, &query, &shown(&next, "password", "Passw0rd!")).await;
    assert!(parameter(&response, "code").is_some());
}

#[rocket::async_test]
async fn a_session_without_a_password_is_asked_for_it_where_a_level_needs_it() {
    let (_pool, mut browser) = start_with(|config| config).await;
    let query = asking(&[]);
    let (_, ticket) = offered_under(FIRST, post(&browser, &query, &without_password("email")).await).await;
    let response = post(&browser, &query, &shown(&ticket, "email", "123456")).await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    browser.cookie = Some(cookie);
    let silent = [("prompt", "none")];
    let reached =
        browser.get("/oauth2/authorize", &[&acr_values("urn:cognito:loa:2")[..], &silent].concat()).await;
    assert!(parameter(&reached, "code").is_some());
    let query = acr_values("urn:cognito:loa:3");
    let lacking = browser.get("/oauth2/authorize", &[&query[..], &silent].concat()).await;
    assert_eq!(parameter(&lacking, "error").as_deref(), Some("login_required"));
    let (factors, ticket) = offered_under("One more step", browser.get("/login", &query).await).await;
    assert_eq!(factors, ["password"]);
    let response = post(&browser, &query, &shown(&ticket, "password", "Passw0rd!")).await;
    let (acr, amr, _) = level_of(&browser, &parameter(&response, "code").unwrap()).await;
    assert_eq!(
        (acr, amr),
        (json!("urn:cognito:loa:3"), ["email_otp", "mfa", "pwd"].map(str::to_owned).into())
    );
}
