//! A primary that Sentinels name, and that another one follows.

use std::time::Duration;

use rocket::futures::future::join_all;
use rocket_cognito::Clock;
use rocket_cognito::store::RedisStore;
use rocket_cognito::store::suite::judge;

use super::world::{EXPIRED, World, generation, setup, until};
use crate::support::figment;
use crate::support::redis_client::RedisClient;
use crate::support::redis_sentinel::{MASTER, RedisSentinel};

#[rocket::async_test]
async fn a_store_that_a_sentinel_names_keeps_each_sentence_of_the_suite() {
    let Some(sentinel) = RedisSentinel::start() else { return };
    let clock = Clock::default();
    let settings = figment()
        .merge(("cognito.session_store", sentinel.address()))
        .merge(("cognito.session_store_master", MASTER));
    judge(RedisStore::from_figment(&settings, &clock).unwrap(), clock).await.unwrap();
}

/// O8: without a restart, and without a sign-out, whichever way the primary was lost.
#[rocket::async_test]
async fn a_failover_by_a_sentinel_ends_no_session() {
    let Some(sentinel) = RedisSentinel::start() else { return };
    let world = World::start(setup(sentinel.address()).set("session_store_master", MASTER)).await;
    let agents = join_all(["alice", "bob", "carol"].map(|name| world.signed_in(name))).await;
    let [first, second] = &sentinel.servers;
    world.advance(EXPIRED);
    until("the replica has all", || agents.iter().all(|agent| generation(second, agent) == Some(1))).await;
    first.kill();
    for agent in &agents {
        assert_eq!(world.recovered(agent, "a failover").await.status, 200);
        until("it is written", || generation(second, agent) == Some(2)).await;
    }
    assert_eq!(sentinel.primary().port, second.port);

    // The old one comes back, and they change places again, with both alive.
    first.start_again(&["--replicaof", "127.0.0.1", &second.port.to_string()]);
    sentinel.wait_until_linked();
    world.advance(EXPIRED);
    let old = sentinel.primary().port;
    RedisClient::connect(sentinel.port).run(&format!("SENTINEL FAILOVER {MASTER}"));
    until("the Sentinel has switched", || sentinel.primary().port != old).await;
    for agent in &agents {
        // What the old primary took after the switch is lost, and written again by the process that remembers it.
        let written = async {
            while generation(sentinel.primary(), agent) != Some(3) {
                assert_eq!(world.recovered(agent, "a switch").await.status, 200);
            }
        };
        tokio::time::timeout(Duration::from_secs(15), written).await.expect("it is written");
        assert_eq!(world.recovered(agent, "a switch").await.status, 200);
    }
    assert_eq!(world.calls(), 9, "three sign-ins, and two refreshes of each");
}
