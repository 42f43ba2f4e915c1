//! The quickstart's safe asks for a second factor: the local pool shows its page, and leads back.

use serde_json::json;

use crate::support::browser::{browse, inspect};
use crate::support::quickstart::Quickstart;

// As WebDriver names keys.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const ALICE: &str = "button[value=alice]";
const BOB: &str = "button[value=bob]";

#[tokio::test]
async fn the_page_for_a_second_factor_comes_back_to_the_safe() {
    browse(async |browser| {
        let quickstart = Quickstart::start_example("quickstart").await;
        let safe = quickstart.url("/safe");
        browser.open(&quickstart.url("/auth/login")).await;
        browser.click(ALICE).await;
        browser.arrives_at(&quickstart.url("/")).await;

        browser.open(&safe).await;
        assert_eq!(browser.text("h1").await, "One more step");
        inspect(browser, "second-factor", "One more step").await;
        let focused = browser.property("#totp_code", "autofocus").await;
        assert_eq!(focused, json!(true));
        browser.type_into("#totp_code", "654321").await;
        browser.press(ENTER).await;
        assert_eq!(browser.text("[role=alert]").await, "This code is wrong.");
        inspect(browser, "second-factor-wrong", "Problem: One more step").await;
        browser.type_into("#totp_code", "123456").await;
        browser.press(ENTER).await;
        browser.arrives_at(&safe).await;
        assert_eq!(browser.text("h1").await, "Safe");
        inspect(browser, "safe", "Safe").await;
    })
    .await;
}

/// By the keyboard alone.
#[tokio::test]
async fn a_code_alone_signs_in_and_the_safe_asks_for_the_password() {
    browse(async |browser| {
        let quickstart = Quickstart::start_example("quickstart").await;
        let safe = quickstart.url("/safe");
        browser.open(&quickstart.url("/auth/login")).await;
        browser.type_into("#username", "bob").await;
        // Past the password and its button.
        for key in [TAB, TAB, TAB, ENTER] {
            browser.press(key).await;
        }
        assert_eq!(browser.text("h1").await, "Sign in without a password");
        inspect(browser, "first-factor", "Sign in without a password").await;
        browser.type_into("#email_code", "123456").await;
        browser.press(ENTER).await;
        browser.arrives_at(&quickstart.url("/")).await;

        browser.open(&safe).await;
        assert_eq!(browser.text("h1").await, "One more step");
        inspect(browser, "second-factor-password", "One more step").await;
        browser.type_into("#password", "Passw0rd!").await;
        browser.press(ENTER).await;
        browser.arrives_at(&safe).await;
    })
    .await;
}

/// Who has no second factor ends at a page of the app, and may go on elsewhere.
#[tokio::test]
async fn whoever_has_no_second_factor_is_told_so() {
    browse(async |browser| {
        let quickstart = Quickstart::start_example("quickstart").await;
        browser.open(&quickstart.url("/auth/login?next=/safe&level=3")).await;
        browser.click(BOB).await;
        assert_eq!(browser.text("h1").await, "One more step");
        browser.open(&quickstart.url("/auth/login?next=/safe&level=3")).await;
        browser.click("button[value=carol]").await;
        assert_eq!(browser.text("h1").await, "Sign-in not completed");
        inspect(browser, "not-strong-enough", "Sign-in not completed").await;
    })
    .await;
}
