//! Users who have one more step to do before they are signed in: a new password, or the code of their sign-up.

use reqwest::Response;
use rocket_cognito::local_pool::LocalPool;
use serde_json::{Value, json};

use crate::api::{done, of_pool, refused};
use crate::browser::*;

const PASSWORD: &str = "Secr3t-word";
const TEMPORARY: &str = "Temp0rary!";

/// A pool with `forced`, whom an admin has made, and `unconf`, who has signed up.
async fn start_with_both() -> (LocalPool, Browser) {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let email = json!([{ "Name": "email", "Value": "f@x.example" }]);
    let forced =
        json!({ "Username": "forced", "TemporaryPassword": TEMPORARY, "UserAttributes": email.clone() });
    done(&browser, "AdminCreateUser", of_pool(forced)).await;
    let unconf =
        json!({ "ClientId": "spa", "Username": "unconf", "Password": TEMPORARY, "UserAttributes": email });
    done(&browser, "SignUp", unconf).await;
    (pool, browser)
}

async fn login(browser: &Browser, form: &[(&str, &str)]) -> Response {
    browser.post(browser.url("/login", &authorize("shop")), form).send().await.unwrap()
}

async fn status(browser: &Browser, username: &str) -> Value {
    let user = done(browser, "AdminGetUser", of_pool(json!({ "Username": username }))).await;
    user["UserStatus"].clone()
}

/// The page with this heading, and the ticket in its form.
async fn ticket(response: Response, expected: u16, heading: &str) -> (String, String) {
    assert_eq!(response.status(), expected);
    assert!(!response.headers().contains_key("set-cookie"));
    let page = response.text().await.unwrap();
    assert!(page.contains(&format!("<h1>{heading}</h1>")), "{page}");
    let (_, rest) = page.split_once("name=\"ticket\" value=\"").unwrap();
    let ticket = rest.split('"').next().unwrap().to_owned();
    (page, ticket)
}

#[rocket::async_test]
async fn a_temporary_password_leads_to_a_new_one() {
    let (_pool, browser) = start_with_both().await;
    let forms = [vec![("username", "forced"), ("password", TEMPORARY)], vec![("user", "forced")]];
    for form in forms {
        ticket(login(&browser, &form).await, 200, "Change your password").await;
    }
    let form = [("username", "forced"), ("password", TEMPORARY)];
    let (_, first) = ticket(login(&browser, &form).await, 200, "Change your password").await;
    let weak = login(&browser, &[("ticket", &first), ("password", "short")]).await;
    let (page, again) = ticket(weak, 400, "Change your password").await;
    assert!(page.contains("Password did not conform with policy: Password not long enough"));
    assert_eq!(status(&browser, "forced").await, "FORCE_CHANGE_PASSWORD");
    let response = login(&browser, &[("ticket", &again), ("password", PASSWORD)]).await;
    assert!(parameter(&response, "code").is_some() && response.headers().contains_key("set-cookie"));
    assert_eq!(status(&browser, "forced").await, "CONFIRMED");
    let form = [("username", "forced"), ("password", PASSWORD)];
    assert!(parameter(&login(&browser, &form).await, "code").is_some());
    let used = login(&browser, &[("ticket", &again), ("password", "An0ther-word")]).await;
    assert_eq!(used.status(), 401, "a ticket is for one use");
    assert!(parameter(&login(&browser, &form).await, "code").is_some());
}

#[rocket::async_test]
async fn the_code_of_a_sign_up_is_asked_for() {
    let (_pool, browser) = start_with_both().await;
    for form in [vec![("username", "unconf"), ("password", TEMPORARY)], vec![("user", "unconf")]] {
        let (page, _) = ticket(login(&browser, &form).await, 200, "Confirm your account").await;
        assert!(page.contains("123456"));
    }
    let form = [("username", "unconf"), ("password", TEMPORARY)];
    let (_, first) = ticket(login(&browser, &form).await, 200, "Confirm your account").await;
    let wrong = login(&browser, &[("ticket", &first), ("code", "654321")]).await;
    let (page, again) = ticket(wrong, 400, "Confirm your account").await;
    assert!(page.contains("Invalid verification code provided, please try again."));
    let response = login(&browser, &[("ticket", &again), ("code", " 123456 ")]).await;
    assert!(parameter(&response, "code").is_some());
    assert_eq!(status(&browser, "unconf").await, "CONFIRMED");
    assert!(parameter(&login(&browser, &form).await, "code").is_some());
}

#[rocket::async_test]
async fn a_ticket_is_for_its_client_and_no_other_site() {
    let (_pool, browser) = start_with_both().await;
    let form = [("username", "forced"), ("password", TEMPORARY)];
    let (_, ticket) = ticket(login(&browser, &form).await, 200, "Change your password").await;
    let form = [("ticket", ticket.as_str()), ("password", PASSWORD)];
    let other = browser.post(browser.url("/login", &authorize("spa")), &form).send().await.unwrap();
    assert_eq!(other.status(), 401);
    let foreign = browser.post(browser.url("/login", &authorize("shop")), &form);
    let foreign = foreign.header("Sec-Fetch-Site", "cross-site").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(login(&browser, &[("ticket", "nonsense"), ("password", PASSWORD)]).await.status(), 401);
    assert_eq!(status(&browser, "forced").await, "FORCE_CHANGE_PASSWORD");
}

#[rocket::async_test]
async fn a_wrong_password_leads_to_no_step() {
    let (_pool, browser) = start_with_both().await;
    for username in ["forced", "unconf"] {
        let response = login(&browser, &[("username", username), ("password", "Wr0ng-word")]).await;
        assert_eq!(response.status(), 401);
        assert!(!response.text().await.unwrap().contains("name=\"ticket\""));
    }
}

#[rocket::async_test]
async fn forgot_password_signed_in_whom_every_other_door_refuses() {
    let (_pool, browser) = start_with_both().await;
    let unverified =
        json!({ "Username": "alice", "UserAttributes": [{ "Name": "email_verified", "Value": "false" }] });
    done(&browser, "AdminUpdateUserAttributes", of_pool(unverified)).await;
    let nothing =
        "Cannot reset password for the user as there is no registered/verified email or phone_number";
    for (username, text) in [
        ("forced", "User password cannot be reset in the current state."),
        ("unconf", nothing),
        ("alice", nothing),
    ] {
        let form = [("username", username), ("password", PASSWORD)];
        let before = status(&browser, username).await;
        let url = browser.url("/forgotPassword", &authorize("shop"));
        let response = browser.post(url, &form).send().await.unwrap();
        assert_eq!(response.status(), 400, "{username}");
        assert!(!response.headers().contains_key("set-cookie"));
        assert!(response.text().await.unwrap().replace("&#x2f;", "/").contains(text), "{username}");
        if username == "forced" {
            let body = json!({ "ClientId": "spa", "Username": username });
            assert_eq!(refused(&browser, "ForgotPassword", body).await.1, text, "as the API says");
        }
        assert_eq!(status(&browser, username).await, before);
        assert_eq!(login(&browser, &form).await.status(), 401, "the password is the old one");
    }
}

#[rocket::async_test]
async fn lists_of_users_say_what_they_still_have_to_do() {
    let (_pool, browser) = start_with_both().await;
    let landing = browser.get("/", &[]).await.text().await.unwrap();
    let login = browser.get("/login", &authorize("shop")).await.text().await.unwrap();
    for page in [landing, login] {
        assert!(page.contains(">not confirmed<") && page.contains(">has to change the password<"), "{page}");
    }
}
