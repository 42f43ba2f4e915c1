//! `/signup` and `/forgotPassword`.

use reqwest::Response;
use rocket_cognito::local_pool::{LocalIdentity, LocalPool, LocalUser};
use serde_json::json;

use crate::browser::*;

const PASSWORD: &str = "Secr3t-word";

async fn send(browser: &Browser, path: &str, form: &[(&str, &str)]) -> Response {
    browser.post(browser.url(path, &authorize("shop")), form).send().await.unwrap()
}

/// Asserts that the form is refused with this text, and that nothing is kept.
async fn assert_refused(browser: &Browser, path: &str, form: &[(&str, &str)], text: &str) {
    let response = send(browser, path, form).await;
    assert_eq!(response.status(), 400, "{form:?}");
    assert!(!response.headers().contains_key("set-cookie"));
    let page = response.text().await.unwrap();
    let alert = page.split_once("role=\"alert\">").unwrap().1.split('<').next().unwrap();
    assert!(alert.replace("&quot;", "\"").contains(text), "{form:?}: {alert}");
    assert!(!page.contains(PASSWORD), "a password never comes back");
}

#[rocket::async_test]
async fn a_new_person_is_signed_in_at_once() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let page = browser.get("/signup", &authorize("shop")).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("This pool sends nothing"));
    let form = [("username", "dave"), ("email", "dave@acme.example"), ("password", PASSWORD)];
    let response = send(&browser, "/signup", &form).await;
    assert!(response.headers()["set-cookie"].to_str().unwrap().starts_with("cognito="));
    assert_eq!(parameter(&response, "state").as_deref(), Some("s-1"));
    let (status, tokens) = browser.token(&redeem(&parameter(&response, "code").unwrap())[..3]).await;
    assert_eq!(status, 200);
    let id = part(tokens["id_token"].as_str().unwrap(), 1);
    assert_eq!(
        (&id["cognito:username"], &id["email"], &id["email_verified"], id.get("cognito:groups")),
        (&json!("dave"), &json!("dave@acme.example"), &json!(true), None)
    );
    let form = [("username", "dave"), ("password", PASSWORD)];
    assert!(parameter(&send(&browser, "/login", &form).await, "code").is_some());
    assert!(pool.sign_in("dave", "shop").is_some());
}

#[rocket::async_test]
async fn who_signs_in_by_an_address_signs_up_with_it() {
    let pool = LocalPool::start(config().username_attributes(["email"])).await.unwrap();
    let browser = Browser::of(&pool);
    let page = browser.get("/signup", &authorize("shop")).await.text().await.unwrap();
    assert!(page.contains(">E-mail</label>") && !page.contains("name=\"email\""));
    let form = [("username", "dave@acme.example"), ("password", PASSWORD)];
    assert!(parameter(&send(&browser, "/signup", &form).await, "code").is_some());
    let tokens = pool.sign_in("dave@acme.example", "shop").unwrap();
    let id = part(&tokens.id_token, 1);
    assert_eq!((&id["email"], &id["cognito:username"]), (&json!("dave@acme.example"), &id["sub"]));
    let form = [("username", "dave"), ("password", PASSWORD)];
    assert_refused(&browser, "/signup", &form, "Username should be ").await;
}

#[rocket::async_test]
async fn what_cognito_would_refuse_is_refused_in_its_words() {
    let pool = LocalPool::start(config().alias_attributes(["email"])).await.unwrap();
    let browser = Browser::of(&pool);
    let policy = "Password did not conform with policy: Password";
    for (form, text) in [
        (["", "d@x.example", PASSWORD], "is missing."),
        (["dave", "", PASSWORD], "E-mail is missing."),
        (["dave", "d@x.example", ""], &format!("{policy} not long enough")),
        (["dave", "d@x.example", "Secr3t-"], &format!("{policy} not long enough")),
        (["dave", "d@x.example", "SECR3T-WORD"], &format!("{policy} must have lowercase characters")),
        (["dave", "d@x.example", "secr3t-word"], &format!("{policy} must have uppercase characters")),
        (["dave", "d@x.example", "Secret-word"], &format!("{policy} must have numeric characters")),
        (["dave", "d@x.example", "Secr3tword"], &format!("{policy} must have symbol characters")),
        (["alice", "d@x.example", PASSWORD], "User already exists"),
        (["dave", "alice@example.com", PASSWORD], "An account with the given email already exists."),
        (["two words", "d@x.example", PASSWORD], "no spaces"),
        (["al\u{202e}ice", "d@x.example", PASSWORD], "no spaces"),
        (["dave", "nonsense", PASSWORD], "Invalid email address format."),
    ] {
        let [username, email, password] = form;
        let form = [("username", username), ("email", email), ("password", password)];
        assert_refused(&browser, "/signup", &form, text).await;
    }
    assert_eq!(pool.usernames(), ["alice", "bob", "carol"]);
}

#[rocket::async_test]
async fn without_aliases_an_address_was_taken_for_a_username() {
    let pool = start().await;
    pool.add_user(LocalUser::new("dave@x.example").email("other@x.example")).unwrap();
    let form = [("username", "erin"), ("email", "dave@x.example"), ("password", PASSWORD)];
    assert_eq!(send(&Browser::of(&pool), "/signup", &form).await.status(), 302);
}

#[rocket::async_test]
async fn the_pages_add_a_thousand_users_at_most() {
    let pool = start().await;
    for number in 0..30 {
        pool.add_user(LocalUser::new(format!("seed{number}"))).unwrap();
    }
    let browser = Browser::of(&pool);
    for number in 0..1_000 {
        let name = format!("dave{number}");
        let form = [("username", name.as_str()), ("email", "d@x.example"), ("password", PASSWORD)];
        assert_eq!(send(&browser, "/signup", &form).await.status(), 302, "{name}");
    }
    let form = [("username", "erin"), ("email", "e@x.example"), ("password", PASSWORD)];
    assert_refused(&browser, "/signup", &form, "1000 people have signed up here").await;
    pool.add_user(LocalUser::new("erin")).unwrap();
}

#[rocket::async_test]
async fn a_new_password_takes_the_place_of_the_old_one() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let page = browser.get("/forgotPassword", &authorize("shop")).await.text().await.unwrap();
    assert!(page.contains("This pool sends nothing"));
    let form = [("username", "alice"), ("password", PASSWORD)];
    let response = send(&browser, "/forgotPassword", &form).await;
    assert!(parameter(&response, "code").is_some() && response.headers().contains_key("set-cookie"));
    assert!(parameter(&send(&browser, "/login", &form).await, "code").is_some());
    let old = [("username", "alice"), ("password", "Passw0rd!")];
    assert_eq!(send(&browser, "/login", &old).await.status(), 401);
}

#[rocket::async_test]
async fn a_password_is_set_for_users_of_the_pool_alone() {
    let google = LocalUser::federated(LocalIdentity::new("Google", "1234"));
    let config = config().user(google).user(LocalUser::new("dave")).user(LocalUser::new("erin").disabled());
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    for (username, password, text) in [
        ("nobody", PASSWORD, "There is no such user."),
        ("", PASSWORD, "There is no such user."),
        ("Google_1234", PASSWORD, "User password cannot be reset in the current state."),
        ("erin", PASSWORD, "User is disabled."),
        ("dave", "short", "Password not long enough"),
    ] {
        let form = [("username", username), ("password", password)];
        assert_refused(&browser, "/forgotPassword", &form, text).await;
    }
    let form = [("username", "dave"), ("password", "Passw0rd!")];
    assert!(parameter(&send(&browser, "/login", &form).await, "code").is_some(), "still the old one");
}

#[rocket::async_test]
async fn other_sites_sign_nobody_up_and_set_no_password() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (path, form) in [
        ("/signup", [("username", "dave"), ("email", "d@x.example"), ("password", PASSWORD)]),
        ("/forgotPassword", [("username", "alice"), ("email", ""), ("password", PASSWORD)]),
    ] {
        for (name, value) in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")] {
            let request = browser.post(browser.url(path, &authorize("shop")), &form).header(name, value);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 403, "{path}");
            assert!(!response.headers().contains_key("set-cookie"));
        }
    }
    assert_eq!(pool.usernames(), ["alice", "bob", "carol"]);
    let form = [("username", "alice"), ("password", "Passw0rd!")];
    assert!(parameter(&send(&browser, "/login", &form).await, "code").is_some());
}

#[rocket::async_test]
async fn pages_lead_to_each_other_with_the_whole_request() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (from, to) in [
        ("/login", "/signup"),
        ("/login", "/forgotPassword"),
        ("/signup", "/login"),
        ("/forgotPassword", "/login"),
    ] {
        let url = browser.url(from, &authorize("shop"));
        let page = browser.get_url(url.clone()).send().await.unwrap().text().await.unwrap();
        let page = page.replace("&amp;", "&").replace("&#x2f;", "/");
        assert!(page.contains(&format!("href=\"{to}?{}\"", url.query().unwrap())), "{from}: {page}");
    }
    for path in ["/signup", "/forgotPassword"] {
        let response = browser.get(path, &[("client_id", "nobody"), ("redirect_uri", CALLBACK)]).await;
        assert!(location(&response).starts_with("/error?error=redirect_mismatch"), "{path}");
    }
}

#[rocket::async_test]
async fn what_is_no_form_was_answered_as_a_wrong_password() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for path in ["/login", "/signup", "/forgotPassword"] {
        let url = browser.url(path, &authorize("shop"));
        let send = async |content_type: &str, body: String| {
            let request =
                browser.request(reqwest::Method::POST, url.clone()).header("Content-Type", content_type);
            let response = request.body(body).send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        };
        const FORM: &str = "application/x-www-form-urlencoded";
        for (content_type, body) in [
            ("application/json", "{\"username\":\"alice\",\"password\":\"Passw0rd!\"}"),
            (FORM, "username=a&username=b&password=c"),
        ] {
            let (status, page) = send(content_type, body.to_owned()).await;
            assert_eq!(status, 400, "{path}: {body}");
            assert!(page.contains("The request is no form as this page sends it"), "{path}: {body}");
        }
        let (status, page) = send(FORM, format!("username=a&password={}", "x".repeat(40_000))).await;
        assert_eq!(status, 413, "{path}");
        assert!(page.contains("The form is too long"), "{path}");
    }
}

#[rocket::async_test]
async fn a_blank_after_the_name_kept_people_out() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let form = [("username", " dave "), ("email", "d@x.example"), ("password", PASSWORD)];
    for path in ["/signup", "/login", "/forgotPassword"] {
        assert!(parameter(&send(&browser, path, &form).await, "code").is_some(), "{path}");
    }
}

#[rocket::async_test]
async fn a_button_of_nobody_is_not_answered_as_a_wrong_password() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let response = send(&browser, "/login", &[("user", "nobody")]).await;
    assert_eq!(response.status(), 401);
    assert!(response.text().await.unwrap().contains("There is no such user."));
}
