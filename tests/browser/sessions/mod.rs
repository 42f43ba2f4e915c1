//! Sessions as a real browser has them: large ones, in many tabs, of several people, renewed again and again.

mod clicks;
mod devices;
mod large;
mod people;
mod renewal;
mod tabs;

use std::collections::BTreeMap;

use crate::support::app;
use crate::support::app::{App, SECRET_KEY, Setup};
use crate::support::browser::Browser;
use crate::support::sealing::Seal;
use rocket::response::content::RawHtml;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::{CognitoUser, Login, Logout};

// On the pool's page.
pub(crate) const ALICE: &str = "button[value=alice]";
const BOB: &str = "button[value=bob]";
// On the pages of the app.
const SIGN_IN: &str = "#sign-in";
const RENEW: &str = "#renew button";
const SWITCH: &str = "#switch button";
const SIGN_OUT: &str = "#sign-out button";

/// What members can press on any page.
const BUTTONS: &str = "<form id=renew method=post action='/auth/refresh?next=/desk'><button>Renew</button></form>\
    <form id=switch method=post action=/switch><button>Use another account</button></form>\
    <form id=sign-out method=post action=/auth/logout><button>Sign out</button></form>";

/// A page for everybody.
#[get("/door")]
fn door(user: Option<CognitoUser>) -> RawHtml<String> {
    let name = user.map_or("nobody".to_owned(), |user| user.username().to_owned());
    RawHtml(format!(
        "<title>Door</title><h1>{name}</h1><a id=sign-in href='/auth/login?next=/desk'>Sign in</a>"
    ))
}

/// A page for members.
#[get("/desk?<_tab>")]
fn desk(user: CognitoUser, _tab: Option<&str>) -> RawHtml<String> {
    RawHtml(format!("<title>Desk</title><h1>{}</h1>{BUTTONS}", user.username()))
}

#[post("/switch")]
fn switch() -> Logout {
    Logout::and_sign_in(Login::new().next("/desk"))
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    app::build(rocket).mount("/", routes![door, desk, switch])
}

async fn start() -> App {
    start_with(Setup::new(), build).await
}

async fn start_with(setup: Setup, build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> App {
    setup.start_with(build).await
}

/// Signs in on the way to `path`, and ends there.
pub(crate) async fn sign_in(browser: &Browser, app: &App, path: &str, user: &str) {
    browser.open(&app.url(path)).await;
    browser.click(user).await;
    browser.arrives_at(&app.url(path)).await;
}

/// The app's cookies in the browser, which shows a page of the app or of the pool.
async fn cookies(browser: &Browser) -> BTreeMap<String, String> {
    let text = |cookie: &serde_json::Value, name: &str| cookie[name].as_str().unwrap().to_owned();
    let cookies = browser.cookies().await.into_iter();
    let cookies = cookies.map(|cookie| (text(&cookie, "name"), text(&cookie, "value")));
    cookies.filter(|(name, _)| name.starts_with("cognito_")).collect()
}

/// The names of the cookies of a session, without those of sign-ins under way.
async fn session(browser: &Browser) -> Vec<String> {
    let names = cookies(browser).await.into_keys();
    names.filter(|name| !name.starts_with("cognito_login_")).collect()
}

/// The refresh token in the browser's cookie.
async fn refresh_token(browser: &Browser) -> String {
    let sealed = &cookies(browser).await["cognito_refresh_token"];
    Seal::new(SECRET_KEY, "refresh").open(sealed)["refresh_token"].as_str().unwrap().to_owned()
}
