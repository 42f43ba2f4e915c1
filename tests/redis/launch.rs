//! What a launch says of the Redis that the settings name, and what refuses one.

use std::net::TcpListener;

use figment::Figment;
use rocket::error::ErrorKind;
use rocket::local::asynchronous::Client;
use rocket_cognito::Cognito;
use rocket_cognito::store::StoreCredentials;

use crate::old_server::OldServer;
use crate::support::app::SECRET_KEY;
use crate::support::forge::{JwksFile, Key};
use crate::support::redis::RedisServer;
use crate::support::redis_sentinel::{MASTER, RedisSentinel};
use crate::support::{self, free_port, log};

/// The settings of an app whose sessions lie there, and the file of keys that they name.
fn settings(session_store: &str) -> (Figment, JwksFile) {
    let keys = JwksFile::new(&[&Key::new("k")]);
    let settings = support::settings(&keys.uri()).merge(("cognito.secret_keys", SECRET_KEY));
    (settings.merge(("cognito.session_store", session_store)), keys)
}

fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}")
}

async fn launch(figment: Figment, fairing: Cognito) -> Result<Client, rocket::Error> {
    Client::untracked(rocket::custom(figment).attach(fairing)).await
}

/// Holds that an app with these settings does not launch, and that the log has these words.
async fn assert_refused(figment: Figment, fairing: Cognito, words: &[&str]) {
    let error = launch(figment, fairing).await.expect_err("it refuses");
    // Asking for its kind keeps Rocket's error from panicking when dropped.
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)), "{error}");
    words.iter().for_each(|words| log::assert_said(words));
}

#[rocket::async_test]
async fn a_launch_says_where_sessions_lie() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let (settings, _keys) = settings(&url(server.port));
    launch(settings.merge(("cognito.require_store_at_launch", true)), Cognito::fairing()).await.unwrap();
    log::assert_said(&format!(
        "sessions are kept in Redis or Valkey at 127.0.0.1:{}; at most 100",
        server.port
    ));
    assert_eq!(log::lines_with(&format!("at 127.0.0.1:{} is not encrypted", server.port)), 0);
}

#[rocket::async_test]
async fn an_app_whose_redis_is_not_there_launches_unless_it_requires_it() {
    let port = free_port();
    let (settings, _keys) = settings(&url(port));
    let client = launch(settings.clone(), Cognito::fairing()).await;
    assert!(client.is_ok(), "{:?}", client.err());
    let required = settings.merge(("cognito.require_store_at_launch", true));
    let reason =
        format!("ERROR: cognito_launch_refused: the session store is out of reach: 127.0.0.1:{port}: ");
    assert_refused(required, Cognito::fairing(), &[&reason, "`require_store_at_launch = false`"]).await;
}

#[rocket::async_test]
async fn servers_that_are_not_what_the_settings_describe_refuse_the_launch() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let Some(other) = RedisServer::start(&[]) else { return };
    let Some(sentinel) = RedisSentinel::start() else { return };

    let (list, _keys) = settings(&format!("{} {}", url(server.port), url(other.port)));
    let problem = format!("is a list, and 127.0.0.1:{} is neither of a Cluster nor a Sentinel", server.port);
    assert_refused(list, Cognito::fairing(), &[&problem, "to type: give `session_store` the one address"])
        .await;

    let (no_sentinel, _keys) = settings(&url(server.port));
    let no_sentinel = no_sentinel.merge(("cognito.session_store_master", MASTER));
    let problem = format!("`session_store_master` is set, and 127.0.0.1:{} is no Sentinel", server.port);
    assert_refused(no_sentinel, Cognito::fairing(), &[&problem, "leave `session_store_master` out"]).await;

    let (no_master, _keys) = settings(&url(sentinel.port));
    let problem = format!("`session_store`: 127.0.0.1:{} is a Sentinel", sentinel.port);
    assert_refused(no_master.clone(), Cognito::fairing(), &[&problem, "set `session_store_master`"]).await;

    let right = no_master
        .merge(("cognito.session_store_master", MASTER))
        .merge(("cognito.require_store_at_launch", true));
    launch(right, Cognito::fairing()).await.unwrap();
}

#[rocket::async_test]
async fn a_redis_that_removes_entries_when_it_is_full_is_told() {
    let options = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lfu"];
    let Some(server) = RedisServer::start(&options) else { return };
    let (settings, _keys) = settings(&url(server.port));
    launch(settings, Cognito::fairing()).await.unwrap();
    log::assert_said("WARN: cognito_store_evicts: the session store has `maxmemory-policy` \"allkeys-lfu\"");
    log::assert_said("set `maxmemory-policy` to `noeviction`");
}

#[rocket::async_test]
async fn a_redis_that_is_older_than_those_of_the_tests_is_told() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let old = OldServer::before(server.port).await;
    let (settings, _keys) = settings(&url(old.port));
    launch(settings.merge(("cognito.require_store_at_launch", true)), Cognito::fairing()).await.unwrap();
    log::assert_said("WARN: cognito_store_outdated: the session store is a server of version \"0");
    log::assert_said("update the server to Redis 6.2 or Valkey 7.2, or later");
}

#[rocket::async_test]
async fn a_way_beyond_this_machine_without_tls_is_told() {
    let here = free_port();
    let (settings, _keys) = settings(&format!("redis://localhost:{here} redis://store.invalid:7007"));
    launch(settings, Cognito::fairing()).await.unwrap();
    log::assert_said(
        "WARN: cognito_store_unencrypted: the connection to the session store at store.invalid:7007 is not",
    );
    log::assert_said("let `session_store` begin with `rediss://`");
}

#[rocket::async_test]
async fn checking_the_settings_and_disabled_mode_call_no_redis() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let (settings, _keys) = settings(&url(listener.local_addr().unwrap().port()));
    Cognito::check_settings(&settings).unwrap();
    launch(settings.merge(("cognito.disabled", true)), Cognito::fairing()).await.unwrap();
    assert_eq!(listener.accept().map(drop).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[rocket::async_test]
async fn credentials_of_the_settings_and_of_the_code_refuse_the_launch() {
    let fairing = || Cognito::fairing().store_credentials(|| async { Ok(StoreCredentials::new("app", "-")) });
    let (settings, _keys) = settings("redis://localhost:1");
    let both = settings
        .merge(("cognito.session_store_username", "app"))
        .merge(("cognito.session_store_password", "c4nary"));
    let told = [
        "`session_store_username`: is set, and the app's code gives the fairing `store_credentials`",
        "`session_store_password`: is set, and the app's code gives the fairing `store_credentials`",
        "leave `session_store_password` out, or take `store_credentials` out of the app's code",
    ];
    assert_refused(both, fairing(), &told).await;
}

#[rocket::async_test]
async fn credentials_that_nobody_asks_for_are_told() {
    let fairing = Cognito::fairing().store_credentials(|| async { Ok(StoreCredentials::new("app", "-")) });
    let (settings, _keys) = settings("memory");
    launch(settings, fairing).await.unwrap();
    log::assert_said(
        "the hook `store_credentials` never runs: there is no Redis or Valkey in `session_store`",
    );
}
