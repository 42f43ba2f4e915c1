//! A connection that stays open while what it leads to changes.

use std::time::Duration;

use rocket_cognito::Clock;
use rocket_cognito::store::{RedisStore, SessionAddress, SessionKey, SessionStore, UserKey};
use tokio::time::timeout;

use crate::support::redis::RedisServer;

const AT: SessionAddress = SessionAddress { user: UserKey::new([1; 16]), session: SessionKey::new([2; 32]) };
const PATIENCE: Duration = Duration::from_secs(60);
const LIFE: Duration = Duration::from_secs(3600);

/// A failover may leave connections open to what is a replica from then on, which answers reads as before.
#[tokio::test]
async fn an_open_connection_to_what_has_become_a_replica_is_given_up_within_a_minute() {
    let Some(old) = RedisServer::start(&[]) else { return };
    let Some(new) = RedisServer::start(&[]) else { return };
    let store = RedisStore::from_figment(&old.settings(), &Clock::default()).unwrap();
    store.create(&AT, b"value", LIFE, 100).await.unwrap();
    assert!(store.load(&AT).await.unwrap().is_some());

    old.run(&format!("REPLICAOF 127.0.0.1 {}", new.port));
    store.load(&AT).await.expect("a replica answers reads");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60) + Duration::from_millis(1)).await;
    tokio::time::resume();
    let given_up = async {
        loop {
            match store.load(&AT).await {
                Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(reason) => return reason.to_string(),
            }
        }
    };
    let reason = timeout(PATIENCE, given_up).await.expect("it is noticed");
    assert!(reason.contains("leads to a replica, and no primary"), "{reason}");

    old.run("REPLICAOF NO ONE");
    let regained = async {
        while store.check().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, regained).await.expect("it is a primary again");
}

/// A task that keeps a store connected ends with its runtime.
#[test]
fn a_store_outlives_the_runtime_that_it_was_first_used_on() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let store = RedisStore::from_figment(&server.settings(), &Clock::default()).unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime().block_on(store.create(&AT, b"value", LIFE, 100)).unwrap();
    let loaded = async {
        // The first one finds the connection of the runtime that has ended.
        loop {
            if let Ok(loaded) = store.load(&AT).await {
                return loaded;
            }
        }
    };
    let loaded = runtime().block_on(async { timeout(PATIENCE, loaded).await.expect("it connects anew") });
    assert_eq!(loaded.unwrap().value, b"value");
}
