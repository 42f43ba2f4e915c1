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
        let servers = [RedisServer::start(&[])?, RedisServer::start(&[])?];
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
        sentinel.wait_until_linked(1);
        Some(sentinel)
    }

    /// The value of `session_store`.
    pub fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The number of the server that the Sentinel takes for the primary.
    pub fn primary(&self) -> usize {
        let answer =
            RedisClient::connect(self.port).run(&format!("SENTINEL GET-MASTER-ADDR-BY-NAME {MASTER}"));
        let port: u16 = answer.list().remove(1).text().parse().unwrap();
        self.servers.iter().position(|server| server.port == port).expect("one of ours")
    }

    /// Returns when this server is a replica that has what its primary has, and the Sentinel knows it.
    pub fn wait_until_linked(&self, replica: usize) {
        let begun = Instant::now();
        loop {
            let info = self.servers[replica].run("INFO replication").text();
            let known = RedisClient::connect(self.port).run(&format!("SENTINEL REPLICAS {MASTER}")).list();
            let is_known = known.into_iter().any(|it| {
                let fields: Vec<_> = it.list().into_iter().map(|field| field.text()).collect();
                let value = |name| {
                    fields.iter().position(|field| field == name).map(|place| fields[place + 1].as_str())
                };
                value("port") == Some(&self.servers[replica].port.to_string())
                    && value("flags") == Some("slave")
                    && value("master-link-status") == Some("ok")
            });
            if info.contains("master_link_status:up") && is_known {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "the replica is not linked");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for RedisSentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
