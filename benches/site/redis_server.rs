//! A redis-server on a free port, where this process may run.

use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use redis::{Client, Cmd, FromRedisValue};
use serde_json::Value;

use super::by_hand::{Entry, TABLE};
use super::process::free_port;

const MAX_START: Duration = Duration::from_secs(20);

/// A server that ends with the value.
pub struct RedisServer {
    process: Child,
    port: u16,
}

impl RedisServer {
    /// `None` where it is not installed, which it says aloud.
    pub fn start() -> Option<Self> {
        let port = free_port();
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            println!("\nNOT MEASURED: redis-server is missing; apt-get install redis-server");
            return None;
        };
        let (server, started_at) = (RedisServer { process, port }, Instant::now());
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(started_at.elapsed() < MAX_START, "redis-server does not answer");
            thread::sleep(Duration::from_millis(5));
        }
        Some(server)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What the server answers to this command.
    pub fn ask<T: FromRedisValue>(&self, words: &[&[u8]]) -> T {
        let client = Client::open(self.url()).expect("an address");
        let mut connection = client.get_connection().expect("a connection");
        let mut command = Cmd::new();
        words.iter().for_each(|word| _ = command.arg(*word));
        command.query(&mut connection).expect("an answer")
    }

    /// A number in a section of what the server says about itself; 0 where it says nothing of it.
    pub fn number(&self, section: &str, name: &str) -> u64 {
        let info: String = self.ask(&[b"INFO", section.as_bytes()]);
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let digits =
            value.map(|value| value.trim_start_matches("calls=").split(',').next().unwrap_or_default());
        digits.map_or(0, |digits| digits.trim().parse().expect("a number"))
    }

    /// Where the only session lies, as settings of the guard written by hand.
    pub fn add_entry_to(&self, settings: &mut Value) {
        let (_, keys): (u64, Vec<String>) = self.ask(&[b"SCAN", b"0", b"TYPE", b"hash"]);
        let key = keys.into_iter().next().expect("a session");
        let mut fields: Vec<Vec<u8>> = self.ask(&[b"HKEYS", key.as_bytes()]);
        fields.sort_by_key(Vec::len);
        let fields = fields.try_into().expect("a value and its note");
        let entry = Entry { url: self.url(), key, fields };
        settings[TABLE] = serde_json::to_value(entry).expect("an entry in JSON");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
