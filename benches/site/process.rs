//! The app in a process of its own, which is this program started again.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Where the server runs.
const CORE: &str = "0";
const OTHER_CORE: &str = "1";
const PINNED: &str = "BENCH_PINNED";
/// The variable that makes a server of this program: its settings in JSON.
const SETTINGS: &str = "BENCH_SERVER_SETTINGS";
/// How long a server may take until it answers, under valgrind too.
const MAX_START: Duration = Duration::from_secs(60);
/// Between two attempts to reach it, short enough to time its start.
const PAUSE: Duration = Duration::from_micros(200);

/// Keeps the server on the load's core, and ahead of it, whose class it would inherit.
pub const ON_ONE_CORE: [&str; 6] = ["taskset", "--cpu-list", CORE, "chrt", "--other", "0"];

/// The settings that this process is to serve the app with, if it was started for that.
pub fn settings() -> Option<Value> {
    let text = std::env::var(SETTINGS).ok()?;
    Some(serde_json::from_str(&text).expect("settings in JSON"))
}

/// Keeps a load on the server's core, and behind it: on two, each answer wakes a core that sleeps, which costs more than
/// any guard.
pub const LOAD_ON_ONE_CORE: [&str; 6] = ["taskset", "--cpu-list", CORE, "chrt", "--batch", "0"];
/// Keeps a load out of the server's way.
pub const LOAD_ON_ANOTHER_CORE: [&str; 3] = ["taskset", "--cpu-list", OTHER_CORE];

/// Runs the load as [`LOAD_ON_ONE_CORE`] says.
pub fn on_one_core(run: impl FnOnce()) {
    if std::env::var_os(PINNED).is_some() {
        return run();
    }
    std::process::exit(again(&LOAD_ON_ONE_CORE, (PINNED, "yes")).code().unwrap_or(1));
}

/// Runs this program once more, with a variable by which it knows what for.
pub fn again(wrapper: &[&str], (name, value): (&str, &str)) -> ExitStatus {
    command(wrapper).env(name, value).status().expect("taskset and chrt are there: they are of util-linux")
}

/// CPU time of this thread, in nanoseconds.
pub fn own_cpu() -> u64 {
    // The kernel brings the figure up to date when the thread gives its core away.
    thread::sleep(Duration::from_nanos(1));
    spent(Path::new("/proc/thread-self")).expect("this thread")
}

/// The same of any thread.
fn spent(thread: &Path) -> Option<u64> {
    fs::read_to_string(thread.join("schedstat")).ok()?.split(' ').next()?.parse().ok()
}

/// A number in what `/proc` says of a process or thread.
fn status(task: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(task.join("status")).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.split_whitespace().next()?.parse().ok()
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
        let started_at = Instant::now();
        while started_at.elapsed() < MAX_START {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return server;
            }
            let ended = server.process.try_wait().expect("a process of ours");
            assert!(ended.is_none(), "the server ended: {ended:?}");
            thread::sleep(PAUSE);
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
        self.threads().filter_map(|thread| spent(&thread)).sum()
    }

    /// How often its threads have gone to sleep.
    pub fn sleeps(&self) -> u64 {
        self.threads().filter_map(|thread| status(&thread, "voluntary_ctxt_switches")).sum()
    }

    /// What `/proc` says of its memory under a name such as `VmRSS`, in kB.
    pub fn memory(&self, name: &str) -> u64 {
        status(&self.folder(), name).expect("a process, and a name that Linux has")
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.process.id()))
    }

    fn threads(&self) -> impl Iterator<Item = PathBuf> {
        let threads = fs::read_dir(self.folder().join("task")).expect("a process");
        threads.filter_map(|thread| Some(thread.ok()?.path()))
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
