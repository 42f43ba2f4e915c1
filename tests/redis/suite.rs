//! The store suite, judged over real servers.

use rocket_cognito::Clock;
use rocket_cognito::store::RedisStore;
use rocket_cognito::store::suite::{RealTime, judge};

use crate::support::redis::RedisServer;

#[rocket::async_test]
async fn a_store_in_redis_keeps_each_sentence_of_the_suite_while_a_test_moves_the_clock() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let clock = Clock::default();
    let store = RedisStore::from_figment(&server.settings(), &clock).unwrap();
    judge(store, clock).await.unwrap();
}

#[rocket::async_test]
async fn a_store_in_redis_keeps_each_sentence_of_the_suite_by_the_servers_own_clock() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let store = RedisStore::from_figment(&server.settings(), &Clock::default()).unwrap();
    judge(store, RealTime::default()).await.unwrap();
}

#[rocket::async_test]
async fn a_store_behind_a_socket_of_this_machine_keeps_each_sentence_of_the_suite() {
    let Some(server) = RedisServer::start(&["--unixsocket", "redis.sock"]) else { return };
    let (clock, socket) = (Clock::default(), server.folder().join("redis.sock"));
    let settings = server.settings().merge(("cognito.session_store", format!("unix:{}", socket.display())));
    judge(RedisStore::from_figment(&settings, &clock).unwrap(), clock).await.unwrap();
}
