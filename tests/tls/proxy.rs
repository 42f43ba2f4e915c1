//! The setting `http_proxy`: all calls to the pool go through it, and none without it.

use std::net::IpAddr;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::client::CognitoClient;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{Cognito, CognitoUser};
use tokio_rustls::rustls::version::TLS13;

use crate::forward_proxy::ForwardProxy;
use crate::server::Manner;
use crate::support::agent::Agent;
use crate::support::forge::{JwksFile, access_claims};
use crate::support::quickstart::Quickstart;
use crate::support::server::Server;
use crate::support::stub::{Answer, Stub};
use crate::support::{free_port, further_address, proxy_variables, settings};
use crate::world::{CLIENT_SECRET, KEY, ROOT, World};

/// Every character that a URL could mistake, percent-encoded where it must be.
const LOGIN: &str = "us%40er:c4nary%3A%2F%25@";
const DECODED: &str = "us@er:c4nary:/%";

#[track_caller]
fn assert_logged_in(proxy: &ForwardProxy) {
    let expected = format!("proxy-authorization: Basic {}", STANDARD.encode(DECODED));
    for head in proxy.heads() {
        let header = head.lines().find(|line| line.to_ascii_lowercase().starts_with("proxy-authorization:"));
        assert_eq!(header.map(str::to_ascii_lowercase), Some(expected.to_ascii_lowercase()), "{head}");
    }
}

async fn pool() -> LocalPool {
    let app = LocalClient::new("web").secret(CLIENT_SECRET).callback_url("http://localhost:8000/cb");
    let worker = LocalClient::new("worker").secret(CLIENT_SECRET).scope("orders/read").client_credentials();
    LocalPool::start(LocalPoolConfig::default().port(0).client(app).client(worker)).await.unwrap()
}

fn client(pool: &LocalPool, client_id: &str, proxy: &str) -> CognitoClient {
    CognitoClient::new([
        ("user_pool_id", pool.user_pool_id()),
        ("client_id", client_id),
        ("client_secret", CLIENT_SECRET),
        ("domain", &pool.base_url()),
        ("issuer", &pool.issuer()),
        ("http_proxy", proxy),
    ])
    .unwrap()
}

#[rocket::async_test]
async fn every_call_to_the_pool_goes_through_it() {
    let (pool, proxy) = (pool().await, ForwardProxy::start().await);
    let now = SystemTime::now();
    let web = client(&pool, "web", &proxy.url(LOGIN));
    let tokens = pool.sign_in("alice", "web").unwrap();
    web.user_info(&tokens.access_token, now).await.unwrap();
    web.refresh(&tokens.refresh_token, now).await.unwrap();
    web.revoke(&tokens.refresh_token).await.unwrap();
    let worker = client(&pool, "worker", &proxy.url(LOGIN));
    worker.client_credentials(&[], now).await.unwrap();

    let (domain, issuer) = (pool.base_url(), pool.issuer());
    let expected = [
        format!("GET {issuer}/.well-known/jwks.json"),
        format!("GET {domain}/oauth2/userInfo"),
        format!("POST {domain}/oauth2/token"),
        format!("POST {domain}/oauth2/revoke"),
        format!("POST {domain}/oauth2/token"),
    ];
    assert_eq!(proxy.requests(), expected);
    assert_logged_in(&proxy);
}

#[rocket::async_test]
async fn without_a_login_none_is_sent() {
    let (pool, proxy) = (pool().await, ForwardProxy::start().await);
    client(&pool, "web", &proxy.url("")).jwks().await.unwrap();
    assert!(!proxy.heads()[0].to_ascii_lowercase().contains("proxy-authorization"), "{:?}", proxy.heads());
}

/// The app in its own process, with https to the pool, and traps in its environment.
#[rocket::async_test]
async fn https_goes_through_a_tunnel_of_it_and_the_environments_proxies_never_count() {
    let (proxy, trap) = (ForwardProxy::start().await, Stub::start(Answer::Hang).await);
    let (ours, theirs) = (proxy.url(LOGIN), trap.url("/"));
    let variables =
        [proxy_variables(&theirs), vec![("ROCKET_COGNITO_HTTP_PROXY", &ours), ("NO_PROXY", "*")]].concat();
    let manner = Manner::tls(ROOT.issue(|_| {}), &[&TLS13]);
    let world = World::start_with(manner, "localhost", &variables).await;
    let agent = world.assert_open("through the proxy").await;
    world.sign_out(&agent).await;

    let (keys, pool) = (world.keys.visits().await, world.pool.visits().await);
    assert_eq!((keys.len(), pool.len()), (1, 2), "keys; exchange and revocation");
    let to = |port: u16| format!("CONNECT localhost:{port}");
    let tunnels = [to(world.keys.port()), to(world.pool.port())];
    let requests = proxy.requests();
    assert!(tunnels.iter().all(|tunnel| requests.contains(tunnel)), "{requests:?}");
    assert!(requests.iter().all(|request| tunnels.contains(request)), "{requests:?}");
    assert_logged_in(&proxy);
    assert_eq!(trap.requests(), 0);
    for secret in ["c4nary", &STANDARD.encode(DECODED)] {
        world.app.assert_untold(secret, "the proxy's password");
        let sent = [keys.as_slice(), pool.as_slice()].concat();
        assert!(sent.iter().all(|visit| !crate::world::was_told(visit, &[secret])), "the pool was told");
    }
}

/// It is on this machine, where a company's proxy cannot reach it.
#[rocket::async_test]
async fn the_embedded_pool_is_called_directly() {
    let trap = Stub::start(Answer::Hang).await;
    let (proxy, pool) = (trap.url(""), format!("{{port={}}}", free_port()));
    let variables = [("ROCKET_COGNITO_HTTP_PROXY", proxy.as_str()), ("ROCKET_COGNITO_LOCAL_POOL", &pool)];
    let app = Quickstart::spawn(free_port(), &variables).launched().await;
    let page = Agent::new().sign_in(&app.url("/me"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    assert_eq!(trap.requests(), 0);
}

/// Codes and secrets would be readable on the way to the proxy.
#[rocket::async_test]
async fn a_pool_that_is_called_by_plain_http_is_called_directly() {
    let Some(address) = further_address() else { return };
    let web = LocalClient::new("web").secret(CLIENT_SECRET);
    let config = LocalPoolConfig::default().port(0).address(address.parse::<IpAddr>().unwrap()).client(web);
    let pool = LocalPool::start(config).await.unwrap();
    // A proxy of another machine, by the rules of this crate, which is dead.
    let client = CognitoClient::new([
        ("user_pool_id", pool.user_pool_id()),
        ("client_id", "web"),
        ("client_secret", CLIENT_SECRET),
        ("domain", "http://localhost:9400"),
        ("server_domain", &pool.server_url()),
        ("issuer", &pool.issuer()),
        ("http_proxy", "http://127.0.0.3:9"),
    ])
    .unwrap();
    let tokens = pool.sign_in("alice", "web").unwrap();
    client.user_info(&tokens.access_token, SystemTime::now()).await.unwrap();
    client.revoke(&tokens.refresh_token).await.unwrap();
}

/// Proxies that are dead, and that do not let anybody through.
#[rocket::async_test]
async fn a_proxy_that_does_not_help_is_an_outage_and_keeps_its_password() {
    let pool = pool().await;
    let html = "Content-Type: text/html\r\nProxy-Authenticate: Basic\r\n";
    let mut proxies = vec![(None, format!("http://{LOGIN}127.0.0.1:9"))];
    for status in
        ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", "504 Gateway Timeout"]
    {
        let stub = Stub::start(Answer::new(status, html, "<html>c4nary</html>")).await;
        let url = stub.url("").replace("://", &format!("://{LOGIN}"));
        proxies.push((Some(stub), url));
    }
    let now = SystemTime::now();
    for (stub, proxy) in &proxies {
        let client = client(&pool, "worker", proxy);
        let keys = client.jwks().await.map(drop);
        let token = client.client_credentials(&[], now).await.map(drop);
        let revoked = client.revoke("x").await;
        for error in [keys, token, revoked].map(Result::unwrap_err) {
            assert!(error.is_unavailable(), "{proxy}: {error}");
            let told = format!("{error} {error:?}");
            assert!(!told.contains("c4nary") && !told.contains(&STANDARD.encode(DECODED)), "{told}");
        }
        assert!(stub.as_ref().is_none_or(|stub| stub.requests() == 3));
    }
    assert_eq!(pool.requests("/oauth2/token"), 0);

    // An https pool, by CONNECT.
    for (_, proxy) in &proxies {
        let client = CognitoClient::new([
            ("user_pool_id", "eu-west-1_AbC123"),
            ("client_id", "web"),
            ("domain", "https://auth.invalid"),
            ("http_proxy", proxy),
        ]);
        let client = client.unwrap();
        let error = client.revoke("x").await.unwrap_err();
        assert!(error.is_unavailable() && !format!("{error} {error:?}").contains("c4nary"), "{error}");
        assert!(error.to_string().contains("through `http_proxy`"), "{error}");
    }
}

/// In an app: at launch, in its answers, and when it is to launch with keys only.
#[rocket::async_test]
async fn a_dead_proxy_stops_no_launch_unless_that_is_asked_for() {
    let dead = format!("http://{LOGIN}127.0.0.1:9");
    let pool = pool().await;
    let figment = settings(&format!("{}/.well-known/jwks.json", pool.issuer()));
    let app = Server::start(figment.merge(("cognito.http_proxy", &dead)), build).await;
    let bearer = format!("Bearer {}", KEY.token(&access_claims()));
    let headers = [("authorization", bearer.as_str())];
    let page = Agent::new().send(reqwest::Method::GET, &app.url("/me"), &headers, None).await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("keys_unavailable") && !page.body.contains("c4nary"), "{}", page.body);

    let variables = [
        ("ROCKET_COGNITO_LOCAL_POOL", "false"),
        ("ROCKET_COGNITO_USER_POOL_ID", "eu-west-1_AbC123"),
        ("ROCKET_COGNITO_CLIENT_ID", "web"),
        ("ROCKET_COGNITO_DOMAIN", "acme"),
        ("ROCKET_COGNITO_REDIRECT_URL", "http://localhost:8000/cb"),
        ("ROCKET_COGNITO_LOGOUT_URL", "http://localhost:8000/"),
        ("ROCKET_COGNITO_REQUIRE_KEYS_AT_LAUNCH", "true"),
        ("ROCKET_COGNITO_HTTP_PROXY", &dead),
    ];
    let (status, told) = Quickstart::spawn(free_port(), &variables).ended().await;
    assert!(!status.success() && told.contains("it could not be reached"), "{told}");
    assert!(!told.contains("c4nary") && !told.contains(&STANDARD.encode(DECODED)), "{told}");
    assert_eq!(pool.requests("/eu-west-1_LocalPool/.well-known/jwks.json"), 0);
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.attach(Cognito::fairing()).mount("/", routes![me]).register("/", rocket_cognito::catchers())
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

/// Bearer tokens need neither a proxy nor a pool then.
#[rocket::async_test]
async fn an_app_with_keys_of_its_own_calls_nobody() {
    let trap = Stub::start(Answer::Hang).await;
    let keys = JwksFile::new(&[&KEY]);
    let keys = std::fs::read_to_string(keys.path()).unwrap();
    let figment = crate::support::figment()
        .merge(("cognito.user_pool_id", crate::support::forge::POOL_ID))
        .merge(("cognito.client_id", crate::support::forge::CLIENT_ID))
        .merge(("cognito.routes", "none"))
        .merge(("cognito.jwks", keys))
        .merge(("cognito.require_keys_at_launch", true))
        .merge(("cognito.http_proxy", trap.url("")));
    let app = Server::start(figment, build).await;
    let stranger = crate::support::forge::Key::new("unknown");
    for (key, status) in [(&*KEY, 200), (&stranger, 401), (&*KEY, 200)] {
        let bearer = format!("Bearer {}", key.token(&access_claims()));
        let headers = [("authorization", bearer.as_str())];
        let page = Agent::new().send(reqwest::Method::GET, &app.url("/me"), &headers, None).await;
        assert_eq!(page.status, status);
    }
    assert_eq!(trap.requests(), 0);
}
