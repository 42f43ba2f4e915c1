//! The example `sessions`: a user sees where they are signed in, and signs out there.

use super::ALICE;
use crate::support::browser::{Browser, browse, inspect};
use crate::support::free_port;
use crate::support::quickstart::Quickstart;

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
    (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

const OTHERS_BUTTON: &str = "form[action$=end-others] button";
const EVERYWHERE_BUTTON: &str = "form[action$=sign-out-everywhere] button";
const SIGNED_OUT: &str = "You are not signed in.";

fn row(number: usize, css: &str) -> String {
    format!(".devices li:nth-child({number}) {css}")
}

async fn sign_in(browser: &Browser, example: &Quickstart, user_agent: &str) {
    browser.calls_itself(user_agent).await;
    browser.open(&example.url("/account")).await;
    browser.click(ALICE).await;
    browser.arrives_at(&example.url("/account")).await;
}

/// Holds that the page lists these devices, of which the first is the browser's own.
async fn assert_lists(browser: &Browser, devices: &[&str]) {
    for (number, device) in (1..).zip(devices) {
        assert_eq!(browser.text(&row(number, "strong")).await, *device);
        assert_eq!(browser.has(&row(number, ".tag")).await, number == 1, "{device}");
    }
    assert_eq!(browser.text(".tag").await, "this device");
    assert!(!browser.has(&row(devices.len() + 1, "strong")).await);
    assert_eq!(browser.has(OTHERS_BUTTON).await, devices.len() > 1, "there is somewhere else");
}

async fn assert_signed_out(browser: &Browser, example: &Quickstart) {
    browser.open(&example.url("/")).await;
    assert_eq!(browser.text(".lead").await, SIGNED_OUT);
}

/// L10.
#[tokio::test]
async fn two_browsers_see_each_other_and_each_signs_the_other_one_out() {
    browse(async |desk| {
        browse(async |phone| {
            let example = Quickstart::start_example("sessions").await;
            let account = example.url("/account");
            assert_signed_out(desk, &example).await;
            inspect(desk, "sessions", "Sessions").await;
            sign_in(desk, &example, FIREFOX).await;
            assert_lists(desk, &["Firefox on Windows"]).await;
            sign_in(phone, &example, PHONE).await;
            assert_lists(phone, &["Safari on iPhone", "Firefox on Windows"]).await;

            desk.reload().await;
            assert_lists(desk, &["Firefox on Windows", "Safari on iPhone"]).await;
            inspect(desk, "devices", "Your devices").await;
            desk.click(&row(2, "button")).await;
            assert_eq!(desk.text(".notice").await, "That device is signed out.");
            assert_lists(desk, &["Firefox on Windows"]).await;
            inspect(desk, "device-signed-out", "Your devices").await;
            assert_signed_out(phone, &example).await;

            // The pool still knows who this is, and asks nothing.
            phone.open(&account).await;
            phone.arrives_at(&account).await;
            phone.click(OTHERS_BUTTON).await;
            assert_eq!(phone.text(".notice").await, "One other device is signed out.");
            assert_lists(phone, &["Safari on iPhone"]).await;
            assert_signed_out(desk, &example).await;

            // The button at this device leads through the pool's sign-out: then it asks.
            phone.click(&row(1, "button")).await;
            phone.arrives_at(&example.url("/")).await;
            assert_eq!(phone.text(".lead").await, SIGNED_OUT);
            phone.open(&account).await;
            assert!(phone.has(ALICE).await, "the pool asks, at {}", phone.url().await);
        })
        .await;
    })
    .await;
}

/// M12: at the app, at the pool, and at the pool's pages in this browser.
#[tokio::test]
async fn one_button_signs_out_everywhere_and_the_pool_asks_for_the_password_again() {
    browse(async |desk| {
        browse(async |phone| {
            let local_pool = format!("{{port={},sessions={{max_per_user=5}}}}", free_port());
            let variables = [("ROCKET_COGNITO_LOCAL_POOL", local_pool.as_str())];
            let example = Quickstart::spawn_example("sessions", free_port(), &variables).launched().await;
            sign_in(desk, &example, FIREFOX).await;
            sign_in(phone, &example, PHONE).await;
            assert!(phone.has(".at-pool form").await, "the session of the desk can be ended at the pool");
            inspect(phone, "devices-and-the-pool", "Your devices").await;
            phone.click(EVERYWHERE_BUTTON).await;
            phone.arrives_at(&example.url("/")).await;
            for browser in [desk, phone] {
                assert_signed_out(browser, &example).await;
            }
            phone.open(&example.url("/account")).await;
            assert!(phone.has(ALICE).await, "the pool asks, at {}", phone.url().await);
        })
        .await;
    })
    .await;
}
