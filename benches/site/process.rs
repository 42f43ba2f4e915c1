//! The app in a process of its own, which is this program started again.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Where server and load run.
const CORE: &str = "0";
const PINNED: &str = "BENCH_PINNED";
/// The variable that makes a server of this program: its settings in JSON.
const SETTINGS: &str = "BENCH_SERVER_SETTINGS";

/// Keeps the server on the load's core, and ahead of it, whose class it would inherit.
pub const ON_ONE_CORE: [&str; 6] = ["taskset", "--cpu-list", CORE, "chrt", "--other", "0"];

/// The settings that this process is to serve the app with, if it was started for that.
pub fn settings() -> Option<Value> {
    let text = std::env::var(SETTINGS).ok()?;
    Some(serde_json::from_str(&text).expect("settings in JSON"))
}

/// On one core, with the server ahead of the load: on two, each answer wakes a core that sleeps, which costs more than
/// any guard.
pub fn on_one_core(run: impl FnOnce()) {
    if std::env::var_os(PINNED).is_some() {
        return run();
    }
    let status = command(&["taskset", "--cpu-list", CORE, "chrt", "--batch", "0"])
        .env(PINNED, "yes")
        .status()
        .expect("taskset and chrt are there: they are of util-linux");
    std::process::exit(status.code().unwrap_or(1));
}

/// This program, started by another one.
fn command(wrapper: &[&str]) -> Command {
    let program = std::env::current_exe().expect("this program has a path");
    match wrapper {
        [] => Command::new(program),
        [first, arguments @ ..] => {
            let mut command = Command::new(first);
            command.args(arguments).arg(program);
            command
        }
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A running app.
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Serves the app on a free port, started by the `wrapper` if there is one (`taskset …`, `valgrind …`), which must
    /// become the server and not its parent.
    pub fn start(wrapper: &[&str], settings: &Value, environment: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut settings = settings.clone();
        settings["port"] = port.into();
        let process = command(wrapper)
            .env(SETTINGS, settings.to_string())
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut server = Server { process, port };
        for _ in 0..2_400 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return server;
            }
            let ended = server.process.try_wait().expect("a process of ours");
            assert!(ended.is_none(), "the server ended: {ended:?}");
            thread::sleep(Duration::from_millis(25));
        }
        panic!("the server does not answer");
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// CPU time of all its threads, in nanoseconds.
    pub fn cpu(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("a process");
        let spent = |task: std::io::Result<fs::DirEntry>| -> Option<u64> {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse().ok()
        };
        tasks.filter_map(spent).sum()
    }

    /// Has it shut down as Rocket does, and waits for its end.
    pub fn stop(mut self) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("kill is there");
        assert!(told.success(), "the server had ended");
        self.process.wait().expect("a process of ours");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
