//! Sessions that outlive their tokens many times.

use rocket_cognito::local_pool::Failure;

use super::{ALICE, RENEW, build, session, sign_in, start_with};
use crate::support::app::{App, Setup};
use crate::support::browser::{Browser, browse, inspect};

const LIFETIMES: usize = 10;

/// An app whose tokens last two seconds.
async fn start() -> App {
    let setup = Setup::new().pool(|pool| {
        let pool = pool.access_token_seconds(2).id_token_seconds(2);
        pool.refresh_token_rotation(true).refresh_token_grace_seconds(0)
    });
    start_with(setup, build).await
}

/// Waits until the browser itself has dropped the access token's cookie.
async fn outlives_its_token(browser: &Browser) {
    let has_expired = async || session(browser).await == ["cognito_refresh_token"];
    browser.waits_until("the access token has expired", has_expired).await;
}

/// F4, S6: with rotation and without a grace period.
#[tokio::test]
async fn two_tabs_go_on_over_many_lifetimes_and_end_when_the_user_is_disabled() {
    let app = start().await;
    browse(async |browser| {
        sign_in(browser, &app, "/desk?_tab=1", ALICE).await;
        let one = browser.tab().await;
        let other = browser.new_tab().await;
        browser.open(&app.url("/desk?_tab=2")).await;
        for lifetime in 0..LIFETIMES {
            // In turn: now the one comes first, now the other.
            let tabs = if lifetime % 2 == 0 { [&one, &other] } else { [&other, &one] };
            outlives_its_token(browser).await;
            for tab in tabs {
                browser.show_tab(tab).await;
                browser.reload().await;
                assert_eq!(browser.text("h1").await, "alice", "lifetime {lifetime}");
                assert!(browser.url().await.starts_with(&app.url("/desk?_tab=")));
            }
        }
        assert!(app.exchanges() > LIFETIMES as u64, "{}", app.exchanges());

        app.pool.disable_user("alice").unwrap();
        outlives_its_token(browser).await;
        browser.reload().await;
        assert!(browser.has(ALICE).await, "the sign-in page, not {}", browser.url().await);
        browser.open(&app.url("/door")).await;
        assert_eq!(browser.text("h1").await, "nobody");
        assert_eq!(session(browser).await, [""; 0]);
    })
    .await;
}

/// F17: a session that cannot be renewed waits, and goes on when the pool is back.
#[tokio::test]
async fn while_the_pool_fails_a_page_says_so_and_leads_on_when_it_is_back() {
    let app = start().await;
    browse(async |browser| {
        sign_in(browser, &app, "/desk?_tab=1", ALICE).await;
        app.pool.fail("/oauth2/token", Failure::Unavailable);
        browser.click(RENEW).await;
        assert_eq!(browser.text("h1").await, "Your session is waiting");
        assert!(!browser.has("a[href='']").await, "nobody can open the form's address");
        assert_eq!(browser.text("a[href='/']").await, "Home");

        outlives_its_token(browser).await;
        browser.open(&app.url("/desk?_tab=1")).await;
        assert_eq!(browser.text("footer").await, "Error 503 · session_not_renewed");
        inspect(browser, "session-not-renewed", "Your session is waiting").await;
        assert_eq!(session(browser).await, ["cognito_refresh_token"], "it has not ended");

        app.pool.recover("/oauth2/token");
        let is_back = async || {
            if browser.has("a[href='']").await {
                browser.click("a[href='']").await;
            }
            browser.title().await == "Desk"
        };
        browser.waits_until("the session goes on", is_back).await;
        assert_eq!(
            (browser.url().await, browser.text("h1").await),
            (app.url("/desk?_tab=1"), "alice".into())
        );
    })
    .await;
}
