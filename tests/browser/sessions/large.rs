//! Users in many groups, or with much to say of themselves.

use rocket::response::content::RawHtml;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::local_pool::LocalUser;
use rocket_cognito::{Group, InGroups};
use serde_json::json;

use super::{BUTTONS, RENEW, SIGN_OUT, cookies, session, start_with};
use crate::support::app::{App, Setup};
use crate::support::browser::{Browser, browse, inspect};
use crate::support::log;

/// What browsers keep of a cookie, name and value together (RFC 6265bis, section 5.6).
const MOST: usize = 4096;

struct First;
impl Group for First {
    const NAME: &'static str = "department-0000-of-the-firm";
}

struct Last;
impl Group for Last {
    const NAME: &'static str = "department-0074-of-the-firm";
}

/// A page for those who are in both groups.
#[get("/board")]
fn board(user: InGroups<First, Last>) -> RawHtml<String> {
    let (groups, email) = (user.groups().len(), user.email().unwrap_or("no address"));
    RawHtml(format!("<title>Board</title><h1>{groups} groups, {email}</h1>{BUTTONS}"))
}

/// With names of 27 characters.
fn departments(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("department-{number:04}-of-the-firm"))
}

/// With names as long as Cognito allows, of so many letters of two bytes.
fn long_departments(count: usize, wide: usize) -> impl Iterator<Item = String> {
    (0..count).map(move |number| format!("{}{number:0>width$}", "é".repeat(wide), width = 128 - wide))
}

fn both(name: &str) -> LocalUser {
    LocalUser::new(name).groups([First::NAME, Last::NAME])
}

/// A user with so many attributes of the greatest length.
fn wordy(user: LocalUser, attributes: usize) -> LocalUser {
    (0..attributes).fold(user, |user, number| user.attribute(format!("custom:{number}"), "w".repeat(2048)))
}

async fn start(users: impl IntoIterator<Item = LocalUser>) -> App {
    let build = |rocket: Rocket<Build>| super::build(rocket).mount("/", routes![board]);
    let setup = users.into_iter().fold(Setup::new(), |setup, user| setup.pool(|pool| pool.user(user)));
    start_with(setup, build).await
}

/// How long a value is, and over how many cookies it is spread.
async fn size(browser: &Browser, name: &str) -> (usize, usize) {
    let cookies = cookies(browser).await;
    assert!(cookies.iter().all(|(name, value)| name.len() + value.len() <= MOST));
    let parts: Vec<_> =
        cookies.iter().filter(|(part, _)| part.starts_with(name)).map(|(_, value)| value.len()).collect();
    (parts.iter().sum(), parts.len())
}

async fn sign_in(browser: &Browser, app: &App, username: &str) {
    browser.open(&app.url("/board")).await;
    browser.click(&format!("button[value={username}]")).await;
    browser.arrives_at(&app.url("/board")).await;
}

/// K4, K5: with tokens of several cookies everything works as with small ones.
#[tokio::test]
async fn large_tokens_sign_in_open_pages_are_renewed_and_go() {
    let users = [
        LocalUser::new("many").groups(departments(75)),
        LocalUser::new("most").groups(departments(100)),
        wordy(both("wordy"), 2),
    ];
    let app = start(users).await;
    for (user, groups, tokens) in [
        ("many", 75, [("cognito_access_token", 4_000, 2), ("cognito_id_token", 4_000, 2)]),
        ("most", 100, [("cognito_access_token", 5_000, 2), ("cognito_id_token", 5_000, 2)]),
        ("wordy", 2, [("cognito_access_token", 0, 1), ("cognito_id_token", 6_000, 2)]),
    ] {
        browse(async |browser| {
            sign_in(browser, &app, user).await;
            let heading = format!("{groups} groups, {user}@example.com");
            assert_eq!(browser.text("h1").await, heading);
            for (name, bytes, count) in tokens {
                let (length, cookies) = size(browser, name).await;
                assert!(length > bytes && cookies == count, "{user}: {name}: {length} in {cookies}");
            }

            let before = cookies(browser).await;
            browser.click(RENEW).await;
            browser.arrives_at(&app.url("/desk")).await;
            let after = cookies(browser).await;
            assert!(after.keys().eq(before.keys()) && after != before, "{user}: {:?}", after.keys());
            browser.open(&app.url("/board")).await;
            browser.reload().await;
            assert_eq!(browser.text("h1").await, heading);

            browser.click(SIGN_OUT).await;
            browser.arrives_at(&app.url("/")).await;
            assert!(cookies(browser).await.is_empty(), "{user}: {:?}", cookies(browser).await.keys());
        })
        .await;
    }
}

/// K5: a session that becomes smaller leaves no chunk behind.
#[tokio::test]
async fn a_user_who_leaves_most_groups_has_fewer_cookies_after_a_renewal() {
    let app = start([LocalUser::new("most").groups(departments(100))]).await;
    browse(async |browser| {
        sign_in(browser, &app, "most").await;
        assert_eq!(session(browser).await.len(), 5);
        app.pool.set_groups("most", [First::NAME, Last::NAME]).unwrap();
        browser.click(RENEW).await;
        browser.arrives_at(&app.url("/desk")).await;
        let small = ["cognito_access_token", "cognito_id_token", "cognito_refresh_token"];
        assert_eq!(session(browser).await, small);
        browser.open(&app.url("/board")).await;
        assert_eq!(browser.text("h1").await, "2 groups, most@example.com");
    })
    .await;
}

/// K4: an ID token that does not fit beside the access token is left out, and the operator is told.
#[tokio::test]
async fn an_id_token_that_does_not_fit_is_left_out_and_told_in_the_log() {
    let groups = departments(75).chain(long_departments(25, 64));
    let app = start([wordy(LocalUser::new("heavy").groups(groups), 4)]).await;
    browse(async |browser| {
        sign_in(browser, &app, "heavy").await;
        for _ in 0..2 {
            assert_eq!(browser.text("h1").await, "100 groups, no address");
            assert_eq!(size(browser, "cognito_id_token").await, (0, 0));
            browser.click(RENEW).await;
            browser.arrives_at(&app.url("/desk")).await;
            browser.open(&app.url("/board")).await;
        }
        browser.click(SIGN_OUT).await;
        browser.arrives_at(&app.url("/")).await;
        assert!(cookies(browser).await.is_empty());
        log::assert_said("does not fit into cookies beside the others; this session has no profile claims");
    })
    .await;
}

/// K4: more than any browser would keep is a clear error, and no half session.
#[tokio::test]
async fn tokens_beyond_all_bounds_are_a_clear_error_and_no_half_session() {
    let many_long_names = LocalUser::new("access").groups(long_departments(75, 120));
    let many_attributes = wordy(LocalUser::new("id"), 9);
    let app = start([many_long_names, many_attributes]).await;
    for (revoked, user) in ["access", "id"].into_iter().enumerate() {
        browse(async |browser| {
            browser.open(&app.url("/board")).await;
            assert_eq!(browser.faults().await, json!([]), "the pool's page");
            browser.click(&format!("button[value={user}]")).await;
            assert_eq!(browser.text("h1").await, "Sign-in is not set up correctly", "{user}");
            assert_eq!(browser.text("footer").await, "Error 503 · sign_in_misconfigured");
            inspect(browser, "too-large", "Sign-in is not set up correctly").await;
            assert!(cookies(browser).await.is_empty(), "{user}");
            let is_revoked = async || app.revocations() == revoked as u64 + 1;
            browser.waits_until("the refresh token is revoked", is_revoked).await;
            browser.open(&app.url("/door")).await;
            assert_eq!(browser.text("h1").await, "nobody");
            log::assert_said(
                "ERROR: cognito_tokens_too_large: a sign-in could not be completed: a token is longer than 24 KiB",
            );
            log::assert_said("ERROR: cognito_tokens_too_large: >> the user is in too many groups, or has too many attributes");
        })
        .await;
    }
}
