//! The page at `/`.

use figment::Figment;
use figment::providers::{Format, Toml};
use rocket::Config;
use rocket_cognito::local_pool::{LocalClient, LocalIdentity, LocalPool, LocalPoolConfig, LocalUser};

use crate::browser::*;
use crate::support::agent::Agent;
use crate::support::app::build;
use crate::support::server::Server;
use crate::support::{figment, free_port};

async fn page(pool: &LocalPool) -> String {
    let response = Browser::of(pool).get("/", &[]).await;
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    page.replace("&#x2f;", "/").replace("&#x27;", "'").replace("&quot;", "\"").replace("&amp;", "&")
}

/// What the page says to type for this client.
fn settings(page: &str, client_id: &str) -> String {
    let (_, rest) = page.split_once(&format!("aria-label=\"Rocket.toml for {client_id}\"")).unwrap();
    let (_, rest) = rest.split_once("<code>").unwrap();
    rest.split_once("</code>").unwrap().0.to_owned()
}

/// Starts an app with this Rocket.toml, and signs alice in.
async fn signs_in(port: u16, toml: &str) {
    let settings = Figment::from(Toml::string(toml).nested()).select(Config::DEBUG_PROFILE);
    let app = Server::start(figment().merge(settings).merge(("port", port)), build).await;
    let page = Agent::new().sign_in(&app.url("/me"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
}

fn app_client(client_id: &str, port: u16) -> LocalClient {
    let origin = format!("http://localhost:{port}");
    LocalClient::new(client_id)
        .callback_url(format!("{origin}/auth/callback"))
        .logout_url(format!("{origin}/"))
}

#[rocket::async_test]
async fn its_settings_for_a_public_client_make_an_app_that_signs_people_in() {
    let port = free_port();
    let pool =
        LocalPool::start(LocalPoolConfig::default().port(0).client(app_client("spa", port))).await.unwrap();
    signs_in(port, &settings(&page(&pool).await, "spa")).await;
}

#[rocket::async_test]
async fn its_settings_for_a_confidential_client_leave_the_secret_to_be_typed() {
    let port = free_port();
    let client = app_client("shop", port).secret("s3cret-of-the-shop");
    let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap();
    let page = page(&pool).await;
    assert!(!page.contains("s3cret-of-the-shop"));
    let toml = settings(&page, "shop");
    let comment = toml.lines().find(|line| line.starts_with("# client_secret: ")).unwrap();
    signs_in(port, &toml.replace(comment, "client_secret = \"s3cret-of-the-shop\"")).await;
}

#[rocket::async_test]
async fn a_client_without_a_sign_out_url_is_said_to_need_one() {
    let client = LocalClient::new("spa").callback_url(CALLBACK);
    let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap();
    assert!(settings(&page(&pool).await, "spa").contains("# logout_url: first add one"));
}

#[rocket::async_test]
async fn it_lists_users_clients_and_endpoints() {
    let config = config()
        .user(LocalUser::new("alice").group("admin"))
        .user(LocalUser::new("dave").password("daves-own-s3cret"))
        .user(LocalUser::new("erin").disabled())
        .user(LocalUser::federated(LocalIdentity::new("Google", "1234")))
        .client(LocalClient::new("worker").secret("w0rker-secret").scope("orders/read").client_credentials());
    let pool = LocalPool::start(config).await.unwrap();
    let page = page(&pool).await;
    let issuer = pool.issuer();
    for text in [
        "alice",
        "group </span>admin",
        "password <code>Passw0rd!</code>",
        "dave",
        "a password of their own",
        "disabled",
        "Google_1234",
        "signs in at another provider",
        "<code>shop</code>",
        "<code>spa</code>",
        "<code>worker</code>",
        "orders/read",
        CALLBACK,
        LOGOUT,
        &format!("<code>{issuer}</code>"),
        &format!("{issuer}/.well-known/openid-configuration"),
        &format!("{issuer}/.well-known/jwks.json"),
        &format!("{}/oauth2/token", pool.base_url()),
        &format!("{}/health", pool.base_url()),
        &format!("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER={}<", pool.base_url()),
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for secret in ["daves-own-s3cret", "w0rker-secret", SECRET] {
        assert!(!page.contains(secret), "{secret}");
    }
}

#[rocket::async_test]
async fn without_clients_it_says_what_to_add() {
    let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await.unwrap();
    assert!(page(&pool).await.contains("no app can sign people in"));
}

#[rocket::async_test]
async fn starting_asks_for_nothing_that_is_counted() {
    let pool = start().await;
    assert_eq!(pool.requests("/"), 0);
}
