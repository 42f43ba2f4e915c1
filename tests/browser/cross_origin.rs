//! What scripts of a page at another origin may read of the local pool, as a browser judges.

use rocket::response::content::RawHtml;
use rocket::{get, routes};
use rocket_cognito::local_pool::{Failure, LocalClient, LocalPool, LocalPoolConfig};
use serde_json::{Value, json};

use crate::support::browser::{Browser, browse};
use crate::support::figment;
use crate::support::server::Server;

#[get("/")]
fn page() -> RawHtml<&'static str> {
    RawHtml("<title>Single page</title><h1>Single page</h1>")
}

/// Status and JSON of what the page's script reads; a text where the browser does not let it.
async fn ask(browser: &Browser, url: &str, options: Value) -> Value {
    let script = format!(
        "return fetch({}, {options}).then(async answer => [answer.status, await answer.json().catch(() => null)])
            .catch(error => String(error))",
        json!(url)
    );
    browser.script(&script).await
}

#[tokio::test]
async fn a_single_page_app_reads_what_it_needs_and_no_page_of_the_pool() {
    browse(async |browser| {
        let client = LocalClient::new("spa").callback_url("http://localhost/");
        let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap();
        let tokens = pool.sign_in("alice", "spa").unwrap();
        let app = Server::start(figment(), |rocket| rocket.mount("/", routes![page])).await;
        browser.open(&app.url("/")).await;

        let discovery = format!("{}/.well-known/openid-configuration", pool.issuer());
        let found = ask(browser, &discovery, json!({})).await;
        assert_eq!(found[0], 200, "{found}");
        let endpoint = |name: &str| found[1][name].as_str().unwrap().to_owned();
        // A header that has the browser ask first.
        let jwks =
            ask(browser, &endpoint("jwks_uri"), json!({ "headers": { "X-Requested-With": "x" } })).await;
        assert_eq!((&jwks[0], jwks[1]["keys"].as_array().map(Vec::len)), (&json!(200), Some(2)));

        let post = |form: String| {
            let form_type = "application/x-www-form-urlencoded";
            let headers = json!({ "Content-Type": form_type, "X-Requested-With": "x" });
            json!({ "method": "POST", "headers": headers, "body": form })
        };
        let form = |token: &str| format!("grant_type=refresh_token&client_id=spa&refresh_token={token}");
        let good = ask(browser, &endpoint("token_endpoint"), post(form(&tokens.refresh_token))).await;
        assert_eq!(good[0], 200, "{good}");
        let headers =
            json!({ "Authorization": format!("Bearer {}", good[1]["access_token"].as_str().unwrap()) });
        let user = ask(browser, &endpoint("userinfo_endpoint"), json!({ "headers": headers })).await;
        assert_eq!((&user[0], &user[1]["username"]), (&json!(200), &json!("alice")));
        let revoke = format!("client_id=spa&token={}", tokens.refresh_token);
        let revoked = ask(browser, &endpoint("revocation_endpoint"), post(revoke)).await;
        assert_eq!(revoked, json!([200, null]));

        let bad = ask(browser, &endpoint("token_endpoint"), post(form(&tokens.refresh_token))).await;
        assert_eq!(bad, json!([400, { "error": "invalid_grant" }]));
        pool.fail_next("/oauth2/token", 1, Failure::Throttled { retry_after: None });
        let failed = ask(browser, &endpoint("token_endpoint"), post(form("x"))).await;
        assert_eq!((&failed[0], &failed[1]["__type"]), (&json!(429), &json!("TooManyRequestsException")));
        assert_eq!(browser.complaints().await, Vec::<String>::new());

        for path in ["/login", "/logout", "/error"] {
            let answer = ask(browser, &format!("{}{path}", pool.base_url()), json!({})).await;
            assert_eq!(answer, "TypeError: Failed to fetch", "{path}");
            let complaints = browser.complaints().await.concat();
            assert!(complaints.contains("blocked by CORS policy"), "{complaints}");
        }
        app.stop().await;
    })
    .await;
}
