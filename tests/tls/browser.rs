//! What a real browser does with our cookies over https.

use rocket::fairing::AdHoc;
use rocket::http::Header;
use rocket::{Build, Rocket};

use crate::server::Front;
use crate::support::app::{self, Setup};
use crate::support::browser::browse;
use crate::support::free_port;

// On the pool's page.
const ALICE: &str = "button[value=alice]";

/// K3: browsers ignore a removal without `Secure` for names with `__Host-` in front.
#[tokio::test]
async fn a_sign_out_over_https_leaves_no_cookie() {
    let weak = |rocket: Rocket<Build>| {
        app::build(rocket).attach(AdHoc::on_response("a removal without Secure", |request, response| {
            Box::pin(async move {
                if request.uri().query().is_some_and(|query| query == "weak") {
                    let removal = "__Host-Http-cognito_access_token=; Path=/; HttpOnly; Max-Age=0";
                    response.adjoin_header(Header::new("Set-Cookie", removal));
                }
            })
        }))
    };
    browse(async |browser| {
        let port = free_port();
        let url = format!("https://localhost:{port}/auth/callback");
        let app = Setup::new().redirect_url(&url).start_with(weak).await;
        let front = Front::start(port, app.server.port).await;
        browser.open(&front.url("/auth/login?next=/?weak")).await;
        browser.click(ALICE).await;
        browser.arrives_at(&front.url("/?weak")).await;
        let names = ["access", "id", "refresh"].map(|token| format!("__Host-Http-cognito_{token}_token"));
        let cookies = browser.own_cookies().await;
        assert!(cookies.iter().map(|(name, _)| name).eq(&names), "{cookies:?}");
        assert!(cookies.iter().all(|(_, cookie)| cookie["secure"] == true && cookie["httpOnly"] == true));

        browser.open(&front.url("/auth/logout")).await;
        browser.open(&front.url("/")).await;
        assert_eq!(browser.text("body").await, "nobody");
        assert_eq!(browser.own_cookies().await, []);
    })
    .await;
}
