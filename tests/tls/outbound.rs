//! The calls that the app makes: to the addresses in its settings, directly, and nowhere else.
//! Letters with numbers are rows of `docs/requirements.md`.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::rustls::version::TLS13;

use crate::server::Manner;
use crate::support::agent::{Agent, Page};
use crate::support::forge::{CLIENT_ID, JwksFile, access_claims, with};
use crate::support::quickstart::Quickstart;
use crate::support::server::Server;
use crate::support::stub::{Answer, Stub};
use crate::support::{free_port, proxy_variables, settings};
use crate::world::{CLIENT_SECRET, KEY, ROOT, World, tokens};

fn good() -> Manner {
    Manner::tls(ROOT.issue(|_| {}), &[&TLS13])
}

/// I3: to a pool with https.
#[rocket::async_test]
async fn no_proxy_of_the_environment_sees_a_sign_in() {
    let trap = Stub::start(Answer::new("502 Bad Gateway", "", "")).await;
    let world = World::start_with(good(), "localhost", &proxy_variables(&trap.url("/"))).await;
    let agent = world.assert_open("past the proxies").await;
    world.sign_out(&agent).await;
    let (keys, pool) = (world.keys.visits().await, world.pool.visits().await);
    assert_eq!((keys.len(), pool.len()), (1, 2), "keys; exchange and revocation");
    assert_eq!(trap.requests(), 0);
}

/// I3: to a pool with plain http, for which other variables count.
#[rocket::async_test]
async fn no_proxy_of_the_environment_sees_a_sign_in_at_the_local_pool() {
    let trap = Stub::start(Answer::new("502 Bad Gateway", "", "")).await;
    let (proxy, pool) = (trap.url("/"), format!("{{port={}}}", free_port()));
    let variables = [proxy_variables(&proxy), vec![("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())]].concat();
    let app = Quickstart::spawn(free_port(), &variables).launched().await;
    let agent = Agent::new();
    let page = agent.sign_in(&app.url("/me"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    let answer = agent.post(&app.url("/auth/logout"), &[("origin", &app.url(""))], &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(trap.requests(), 0);
}

/// A home folder with passwords for every machine; gone with this value.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let name = format!("rocket_cognito-home-{}-{:x}", std::process::id(), rand::random::<u64>());
        let home = Home(std::env::temp_dir().join(name));
        std::fs::create_dir(&home.0).unwrap();
        let logins = "machine localhost login canary password canary\ndefault login canary password canary\n";
        std::fs::write(home.0.join(".netrc"), logins).unwrap();
        home
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// I3: the app's credentials are those in its settings.
#[rocket::async_test]
async fn no_password_of_a_netrc_file_is_sent() {
    let home = Home::new();
    let netrc = home.0.join(".netrc");
    let variables = [("HOME", home.0.to_str().unwrap()), ("NETRC", netrc.to_str().unwrap())];
    let world = World::start_with(good(), "localhost", &variables).await;
    let agent = world.assert_open("with a .netrc").await;
    world.sign_out(&agent).await;
    let basic = format!("basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"))).to_lowercase();
    let visits = [world.keys.visits().await, world.pool.visits().await].concat();
    let sent: Vec<_> = visits.iter().map(|visit| authorization(&visit.said)).collect();
    assert_eq!(sent, [None, None, Some(basic)], "keys, exchange, revocation");
}

/// The `Authorization` header of a request, in lower case.
fn authorization(request: &[u8]) -> Option<String> {
    let request = String::from_utf8_lossy(request).to_lowercase();
    request.lines().find_map(|line| line.strip_prefix("authorization: ")).map(str::to_owned)
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.attach(Cognito::fairing()).mount("/", routes![me]).register("/", rocket_cognito::catchers())
}

/// Answers that lead to `trap`, with what was asked for in their body.
fn redirects(trap: &Stub, body: &str) -> Vec<Answer> {
    let statuses = [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ];
    let location = format!("Content-Type: application/json\r\nLocation: {}\r\n", trap.url("/"));
    statuses.into_iter().map(|status| Answer::new(status, &location, body)).collect()
}

#[track_caller]
fn assert_unavailable(page: &Page, code: &str) {
    assert_eq!(page.status, 503, "{}", page.body);
    assert_eq!(serde_json::from_str::<Value>(&page.body).unwrap()["error"], code);
}

/// I3: neither to the trap, nor by way of the answer's own body.
#[rocket::async_test]
async fn redirected_keys_are_not_followed() {
    let jwks = json!({ "keys": [KEY.jwk()] }).to_string();
    let trap = Stub::start(Answer::ok(&jwks)).await;
    for redirect in redirects(&trap, &jwks) {
        let endpoint = Stub::start(redirect).await;
        let app = Server::start(settings(&endpoint.url("/jwks.json")), build).await;
        let bearer = format!("Bearer {}", KEY.token(&access_claims()));
        let headers = [("authorization", bearer.as_str())];
        let page = Agent::new().send(Method::GET, &app.url("/me"), &headers, None).await;
        assert_unavailable(&page, "keys_unavailable");
        assert_ne!(endpoint.requests(), 0);
    }
    assert_eq!(trap.requests(), 0);
}

/// I3: the code, the client's secret and the refresh token stay with the pool.
#[rocket::async_test]
async fn redirected_exchanges_and_revocations_are_not_followed() {
    let keys = JwksFile::new(&[&KEY]);
    let (trap, pool) = (Stub::start(Answer::Hang).await, Stub::start(Answer::Hang).await);
    let settings = settings(&keys.uri()).merge(("cognito.domain", pool.url("")));
    let settings = settings.merge(("cognito.refresh_flow_enabled", true));
    let app = Server::start(settings.merge(("cognito.client_secret", CLIENT_SECRET)), build).await;
    // What the pool answers is for the attempt under way alone.
    let begin = async |agent: &Agent| {
        let login = agent.get(&app.url("/auth/login?next=/me")).await;
        let state = login.location_parameter("state");
        let tokens = tokens(&login.location_parameter("nonce"));
        (app.url(&format!("/auth/callback?code=x&state={state}")), tokens)
    };
    for redirect in 0..5 {
        let (agent, before) = (Agent::new(), pool.requests());
        let (callback, tokens) = begin(&agent).await;
        trap.set(Answer::ok(&tokens));
        pool.set(redirects(&trap, &tokens).swap_remove(redirect));
        assert_unavailable(&agent.get(&callback).await, "pool_unavailable");
        assert!(agent.cookies().is_empty());

        let (callback, tokens) = begin(&agent).await;
        pool.set(Answer::ok(tokens));
        assert_eq!(agent.get(&callback).await.status, 303);
        pool.set(redirects(&trap, "").swap_remove(redirect));
        let answer = agent.post(&app.url("/auth/logout"), &[("sec-fetch-site", "same-origin")], &[]).await;
        assert!(answer.status == 303 && answer.location().starts_with(&pool.url("/logout?")));
        assert!(agent.cookies().is_empty(), "signed out here in any case");
        assert_eq!(pool.requests() - before, 3, "asked once each time");
    }
    assert_eq!(trap.requests(), 0);
}

/// I3: the issuer in a token is compared and never visited.
#[rocket::async_test]
async fn no_address_in_a_token_is_visited() {
    let trap = Stub::start(Answer::ok(json!({ "keys": [KEY.jwk()] }).to_string())).await;
    let keys = JwksFile::new(&[&KEY]);
    let app = Server::start(settings(&keys.uri()), build).await;
    for claim in ["iss", "jku", "x5u", "aud", "profile", "picture", "_claim_sources"] {
        for kid in [KEY.kid.as_str(), "of-another"] {
            let value = json!({ "src1": { "endpoint": trap.url("/") } });
            let value = if claim == "_claim_sources" { value } else { trap.url("").into() };
            let header = with(KEY.header(), "kid", kid.into());
            let bearer = format!("Bearer {}", KEY.sign(&header, &with(access_claims(), claim, value)));
            let headers = [("authorization", bearer.as_str())];
            let page = Agent::new().send(Method::GET, &app.url("/me"), &headers, None).await;
            let harmless = kid == KEY.kid && !["iss", "aud"].contains(&claim);
            assert_eq!(page.status, if harmless { 200 } else { 401 }, "{claim}: {}", page.body);
        }
    }
    assert_eq!(trap.requests(), 0);
}

/// A proxy elsewhere would see codes and secrets, and could not reach this machine's pool.
#[rocket::async_test]
async fn no_proxy_elsewhere_is_asked_for_a_pool_on_this_machine() {
    let pool = Stub::start(Answer::ok(json!({ "keys": [KEY.jwk()] }).to_string())).await;
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    // Not a name of loopback to the app.
    let proxy_url = format!("http://127.0.0.2:{}", listener.local_addr().unwrap().port());
    let proxy = Stub::on(listener, Answer::new("502 Bad Gateway", "", ""));
    let bearer = format!("Bearer {}", KEY.token(&access_claims()));
    for host in ["127.0.0.1", "localhost"] {
        let jwks = pool.url("/jwks.json").replace("127.0.0.1", host);
        let app = Server::start(settings(&jwks).merge(("cognito.http_proxy", &proxy_url)), build).await;
        let headers = [("authorization", bearer.as_str())];
        let page = Agent::new().send(Method::GET, &app.url("/me"), &headers, None).await;
        assert_eq!(page.status, 200, "{host}: {}", page.body);
    }
    assert_eq!(proxy.requests(), 0);

    // Whereas a pool elsewhere is asked through it.
    let elsewhere = settings("https://pool.example/jwks.json").merge(("cognito.http_proxy", &proxy_url));
    let _app = Server::start(elsewhere, build).await;
    proxy.asked(1).await;
}

/// Parts of addresses that must not become another host, path, query or header.
const REFUSED: [(&str, &[&str]); 4] = [
    (
        "user_pool_id",
        &[
            "eu-west-1_x/../../evil",
            "eu-west-1_x/.well-known",
            "eu-west-1_x@evil.example",
            "eu-west-1_x#",
            "eu-west-1_x?x",
            "eu-west-1_x%2F..",
            "eu-west-1_x.evil.example",
            "eu-west-1_x\r\nHost: evil.example",
            "eu-west-1_x\0",
            "eu-west-1_x y",
            "eu-west-1_x\u{e9}",
            "eu-west-1_\u{661}",
            "eu-west-1_\u{ff58}",
            "eu-west-1_x\u{200b}",
            "evil.example/eu-west-1_x",
            "eu-west-1.evil.example_x",
            "evil@eu-west-1_x",
            "eu-west-1\\_x",
            "eu-west-\u{661}_x",
        ],
    ),
    (
        "region",
        &[
            "eu-west-1/../x",
            "eu-west-1.evil.example",
            "evil@eu-west-1",
            "eu-west-1#",
            "eu-west-1\r\n",
            "\u{435}-west-1",
            "eu-w\u{435}st-1",
            "EU-WEST-1",
            "eu-west-1_x",
        ],
    ),
    (
        "client_id",
        &[
            "a/b", "a@b", "a#b", "a?b", "a&b=c", "a=b", "a%26b", "a:b", "a;b", "a.b", "a b", "a\"b", "a'b",
            "a<b", "a\\b", "a\r\nb", "a\0b", "\u{e9}", "\u{661}",
        ],
    ),
    (
        "domain",
        &[
            "acme/../evil",
            "acme@evil.example",
            "acme#x",
            "acme?x",
            "acme%2Eevil",
            "acm\u{e9}",
            "acme_x",
            "auth.example.com@evil.example",
            "auth.example.com:443@evil.example",
            "auth.example.com:99999",
            "auth.example.com\r\nX-Evil: x",
            "auth..example.com",
            "auth.example.com/../evil",
            "https://auth.example.com\\@evil.example",
            "https://auth.example.com\u{ff0f}evil.example",
            "https://auth.example.com\u{3002}evil.example",
        ],
    ),
];

const ACCEPTED: [(&str, &[&str]); 4] = [
    (
        "user_pool_id",
        &[
            "eu-west-1_AbC123",
            "ap-southeast-7_000000000",
            "cn-north-1_AbC123",
            "cn-northwest-1_AbC123",
            "us-gov-west-1_AbC123",
            "us-gov-east-1_AbC123",
            "eusc-de-east-1_AbC123",
        ],
    ),
    ("region", &["eu-west-1"]),
    ("client_id", &["1example23456789", "my-client", "a_b+c", "0"]),
    (
        "domain",
        &["acme", "acme-2", "auth.example.com", "auth.example.com.cn:8443", "https://auth.example.com/"],
    ),
];

/// I4.
#[test]
fn what_addresses_are_made_of_follows_a_strict_grammar() {
    let check = |key: &str, value: &str| {
        let settings = settings("https://keys.example.com/jwks.json");
        Cognito::check_settings(&settings.merge((format!("cognito.{key}"), value)))
    };
    for (key, values) in REFUSED {
        let lines = check(key, "?").unwrap_err().to_string().lines().count();
        for value in values {
            let told = check(key, value).expect_err(value).to_string();
            assert!(
                told.contains("1 setting needs attention") && told.contains(&format!("`{key}`")),
                "{told}"
            );
            assert_eq!(told.lines().count(), lines, "{value:?} breaks no line:\n{told}");
        }
    }
    for (key, values) in ACCEPTED {
        for value in values {
            assert!(check(key, value).is_ok(), "{key} {value}");
        }
    }
    for (key, before, longest) in
        [("user_pool_id", "eu-west-1_", 55), ("client_id", "", 128), ("domain", "", 63)]
    {
        let of_length = |length: usize| format!("{before}{}", "x".repeat(length - before.len()));
        assert!(check(key, &of_length(longest)).is_ok(), "{key}");
        assert!(check(key, &of_length(longest + 1)).is_err(), "{key}");
    }
}
