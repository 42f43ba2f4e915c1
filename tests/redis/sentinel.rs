//! A Sentinel, which knows one primary.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{free_port, installed};

/// A Sentinel that ends with the value.
pub struct Sentinel {
    pub port: u16,
    process: Child,
    file: PathBuf,
}

impl Sentinel {
    /// One that knows the server at `primary` by this name; `None` where Redis is not installed.
    pub fn start(master: &str, primary: u16) -> Option<Self> {
        let program = installed("redis-server", "redis-server")?;
        let port = free_port();
        // It writes there what it learns.
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("sentinel-{port}.conf"));
        let lines = format!("port {port}\nbind 127.0.0.1\nsentinel monitor {master} 127.0.0.1 {primary} 1\n");
        std::fs::write(&file, lines).unwrap();
        let mut command = Command::new(program);
        let process = command.arg(&file).arg("--sentinel").stdout(Stdio::null()).spawn().expect("it starts");
        let sentinel = Sentinel { port, process, file };
        let given_up = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < given_up, "the Sentinel does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        Some(sentinel)
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.file);
    }
}
