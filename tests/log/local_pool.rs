//! The log lines of a local pool that runs.

use std::fs;

use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig, LocalUser};

use crate::alone;
use crate::support::log::new_lines;

/// The folder is away for a while.
#[rocket::async_test]
async fn a_state_that_cannot_be_written_is_told_and_written_with_the_next_change() {
    let _alone = alone().await;
    let name = format!("cognito-state-log-{}", std::process::id());
    let (inner, away) = (std::env::temp_dir().join(&name), std::env::temp_dir().join(name + "-away"));
    fs::create_dir(&inner).unwrap();
    let config = LocalPoolConfig::default().port(0).state(inner.join("pool.json"));
    let pool = LocalPool::start(config.clone()).await.unwrap();
    fs::rename(&inner, &away).unwrap();
    new_lines();
    pool.add_user(LocalUser::new("erin")).unwrap();
    let mut lines = Vec::new();
    while lines.is_empty() {
        tokio::task::yield_now().await;
        lines = new_lines();
    }
    let path = inner.join("pool.json");
    let told = format!("cognito_local_pool_state_not_written: the local pool's `state` {}: ", path.display());
    assert!(lines[0].contains(&told) && lines[0].contains("cannot be written"), "{lines:?}");

    fs::rename(&away, &inner).unwrap();
    pool.add_user(LocalUser::new("frank")).unwrap();
    pool.stop().await;
    assert!(new_lines().is_empty());
    let pool = LocalPool::start(config).await.unwrap();
    assert_eq!(pool.usernames(), ["alice", "bob", "carol", "erin", "frank"]);
    pool.stop().await;
    fs::remove_dir_all(&inner).unwrap();
}
