//! What requests cost at the server.

use std::collections::BTreeMap;

use rocket::futures::{StreamExt, stream};

use super::world::{World, setup};
use crate::support::redis::RedisServer;

const REQUESTS: u64 = 10_000;

/// How often each command was called.
fn calls(server: &RedisServer) -> BTreeMap<String, u64> {
    let stats = server.run("INFO commandstats").text();
    let lines = stats.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(":calls="));
    lines.map(|(name, rest)| (name.to_owned(), rest.split(',').next().unwrap().parse().unwrap())).collect()
}

/// One read for each guarded request, whatever the number of its guards, and never a script.
#[rocket::async_test]
async fn a_guarded_request_costs_one_command() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let world = World::start(setup(server.address())).await;
    let agents = [world.signed_in("alice").await, world.signed_in("bob").await];
    server.run("CONFIG RESETSTAT");
    let pages = stream::iter(0..REQUESTS).map(|number| {
        let (world, agent) = (&world, &agents[number as usize % 2]);
        async move { world.get(agent, "/").await.status }
    });
    let served = pages.buffer_unordered(50).filter(|status| std::future::ready(*status == 200)).count().await;
    assert_eq!(served as u64, REQUESTS);
    let mut calls = calls(&server);
    // The test's own.
    for name in ["auth", "info", "config|resetstat"] {
        calls.remove(name);
    }
    assert_eq!(calls, BTreeMap::from([("hmget".to_owned(), REQUESTS)]));
}
