//! What a real browser does with our cookies. Letters with numbers are rows of `docs/requirements.md`.

mod support;

use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::CognitoUser;
use serde_json::Value;
use support::app;
use support::app::{App, Setup};
use support::browser::{Browser, browse, inspect};
use support::free_port;
use support::tls::Front;

// On the pool's page.
const ALICE: &str = "button[value=alice]";

/// A page for members that is none: a browser stays where it is.
#[get("/nothing")]
fn nothing(_user: CognitoUser) -> Status {
    Status::NoContent
}

/// The browser's cookies for the page shown, by name.
async fn ours(browser: &Browser) -> Vec<(String, Value)> {
    let cookies = browser.cookies().await.into_iter();
    let mut cookies: Vec<_> =
        cookies.map(|cookie| (cookie["name"].as_str().unwrap().to_owned(), cookie)).collect();
    cookies.retain(|(name, _)| name.contains("cognito_"));
    cookies.sort_by(|(one, _), (other, _)| one.cmp(other));
    cookies
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
            let cookies = ours(browser).await;
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

/// K3: browsers ignore a removal without `Secure` for names with `__Host-` in front.
#[tokio::test]
async fn a_sign_out_over_https_leaves_no_cookie() {
    let weak = |rocket: Rocket<Build>| {
        app::build(rocket).attach(AdHoc::on_response("a removal without Secure", |request, response| {
            Box::pin(async move {
                if request.uri().query().is_some_and(|query| query == "weak") {
                    let removal = "__Host-Http-cognito_access_token=; Path=/; HttpOnly; Max-Age=0";
                    response.adjoin_header(Header::new("Set-Cookie", removal));
                }
            })
        }))
    };
    browse(async |browser| {
        let port = free_port();
        let url = format!("https://localhost:{port}/auth/callback");
        let app = Setup::new().redirect_url(&url).start_with(weak).await;
        let front = Front::start(port, app.server.port).await;
        browser.open(&front.url("/auth/login?next=/?weak")).await;
        browser.click(ALICE).await;
        browser.arrives_at(&front.url("/?weak")).await;
        let names = ["access", "id", "refresh"].map(|token| format!("__Host-Http-cognito_{token}_token"));
        let cookies = ours(browser).await;
        assert!(cookies.iter().map(|(name, _)| name).eq(&names), "{cookies:?}");
        assert!(cookies.iter().all(|(_, cookie)| cookie["secure"] == true && cookie["httpOnly"] == true));

        browser.open(&front.url("/auth/logout")).await;
        browser.open(&front.url("/")).await;
        assert_eq!(browser.text("body").await, "nobody");
        assert_eq!(ours(browser).await, []);
    })
    .await;
}
