//! A Cluster of three whose slots move, and of which a node fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket_cognito::Clock;
use rocket_cognito::store::suite::judge;
use rocket_cognito::store::{RedisStore, SessionAddress, SessionKey, SessionStore, UserKey};

use super::world::{EXPIRED, World, address, assert_unavailable, entry, setup, until, until_asked};
use crate::support::agent::Agent;
use crate::support::figment;
use crate::support::redis::RedisServer;
use crate::support::redis_cluster::RedisCluster;

#[rocket::async_test]
async fn a_store_in_a_cluster_keeps_each_sentence_of_the_suite() {
    let Some(cluster) = RedisCluster::start() else { return };
    let clock = Clock::default();
    let settings = figment().merge(("cognito.session_store", cluster.addresses()));
    judge(RedisStore::from_figment(&settings, &clock).unwrap(), clock).await.unwrap();
}

async fn world(cluster: &RedisCluster) -> World {
    World::start(setup(cluster.addresses())).await
}

/// O8: nobody notices `MOVED` and `ASK`. `TRYAGAIN` is for commands about several keys, of which there are none.
#[rocket::async_test]
async fn nobody_notices_that_a_slot_moves_to_another_node() {
    let Some(cluster) = RedisCluster::start() else { return };
    let world = world(&cluster).await;
    let agents = join_all(["alice", "bob", "carol"].map(|name| world.signed_in(name))).await;
    let is_over = AtomicBool::new(false);
    // Guarded requests, refreshes, sign-ins and sign-outs of a user whose slot is under way.
    let load = async |agent: &Agent, name: &str| {
        let mut rounds = 0;
        while !is_over.load(Ordering::Relaxed) || rounds < 5 {
            let page = world.get(agent, "/me").await;
            assert_eq!(page.status, 200, "{}", page.body);
            let page = agent.post(&world.app.url("/auth/refresh"), &crate::support::SAME_ORIGIN, &[]).await;
            assert_eq!(page.status, 303, "{}", page.body);
            let another = world.signed_in(name).await;
            assert_eq!(world.sign_out(&another).await.status, 303);
            rounds += 1;
        }
        rounds
    };
    let moves = async {
        for _ in 0..10 {
            for agent in &agents {
                let slot = cluster.slot_of(&entry(&address(agent)));
                let from = cluster.owner_of(slot);
                let to = (from + 1) % 3;
                cluster.open_slot(slot, from, to);
                tokio::time::sleep(Duration::from_millis(50)).await;
                cluster.move_keys(slot, from, to);
                tokio::time::sleep(Duration::from_millis(50)).await;
                cluster.close_slot(slot, to);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let loads = join_all(agents.iter().zip(["alice", "bob", "carol"]).map(|(agent, name)| load(agent, name)));
    let ((), rounds) = tokio::join!(moves, loads);
    assert!(rounds.iter().sum::<usize>() >= 30, "{rounds:?}");
    for code in ["errorstat_ASK:", "errorstat_MOVED:"] {
        let says = |node: &RedisServer| node.run("INFO errorstats").text().contains(code);
        assert!(cluster.nodes.iter().any(says), "{code} never came");
    }
    for agent in &agents {
        let list = world.get(agent, "/sessions").await.body;
        assert_eq!(list.matches("\"id\"").count(), 1, "each sign-out has ended its session: {list}");
    }
}

/// O8: a node that fails takes the sessions of some users with it until it is back.
#[rocket::async_test]
async fn a_cluster_that_lost_a_node_ends_no_session() {
    let Some(cluster) = RedisCluster::start() else { return };
    let world = world(&cluster).await;
    let agents = join_all(["alice", "bob", "carol"].map(|name| world.signed_in(name))).await;
    for round in 0..3 {
        let agent = &agents[round];
        let owner = &cluster.nodes[cluster.owner_of(cluster.slot_of(&entry(&address(agent))))];
        owner.shut_down(true);
        assert_unavailable(&world.get(agent, "/me").await, "its node is down");
        // The other nodes notice, and serve nobody.
        let is_down = |node: &&RedisServer| node.run("CLUSTER INFO").text().contains("cluster_state:fail");
        let others: Vec<_> = cluster.nodes.iter().filter(|node| node.port != owner.port).collect();
        until("the Cluster is down", || others.iter().all(is_down)).await;
        for agent in &agents {
            assert_unavailable(&world.get(agent, "/me").await, "the Cluster is down");
        }
        owner.start_again(&[]);
        cluster.wait_until_up();
        for agent in &agents {
            assert_eq!(world.recovered(agent, "a node is back").await.status, 200);
        }
    }
    world.advance(EXPIRED);
    for agent in &agents {
        assert_eq!(world.get(agent, "/me").await.status, 200, "and goes on being refreshed");
    }
}

/// A node that accepts connections and answers nothing, as a machine that hangs.
#[rocket::async_test]
async fn a_silent_node_of_a_cluster_took_the_others_down() {
    let Some(cluster) = RedisCluster::start() else { return };
    for node in &cluster.nodes {
        node.run("CONFIG SET cluster-require-full-coverage no");
    }
    let store = || {
        let settings = figment().merge(("cognito.session_store", cluster.addresses()));
        RedisStore::from_figment(&settings, &Clock::default()).unwrap()
    };
    let present = store();
    let all: Vec<_> = (0..30).map(numbered).collect();
    for at in &all {
        present.create(at, b"value", Duration::from_secs(3600), 100).await.unwrap();
    }
    let owner = |at: &SessionAddress| cluster.owner_of(cluster.slot_of(&entry(at)));
    let (lost, kept): (Vec<&_>, Vec<&_>) = all.iter().partition(|at| owner(at) == 0);

    cluster.nodes[0].stand_still(true);
    for at in &lost[..3] {
        present.load(at).await.unwrap_err();
    }
    let mut served = 0;
    for at in kept.iter().cycle().take(200) {
        served += usize::from(present.load(at).await.is_ok());
    }
    assert!(served >= 180, "{served} of 200");

    // Nor does the silent address keep an app from the Cluster that another one leads to.
    let another = store();
    until_asked("it connects", async || another.load(kept[0]).await.is_ok()).await;

    cluster.nodes[0].stand_still(false);
    for at in &all {
        until_asked("the node is back", async || present.load(at).await.is_ok()).await;
    }
}

fn numbered(number: u8) -> SessionAddress {
    SessionAddress { user: UserKey::new([number; 16]), session: SessionKey::new([number; 32]) }
}
