//! "End with an error" on the sign-in pages, and what an app makes of it.

use std::sync::{Arc, Mutex};

use reqwest::Url;
use rocket_cognito::local_pool::{LocalIdentityProvider, LocalPool};
use rocket_cognito::{Cognito, catchers};

use crate::browser::*;
use crate::support::SAME_ORIGIN;
use crate::support::agent::{Agent, Page};
use crate::support::app::{Setup, parameters, with_routes};

/// What the app is sent, but for `state`, and its answer.
struct Ended {
    sent: Vec<(String, String)>,
    page: Page,
    hooked: Option<String>,
}

/// A sign-in at this provider, or at the pool's own page, that ends with this error.
async fn end(provider: Option<&str>, name: &str, trigger_text: Option<&str>) -> Ended {
    let hooked = Arc::new(Mutex::new(None));
    let seen = hooked.clone();
    let fairing = Cognito::fairing().on_pool_error(move |_request, denial| {
        *seen.lock().unwrap() = denial.pool_error_description().map(str::to_owned);
        Box::pin(async { Ok(None) })
    });
    let works = LocalIdentityProvider::new("Works").saml("https://works.example/saml");
    let setup = Setup::new().pool(|pool| {
        pool.identity_provider("Google").identity_provider("SignInWithApple").identity_provider(works)
    });
    let app = setup.start_with(|rocket| with_routes(rocket).attach(fairing).register("/", catchers())).await;
    let agent = Agent::new();
    let mut login = agent.follow(&app.url("/me")).await.url;
    assert_eq!(login.path(), "/login");
    if let Some(provider) = provider {
        login.query_pairs_mut().append_pair("identity_provider", provider);
    }
    let state = login.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    assert!(agent.open(login.as_str()).await.body.contains("End with an error"));
    let text = trigger_text.map(|text| ("trigger_text", text));
    let form: Vec<_> = [("error", name)].into_iter().chain(text).collect();
    let answer = agent.post(login.as_str(), &SAME_ORIGIN, &form).await;
    let mut sent = parameters(&answer.location());
    assert!(sent.contains(&("state".to_owned(), state)), "{sent:?}");
    sent.retain(|(name, _)| name != "state");
    let page = agent.follow(&answer.location()).await;
    assert_eq!(Url::parse(&answer.location()).unwrap().path(), "/auth/callback");
    let hooked = hooked.lock().unwrap().clone();
    Ended { sent, page, hooked }
}

#[track_caller]
fn assert_ended(ended: &Ended, error: &str, description: Option<&str>, status: u16, title: &str) {
    let description = description.map(|text| ("error_description".to_owned(), text.to_owned()));
    let expected: Vec<_> = description.into_iter().chain([("error".to_owned(), error.to_owned())]).collect();
    assert_eq!(ended.sent, expected);
    assert_eq!(ended.page.status, status, "{}", ended.page.body);
    assert!(ended.page.body.contains(&format!("<h1>{title}</h1>")), "{}", ended.page.body);
}

#[rocket::async_test]
async fn a_person_cancels() {
    for provider in [None, Some("Google")] {
        let ended = end(provider, "cancel", None).await;
        assert_ended(&ended, "access_denied", None, 403, "Sign-in declined");
    }
}

#[rocket::async_test]
async fn a_person_cancels_at_apple() {
    let ended = end(Some("SignInWithApple"), "cancel", None).await;
    assert_ended(&ended, "user_cancelled_authorize", None, 403, "Sign-in declined");
}

#[rocket::async_test]
async fn a_provider_answers_with_an_error() {
    let ended = end(Some("Google"), "provider_error", None).await;
    let text = "Google Error - 500 server_error";
    assert_ended(&ended, "invalid_request", Some(text), 400, "Sign-in not completed");
}

#[rocket::async_test]
async fn a_provider_does_not_answer() {
    let ended = end(Some("Google"), "provider_timeout", None).await;
    let text = "Timeout occurred in calling IdP token endpoint";
    assert_ended(&ended, "invalid_request", Some(text), 400, "Sign-in not completed");
}

#[rocket::async_test]
async fn the_pool_fails() {
    let ended = end(None, "server_error", None).await;
    assert_ended(&ended, "server_error", None, 503, "Sign-in is unavailable");
}

#[rocket::async_test]
async fn the_first_sign_in_after_linking_fails() {
    let ended = end(Some("Google"), "linked", None).await;
    let text = "Already found an entry for username Google_1234 ";
    assert_ended(&ended, "invalid_request", Some(text), 400, "Sign-in not completed");
    assert_eq!(ended.hooked.as_deref(), Some(text), "the hook can begin again");
}

#[rocket::async_test]
async fn a_pre_sign_up_trigger_refuses() {
    let ended = end(Some("Google"), "PreSignUp", None).await;
    let text = "PreSignUp failed with error NOT_INVITED. ";
    assert_ended(&ended, "invalid_request", Some(text), 400, "Sign-in not completed");
    assert_eq!(ended.hooked.as_deref(), Some(text));
}

#[rocket::async_test]
async fn a_pre_authentication_trigger_refuses_in_its_own_words() {
    let ended = end(None, "PreAuthentication", Some("Closed & gone\r\n")).await;
    let text = "PreAuthentication failed with error Closed & gone. ";
    assert_ended(&ended, "invalid_request", Some(text), 400, "Sign-in not completed");
}

#[rocket::async_test]
async fn a_saml_provider_answers_with_what_is_not_valid() {
    let ended = end(Some("Works"), "provider_error", None).await;
    let text = "Invalid SAML response received: The assertion is not valid. ";
    assert_ended(&ended, "server_error", Some(text), 503, "Sign-in is unavailable");
}

#[rocket::async_test]
async fn the_first_sign_in_after_linking_fails_at_a_saml_provider() {
    let ended = end(Some("Works"), "linked", None).await;
    let text = "Invalid SAML response received: Already found an entry for username Works_1234 ";
    assert_eq!(ended.sent.last().unwrap().1, "server_error");
    assert_eq!(ended.hooked.as_deref(), Some(text), "the hook can begin again");
}

#[rocket::async_test]
async fn a_pre_sign_up_trigger_refuses_somebody_of_a_saml_provider() {
    let ended = end(Some("Works"), "PreSignUp", None).await;
    let text = "Invalid SAML response received: PreSignUp failed with error NOT_INVITED. ";
    assert_ended(&ended, "server_error", Some(text), 400, "Sign-in not completed");
    assert_eq!(ended.hooked.as_deref(), Some(text));
}

#[rocket::async_test]
async fn the_page_shows_what_will_be_sent() {
    let pool = LocalPool::start(config().identity_provider("Google")).await.unwrap();
    let browser = Browser::of(&pool);
    let parameters = [authorize("shop"), vec![("identity_provider", "Google")]].concat();
    let url = browser.url("/login", &parameters);
    let page = browser.get_url(url.clone()).send().await.unwrap().text().await.unwrap();
    let page = page.replace("&#x2f;", "/").replace("&amp;", "&");
    for name in [
        "cancel",
        "provider_error",
        "provider_timeout",
        "server_error",
        "linked",
        "PreSignUp",
        "PreAuthentication",
    ] {
        let response = browser.post(url.clone(), &[("error", name)]).send().await.unwrap();
        let mut shown = format!("<code>error={}</code>", parameter(&response, "error").unwrap());
        if let Some(description) = parameter(&response, "error_description") {
            shown += &format!("<code>error_description={description}</code>");
        }
        assert!(page.contains(&shown), "{shown}: {page}");
    }
    let own_page = browser.url("/login", &authorize("shop"));
    for (url, name) in [(url, "no_such_error"), (own_page.clone(), "provider_error"), (own_page, "linked")] {
        let response = browser.post(url, &[("error", name)]).send().await.unwrap();
        assert_eq!(response.status(), 400, "no provider was asked: {name}");
    }
}

#[rocket::async_test]
async fn other_sites_end_no_sign_in() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let request = browser.post(browser.url("/login", &authorize("shop")), &[("error", "cancel")]);
    let response = request.header("Sec-Fetch-Site", "cross-site").send().await.unwrap();
    assert_eq!(response.status(), 403);
}
