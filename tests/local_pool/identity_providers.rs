//! Sign-in by other identity providers, whose pages the pool stands in for.

use rocket_cognito::local_pool::{
    LocalClient, LocalIdentity, LocalIdentityProvider, LocalPool, LocalPoolConfig, LocalUser,
};
use serde_json::{Value, json};

use crate::browser::*;
use crate::support::agent::Agent;
use crate::support::app::Setup;

fn google(user_id: &str) -> LocalUser {
    LocalUser::federated(LocalIdentity::new("Google", user_id))
}

/// Google by its name alone, Acme with an identifier; Works is a provider of users.
fn with_providers() -> LocalPoolConfig {
    let works = LocalIdentity::new("Works", "w1").saml("https://works.example/saml");
    config()
        .identity_provider("Google")
        .identity_provider(LocalIdentityProvider::new("Acme").identifier("acme.example"))
        .user(LocalUser::new("dave").identity(works))
        .user(google("1234"))
}

fn at<'a>(parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [authorize("shop"), parameters.to_vec()].concat()
}

async fn page(browser: &Browser, parameters: &[(&str, &str)]) -> String {
    let response = browser.get("/login", &at(parameters)).await;
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

/// The claims of the ID token that this form leads to.
async fn claims(browser: &Browser, parameters: &[(&str, &str)], form: &[(&str, &str)]) -> Value {
    let response = browser.post(browser.url("/login", &at(parameters)), form).send().await.unwrap();
    let code = parameter(&response, "code").unwrap();
    let (status, tokens) = browser.token(&redeem(&code)[..3]).await;
    assert_eq!(status, 200, "{tokens}");
    part(tokens["id_token"].as_str().unwrap(), 1)
}

#[rocket::async_test]
async fn each_provider_has_a_button_that_keeps_the_request() {
    let pool = LocalPool::start(with_providers()).await.unwrap();
    let browser = Browser::of(&pool);
    let page = page(&browser, &[("nonce", "n 1"), ("idp_identifier", "")]).await;
    for name in ["Google", "Acme", "Works"] {
        let (before, _) = page.split_once(&format!("Continue with {name}</a>")).unwrap();
        let (_, link) = before.rsplit_once("href=\"&#x2f;login?").unwrap();
        let query = link.split('"').next().unwrap().replace("&amp;", "&");
        assert!(query.ends_with(&format!("identity_provider={name}")), "{name}: {query}");
        assert!(query.contains("state=s-1") && query.contains("nonce=n+1") && !query.contains("idp_"));
    }
    assert!(page.contains("value=\"dave\"") && !page.contains("value=\"Google_1234\""), "they have a page");
}

#[rocket::async_test]
async fn the_page_of_a_provider_offers_those_whom_it_knows() {
    let pool = LocalPool::start(with_providers()).await.unwrap();
    let browser = Browser::of(&pool);
    let google = page(&browser, &[("identity_provider", "Google")]).await;
    assert!(google.contains("Sign in with Google") && google.contains("value=\"Google_1234\""));
    assert!(!google.contains("value=\"dave\"") && !google.contains("name=\"password\""));
    let works = page(&browser, &[("identity_provider", "Works")]).await;
    assert!(works.contains("value=\"dave\"") && !works.contains("value=\"Google_1234\""));

    let id = claims(&browser, &[("identity_provider", "Google")], &[("user", "Google_1234")]).await;
    assert_eq!(id["cognito:username"], "Google_1234");
    let id = claims(&browser, &[("identity_provider", "Works")], &[("user_id", "w1")]).await;
    assert_eq!(id["cognito:username"], "dave", "the user to whom the person is linked");
    for form in [[("user", "dave")], [("user", "nobody")], [("user_id", "")], [("user_id", "a b")]] {
        let login = browser.url("/login", &at(&[("identity_provider", "Google")]));
        assert_eq!(browser.post(login, &form).send().await.unwrap().status(), 401, "{form:?}");
    }
}

#[rocket::async_test]
async fn a_new_person_of_a_provider_is_made_as_cognito_makes_them() {
    let pool = LocalPool::start(with_providers()).await.unwrap();
    let browser = Browser::of(&pool);
    let at_google = [("identity_provider", "Google")];
    let form = [("user_id", "777"), ("email", "new@example.com")];
    let first = claims(&browser, &at_google, &form).await;
    assert_eq!(
        (&first["cognito:username"], &first["cognito:groups"]),
        (&json!("Google_777"), &json!(["eu-west-1_LocalPool_Google"]))
    );
    assert_eq!((&first["email"], &first["email_verified"]), (&json!("new@example.com"), &json!(false)));
    assert_eq!(first["identities"][0]["userId"], "777");
    let again = claims(&browser, &at_google, &form).await;
    assert_eq!(again["sub"], first["sub"], "the same user");
    assert!(page(&browser, &at_google).await.contains("value=\"Google_777\""));

    let without = claims(&browser, &at_google, &[("user_id", "778"), ("email", "")]).await;
    assert_eq!(without.get("email"), None);
    let saml = claims(&browser, &[("identity_provider", "Works")], &[("user_id", "w2")]).await;
    assert_eq!(
        (&saml["identities"][0]["providerType"], &saml["identities"][0]["issuer"]),
        (&json!("SAML"), &json!("https://works.example/saml"))
    );
}

#[rocket::async_test]
async fn authorize_leads_straight_to_the_provider() {
    let pool = LocalPool::start(with_providers()).await.unwrap();
    let browser = Browser::of(&pool);
    for (parameter, value, heading) in [
        ("identity_provider", "Google", "Sign in with Google"),
        ("idp_identifier", "acme.example", "Sign in with Acme"),
    ] {
        let response = browser.get("/oauth2/authorize", &at(&[(parameter, value)])).await;
        let url = browser.url(&location(&response), &[]);
        let page = browser.get_url(url).send().await.unwrap().text().await.unwrap();
        assert!(page.contains(heading), "{page}");
    }
}

#[rocket::async_test]
async fn an_app_leads_straight_to_google_and_knows_who_comes_back() {
    let app = Setup::new().pool(|pool| pool.identity_provider("Google")).start().await;
    let agent = Agent::new();
    let page = agent.follow(&app.url("/auth/login?identity_provider=Google&next=/me")).await;
    assert!(page.body.contains("<h1>Sign in with Google</h1>"), "{}", page.body);
    let answer = agent.post(page.url.as_str(), &[], &[("user_id", "1234"), ("email", "")]).await;
    let page = agent.follow(&answer.location()).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    assert!(page.body.contains("\"Google_1234\"") && page.body.contains("eu-west-1_LocalPool_Google"));
}

#[rocket::async_test]
async fn cognito_itself_as_the_provider_shows_its_own_users_only() {
    let pool = LocalPool::start(with_providers()).await.unwrap();
    let browser = Browser::of(&pool);
    let own = [("identity_provider", "COGNITO")];
    let page = page(&browser, &own).await;
    assert!(page.contains("value=\"dave\"") && page.contains("name=\"password\""));
    assert!(!page.contains("Continue with") && !page.contains("value=\"Google_1234\""));
    let login = browser.url("/login", &at(&own));
    assert_eq!(browser.post(login, &[("user", "Google_1234")]).send().await.unwrap().status(), 401);
}

#[rocket::async_test]
async fn an_unknown_provider_is_an_error_for_the_app() {
    let pool = LocalPool::start(with_providers()).await.unwrap();
    let browser = Browser::of(&pool);
    for (name, value) in [
        ("identity_provider", "Facebook"),
        ("identity_provider", "google"),
        ("idp_identifier", "acme.exampl"),
        ("idp_identifier", "Google"),
    ] {
        for path in ["/oauth2/authorize", "/login"] {
            let response = browser.get(path, &at(&[(name, value)])).await;
            assert!(location(&response).starts_with(CALLBACK));
            assert_eq!(parameter(&response, "error").as_deref(), Some("invalid_request"));
            assert_eq!(parameter(&response, "error_description"), Some(format!("unknown {name}")));
            assert_eq!(parameter(&response, "state").as_deref(), Some("s-1"));
        }
    }
}

/// Signs in at this provider, or at the pool, and says for what the browser gets a code without a page.
async fn resumed(provider: Option<&str>, user: &str) -> Vec<&'static str> {
    let pool = LocalPool::start(with_providers()).await.unwrap();
    let mut browser = Browser::of(&pool);
    let there = provider.map(|name| ("identity_provider", name));
    let login = browser.url("/login", &at(there.as_slice()));
    let response = browser.post(login, &[("user", user)]).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    let mut resumed = Vec::new();
    for name in ["", "COGNITO", "Google", "Acme", "Works"] {
        let parameters = at(&[("identity_provider", name)]);
        let shown = browser.get("/oauth2/authorize", &parameters).await;
        let silent = browser.get("/oauth2/authorize", &[parameters, vec![("prompt", "none")]].concat()).await;
        if parameter(&shown, "code").is_some() {
            assert!(parameter(&silent, "code").is_some(), "{name}");
            resumed.push(name);
        } else {
            assert!(location(&shown).starts_with("/login?"), "{name}");
            assert_eq!(parameter(&silent, "error").as_deref(), Some("login_required"), "{name}");
        }
    }
    let again = browser.get("/oauth2/authorize", &at(&[("prompt", "login")])).await;
    assert!(location(&again).starts_with("/login?"));
    resumed
}

#[rocket::async_test]
async fn a_session_of_another_provider_is_not_resumed() {
    assert_eq!(resumed(None, "dave").await, ["", "COGNITO"]);
    assert_eq!(resumed(Some("Google"), "Google_1234").await, ["", "Google"]);
    assert_eq!(resumed(Some("Works"), "dave").await, ["", "Works"], "a user of the pool, linked to Works");
    assert_eq!(resumed(None, "Google_1234").await, ["", "Google"], "by a script, without a page");
}

#[rocket::async_test]
async fn a_disabled_person_of_a_provider_goes_back_to_the_app() {
    let pool = LocalPool::start(with_providers().user(google("555").disabled())).await.unwrap();
    let browser = Browser::of(&pool);
    let login = browser.url("/login", &at(&[("identity_provider", "Google")]));
    for form in [("user_id", "555"), ("user", "Google_555"), ("error", "disabled")] {
        let response = browser.post(login.clone(), &[form]).send().await.unwrap();
        assert_eq!(parameter(&response, "error").as_deref(), Some("invalid_request"), "{form:?}");
        assert_eq!(parameter(&response, "error_description").as_deref(), Some("User is not enabled"));
        assert!(!response.headers().contains_key("set-cookie"));
    }
}

#[rocket::async_test]
async fn where_case_does_not_count_a_person_is_one_however_typed() {
    let pool = LocalPool::start(with_providers().case_sensitive(false)).await.unwrap();
    let browser = Browser::of(&pool);
    let at_google = [("identity_provider", "Google")];
    let first = claims(&browser, &at_google, &[("user_id", "Abc")]).await;
    let again = claims(&browser, &at_google, &[("user_id", "aBC")]).await;
    assert_eq!((&first["cognito:username"], &first["sub"]), (&json!("google_abc"), &again["sub"]));
}

#[rocket::async_test]
async fn the_table_takes_names_and_tables_and_lists_every_mistake() {
    let folder = std::env::temp_dir().join(format!("providers-{:x}", rand::random::<u64>()));
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("pool.toml");
    let read = |providers: &str| {
        std::fs::write(&file, format!("port = 0\nidentity_providers = {providers}\n")).unwrap();
        LocalPoolConfig::from_file(&file)
    };
    let config = read(r#"["Google", { name = "Acme", identifiers = ["acme.example"] }]"#).unwrap();
    let pool =
        LocalPool::start(config.client(LocalClient::new("shop").callback_url(CALLBACK))).await.unwrap();
    let page = page(&Browser::of(&pool), &[]).await;
    assert!(page.contains("Continue with Google") && page.contains("Continue with Acme"));

    for (providers, words) in [
        (r#"["Google", "Google", "COGNITO"]"#, vec!["[1].name`: \"Google\" is given twice", "leave it out"]),
        (r#"["a", "My Company", "My_Company"]"#, vec!["[0].name`", "[1].name`", "[2].name`: the provider"]),
        (
            r#"[{ name = "Acme", identifiers = ["a/b"] }, { name = "Works", identifiers = ["a", "a"] }]"#,
            vec!["[0].identifiers`: \"a/b\" needs", "[1].identifiers`: \"a\" is given twice"],
        ),
        (r#"[{ identifiers = ["a"] }]"#, vec!["[0].name`: is missing"]),
        (r#"[{ nmae = "Acme" }]"#, vec!["did you mean `name`?"]),
        (r#"[7]"#, vec!["a list of texts, or of tables with the keys name"]),
        (r#""Google""#, vec!["a list of texts, or of tables"]),
        (r#"[{ name = "Google", provider_type = "SAML" }]"#, vec!["leave provider_type out"]),
        (r#"[{ name = "Works", provider_type = "SAML" }]"#, vec!["[0].issuer`: Works is of SAML: add the"]),
    ] {
        let text = read(providers).unwrap_err().to_string();
        for word in words {
            assert!(text.contains(word), "{providers}: {word}: {text}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
