//! The quickstart in a process of its own, with its output and, on Linux, its memory.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::pool::Pool;
use crate::support::free_port;

/// Nothing here takes longer, on a slow and busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// The example's executable, built as `cargo run --example quickstart` would.
fn executable() -> &'static PathBuf {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(|| {
        let arguments = ["build", "--offline", "--example", "quickstart", "--message-format", "json"];
        let cargo = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(cargo.status.success(), "the example builds");
        let messages = String::from_utf8(cargo.stdout).unwrap();
        let executable = messages
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|message| message["target"]["name"] == "quickstart" && message["executable"].is_string());
        executable.expect("an executable")["executable"].as_str().unwrap().into()
    })
}

/// A running quickstart; it and its output end with this value.
pub struct Process {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
    port: u16,
}

impl Process {
    /// Starts it with these `ROCKET_*` variables and no others.
    fn spawn(port: u16, variables: &[(&str, &str)]) -> Self {
        let file = |stream| {
            let name = format!("rocket_cognito-secrets-{}-{port}.{stream}", std::process::id());
            let path = std::env::temp_dir().join(name);
            (File::create(&path).unwrap(), path)
        };
        let ((out, stdout), (err, stderr)) = (file("stdout"), file("stderr"));
        let mut command = Command::new(executable());
        // Templates and Rocket.toml are read from here.
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("ROCKET_")) {
            command.env_remove(name);
        }
        command.env("ROCKET_PORT", port.to_string()).envs(variables.iter().copied());
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
        Process { child, stdout, stderr, port }
    }

    fn spawn_with_pool(pool: &Pool, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let name = |key: &str| format!("ROCKET_COGNITO_{}", key.to_ascii_uppercase());
        let settings: Vec<_> =
            pool.settings(port).into_iter().map(|(key, value)| (name(key), value)).collect();
        let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Process::spawn(port, &settings.chain(variables.iter().copied()).collect::<Vec<_>>())
    }

    /// Starts it with settings for `pool`, and these variables over them, and waits until it serves.
    pub async fn with_pool(pool: &Pool, variables: &[(&str, &str)]) -> Self {
        Process::spawn_with_pool(pool, variables).launched().await
    }

    /// The same where it refuses to launch; what it wrote.
    pub async fn refused(pool: &Pool, variables: &[(&str, &str)]) -> String {
        let mut process = Process::spawn_with_pool(pool, variables);
        let ended = async {
            while process.child.try_wait().unwrap().is_none() {
                sleep(POLL).await;
            }
        };
        timeout(PATIENCE, ended).await.expect("it ends");
        assert!(!process.child.wait().unwrap().success());
        process.output()
    }

    /// Starts it with a pool of its own and waits until it serves.
    pub async fn with_local_pool(variables: &[(&str, &str)]) -> Self {
        let pool = format!("{{port={}}}", free_port());
        let variables = [&[("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())], variables].concat();
        Process::spawn(free_port(), &variables).launched().await
    }

    async fn launched(mut self) -> Self {
        let launched = async {
            while !self.output().contains("Rocket has launched") {
                assert_eq!(self.child.try_wait().unwrap(), None, "it ended:\n{}", self.output());
                sleep(POLL).await;
            }
        };
        timeout(PATIENCE, launched).await.expect("it launches");
        self
    }

    /// What it has written so far, to stdout and stderr.
    pub fn output(&self) -> String {
        [&self.stdout, &self.stderr]
            .map(|path| String::from_utf8(std::fs::read(path).unwrap()).unwrap())
            .concat()
    }

    #[cfg(target_os = "linux")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for path in [&self.stdout, &self.stderr] {
            let _ = std::fs::remove_file(path);
        }
    }
}
