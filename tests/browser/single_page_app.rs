//! A single-page app at an origin of its own: oidc-client-ts, as `docs/single-page-apps.md` sets it up.

use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::response::content::{RawHtml, RawJavaScript};
use rocket::{State, get, options, routes};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{Cognito, CognitoUser, catchers};
use serde_json::{Value, json};

use crate::sessions::ALICE;
use crate::support::browser::{Browser, browse};
use crate::support::server::Server;
use crate::support::{figment, free_port};

const PAGE: &str = include_str!("../../docs/single-page-apps.md");
const AUTHORITY: &str = "http://127.0.0.1:9400/eu-west-1_LocalPool";

/// The script of the page.
struct Script(String);

#[get("/")]
fn page() -> RawHtml<&'static str> {
    RawHtml(
        "<title>Single page</title><h1></h1><button id=in onclick=signIn()>Sign in</button>
        <button id=out onclick=signOut()>Sign out</button>
        <script src=/oidc-client-ts.js></script><script src=/app.js></script>
        <script>
            const show = async () => {
                const user = await manager.getUser();
                document.querySelector('h1').innerText = user ? user.profile.username : 'nobody';
            };
            callback().then(show);
        </script>",
    )
}

#[get("/silent")]
fn silent() -> RawHtml<&'static str> {
    RawHtml(
        "<title>Silent</title><script src=/oidc-client-ts.js></script><script src=/app.js></script>
        <script>manager.signinSilentCallback()</script>",
    )
}

#[get("/oidc-client-ts.js")]
fn library() -> RawJavaScript<&'static str> {
    RawJavaScript(include_str!("../data/front_ends/oidc-client-ts-3.5.0.min.js"))
}

#[get("/app.js")]
fn script(script: &State<Script>) -> RawJavaScript<String> {
    RawJavaScript(script.0.clone())
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[options("/me")]
fn preflight() -> Status {
    Status::NoContent
}

/// The pool, the page, and the API at a third origin.
struct World {
    pool: LocalPool,
    page: Server,
    api: Server,
}

impl World {
    async fn start() -> Self {
        let port = free_port();
        let origins = ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}"));
        let client = origins.iter().fold(LocalClient::new("spa"), |client, origin| {
            let silent = format!("{origin}/silent");
            client.callback_url(format!("{origin}/")).callback_url(silent).logout_url(format!("{origin}/"))
        });
        let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap();
        let script = PAGE.split("```js\n").nth(1).unwrap().split("```").next().unwrap();
        assert!(script.contains(AUTHORITY));
        let script = Script(script.replace(AUTHORITY, &pool.issuer()));
        let page = Server::start(figment().merge(("port", port)), |rocket| {
            rocket.manage(script).mount("/", routes![page, silent, library, script])
        });
        let api = figment()
            .merge(("cognito.routes", "none"))
            .merge(("cognito.user_pool_id", pool.user_pool_id()))
            .merge(("cognito.issuer", pool.issuer()))
            .merge(("cognito.client_id", "spa"));
        let cors = AdHoc::on_response("cors", |_, response| {
            Box::pin(async {
                response.set_header(Header::new("Access-Control-Allow-Origin", "*"));
                response.set_header(Header::new("Access-Control-Allow-Headers", "Authorization"));
            })
        });
        let api = Server::start(api, |rocket| {
            rocket
                .attach(Cognito::fairing())
                .attach(cors)
                .mount("/", routes![me, preflight])
                .register("/", catchers())
        });
        World { page: page.await, api: api.await, pool }
    }

    async fn sign_in(&self, browser: &Browser, page: &str) {
        browser.open(page).await;
        self.shows(browser, "nobody").await;
        browser.click("#in").await;
        browser.waits_until("the pool asks", async || browser.has(ALICE).await).await;
        browser.click(ALICE).await;
        browser.arrives_at(page).await;
        self.shows(browser, "alice").await;
    }

    async fn shows(&self, browser: &Browser, name: &str) {
        let is_shown = async || browser.has("h1").await && browser.text("h1").await == name;
        browser.waits_until(&format!("{name} is shown"), is_shown).await;
    }

    /// What the API answers the page.
    async fn call(&self, browser: &Browser) -> Value {
        let url = json!(self.api.url("/me"));
        browser
            .script(&format!("return call({url}).then(async answer => [answer.status, await answer.text()])"))
            .await
    }
}

/// The user as the library keeps them.
async fn user(browser: &Browser) -> Value {
    browser.script("return manager.getUser().then(user => user && { ...user, profile: user.profile })").await
}

/// What comes of asking in a frame, as the library does where there is no refresh token.
async fn asks_in_a_frame(browser: &Browser) -> Value {
    browser
        .script(
            "return (async () => {
                const user = await manager.getUser();
                await manager.storeUser(new oidc.User({ ...user, refresh_token: undefined }));
                manager.settings.silent_redirect_uri = location.origin + '/silent';
                const found = await manager.signinSilent().catch(error => error.error ?? String(error));
                return found.profile?.username ?? found;
            })()",
        )
        .await
}

#[tokio::test]
async fn oidc_client_ts_signs_in_calls_an_api_refreshes_and_signs_out() {
    browse(async |browser| {
        let world = World::start().await;
        let page = world.page.url("/");
        world.sign_in(browser, &page).await;
        let first = user(browser).await;
        // Of userInfo, where this is text: the ID token has a flag.
        assert_eq!(first["profile"]["email_verified"], "true", "{first}");
        assert_eq!(world.pool.requests("/oauth2/userInfo"), 1);
        assert_eq!(world.call(browser).await, json!([200, "alice"]));

        world.pool.set_groups("alice", ["editor"]).unwrap();
        browser.script("return refresh().then(() => null)").await;
        let second = user(browser).await;
        assert_ne!(second["access_token"], first["access_token"]);
        assert_eq!(second["refresh_token"], first["refresh_token"]);
        assert_eq!(second["profile"]["cognito:groups"], json!(["editor"]));
        assert_eq!(world.pool.requests("/oauth2/token"), 2);
        assert_eq!(world.call(browser).await, json!([200, "alice"]));

        browser.click("#out").await;
        browser.arrives_at(&page).await;
        world.shows(browser, "nobody").await;
        assert_eq!(world.pool.requests("/oauth2/revoke"), 1);
        assert_eq!(user(browser).await, Value::Null);
        browser.click("#in").await;
        browser.waits_until("the pool has forgotten who it was", async || browser.has(ALICE).await).await;
    })
    .await;
}

#[tokio::test]
async fn without_a_refresh_token_a_frame_of_the_same_site_finds_the_session_and_none_of_another() {
    browse(async |browser| {
        let world = World::start().await;
        // The pool is at 127.0.0.1.
        for (host, found) in [("127.0.0.1", "alice"), ("localhost", "login_required")] {
            let page = format!("http://{host}:{}/", world.page.port);
            world.sign_in(browser, &page).await;
            assert_eq!(asks_in_a_frame(browser).await, found, "{host}");
            browser.click("#out").await;
            // Only this shows that the pool has sent the browser back: the URL is the same before and after.
            world.shows(browser, "nobody").await;
        }
    })
    .await;
}
