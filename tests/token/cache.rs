//! Tokens that were verified before: nobody is let in by one who would not be without it, and nobody asks for keys. What
//! cannot be seen from outside is in `src/token/verifier/tests.rs`.

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket_cognito::Clock;
use rocket_cognito::local_pool::LocalClient;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, Setup, build};
use crate::support::forge::{JwksFile, Key, access_claims};
use crate::support::server::Server;
use crate::support::settings;

const CONNECTIONS: usize = 8;
/// Requests that are sent before the first of their answers is read.
const BATCH: usize = 50;
const REQUESTS: usize = 50_000;

static POOL: LazyLock<Key> = LazyLock::new(|| Key::new("pool"));
/// Another key of the same name.
static IMPOSTOR: LazyLock<Key> = LazyLock::new(|| Key::new("pool"));
static NEXT: LazyLock<Key> = LazyLock::new(|| Key::new("next"));

async fn bearer(server: &Server, token: &str) -> u16 {
    let header = format!("Bearer {token}");
    let page = Agent::new().send(Method::GET, &server.url("/me"), &[("authorization", &header)], None).await;
    page.status.as_u16()
}

/// What a browser gets whose access token this is.
async fn session(server: &Server, token: &str) -> u16 {
    let agent = Agent::new();
    agent.set_cookie("cognito_access_token", token);
    agent.get(&server.url("/me")).await.status.as_u16()
}

/// With and without a cache.
#[rocket::async_test]
async fn a_token_that_was_verified_before_expires_like_any_other() {
    for entries in [10_000, 0] {
        let clock = Clock::default();
        let setup = Setup::new().pool(|pool| pool.access_token_seconds(300));
        let setup = setup.set("token_cache_entries", entries).set("refresh_flow_enabled", false);
        let app = setup.start_at(&clock).await;
        let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
        for (seconds, expected) in [(0, 200), (310, 200), (30, 401), (0, 401), (86_400, 401)] {
            clock.advance(Duration::from_secs(seconds));
            for _ in 0..2 {
                let statuses = (bearer(&app.server, &token).await, session(&app.server, &token).await);
                assert_eq!(statuses, (expected, expected), "{seconds} seconds later, {entries} entries");
            }
        }
    }
}

#[rocket::async_test]
async fn a_token_that_was_verified_before_is_good_for_its_client_and_its_use_alone() {
    let setup = Setup::new().pool(|pool| pool.client(LocalClient::new("partner")));
    let setup = setup.set("bearer_token_use", "any").set("accepted_client_ids", [CLIENT, "partner"]);
    let app = setup.start().await;
    let own = app.pool.sign_in("alice", CLIENT).unwrap();
    let partners = app.pool.sign_in("alice", "partner").unwrap();
    for (what, token, of_session) in [
        ("its own access token", &own.access_token, 200),
        ("its own ID token", &own.id_token, 401),
        ("a partner's access token", &partners.access_token, 401),
        ("a partner's ID token", &partners.id_token, 401),
    ] {
        for _ in 0..2 {
            assert_eq!(bearer(&app.server, token).await, 200, "{what}");
            assert_eq!(session(&app.server, token).await, of_session, "{what}");
        }
        let access_alone = app.instance("bearer_token_use", "access").await;
        let is_access = what.ends_with("access token");
        assert_eq!(bearer(&access_alone, token).await, if is_access { 200 } else { 401 }, "{what}");
    }
}

/// Keys are asked for ten seconds after the last time at the earliest, that of the launch included.
#[rocket::async_test]
async fn a_token_that_was_verified_before_is_void_when_another_key_has_its_keys_name() {
    let file = JwksFile::new(&[&POOL]);
    let app = Server::start(settings(&file.uri()), build).await;
    let claims = access_claims();
    let [old, forged, next] = [&POOL, &IMPOSTOR, &NEXT].map(|key| key.token(&claims));
    for _ in 0..2 {
        assert_eq!((bearer(&app, &old).await, session(&app, &old).await), (200, 200));
        assert_eq!((bearer(&app, &forged).await, bearer(&app, &next).await), (401, 401));
    }
    file.write(&json!({ "keys": [IMPOSTOR.jwk(), NEXT.jwk()] }).to_string());
    tokio::time::sleep(Duration::from_millis(10_200)).await;
    assert_eq!(bearer(&app, &old).await, 200, "nobody has asked for new keys yet");
    for _ in 0..2 {
        assert_eq!(bearer(&app, &next).await, 200, "it was refused before");
        assert_eq!((bearer(&app, &old).await, session(&app, &old).await), (401, 401));
        assert_eq!(bearer(&app, &forged).await, 200, "it was refused before");
    }
}

/// The answers to requests that do not wait for each other.
async fn pipelined(port: u16, requests: &[String]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut answers, mut requests) = (Vec::new(), requests.to_vec());
    let last = requests.last_mut().unwrap();
    last.insert_str(last.len() - 2, "Connection: close\r\n");
    let (mut reading, mut writing) = stream.split();
    let write = async {
        for batch in requests.chunks(BATCH) {
            writing.write_all(batch.concat().as_bytes()).await.unwrap();
        }
    };
    let read = async { reading.read_to_end(&mut answers).await.unwrap() };
    tokio::join!(write, read);
    String::from_utf8(answers).unwrap()
}

/// With a hundred tokens in turn.
#[rocket::async_test]
async fn fifty_thousand_guarded_requests_cause_no_fetch_but_that_of_the_launch() {
    let app = App::start().await;
    let tokens: Vec<_> = (0..100).map(|_| app.pool.sign_in("alice", CLIENT).unwrap().access_token).collect();
    let request = |token| format!("GET /edit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    let requests: Vec<_> = tokens.iter().cycle().take(REQUESTS / CONNECTIONS).map(request).collect();
    let answers = join_all((0..CONNECTIONS).map(|_| pipelined(app.server.port, &requests))).await;
    let good: usize = answers.iter().map(|answers| answers.matches("HTTP/1.1 200 OK\r\n").count()).sum();
    assert_eq!(good, REQUESTS);
    let keys = format!("/{}/.well-known/jwks.json", app.pool.user_pool_id());
    assert_eq!(app.pool.requests(&keys), 1);
}
