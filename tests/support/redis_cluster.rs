//! A Cluster of three on free ports.

use std::time::{Duration, Instant};

use super::free_port;
use super::redis::RedisServer;

const SLOTS: u16 = 16384;

/// Three nodes, each with a third of the slots, that end with the value.
pub struct RedisCluster {
    pub nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// `None` where no server is installed, which a test says aloud.
    pub fn start() -> Option<Self> {
        let mut nodes = Vec::new();
        let mut buses = Vec::new();
        for _ in 0..3 {
            let bus = free_port();
            let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port"];
            nodes.push(RedisServer::start(&[&options[..], &[&bus.to_string()]].concat())?);
            buses.push(bus);
        }
        let cluster = RedisCluster { nodes };
        for (number, node) in cluster.nodes.iter().enumerate() {
            let first = |number: usize| u32::from(SLOTS) * number as u32 / 3;
            node.run(&format!("CLUSTER ADDSLOTSRANGE {} {}", first(number), first(number + 1) - 1));
            node.run(&format!("CLUSTER SET-CONFIG-EPOCH {}", number + 1));
        }
        // From here on they know of each other.
        for (number, node) in cluster.nodes.iter().enumerate() {
            let other = (number + 1) % 3;
            let port = cluster.nodes[other].port;
            node.run(&format!("CLUSTER MEET 127.0.0.1 {port} {}", buses[other]));
        }
        cluster.wait_until_up();
        Some(cluster)
    }

    /// The value of `session_store`: two of the nodes.
    pub fn addresses(&self) -> Vec<String> {
        self.nodes[..2].iter().map(RedisServer::address).collect()
    }

    /// Returns when each node knows that all slots are served.
    pub fn wait_until_up(&self) {
        let begun = Instant::now();
        let is_up = |node: &RedisServer| {
            let info = node.run("CLUSTER INFO").text();
            ["cluster_state:ok", "cluster_known_nodes:3", "cluster_slots_ok:16384"]
                .iter()
                .all(|it| info.contains(it))
        };
        while !self.nodes.iter().all(is_up) {
            assert!(begun.elapsed() < Duration::from_secs(30), "the Cluster does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn slot_of(&self, key: &str) -> i64 {
        self.nodes[0].run(&format!("CLUSTER KEYSLOT {key}")).number()
    }

    /// The number of the node that serves a slot.
    pub fn owner_of(&self, slot: i64) -> usize {
        let serves = |node: &RedisServer| {
            let nodes = node.run("CLUSTER NODES").text();
            let own = nodes.lines().find(|line| line.contains("myself")).unwrap();
            own.split(' ').skip(8).filter(|part| !part.starts_with('[')).any(|part| {
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                (first.parse::<i64>().unwrap()..=last.parse().unwrap()).contains(&slot)
            })
        };
        self.nodes.iter().position(serves).expect("a node serves the slot")
    }

    /// Opens a slot for its way to another node: until it is closed, its keys lie at either.
    pub fn open_slot(&self, slot: i64, from: usize, to: usize) {
        let ids = [from, to].map(|node| self.nodes[node].run("CLUSTER MYID").text());
        self.nodes[to].run(&format!("CLUSTER SETSLOT {slot} IMPORTING {}", ids[0]));
        self.nodes[from].run(&format!("CLUSTER SETSLOT {slot} MIGRATING {}", ids[1]));
    }

    /// Moves the keys of an open slot.
    pub fn move_keys(&self, slot: i64, from: usize, to: usize) {
        let port = self.nodes[to].port;
        for key in self.nodes[from].run(&format!("CLUSTER GETKEYSINSLOT {slot} 1000")).list() {
            let key = key.text();
            self.nodes[from]
                .run(&format!("MIGRATE 127.0.0.1 {port} {key} 0 5000 AUTH2 {} -", super::redis::ADMIN));
        }
    }

    /// Has everybody know that a slot is at its new node.
    pub fn close_slot(&self, slot: i64, to: usize) {
        let id = self.nodes[to].run("CLUSTER MYID").text();
        let others = (0..3).filter(|node| *node != to);
        for node in [to].into_iter().chain(others) {
            self.nodes[node].run(&format!("CLUSTER SETSLOT {slot} NODE {id}"));
        }
    }
}
