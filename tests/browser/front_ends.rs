//! What browsers do by themselves: prefetch, frame, enforce a policy on forms; and what front-end libraries make of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Header};
use rocket::response::content::{RawHtml, RawJavaScript};
use rocket::{Build, Responder, Rocket, State, get, post, routes};
use rocket_cognito::{CognitoUser, Login};
use serde_json::json;

use crate::sessions::{ALICE, sign_in};
use crate::support::app;
use crate::support::app::{App, Setup};
use crate::support::browser::{Browser, browse};

/// How many requests came ahead of the user.
#[derive(Clone, Default)]
struct Prefetches(Arc<AtomicUsize>);

#[derive(Responder)]
struct StrictPage {
    page: RawHtml<&'static str>,
    policy: Header<'static>,
}

/// A page that lets no form leave its site.
#[get("/strict")]
fn strict(_user: CognitoUser) -> StrictPage {
    StrictPage {
        page: RawHtml(
            "<title>Strict</title><h1>Strict</h1>
            <form id=out method=post action=/auth/logout><button>Sign out</button></form>
            <form id=in method=post action=/signin><button>Sign in again</button></form>",
        ),
        policy: Header::new("Content-Security-Policy", "form-action 'self'"),
    }
}

#[post("/signin")]
fn signin() -> Login {
    Login::new().next("/strict").prompt("login")
}

#[get("/around")]
fn around() -> RawHtml<&'static str> {
    RawHtml("<title>Around</title><h1>Around</h1><iframe src=/desk></iframe>")
}

#[get("/desk")]
fn desk(user: CognitoUser) -> RawHtml<String> {
    RawHtml(format!("<title>Desk</title><h1>{}</h1>", user.username()))
}

const LETTER: &str = "<title>Letter</title><h1>Letter</h1>
    <form method=post action=/list><input name=text><button>Send</button></form>";

#[get("/letter")]
fn letter() -> RawHtml<&'static str> {
    RawHtml(LETTER)
}

#[get("/members-letter")]
fn members_letter(_user: CognitoUser) -> RawHtml<&'static str> {
    RawHtml(LETTER)
}

#[get("/eager")]
fn eager() -> RawHtml<&'static str> {
    RawHtml(
        r#"<title>Eager</title><h1>Eager</h1><a href=/desk>Desk</a>
        <script type=speculationrules>
            {"prefetch": [{"urls": ["/desk", "/auth/login?next=/desk"], "eagerness": "immediate"}]}
        </script>"#,
    )
}

#[get("/library/<name>")]
fn library(name: &str) -> RawJavaScript<&'static str> {
    RawJavaScript(match name {
        "htmx-2" => include_str!("../data/front_ends/htmx-2.0.11.min.js"),
        "htmx-4" => include_str!("../data/front_ends/htmx-4.0.1.min.js"),
        _ => include_str!("../data/front_ends/turbo-8.0.23.js"),
    })
}

/// A page that talks to the site by htmx.
#[get("/board/<version>")]
fn board(version: &str, user: Option<CognitoUser>) -> RawHtml<String> {
    let name = user.map_or("nobody".to_owned(), |user| user.username().to_owned());
    RawHtml(format!(
        "<title>Board</title><script src=/library/{version}></script><h1>{name}</h1><div id=list></div>
        <button id=list-button hx-get=/list hx-target='#list'>List</button>
        <button id=add hx-post=/list hx-target='#list'>Add</button>
        <button id=out hx-post=/auth/logout hx-target='#list'>Sign out</button>"
    ))
}

#[get("/list")]
fn list(user: CognitoUser) -> RawHtml<String> {
    RawHtml(format!("<p id=listed>of {}", user.username()))
}

#[post("/list")]
fn add(user: CognitoUser) -> RawHtml<String> {
    RawHtml(format!("<p id=added>by {}", user.username()))
}

/// A page of Turbo's.
#[get("/wall")]
fn wall(user: Option<CognitoUser>) -> RawHtml<String> {
    let name = user.map_or("nobody".to_owned(), |user| user.username().to_owned());
    RawHtml(format!(
        "<title>Wall</title><script src=/library/turbo></script><h1>{name}</h1><a id=desk href=/desk>Desk</a>
        <form id=write method=post action=/list><button>Write</button></form>
        <form id=in method=post action=/signin><button>Sign in</button></form>
        <form id=out method=post action=/auth/logout><button>Sign out</button></form>"
    ))
}

#[get("/prefetches")]
fn prefetches(prefetches: &State<Prefetches>) -> (ContentType, String) {
    (ContentType::Plain, prefetches.0.load(Ordering::Relaxed).to_string())
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    let prefetched = Prefetches::default();
    let counted = prefetched.clone();
    app::build(rocket)
        .manage(prefetched)
        .attach(AdHoc::on_request("prefetches", move |request, _| {
            let is_prefetch = request.headers().contains("Sec-Purpose");
            counted.0.fetch_add(usize::from(is_prefetch), Ordering::Relaxed);
            Box::pin(async {})
        }))
        .mount(
            "/",
            routes![
                strict,
                signin,
                around,
                desk,
                letter,
                members_letter,
                eager,
                library,
                board,
                list,
                add,
                wall,
                prefetches
            ],
        )
}

async fn start() -> App {
    Setup::new().start_with(build).await
}

/// The browser forgets its session here, but not at the pool.
async fn session_ends(browser: &Browser) {
    for (name, _) in browser.own_cookies().await {
        browser.forget_cookie(&name).await;
    }
}

async fn cookies(browser: &Browser) -> Vec<String> {
    browser.own_cookies().await.into_iter().map(|(name, _)| name).collect()
}

/// A seventh tab would have pushed the first one out, and a callback without its cookie was a dead end.
#[tokio::test]
async fn the_first_of_six_tabs_ends_on_its_page_and_an_unmatched_callback_begins_again() {
    browse(async |browser| {
        let app = start().await;
        let first = browser.tab().await;
        browser.open(&app.url("/desk")).await;
        for _ in 0..5 {
            browser.new_tab().await;
            browser.open(&app.url("/strict")).await;
        }
        browser.show_tab(&first).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/desk")).await;

        session_ends(browser).await;
        browser.open(&app.url("/auth/callback?code=a-code&state=of-another-browser")).await;
        // The pool knows who this is.
        browser.arrives_at(&app.url("/")).await;
        assert_eq!(browser.text("body").await, "alice");
    })
    .await;
}

#[tokio::test]
async fn a_page_that_a_browser_prefetches_begins_no_sign_in() {
    browse(async |browser| {
        let app = start().await;
        browser.open(&app.url("/eager")).await;
        let both = async || browser.fetch("/prefetches").await["body"] == json!("2");
        browser.waits_until("both links are prefetched", both).await;
        assert_eq!(cookies(browser).await, [""; 0]);
        // What was fetched ahead of time is not what the click shows.
        browser.click("a").await;
        browser.waits_until("the pool asks", async || browser.has(ALICE).await).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/desk")).await;
        // The 401 and the 503 of what nobody has opened.
        browser.complaints().await;
    })
    .await;
}

#[tokio::test]
async fn a_guarded_page_in_a_frame_leads_the_whole_window_to_the_pool_and_back() {
    browse(async |browser| {
        let app = start().await;
        browser.open(&app.url("/around")).await;
        let heading =
            "return document.querySelector('iframe').contentDocument?.querySelector('h1')?.innerText ?? ''";
        let asks = async || browser.script(heading).await == "Please sign in";
        browser.waits_until("the frame shows our page", asks).await;
        assert_eq!(cookies(browser).await, [""; 0]);
        browser
            .script("document.querySelector('iframe').contentDocument.querySelector('nav a').click()")
            .await;
        browser.waits_until("the pool asks", async || browser.has(ALICE).await).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/around")).await;
        browser.waits_until("it is there", async || browser.script(heading).await == "alice").await;
        browser.complaints().await;
    })
    .await;
}

#[tokio::test]
async fn back_from_the_401_of_a_form_returns_to_it_and_keeps_what_was_typed_where_it_may() {
    browse(async |browser| {
        let app = start().await;
        for path in ["/letter", "/members-letter"] {
            browser.open(&app.url("/desk")).await;
            if browser.has(ALICE).await {
                browser.click(ALICE).await;
                browser.arrives_at(&app.url("/desk")).await;
            }
            browser.open(&app.url(path)).await;
            browser.type_into("input", "Dear reader").await;
            session_ends(browser).await;
            browser.click("button").await;
            browser.waits_until("the 401", async || browser.text("h1").await == "Please sign in").await;
            browser.back().await;
            browser.arrives_at(&app.url(path)).await;
            // A page that nobody may store is asked for again, by way of the pool, and is new.
            let kept = if path == "/letter" { "Dear reader" } else { "" };
            assert_eq!(browser.property("input", "value").await, kept, "{path}");
        }
        browser.complaints().await;
    })
    .await;
}

/// By a redirect the browser stays where it is, and the person believes to be out.
#[tokio::test]
async fn a_page_that_lets_no_form_leave_its_site_signs_out_at_the_pool_too() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/strict", ALICE).await;
        browser.click("#in button").await;
        browser.waits_until("the pool asks again", async || browser.has(ALICE).await).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/strict")).await;

        browser.click("#out button").await;
        browser.arrives_at(&app.url("/")).await;
        assert_eq!(browser.text("body").await, "nobody");
        browser.open(&app.url("/strict")).await;
        assert!(browser.has(ALICE).await, "the pool has forgotten who it was");
    })
    .await;
}

#[tokio::test]
async fn htmx_signs_in_again_where_the_session_has_ended_and_signs_out() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/desk", ALICE).await;
        for version in ["htmx-2", "htmx-4"] {
            let board = app.url(&format!("/board/{version}"));
            browser.open(&board).await;
            browser.click("#list-button").await;
            browser.waits_until("the list is there", async || browser.has("#listed").await).await;
            for button in ["#list-button", "#add"] {
                session_ends(browser).await;
                browser.click(button).await;
                // By way of the pool, which knows who this is, and back to the page.
                let is_back = async || browser.text("h1").await == "alice" && !browser.has("#listed").await;
                browser.waits_until("the sign-in is done", is_back).await;
                browser.arrives_at(&board).await;
                browser.click(button).await;
                browser.waits_until("it works", async || browser.has("#list p").await).await;
                browser.reload().await;
            }
            browser.click("#out").await;
            browser.arrives_at(&app.url("/")).await;
            assert_eq!(browser.text("body").await, "nobody");
            sign_in(browser, &app, "/desk", ALICE).await;
        }
        // The 401s.
        browser.complaints().await;
    })
    .await;
}

#[tokio::test]
async fn turbo_signs_in_and_out_and_shows_a_form_s_401() {
    browse(async |browser| {
        let app = start().await;
        browser.open(&app.url("/wall")).await;
        browser.click("#in button").await;
        browser.waits_until("the pool asks", async || browser.has(ALICE).await).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/strict")).await;

        browser.open(&app.url("/wall")).await;
        session_ends(browser).await;
        browser.click("#write button").await;
        browser.waits_until("the 401", async || browser.text("h1").await == "Please sign in").await;
        browser.click("nav a").await;
        browser.arrives_at(&app.url("/wall")).await;
        assert_eq!(browser.text("h1").await, "alice");

        session_ends(browser).await;
        browser.open(&app.url("/wall")).await;
        browser.click("#desk").await;
        let is_at_desk = async || browser.url().await == app.url("/desk") || browser.has("nav a").await;
        browser.waits_until("the guarded page, or the way to it", is_at_desk).await;
        if browser.has("nav a").await {
            browser.click("nav a").await;
        }
        browser.waits_until("the desk", async || browser.text("h1").await == "alice").await;

        browser.open(&app.url("/wall")).await;
        browser.click("#out button").await;
        browser.arrives_at(&app.url("/")).await;
        assert_eq!(browser.text("body").await, "nobody");
        browser.open(&app.url("/desk")).await;
        assert!(browser.has(ALICE).await, "the pool has forgotten who it was");
        browser.complaints().await;
    })
    .await;
}
