//! The store of sessions, in a real Redis.

use crate::setup::Setup;
use crate::support::free_port;
use crate::support::redis::RedisServer;

#[rocket::async_test]
async fn a_store_that_does_its_work_is_right() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let setup = Setup::new().await.set("cognito.session_store", url);
    let diagnosis = setup.diagnosis().await;
    let last = diagnosis.checks().last().unwrap();
    assert_eq!((last.name(), last.findings()), ("session store", &[][..]), "{diagnosis}");
}

#[rocket::async_test]
async fn a_store_that_nobody_reaches_is_found() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let setup = Setup::new().await.set("cognito.session_store", url);
    setup.shows(&[("store_unreachable", "session_store")]).await;
}

#[rocket::async_test]
async fn a_store_that_wants_another_password_is_found() {
    let Some(redis) = RedisServer::start(&["--requirepass", "right"]) else { return };
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let setup = Setup::new().await.set("cognito.session_store", url);
    let setup = setup.set("cognito.session_store_password", "wrong-password-canary");
    setup.shows(&[("store_unreachable", "session_store")]).await;
    assert!(!setup.diagnosis().await.to_string().contains("wrong-password-canary"));
}
