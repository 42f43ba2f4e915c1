//! The quickstart in a real browser: what a person sees, clicks and types.
//!
//! `PICTURES=/tmp/pictures cargo test --test browser pages` keeps a picture of every page, wide and narrow,
//! light and dark.

use crate::support::browser::{Browser, browse, inspect};
use crate::support::forge;
use crate::support::groups::{Admin, Editor};
use crate::support::server::Server;
use reqwest::Url;
use rocket::serde::json::Json;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::{Cognito, CognitoUser, InAnyGroup, InGroups};
use rocket_dyn_templates::{Template, context};
use serde_json::{Value, json};

// On the pool's page.
const ALICE: &str = "button[value=alice]";
const BOB: &str = "button[value=bob]";
const CAROL: &str = "button[value=carol]";
// On the app's pages.
const SIGN_IN: &str = "a[href='/auth/login']";
const SIGN_OUT: &str = "form[action='/auth/logout'] button";
// As WebDriver names keys.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

#[get("/")]
fn home(user: Option<CognitoUser>) -> Template {
    Template::render("quickstart/home", context! { user })
}

#[get("/me")]
fn me(user: CognitoUser) -> Json<CognitoUser> {
    Json(user)
}

#[get("/admin")]
fn admin(admin: InGroups<Admin>) -> Template {
    Template::render("quickstart/room", context! { room: "Administration", user: admin.into_user() })
}

#[get("/edit")]
fn edit(editor: InAnyGroup<Admin, Editor>) -> Template {
    Template::render("quickstart/room", context! { room: "Editorial desk", user: editor.into_user() })
}

/// The quickstart's routes and catchers, with its templates.
fn app(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket
        .attach(Cognito::fairing())
        .attach(Template::custom(rocket_cognito::Cognito::templates))
        .mount("/", routes![home, me, admin, edit])
        .register("/", rocket_cognito::catchers())
}

async fn serve(figment: figment::Figment) -> Server {
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    Server::start(figment.merge(("template_dir", templates)), app).await
}

/// With a local pool on a free port.
async fn quickstart() -> Server {
    let figment = crate::support::figment().merge(("cognito.local_pool.port", 0));
    serve(figment.merge(("cognito.refresh_flow_enabled", true))).await
}

async fn sign_in(browser: &Browser, app: &Server, user: &str) {
    browser.open(&app.url("/auth/login")).await;
    browser.click(user).await;
    browser.arrives_at(&app.url("/")).await;
}

/// The origin of the pool, whose page is shown.
async fn pool(browser: &Browser) -> Url {
    let page = Url::parse(&browser.url().await).unwrap();
    assert_eq!((page.host_str(), page.path()), (Some("127.0.0.1"), "/login"), "the pool's page");
    page.join("/").unwrap()
}

async fn cognito_cookies(browser: &Browser) -> Vec<String> {
    let mut cookies = browser.cookies().await;
    cookies.retain(|cookie| cookie["name"].as_str().unwrap().starts_with("cognito_"));
    assert!(cookies.iter().all(|cookie| cookie["httpOnly"] == true && cookie["sameSite"] == "Lax"));
    let mut names: Vec<_> =
        cookies.iter().map(|cookie| cookie["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_page_asked_for_is_reached_and_sign_out_ends_both_sessions() {
    browse(async |browser| {
        let app = quickstart().await;
        let asked_for = app.url("/admin?tab=people&q=a%20b&next=//evil.example");
        browser.open(&asked_for).await;
        pool(browser).await;
        browser.click(ALICE).await;
        browser.arrives_at(&asked_for).await;
        assert_eq!(browser.text("h1").await, "Administration");
        let session = ["cognito_access_token", "cognito_id_token", "cognito_refresh_token"];
        assert_eq!(cognito_cookies(browser).await, session);
        assert_eq!(browser.script("return document.cookie").await, "");

        browser.open(&app.url("/")).await;
        assert_eq!(browser.text(".lead").await, "Signed in as alice, in admin");
        browser.click(SIGN_OUT).await;
        assert_eq!(browser.text(SIGN_IN).await, "Sign in");
        assert_eq!(browser.url().await, app.url("/"));
        assert_eq!(cognito_cookies(browser).await, [""; 0]);

        browser.open(&asked_for).await;
        pool(browser).await;
        assert!(browser.has(ALICE).await, "asked again, not signed in silently");
    })
    .await;
}

#[tokio::test]
async fn the_password_form_keeps_the_name_and_the_wrong_group_is_told_so() {
    browse(async |browser| {
        let app = quickstart().await;
        browser.forbid_scripts().await;
        browser.open(&app.url("/admin")).await;
        browser.type_into("#username", "carol").await;
        browser.type_into("#password", "nonsense").await;
        browser.press(ENTER).await;
        assert_eq!(browser.text("[role=alert]").await, "Incorrect username or password.");
        assert_eq!(browser.property("#username", "value").await, "carol");
        assert_eq!(browser.focused().await, "Password");

        browser.type_into("#password", "Passw0rd!").await;
        browser.press(ENTER).await;
        browser.arrives_at(&app.url("/admin")).await;
        assert_eq!(browser.text("h1").await, "Not for this account");
        assert_eq!(browser.text("footer").await, "Error 403 · rule_not_met");
        browser.open(&app.url("/edit")).await;
        assert_eq!(browser.text("h1").await, "Not for this account");
        browser.open(&app.url("/")).await;
        assert_eq!(browser.text(".lead").await, "Signed in as carol", "a refusal ends no session");

        browser.open(&app.url("/admin")).await;
        browser.click(SIGN_OUT).await;
        assert_eq!(browser.text(SIGN_IN).await, "Sign in", "the way on to another account");
    })
    .await;
}

#[tokio::test]
async fn two_tabs_sign_in_without_harm_to_each_other() {
    browse(async |browser| {
        let app = quickstart().await;
        let first = browser.tab().await;
        browser.open(&app.url("/auth/login?next=/me")).await;
        let second = browser.new_tab().await;
        browser.open(&app.url("/auth/login?next=/edit")).await;

        browser.show_tab(&first).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/me")).await;
        assert!(browser.text("body").await.contains("\"username\":\"alice\""));
        browser.show_tab(&second).await;
        browser.click(BOB).await;
        browser.arrives_at(&app.url("/edit")).await;
        assert_eq!(browser.text(".lead").await, "Welcome, bob.");
        assert_eq!(cognito_cookies(browser).await.len(), 3, "no login cookie is left");
    })
    .await;
}

#[tokio::test]
async fn a_keyboard_is_enough() {
    browse(async |browser| {
        let app = quickstart().await;
        let ring = "const style = getComputedStyle(document.activeElement); \
            return style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2";
        browser.open(&app.url("/")).await;
        browser.press(TAB).await;
        assert_eq!(
            (browser.focused().await, browser.script(ring).await),
            ("Sign in".to_owned(), json!(true))
        );
        browser.press(ENTER).await;
        browser.text(ALICE).await;
        browser.press(TAB).await;
        assert_eq!(
            (browser.focused().await, browser.script(ring).await),
            ("Sign in as alice group admin".to_owned(), json!(true))
        );
        browser.press(ENTER).await;
        browser.arrives_at(&app.url("/")).await;
        browser.press(TAB).await;
        assert_eq!(
            (browser.focused().await, browser.script(ring).await),
            ("Sign out".to_owned(), json!(true))
        );
        browser.press(ENTER).await;
        assert_eq!(browser.text(SIGN_IN).await, "Sign in");
    })
    .await;
}

#[tokio::test]
async fn going_back_and_reloading_are_no_errors() {
    browse(async |browser| {
        let app = quickstart().await;
        browser.open(&app.url("/")).await;
        browser.click(SIGN_IN).await;
        browser.text(ALICE).await;
        pool(browser).await;
        let begun = Url::parse(&browser.url().await).unwrap();
        let state = begun.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        let callback = app.url(&format!("/auth/callback?code=used&state={state}"));
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/")).await;

        browser.back().await;
        browser.arrives_at(begun.as_str()).await;
        assert!(!browser.has("[role=alert]").await);
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/")).await;
        assert_eq!(browser.text(".lead").await, "Signed in as alice, in admin");
        browser.open(&callback).await;
        assert_eq!(browser.url().await, app.url("/"), "whoever is signed in goes on");
        browser.reload().await;
        assert_eq!(browser.text(".lead").await, "Signed in as alice, in admin");

        browser.click(SIGN_OUT).await;
        browser.text(SIGN_IN).await;
        // Whoever is not begins again.
        browser.open(&callback).await;
        pool(browser).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/")).await;
    })
    .await;
}

#[tokio::test]
async fn the_app_may_be_opened_under_its_other_loopback_name() {
    browse(async |browser| {
        let app = quickstart().await;
        browser.open(&app.url("/admin?x=1").replace("localhost", "127.0.0.1")).await;
        pool(browser).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/admin?x=1")).await;
        assert_eq!(browser.text("h1").await, "Administration");
    })
    .await;
}

#[tokio::test]
async fn scripts_are_answered_not_redirected() {
    browse(async |browser| {
        let app = quickstart().await;
        browser.open(&app.url("/")).await;
        let answer = browser.fetch("/me").await;
        assert_eq!((&answer["status"], &answer["redirected"]), (&json!(401), &json!(false)), "{answer}");
        assert_eq!(answer["type"], "application/json");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["error"], "not_signed_in");

        sign_in(browser, &app, BOB).await;
        assert_eq!(browser.fetch("/me").await["status"], 200);
        assert_eq!(browser.fetch("/admin").await["status"], 403);
    })
    .await;
}

#[tokio::test]
async fn other_sites_cannot_sign_anybody_out() {
    browse(async |browser| {
        let app = quickstart().await;
        browser.open(&app.url("/auth/login")).await;
        let pool = pool(browser).await;
        browser.click(ALICE).await;
        browser.arrives_at(&app.url("/")).await;

        let logout = app.url("/auth/logout");
        let form = format!(
            "const form = document.createElement('form'); form.method = 'post'; form.action = '{logout}'; \
             document.body.append(form); form.submit()"
        );
        let link = format!("location.href = '{logout}'");
        // Another site, then another origin of the same site, whose requests carry `Lax` cookies.
        for host in ["127.0.0.1", "localhost"] {
            let page = format!("http://{host}:{}/logout", pool.port().unwrap());
            for (script, heading) in [(&form, "Request refused"), (&link, "Not this way")] {
                browser.open(&page).await;
                browser.script(script).await;
                browser.arrives_at(&logout).await;
                assert_eq!(browser.text("h1").await, heading, "from {host}");
                browser.open(&app.url("/")).await;
                assert_eq!(browser.text(".lead").await, "Signed in as alice, in admin", "from {host}");
            }
        }
        browser.open(&logout).await;
        assert_eq!(browser.text(SIGN_IN).await, "Sign in", "who types the address means it");
    })
    .await;
}

#[tokio::test]
async fn pages_are_fit_to_be_seen() {
    browse(async |browser| {
        let app = quickstart().await;
        browser.open(&app.url("/")).await;
        inspect(browser, "home-signed-out", "Quickstart").await;
        browser.open(&app.url("/auth/callback")).await;
        inspect(browser, "bad-request", "Sign-in not completed").await;
        browser.open(&app.url("/auth/login")).await;
        let pool = pool(browser).await;
        inspect(browser, "pool-sign-in", "Sign in").await;
        browser.type_into("#username", "alice").await;
        browser.type_into("#password", "nonsense").await;
        browser.press(ENTER).await;
        browser.text("[role=alert]").await;
        inspect(browser, "pool-wrong-password", "Problem: Sign in").await;
        browser.click(CAROL).await;
        browser.arrives_at(&app.url("/")).await;
        browser.open(&app.url("/admin")).await;
        inspect(browser, "forbidden", "Not for this account").await;
        browser.open(&app.url("/")).await;
        browser.click(SIGN_OUT).await;
        browser.text(SIGN_IN).await;

        sign_in(browser, &app, ALICE).await;
        inspect(browser, "home-signed-in", "Quickstart").await;
        browser.open(&app.url("/admin")).await;
        inspect(browser, "admin", "Administration").await;
        browser.open(&app.url("/edit")).await;
        inspect(browser, "edit", "Editorial desk").await;

        let authorize = "oauth2/authorize?response_type=code&redirect_uri=http://localhost:1/cb&client_id=";
        for (name, query) in [
            ("pool-unknown-client", format!("{authorize}nobody")),
            ("pool-unknown-callback", format!("{authorize}localclient")),
            ("pool-refused-callback", format!("{authorize}localclient").replace("localhost", "example.com")),
            ("pool-unknown-logout", "logout?client_id=localclient&logout_uri=http://localhost:1/".to_owned()),
        ] {
            browser.open(pool.join(&query).unwrap().as_str()).await;
            inspect(browser, name, "Error: redirect_mismatch").await;
        }
        browser.open(pool.join("logout").unwrap().as_str()).await;
        inspect(browser, "pool-logout", "Sign-out is not complete").await;

        let without_keys = serve(crate::support::settings("http://127.0.0.1:9/jwks.json")).await;
        browser.open(&without_keys.url("/")).await;
        let token = forge::Key::new("unknown").token(&forge::access_claims());
        browser.set_cookie("cognito_access_token", &token).await;
        browser.open(&without_keys.url("/me")).await;
        inspect(browser, "unavailable", "Sign-in is unavailable").await;
    })
    .await;
}
