//! What a real browser does with our cookies. Letters with numbers are rows of `docs/requirements.md`.

use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::CognitoUser;

use crate::support::app::{self, App, Setup};
use crate::support::browser::{Browser, browse, inspect};

// On the pool's page.
const ALICE: &str = "button[value=alice]";

/// A page for members that is none: a browser stays where it is.
#[get("/nothing")]
fn nothing(_user: CognitoUser) -> Status {
    Status::NoContent
}

/// Signs in as alice on the way to `path`, and ends there.
async fn sign_in(browser: &Browser, app: &App, path: &str) {
    browser.open(&app.url(path)).await;
    browser.click(ALICE).await;
    browser.arrives_at(&app.url(path)).await;
}

/// K20.
#[tokio::test]
async fn a_sign_in_lands_signed_in_with_lax_cookies_and_with_strict_ones() {
    for (setting, same_site) in [("lax", "Lax"), ("strict", "Strict")] {
        browse(async |browser| {
            let app = Setup::new().set("cookie_samesite", setting).start().await;
            browser.forbid_scripts().await;
            let asked_for = "/page?tab=people&q=%22a%27%3E&amp;;url=x";
            sign_in(browser, &app, asked_for).await;
            assert_eq!(browser.text("body").await, asked_for);
            let cookies = browser.own_cookies().await;
            assert_eq!(cookies.len(), 3);
            assert!(cookies.iter().all(|(_, cookie)| cookie["sameSite"] == same_site), "{cookies:?}");
            browser.back().await;
            assert!(browser.has(ALICE).await, "the page in between is none to go back to");
        })
        .await;
    }
}

/// K20, the control: where a plain redirect would lead.
#[tokio::test]
async fn no_strict_cookie_comes_along_with_a_redirect_from_the_pool() {
    let plain = |rocket: Rocket<Build>| {
        app::build(rocket).attach(AdHoc::on_response("a plain redirect", |request, response| {
            Box::pin(async move {
                if request.uri().path() == "/auth/callback" {
                    response.set_status(Status::SeeOther);
                    response.set_raw_header("Location", "/");
                }
            })
        }))
    };
    for (setting, who) in [("lax", "alice"), ("strict", "nobody")] {
        browse(async |browser| {
            let app = Setup::new().set("cookie_samesite", setting).start_with(plain).await;
            browser.open(&app.url("/auth/login")).await;
            browser.click(ALICE).await;
            browser.arrives_at(&app.url("/")).await;
            assert_eq!(browser.text("body").await, who, "{setting}");
            browser.open(&app.url("/")).await;
            assert_eq!(browser.text("body").await, "alice", "{setting}");
        })
        .await;
    }
}

/// K20.
#[tokio::test]
async fn the_page_that_moves_on_is_fit_to_be_seen() {
    let build = |rocket: Rocket<Build>| app::build(rocket).mount("/", routes![nothing]);
    browse(async |browser| {
        let app = Setup::new().set("cookie_samesite", "strict").start_with(build).await;
        browser.open(&app.url("/nothing")).await;
        browser.click(ALICE).await;
        assert_eq!(browser.text("h1").await, "You are signed in");
        assert_eq!(browser.text("a[href='/nothing']").await, "Go on");
        inspect(browser, "signed-in", "Signed in").await;
        browser.open(&app.url("/")).await;
        assert_eq!(browser.text("body").await, "alice");
    })
    .await;
}
