//! The example `openapi`: Swagger UI signs in at the pool, and calls the API.
//!
//! `PICTURES=/tmp/pictures cargo test --test browser swagger` keeps pictures of it there.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::browser::{Browser, browse};
use crate::support::free_port;
use crate::support::quickstart::Quickstart;

const WRITE: &str = "#operations-default-write";
const DELETE: &str = "#operations-default-delete";
/// The keys Ctrl and A, pressed and released, as WebDriver names them.
const SELECT_ALL: &str = "\u{e009}a\u{e000}";
/// Swagger UI asks for a client's secret outside of a form, which chromium remarks on.
const REMARK: &str = "Password field is not contained in a form";

/// The example, whose settings name a callback at port 8000, with one at its own.
async fn example() -> Quickstart {
    let port = free_port();
    let callback = format!("http://localhost:{port}/swagger/oauth2-redirect.html");
    let swagger = format!("{{client_id=\"swagger\",callback_urls=[\"{callback}\"]}}");
    let worker = "{client_id=\"worker\",client_secret=\"of-the-worker\",client_credentials=true,\
        scopes=[\"posts/delete\"]}";
    let pool = format!("{{port={},clients=[{swagger},{worker}]}}", free_port());
    let variables = [("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())];
    Quickstart::spawn_example("openapi", port, &variables).launched().await
}

/// Shows the window that the page has opened; the answer is the page's own.
async fn show_popup(browser: &Browser) -> Value {
    let page = browser.tab().await;
    browser.waits_until("a window opens", async || browser.tabs().await.len() == 2).await;
    let popup = browser.tabs().await.into_iter().find(|tab| *tab != page).unwrap();
    browser.show_tab(&popup).await;
    page
}

/// Presses "Execute", and waits until the answer has this status, which the document knows of.
async fn execute(browser: &Browser, operation: &str, status: &str) {
    browser.click(&format!("{operation} .execute")).await;
    let shown = format!("{operation} .live-responses-table .response .response-col_status");
    browser.waits_until(&format!("{status} is shown"), async || browser.text(&shown).await == status).await;
}

/// The body of the answer that is shown.
async fn body(browser: &Browser, operation: &str) -> String {
    browser.text(&format!("{operation} .live-responses-table .highlight-code code")).await
}

async fn keep_picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("PICTURES").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), browser.picture().await).unwrap();
    }
}

/// Swagger UI, with the operation open to be tried.
async fn try_out(browser: &Browser, example: &Quickstart, operation: &str) {
    browser.pretend(1280, 1000, "light").await;
    browser.open(&example.url("/swagger")).await;
    browser.click(&format!("{operation} .opblock-summary-control")).await;
    browser.click(&format!("{operation} .try-out__btn")).await;
}

/// The part of the dialog that is about this flow of the scheme `cognito`.
fn flow(name: &str) -> String {
    format!(".auth-container:has(label[for=client_id_{name}])")
}

async fn assert_quiet(browser: &Browser) {
    let complaints = browser.complaints().await;
    assert!(complaints.iter().all(|complaint| complaint.contains(REMARK)), "{complaints:?}");
}

#[tokio::test]
async fn swagger_ui_signs_in_with_pkce_and_calls_a_guarded_route() {
    browse(async |browser| {
        let example = example().await;
        try_out(browser, &example, WRITE).await;
        execute(browser, WRITE, "401").await;
        let refused = body(browser, WRITE).await;
        assert!(refused.contains("\"error\": \"bearer_required\""), "{refused}");
        keep_picture(browser, "swagger-before").await;

        browser.click(".btn.authorize.unlocked").await;
        let flow = flow("authorizationCode");
        browser.click(&format!("{flow} .authorize")).await;
        let page = show_popup(browser).await;
        browser.text("button[value=bob]").await;
        assert!(browser.url().await.contains("code_challenge_method=S256"), "{}", browser.url().await);
        keep_picture(browser, "swagger-popup").await;
        browser.click("button[value=bob]").await;
        browser.waits_until("the window closes", async || browser.tabs().await.len() == 1).await;
        browser.show_tab(&page).await;
        assert_eq!(browser.text(&format!("{flow} h6")).await, "Authorized");
        keep_picture(browser, "swagger-authorized").await;
        browser.click(&format!("{flow} .btn-done")).await;
        assert!(browser.has(".btn.authorize.locked").await);

        execute(browser, WRITE, "200").await;
        let written = body(browser, WRITE).await;
        assert!(written.contains("\"author\": \"bob\""), "{written}");
        keep_picture(browser, "swagger-after").await;
        assert_quiet(browser).await;
    })
    .await;
}

#[tokio::test]
async fn swagger_ui_is_a_machine_that_the_route_asks_for() {
    browse(async |browser| {
        let example = example().await;
        try_out(browser, &example, DELETE).await;
        browser.type_into(&format!("{DELETE} .parameters input"), "bob").await;
        execute(browser, DELETE, "401").await;

        browser.click(".btn.authorize.unlocked").await;
        let flow = flow("clientCredentials");
        keep_picture(browser, "swagger-dialog").await;
        browser
            .type_into(&format!("{flow} #client_id_clientCredentials"), &format!("{SELECT_ALL}worker"))
            .await;
        browser.type_into(&format!("{flow} #client_secret_clientCredentials"), "of-the-worker").await;
        browser.click(&format!("{flow} .authorize")).await;
        assert_eq!(browser.text(&format!("{flow} h6")).await, "Authorized");
        keep_picture(browser, "swagger-machine").await;
        browser.click(&format!("{flow} .btn-done")).await;
        execute(browser, DELETE, "200").await;
        assert_quiet(browser).await;
    })
    .await;
}
