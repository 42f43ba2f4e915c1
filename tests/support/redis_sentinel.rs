//! A primary with a replica, and a Sentinel that puts one in the other's place.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::redis::{ADMIN, Folder, RedisServer, wait_for};
use super::redis_client::RedisClient;
use super::{free_port, installed};

/// The name that the Sentinel knows the primary by.
pub const MASTER: &str = "sessions";

/// The servers and the Sentinel, which end with the value.
pub struct RedisSentinel {
    pub port: u16,
    /// The first is the primary to begin with.
    pub servers: [RedisServer; 2],
    process: Child,
    _folder: Folder,
}

impl RedisSentinel {
    /// `None` where no server is installed, which a test says aloud.
    pub fn start() -> Option<Self> {
        let program = installed("redis-server", "redis-server")?;
        let at_once = ["--repl-diskless-sync-delay", "0"];
        let servers = [RedisServer::start(&at_once)?, RedisServer::start(&at_once)?];
        let [primary, replica] = &servers;
        replica.run(&format!("REPLICAOF 127.0.0.1 {}", primary.port));
        let port = free_port();
        let folder = Folder::new(port);
        let settings = folder.path().join("sentinel.conf");
        // It keeps what it learns in this file.
        let text = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor {MASTER} 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds {MASTER} 500\nsentinel failover-timeout {MASTER} 3000\n\
             sentinel auth-user {MASTER} {ADMIN}\nsentinel auth-pass {MASTER} -\n",
            primary.port
        );
        std::fs::write(&settings, text).unwrap();
        let process = Command::new(program)
            .arg(&settings)
            .arg("--sentinel")
            .stdout(Stdio::null())
            .spawn()
            .expect("the Sentinel starts");
        let sentinel = RedisSentinel { port, servers, process, _folder: folder };
        wait_for(port);
        // Else it looks every ten seconds what has become of them, leaves an old primary as it is for eight, and takes a
        // server for dead that has answered its pings, which come as seldom as they may be missed.
        let periods = "SENTINEL DEBUG INFO-PERIOD 200 PUBLISH-PERIOD 200 PING-PERIOD 100";
        RedisClient::connect(port).run(periods);
        sentinel.wait_until_linked();
        Some(sentinel)
    }

    /// The value of `session_store`.
    pub fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The server that the Sentinel takes for the primary.
    pub fn primary(&self) -> &RedisServer {
        &self.servers[self.number_of_primary()]
    }

    fn number_of_primary(&self) -> usize {
        let command = format!("SENTINEL GET-MASTER-ADDR-BY-NAME {MASTER}");
        let port = RedisClient::connect(self.port).run(&command).list().remove(1).text();
        self.servers.iter().position(|server| server.port.to_string() == port).expect("one of ours")
    }

    /// Returns when the other server is a replica that has what the primary has, and the Sentinel knows it.
    pub fn wait_until_linked(&self) {
        let begun = Instant::now();
        while !self.is_linked(&self.servers[1 - self.number_of_primary()]) {
            assert!(begun.elapsed() < Duration::from_secs(60), "the replica is not linked");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_linked(&self, replica: &RedisServer) -> bool {
        let known = RedisClient::connect(self.port).run(&format!("SENTINEL REPLICAS {MASTER}")).list();
        known.into_iter().any(|it| {
            let parts: Vec<_> = it.list().into_iter().map(|part| part.text()).collect();
            let value = |name| Some(parts[parts.iter().position(|part| part == name)? + 1].as_str());
            value("port") == Some(&replica.port.to_string())
                && value("flags") == Some("slave")
                && value("master-link-status") == Some("ok")
        })
    }
}

impl Drop for RedisSentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
