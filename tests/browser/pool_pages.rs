//! The local pool's pages in a real browser: with the keyboard alone, in every light, on every screen.
//!
//! `PICTURES=/tmp/pictures cargo test --test browser pool_pages` keeps a picture of each.

use reqwest::Url;
use rocket_cognito::local_pool::{LocalClient, LocalIdentity, LocalPool, LocalPoolConfig, LocalUser};
use serde_json::json;

use crate::support::agent::Agent;
use crate::support::app::{App, Setup};
use crate::support::browser::{Browser, browse, inspect};

// As WebDriver names keys.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

fn with_everybody(pool: LocalPoolConfig) -> LocalPoolConfig {
    pool.identity_provider("Google")
        .identity_provider("SignInWithApple")
        .user(LocalUser::new("alice").group("admin"))
        .user(LocalUser::new("bob").password("an-own-passw0rd").groups(["editor", "translator"]))
        .user(LocalUser::new("erin").disabled())
        .user(LocalUser::federated(LocalIdentity::new("Google", "1234")))
}

async fn app() -> App {
    Setup::new().pool(with_everybody).start().await
}

/// The sign-in page that the app leads to.
async fn sign_in_page(app: &App) -> Url {
    Agent::new().follow(&app.url("/me")).await.url
}

/// Presses TAB until what has the focus is called this.
async fn tab_to(browser: &Browser, name: &str) {
    let mut passed = Vec::new();
    while passed.len() < 30 {
        browser.press(TAB).await;
        let focused = browser.focused().await;
        if focused == name {
            let ring = "const style = getComputedStyle(document.activeElement); \
                return style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2";
            assert_eq!(browser.script(ring).await, json!(true), "{name} shows that it has the focus");
            return;
        }
        passed.push(focused);
    }
    panic!("no {name} among {passed:?}");
}

async fn type_text(browser: &Browser, text: &str) {
    for letter in text.chars() {
        browser.press(letter).await;
    }
}

#[tokio::test]
async fn the_keyboard_reaches_everything_in_its_order() {
    browse(async |browser| {
        let app = app().await;
        browser.open(&app.url("/me")).await;
        browser.text("h1").await;
        for name in [
            "Sign in as alice group admin",
            "Sign in as bob group editor group translator",
            "Sign in as erin disabled no group",
            "Continue with Google",
            "Continue with Apple",
            "Username",
            "Password",
            "Sign in",
            "Sign in without a password",
            "Forgot your password?",
            "Create an account",
            "End with an error",
        ] {
            browser.press(TAB).await;
            assert_eq!(browser.focused().await, name);
        }
        assert_eq!(browser.property("details", "open").await, false);
        browser.press(ENTER).await;
        assert_eq!(browser.property("details", "open").await, true);
        browser.press(TAB).await;
        assert!(browser.focused().await.starts_with("The person cancels"));
        browser.press(ENTER).await;
        assert_eq!(browser.text("h1").await, "Sign-in declined");
    })
    .await;
}

#[tokio::test]
async fn a_new_person_signs_up_with_the_keyboard_alone() {
    browse(async |browser| {
        let app = app().await;
        browser.forbid_scripts().await;
        browser.open(&app.url("/me")).await;
        tab_to(browser, "Create an account").await;
        browser.press(ENTER).await;
        assert_eq!(browser.text("h1").await, "Create an account");
        for (field, text) in [("Username", "dave"), ("E-mail", "dave@example.com"), ("Password", "short")] {
            tab_to(browser, field).await;
            type_text(browser, text).await;
        }
        browser.press(ENTER).await;
        let problem = "Password did not conform with policy: Password not long enough";
        assert_eq!(browser.text("[role=alert]").await, problem);
        assert_eq!(browser.property("#username", "value").await, "dave");
        assert_eq!(browser.property("#email", "value").await, "dave@example.com");
        assert_eq!(browser.property("#password", "value").await, "");
        tab_to(browser, "Password").await;
        type_text(browser, "Secr3t-word").await;
        browser.press(ENTER).await;
        browser.arrives_at(&app.url("/me")).await;
        assert!(browser.text("body").await.contains("\"username\":\"dave\""));
    })
    .await;
}

#[tokio::test]
async fn somebody_new_comes_from_google_with_the_keyboard_alone() {
    browse(async |browser| {
        let app = app().await;
        browser.open(&app.url("/me")).await;
        tab_to(browser, "Continue with Google").await;
        browser.press(ENTER).await;
        assert_eq!(browser.text("h1").await, "Sign in with Google");
        tab_to(browser, "User ID at Google").await;
        type_text(browser, "777").await;
        browser.press(ENTER).await;
        browser.arrives_at(&app.url("/me")).await;
        assert!(browser.text("body").await.contains("\"username\":\"Google_777\""));
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_with_the_keyboard_alone() {
    browse(async |browser| {
        let app = app().await;
        browser.open(&app.url("/me")).await;
        tab_to(browser, "Forgot your password?").await;
        browser.press(ENTER).await;
        assert_eq!(browser.text("h1").await, "Set a new password");
        tab_to(browser, "Username").await;
        type_text(browser, "bob").await;
        tab_to(browser, "New password").await;
        type_text(browser, "Secr3t-word").await;
        browser.press(ENTER).await;
        browser.arrives_at(&app.url("/me")).await;
        assert!(browser.text("body").await.contains("\"username\":\"bob\""));
    })
    .await;
}

#[tokio::test]
async fn what_the_trigger_says_is_sent_by_enter() {
    browse(async |browser| {
        let app = app().await;
        browser.open(&app.url("/me")).await;
        tab_to(browser, "End with an error").await;
        browser.press(ENTER).await;
        tab_to(browser, "What the trigger says").await;
        browser.press(ENTER).await;
        assert_eq!(browser.text("h1").await, "Sign-in not completed");
        assert_eq!(browser.text("footer").await, "Error 400 · sign_in_refused");
    })
    .await;
}

/// What a screen reader goes by, beside what `inspect` finds.
const SILENT: &str = "
    const all = css => [...document.querySelectorAll(css)], faults = [];
    const levels = all('h1, h2, h3').map(it => +it.tagName[1]);
    if (levels.some((level, place) => place && level > levels[place - 1] + 1)) faults.push('headings ' + levels);
    const ids = all('[id]').map(it => it.id);
    if (new Set(ids).size < ids.length) faults.push('an id twice: ' + ids);
    for (const name of ['aria-describedby', 'aria-labelledby'])
        for (const it of all(`[${name}]`))
            for (const id of it.getAttribute(name).split(' '))
                if (!ids.includes(id)) faults.push(`${name} leads nowhere: ${id}`);
    for (const it of all('nav, section, [role=region]'))
        if (!it.getAttribute('aria-label') && !it.getAttribute('aria-labelledby')) faults.push('a nameless ' + it.tagName);
    for (const it of all('[tabindex]')) if (it.tabIndex > 0) faults.push('an order of its own');
    for (const it of all('button, a.button, input, summary'))
        if (it.checkVisibility() && it.getBoundingClientRect().height < 24) faults.push('too small: ' + it.outerHTML);
    if (all('[role=alert]').length && !all('[aria-describedby~=problem]').length) faults.push('no field has the problem');
    return faults;
";

async fn look(browser: &Browser, name: &str, title: &str) {
    inspect(browser, name, title).await;
    assert_eq!(browser.script(SILENT).await, json!([]), "{name}");
}

#[tokio::test]
async fn every_page_is_fit_to_be_seen_and_heard() {
    browse(async |browser| {
        let app = app().await;
        let login = sign_in_page(&app).await;
        let at = |path: &str, more: &str| {
            let mut url = login.clone();
            url.set_path(path);
            format!("{url}{more}")
        };
        browser.open(login.as_str()).await;
        look(browser, "pool-login", "Sign in").await;
        browser.click("summary").await;
        look(browser, "pool-login-endings", "Sign in").await;
        browser.open(login.as_str()).await;
        browser.type_into("#username", "alice").await;
        browser.type_into("#password", "nonsense").await;
        browser.press(ENTER).await;
        browser.text("[role=alert]").await;
        look(browser, "pool-login-problem", "Problem: Sign in").await;
        browser.open(&at("/login", "&identity_provider=COGNITO")).await;
        look(browser, "pool-login-cognito", "Sign in").await;
        browser.open(&at("/login", "&identity_provider=Google")).await;
        look(browser, "pool-google", "Sign in with Google").await;
        browser.click("summary").await;
        look(browser, "pool-google-endings", "Sign in with Google").await;
        browser.open(&at("/login", "&identity_provider=SignInWithApple")).await;
        browser.type_into("#user_id", "two words").await;
        browser.press(ENTER).await;
        browser.text("[role=alert]").await;
        look(browser, "pool-apple-problem", "Problem: Sign in with Apple").await;
        browser.open(&at("/signup", "")).await;
        look(browser, "pool-signup", "Create an account").await;
        browser.type_into("#username", "alice").await;
        browser.type_into("#email", "alice@example.com").await;
        browser.type_into("#password", "Secr3t-word").await;
        browser.press(ENTER).await;
        browser.text("[role=alert]").await;
        look(browser, "pool-signup-problem", "Problem: Create an account").await;
        browser.open(&at("/forgotPassword", "")).await;
        look(browser, "pool-forgot-password", "Set a new password").await;
        browser.type_into("#username", "nobody").await;
        browser.type_into("#password", "Secr3t-word").await;
        browser.press(ENTER).await;
        browser.text("[role=alert]").await;
        look(browser, "pool-forgot-password-problem", "Problem: Set a new password").await;
        browser.open(&app.pool.base_url()).await;
        look(browser, "pool-landing", "Local user pool eu-west-1_LocalPool").await;
    })
    .await;
}

#[tokio::test]
async fn the_landing_page_is_fit_to_be_seen_with_all_kinds_of_clients() {
    browse(async |browser| {
        let url = "http://localhost:8000/auth/callback";
        let config = with_everybody(LocalPoolConfig::default().port(0))
            .client(
                LocalClient::new("spa")
                    .callback_url(url)
                    .callback_url("https://a.example/a-rather-long-path"),
            )
            .client(LocalClient::new("worker").secret("s").scope("orders/read").client_credentials());
        let pool = LocalPool::start(config).await.unwrap();
        browser.open(&pool.base_url()).await;
        look(browser, "pool-landing-clients", "Local user pool eu-west-1_LocalPool").await;
        assert_eq!(
            browser.script("return document.querySelectorAll('pre').length").await,
            json!(1),
            "machines sign nobody in"
        );
    })
    .await;
}
