//! Two people, one after the other, on one browser.

use serde_json::Value;

use super::{ALICE, BOB, SIGN_OUT, SWITCH, cookies, refresh_token, sign_in, start};
use crate::support::app::App;
use crate::support::browser::{Browser, browse};

/// The user as the app sees it.
async fn me(browser: &Browser, app: &App) -> Value {
    browser.open(&app.url("/me")).await;
    serde_json::from_str(&browser.text("body").await).unwrap()
}

/// Holds that bob alone is signed in, and that nothing of alice is left.
async fn assert_bob_alone(browser: &Browser, app: &App, alice: &Value, alices_refresh_token: &str) {
    let bob = me(browser, app).await;
    assert_eq!(bob["username"], "bob");
    assert_eq!(bob["email"], "bob@example.com");
    assert_ne!(bob["sub"], alice["sub"]);
    assert_eq!(cookies(browser).await.len(), 3);
    assert!(!app.accepts_refresh_token(alices_refresh_token).await, "alice's refresh token is revoked");
    assert!(app.accepts_refresh_token(&refresh_token(browser).await).await, "bob's is not");
    for path in ["/admin", "/edit"] {
        browser.open(&app.url(path)).await;
        assert_eq!(browser.has("h1").await, path == "/admin", "bob is an editor, and no admin: {path}");
    }
}

/// S2: a sign-out leaves nothing to whoever comes next.
#[tokio::test]
async fn after_a_sign_out_the_next_person_finds_no_trace_of_the_first() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/desk", ALICE).await;
        let (alice, token) = (me(browser, &app).await, refresh_token(browser).await);
        browser.open(&app.url("/desk")).await;
        browser.click(SIGN_OUT).await;
        browser.arrives_at(&app.url("/")).await;
        assert!(cookies(browser).await.is_empty());

        sign_in(browser, &app, "/desk", BOB).await;
        assert_eq!(browser.text("h1").await, "bob");
        assert_bob_alone(browser, &app, &alice, &token).await;
    })
    .await;
}

/// S2: `Logout::and_sign_in` ends the first session before the second begins.
#[tokio::test]
async fn whoever_asks_for_another_account_leaves_the_first_one() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/desk", ALICE).await;
        let (alice, token) = (me(browser, &app).await, refresh_token(browser).await);
        browser.open(&app.url("/desk")).await;
        browser.click(SWITCH).await;
        assert!(!browser.text(ALICE).await.is_empty(), "the pool asks who it is");
        assert!(!app.accepts_refresh_token(&token).await, "before bob has signed in");
        browser.click(BOB).await;
        browser.arrives_at(&app.url("/desk")).await;
        assert_eq!(browser.text("h1").await, "bob");
        assert_bob_alone(browser, &app, &alice, &token).await;
    })
    .await;
}

/// S2: without a sign-out the first session ends when the second begins, and not before.
#[tokio::test]
async fn a_sign_in_over_somebody_elses_session_ends_that_one() {
    browse(async |browser| {
        let app = start().await;
        sign_in(browser, &app, "/desk", ALICE).await;
        let (alice, token) = (me(browser, &app).await, refresh_token(browser).await);
        browser.open(&app.url("/auth/login?prompt=login&next=/desk")).await;
        assert!(browser.has(BOB).await, "the pool asks who it is, at {}", browser.url().await);
        assert!(app.accepts_refresh_token(&token).await, "nobody else has signed in yet");
        browser.click(BOB).await;
        browser.arrives_at(&app.url("/desk")).await;
        assert_eq!(browser.text("h1").await, "bob");
        browser.waits_until("alice's is revoked", async || app.revocations() == 1).await;
        assert_bob_alone(browser, &app, &alice, &token).await;
    })
    .await;
}
