//! The quickstart as people run it: the real binary, its own process, its output and exit status.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{free_port, root};

/// Nothing here takes longer, on a slow and busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// An example's executable, built as `cargo run --example` would.
fn executable(example: &str) -> &'static PathBuf {
    static EXECUTABLES: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let executables = EXECUTABLES.get_or_init(|| {
        let cargo = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--examples", "--message-format", "json"])
            .current_dir(root())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(cargo.status.success(), "the examples build");
        let messages = String::from_utf8(cargo.stdout).unwrap();
        let messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let examples = messages.filter(|message| message["target"]["kind"][0] == "example");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        examples.map(|it| (text(&it["target"]["name"]), text(&it["executable"]).into())).collect()
    });
    executables.get(example).expect("there is such an example")
}

/// Settings, root certificates, proxies.
fn steers(variable: &str) -> bool {
    let variable = variable.to_ascii_uppercase();
    variable.starts_with("ROCKET_") || variable.starts_with("SSL_CERT_") || variable.ends_with("_PROXY")
}

/// The running quickstart, or another example; it ends with this value.
pub struct Quickstart {
    process: Child,
    output: PathBuf,
    port: u16,
}

impl Quickstart {
    /// Starts it with these variables, and without inherited ones that steer it.
    pub fn spawn(port: u16, variables: &[(&str, &str)]) -> Self {
        Quickstart::spawn_example("quickstart", port, variables)
    }

    pub fn spawn_example(example: &str, port: u16, variables: &[(&str, &str)]) -> Self {
        let name = format!("rocket_cognito-{example}-{}-{port}.log", std::process::id());
        let output = std::env::temp_dir().join(name);
        let file = File::create(&output).unwrap();
        let mut command = Command::new(executable(example));
        // Templates and Rocket.toml are read from here.
        command.current_dir(root());
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| steers(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.env("ROCKET_PORT", port.to_string()).envs(variables.iter().copied());
        // Open for as long as this value is there: an instance of `three_instances` ends with its stdin.
        command.stdin(Stdio::piped()).stdout(file.try_clone().unwrap()).stderr(file);
        Quickstart { process: command.spawn().unwrap(), output, port }
    }

    /// Starts it with a pool of its own.
    pub async fn start() -> Self {
        Quickstart::start_example("quickstart").await
    }

    pub async fn start_example(example: &str) -> Self {
        let pool = format!("{{port={}}}", free_port());
        let variables = [("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())];
        Quickstart::spawn_example(example, free_port(), &variables).launched().await
    }

    pub async fn launched(mut self) -> Self {
        let launched = async {
            while !self.output().contains("Rocket has launched") {
                assert_eq!(self.process.try_wait().unwrap(), None, "it ended:\n{}", self.output());
                sleep(POLL).await;
            }
        };
        timeout(PATIENCE, launched).await.expect("it launches");
        self
    }

    /// How it ends by itself.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let ended = async {
            loop {
                match self.process.try_wait().unwrap() {
                    Some(status) => return status,
                    None => sleep(POLL).await,
                }
            }
        };
        let status = timeout(PATIENCE, ended).await.expect("it ends");
        (status, self.output())
    }

    /// What it has written so far, to stdout and stderr.
    pub fn output(&self) -> String {
        String::from_utf8(std::fs::read(&self.output).unwrap()).unwrap()
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to stop, as service managers do.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal of this name.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Types a line into its terminal.
    pub fn type_line(&mut self, line: &str) {
        let stdin = self.process.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    #[track_caller]
    pub fn assert_untold(&self, secret: &str, what: &str) {
        let output = self.output();
        let decoded = secret.replace("%3D", "=");
        for spelling in [secret, decoded.as_str()] {
            assert!(!spelling.is_empty() && !output.contains(spelling), "{what} is in the log:\n{output}");
        }
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.output);
    }
}
