//! People who double-click everything.

use super::{ALICE, RENEW, SIGN_IN, SIGN_OUT, cookies, session, sign_in, start};
use crate::support::browser::browse;

/// C18.
#[tokio::test]
async fn a_double_click_on_the_link_signs_in() {
    browse(async |browser| {
        let app = start().await;
        browser.open(&app.url("/door")).await;
        browser.click_twice(SIGN_IN, 100).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/desk")).await;
        assert_eq!(browser.text("h1").await, "alice");
        assert_eq!((app.exchanges(), session(browser).await.len()), (1, 3));
    })
    .await;
}

/// C3: while the pool is slow to answer for the first code, the second click brings another one.
#[tokio::test]
async fn a_double_click_on_the_pools_button_signs_in_however_slow_the_pool_is() {
    browse(async |browser| {
        let app = start().await;
        for apart in [500, 100] {
            browser.open(&app.url("/desk?_tab=1")).await;
            let (hold, shown) = (app.pool.hold("/oauth2/token"), app.pool.requests("/login"));
            let slow_answer = async {
                browser
                    .waits_until("both are posted", async || app.pool.requests("/login") == shown + 2)
                    .await;
                hold.reached(1).await;
                drop(hold);
            };
            tokio::join!(browser.click_twice(ALICE, apart), slow_answer);
            browser.arrives_at(&app.url("/desk?_tab=1")).await;
            assert_eq!(browser.text("h1").await, "alice");
            assert_eq!(cookies(browser).await.len(), 3, "no login cookie is left");
            browser.click(SIGN_OUT).await;
            browser.arrives_at(&app.url("/")).await;
        }
    })
    .await;
}

/// F1: both forms are answered, and the session goes on.
#[tokio::test]
async fn a_double_click_on_a_form_that_renews_keeps_the_session() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/desk?_tab=1", ALICE).await;
        let before = cookies(browser).await;
        browser.click_twice(RENEW, 100).await;
        browser.arrives_at(&app.url("/desk")).await;
        let after = cookies(browser).await;
        assert!(after.keys().eq(before.keys()) && after != before);
        browser.reload().await;
        assert_eq!(browser.text("h1").await, "alice");
    })
    .await;
}

/// The second click may find nobody to sign out, which is no error.
#[tokio::test]
async fn a_double_click_on_the_way_out_signs_out() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/desk", ALICE).await;
        browser.click_twice(SIGN_OUT, 100).await;
        browser.arrives_at(&app.url("/")).await;
        assert_eq!(browser.text("body").await, "nobody");
        assert_eq!(session(browser).await, [""; 0]);
        assert!(app.revocations() > 0);
    })
    .await;
}
