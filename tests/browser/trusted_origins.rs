//! A front end of the app's own at another port: a page whose script changes something in the app.

use rocket::fairing::AdHoc;
use rocket::http::Header;
use rocket::response::content::RawHtml;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::CognitoUser;
use serde_json::json;

use crate::support::app::{self, App, Setup};
use crate::support::browser::{Browser, browse};
use crate::support::server::Server;
use crate::support::{figment, free_port};

#[get("/")]
fn page() -> RawHtml<&'static str> {
    RawHtml("<!doctype html><title>Front end</title><link rel=icon href=data:,>")
}

#[post("/change")]
fn change(user: CognitoUser) -> String {
    user.username().to_owned()
}

/// An app whose answers the pages of `origin` may read: that is the app's own affair.
async fn serve(origin: &str, trusted: &[&str]) -> App {
    let origin = origin.to_owned();
    let cors = AdHoc::on_response("CORS", move |_, response| {
        let origin = origin.clone();
        Box::pin(async move {
            response.set_header(Header::new("Access-Control-Allow-Origin", origin));
            response.set_header(Header::new("Access-Control-Allow-Credentials", "true"));
        })
    });
    let build = |rocket: Rocket<Build>| app::build(rocket).attach(cors).mount("/", routes![change]);
    Setup::new().set("trusted_origins", trusted).start_with(build).await
}

async fn sign_in(browser: &Browser, app: &App) {
    browser.open(&app.url("/auth/login?next=/page")).await;
    browser.click("button[value=alice]").await;
    browser.arrives_at(&app.url("/page")).await;
}

/// Status and body of what a script of the page shown posts to the app.
async fn posts(browser: &Browser, app: &App) -> serde_json::Value {
    let script = format!(
        "return fetch('{}', {{ method: 'POST', credentials: 'include' }}) \
         .then(async answer => [answer.status, await answer.text()])",
        app.url("/change")
    );
    browser.script(&script).await
}

#[tokio::test]
async fn a_page_at_another_port_changes_things_where_its_origin_is_trusted_only() {
    browse(async |browser| {
        let settings = figment().merge(("port", free_port()));
        let front_end = Server::start(settings, |rocket| rocket.mount("/", routes![page])).await;
        let origin = front_end.url("");
        let trusting = serve(&origin, &[&origin]).await;
        sign_in(browser, &trusting).await;
        browser.open(&front_end.url("/")).await;
        assert_eq!(posts(browser, &trusting).await, json!([200, "alice"]));

        let other = serve(&origin, &["http://localhost:1"]).await;
        sign_in(browser, &other).await;
        browser.open(&front_end.url("/")).await;
        let refused = posts(browser, &other).await;
        assert_eq!(refused[0], 403, "{refused}");
        assert!(refused[1].as_str().unwrap().contains("cross_site"), "{refused}");
        // The browser itself notes the 403.
        assert!(browser.complaints().await.iter().all(|complaint| complaint.contains("403")));
    })
    .await;
}
