//! Several tabs, the back button and the reload button.

use rocket::http::Status;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::CognitoUser;

use super::{ALICE, SIGN_IN, SIGN_OUT, build, cookies, session, sign_in, start, start_with};
use crate::support::app::Setup;
use crate::support::browser::browse;

/// A page for members that is none: a browser stays where it is.
#[get("/nothing")]
fn nothing(_user: CognitoUser) -> Status {
    Status::NoContent
}

/// C18: begun at the same moment, finished in any order, each on its own page.
#[tokio::test]
async fn five_tabs_begun_at_once_all_end_signed_in_on_their_own_pages() {
    browse(async |browser| {
        let app = start().await;
        let first = browser.tab().await;
        for (round, order) in [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3]].into_iter().enumerate() {
            browser.open(&app.url("/door")).await;
            browser.script("for (let tab = 0; tab < 5; tab++) window.open('/desk?_tab=' + tab)").await;
            browser.waits_until("there are six tabs", async || browser.tabs().await.len() == 6).await;
            let mut tabs = browser.tabs().await;
            tabs.retain(|tab| *tab != first);
            // Which page a tab was opened for shows when it is signed in.
            let mut landed = Vec::new();
            for index in order {
                browser.show_tab(&tabs[index]).await;
                browser.click(ALICE).await;
                let desk = app.url("/desk?_tab=");
                let arrives = async || browser.url().await.starts_with(&desk);
                browser.waits_until("the tab is signed in", arrives).await;
                assert_eq!(browser.text("h1").await, "alice");
                landed.push(browser.url().await.replace(&desk, ""));
            }
            landed.sort();
            assert_eq!(landed, ["0", "1", "2", "3", "4"]);
            assert_eq!(app.exchanges(), 5 * (round as u64 + 1));
            assert_eq!(cookies(browser).await.len(), 3, "no login cookie is left");
            for tab in &tabs {
                browser.show_tab(tab).await;
                browser.reload().await;
                assert_eq!(browser.text("h1").await, "alice");
                browser.close_tab().await;
            }
            browser.show_tab(&first).await;
            browser.open(&app.url("/desk")).await;
            browser.click(SIGN_OUT).await;
            browser.arrives_at(&app.url("/")).await;
        }
    })
    .await;
}

/// C19: the page that a sign-in ended on costs nothing more, and neither do the steps before it.
#[tokio::test]
async fn back_and_reload_after_a_sign_in_stay_signed_in_and_exchange_nothing() {
    browse(async |browser| {
        let app = start().await;
        browser.open(&app.url("/door")).await;
        browser.click(SIGN_IN).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/desk")).await;
        let before = cookies(browser).await;
        browser.reload().await;
        assert_eq!((browser.url().await, browser.text("h1").await), (app.url("/desk"), "alice".to_owned()));
        browser.back().await;
        assert!(browser.has(ALICE).await, "the pool's page");
        browser.back().await;
        browser.arrives_at(&app.url("/door")).await;
        assert_eq!(browser.text("h1").await, "alice");
        assert_eq!((app.exchanges(), cookies(browser).await), (1, before));
    })
    .await;
}

/// H1: after a sign-out no page of before is shown again.
#[tokio::test]
async fn back_after_a_sign_out_shows_no_page_of_before() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/desk", ALICE).await;
        browser.open(&app.url("/door")).await;
        assert_eq!(browser.text("h1").await, "alice");
        browser.open(&app.url("/desk?_tab=last")).await;
        browser.click(SIGN_OUT).await;
        browser.arrives_at(&app.url("/")).await;
        assert_eq!(browser.text("body").await, "nobody");

        browser.back().await;
        assert!(browser.has(ALICE).await, "the pool asks, at {}", browser.url().await);
        browser.back().await;
        browser.arrives_at(&app.url("/door")).await;
        assert_eq!(browser.text("h1").await, "nobody");
        assert_eq!(session(browser).await, [""; 0]);
    })
    .await;
}

/// C19, K20: with strict cookies a callback is a page, and its reload comes without them, as from the pool. It begins
/// again, and the pool knows who this is.
#[tokio::test]
async fn a_reload_of_the_callback_itself_harms_nothing_and_goes_on() {
    let build = |rocket: Rocket<Build>| build(rocket).mount("/", routes![nothing]);
    browse(async |browser| {
        let app = start_with(Setup::new().set("cookie_samesite", "strict"), build).await;
        browser.open(&app.url("/nothing")).await;
        browser.click(ALICE).await;
        assert_eq!(browser.text("h1").await, "You are signed in");
        let before = session(browser).await;
        browser.reload().await;
        browser.arrives_at(&app.url("/")).await;
        assert_eq!((app.exchanges(), session(browser).await), (2, before));
        assert_eq!(browser.text("body").await, "alice");
    })
    .await;
}
