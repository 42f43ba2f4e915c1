//! A real redis-server on a free port, for one test.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use figment::Figment;

use super::redis_client::{Answer, RedisClient};
use super::{free_port, installed};

/// The user of each server whom no test locks out.
pub const ADMIN: &str = "tests";

/// A server that ends with the value, and the files that it writes.
pub struct RedisServer {
    pub port: u16,
    program: PathBuf,
    options: Vec<String>,
    folder: Folder,
    process: Mutex<Option<Child>>,
}

/// A folder of one server, which is deleted with the value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(port: u16) -> Self {
        let name = format!("redis-{}-{port}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl RedisServer {
    /// A server with these options, such as `["--maxmemory", "3mb"]`; `None` where it is not installed, which a test says
    /// aloud.
    pub fn start(options: &[&str]) -> Option<Self> {
        let program = installed("redis-server", "redis-server")?;
        let port = free_port();
        let server = RedisServer {
            port,
            program,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            folder: Folder::new(port),
            process: Mutex::new(None),
        };
        server.start_again(&[]);
        Some(server)
    }

    /// Starts the server anew on its port, with further options: with what [`shut_down`](Self::shut_down) has saved, if it
    /// has.
    pub fn start_again(&self, further: &[&str]) {
        let process = Command::new(&self.program)
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .args(["--user", ADMIN, "on", "nopass", "~*", "&*", "+@all"])
            .args(["--enable-debug-command", "local", "--dir"])
            .arg(self.folder.path())
            .args(&self.options)
            .args(further)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        *self.process.lock().unwrap() = Some(process);
        wait_for(self.port);
    }

    /// The settings of an app whose sessions lie here.
    pub fn settings(&self) -> Figment {
        super::figment().merge(("cognito.session_store", self.address()))
    }

    /// The value of `session_store`.
    pub fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The folder that it writes to.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn client(&self) -> RedisClient {
        RedisClient::connect(self.port)
    }

    /// Sends words, which have to succeed.
    #[track_caller]
    pub fn run(&self, command: &str) -> Answer {
        self.client().run(command)
    }

    /// Ends it as operators do. What it has is saved, or lost.
    pub fn shut_down(&self, saves: bool) {
        let how = if saves { "SAVE" } else { "NOSAVE" };
        self.client().post(&["SHUTDOWN", how]);
        self.ended();
        if !saves {
            let _ = std::fs::remove_file(self.folder.path().join("dump.rdb"));
        }
    }

    /// Ends it without a warning.
    pub fn kill(&self) {
        if let Some(process) = self.process.lock().unwrap().as_mut() {
            process.kill().unwrap();
        }
        self.ended();
    }

    /// Lets it stand still, or go on: it keeps its port and its connections.
    pub fn stand_still(&self, still: bool) {
        let process = self.process.lock().unwrap().as_ref().expect("it runs").id();
        let signal = if still { "STOP" } else { "CONT" };
        let kill = format!("kill -{signal} {process}");
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    fn ended(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            process.wait().unwrap();
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(process) = self.process.lock().unwrap().as_mut() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Returns when somebody listens on this port.
pub fn wait_for(port: u16) {
    let given_up = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < given_up, "redis-server does not listen");
        std::thread::sleep(Duration::from_millis(5));
    }
}
