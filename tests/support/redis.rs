//! A real redis-server on a free port, for one test.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use figment::Figment;

use super::{free_port, installed};

/// A server that ends with the value.
pub struct RedisServer {
    pub port: u16,
    process: Child,
}

impl RedisServer {
    /// A server with these options, such as `["--maxmemory", "3mb"]`; `None` where it is not installed, which a test says
    /// aloud.
    pub fn start(options: &[&str]) -> Option<Self> {
        let program = installed("redis-server", "redis-server")?;
        let port = free_port();
        let process = Command::new(program)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--enable-debug-command", "local", "--dir", env!("CARGO_TARGET_TMPDIR")])
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        let server = RedisServer { port, process };
        server.wait();
        Some(server)
    }

    /// The settings of an app whose sessions lie here.
    pub fn settings(&self) -> Figment {
        super::figment().merge(("cognito.session_store", format!("redis://127.0.0.1:{}", self.port)))
    }

    fn wait(&self) {
        let given_up = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < given_up, "redis-server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
