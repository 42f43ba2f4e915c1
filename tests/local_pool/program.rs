//! The local pool as a program of its own: a child process, driven by HTTP and signals.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use crate::browser::*;
use rocket::tokio::task::spawn_blocking;
use serde_json::{Value, json};

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_cognito-local-pool");

pub const CLIENT: &str = r#"
[[clients]]
client_id = "shop"
client_secret = "s3cret"
callback_urls = ["http://localhost:8000/auth/callback"]
logout_urls = ["http://localhost:8000/"]
"#;

/// A file that is gone with this value.
pub struct Table(pub PathBuf);

impl Table {
    pub fn new(text: &str) -> Self {
        let name = format!("cognito-local-pool-{}-{:032x}.toml", std::process::id(), rand::random::<u128>());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Table(path)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A running pool; it ends with this value.
pub struct Running {
    process: Child,
    stdout: BufReader<std::process::ChildStdout>,
    pub ready: Value,
}

impl Running {
    pub async fn start(table: &Table) -> Self {
        Running::start_with(&[table.0.to_str().unwrap()]).await
    }

    pub async fn start_with(arguments: &[&str]) -> Self {
        let mut command = command();
        command.args(arguments);
        Running::spawn(command).await
    }

    pub async fn spawn(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let reading = spawn_blocking(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            (stdout, line)
        });
        let (stdout, line) = in_time(reading).await.unwrap();
        Running { process, stdout, ready: serde_json::from_str(&line).unwrap() }
    }

    pub fn text(&self, key: &str) -> String {
        self.ready[key].as_str().unwrap().to_owned()
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.text("base_url"))
    }

    pub fn signal(&self, name: &str) {
        // A builtin of the shell: not every system has the program.
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// How it ended, and what it wrote after the first line and to stderr.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let ended = spawn_blocking(move || {
            let mut rest = String::new();
            self.stdout.read_to_string(&mut rest).unwrap();
            self.process.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
            (self.process.wait().unwrap(), rest)
        });
        in_time(ended).await.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn command() -> Command {
    let mut command = Command::new(EXECUTABLE);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What it reads is its file and options alone.
    command
        .env_remove("COGNITO_LOCAL_POOL_PORT")
        .env("ROCKET_PORT", "nonsense")
        .env("ROCKET_LOG_LEVEL", "debug");
    command
}

/// What it says when it cannot run.
pub async fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = command();
    command.args(arguments);
    let Output { status, stdout, stderr } =
        in_time(spawn_blocking(move || command.output())).await.unwrap().unwrap();
    assert_eq!(stdout, b"");
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(stderr.starts_with("cognito-local-pool: "), "{stderr}");
    (status.code(), stderr)
}

async fn refused_table(text: &str) -> String {
    let table = Table::new(text);
    let path = table.0.to_str().unwrap();
    let (status, said) = refused(&[path]).await;
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains(path), "{said}");
    said
}

#[rocket::async_test]
async fn an_app_in_any_language_signs_in_and_refreshes_at_the_pool() {
    let table = Table::new(&format!("port = 0\nrefresh_token_rotation = true\n{CLIENT}"));
    let pool = Running::start(&table).await;
    assert_eq!(pool.ready["ready"], true);
    assert_eq!(pool.ready["clients"], json!(["shop"]));
    assert_eq!(pool.ready["users"], json!(["alice", "bob", "carol"]));
    assert_eq!(pool.text("issuer"), format!("{}/{}", pool.text("base_url"), pool.text("user_pool_id")));

    let mut browser = pool.browser();
    let url = format!("{}/.well-known/openid-configuration", pool.text("issuer"));
    let (status, discovery) = answer(browser.get_url(url.parse().unwrap())).await;
    assert_eq!(status, 200);
    let shared = ["issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "revocation_endpoint"];
    for key in shared.into_iter().chain(["userinfo_endpoint", "end_session_endpoint"]) {
        assert_eq!(discovery[key], pool.ready[key], "{key}");
    }
    let code = browser.code("alice").await;
    let (status, tokens) = browser.token(&redeem(&code)).await;
    assert_eq!(status, 200);
    let access_token = tokens["access_token"].as_str().unwrap();
    let (_, jwks) = answer(browser.get_url(pool.text("jwks_uri").parse().unwrap())).await;
    assert!(verifying_kid(jwks["keys"].as_array().unwrap(), access_token).is_some());
    assert_eq!(part(access_token, 1)["iss"], pool.ready["issuer"]);

    let first = tokens["refresh_token"].as_str().unwrap();
    let (status, refreshed) = browser.refresh(first).await;
    assert_eq!(status, 200);
    assert_eq!(browser.refresh(first).await, invalid_grant());
    assert_eq!(browser.refresh(refreshed["refresh_token"].as_str().unwrap()).await.0, 200);

    pool.signal("TERM");
    let (status, said) = pool.ended().await;
    assert_eq!((status.code(), said.as_str()), (Some(0), ""), "it logs nothing");
}

#[rocket::async_test]
async fn a_signal_ends_it_and_frees_the_port() {
    let table = Table::new(&format!("port = 0\n{CLIENT}"));
    for name in ["TERM", "INT"] {
        let pool = Running::start(&table).await;
        let base_url = pool.text("base_url");
        // A connection that stays open does not hold it up.
        let _idle = std::net::TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap();
        pool.signal(name);
        assert_eq!(pool.ended().await.0.code(), Some(0), "{name}");
        TcpListener::bind(base_url.strip_prefix("http://").unwrap()).unwrap();
    }
}

#[rocket::async_test]
async fn a_pool_without_a_client_runs_and_says_what_is_missing() {
    let pool = Running::start(&Table::new("port = 0\nusers = [{ username = \"dave\" }]\n")).await;
    assert_eq!((&pool.ready["clients"], &pool.ready["users"]), (&json!([]), &json!(["dave"])));
    pool.signal("TERM");
    let (status, said) = pool.ended().await;
    assert_eq!(status.code(), Some(0));
    assert!(said.contains("no client") && said.contains("[[clients]]\nclient_id = "), "{said}");
}

#[rocket::async_test]
async fn a_taken_port_is_told_with_the_key_to_change() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let table = Table::new(&format!("port = {port}\n{CLIENT}"));
    let (status, said) = refused(&[table.0.to_str().unwrap()]).await;
    assert_eq!(status, Some(1));
    assert!(
        said.contains(&format!("port {port} on 127.0.0.1 is taken")) && said.contains("`port = "),
        "{said}"
    );
}

#[rocket::async_test]
async fn a_wrong_file_is_told_with_place_and_remedy() {
    let said = refused_table("port = 0\nprot = 1\n").await;
    assert!(
        said.contains(
            "`prot`: there is no key `prot` (did you mean `port`?); there are port, address, hosts,"
        ),
        "{said}"
    );
    let said = refused_table("users = [{ username = \"a\" }, { username = \"b\", group = \"c\" }]").await;
    assert!(
        said.contains(
            "`users[1].group`: there is no key `group` (did you mean `groups`?); there are username,"
        ),
        "{said}"
    );
    let said = refused_table("[[clients]]\nclient_secret = \"CANARY\"\n").await;
    assert!(said.contains("`clients[0].client_id`: is missing"), "{said}");
    let said = refused_table("port = \"CANARY\"").await;
    assert!(
        said.contains("`port`: is text, not a whole number from 0 to 65535") && !said.contains("CANARY"),
        "{said}"
    );
    let said = refused_table("access_token_seconds = 0\nrefresh_token_grace_seconds = 61\n").await;
    assert!(
        said.contains("`access_token_seconds`: is another number, not a whole number from 1 to 86400")
            && said.contains(
                "`refresh_token_grace_seconds`: is another number, not a whole number from 0 to 60"
            )
    );

    let bad_toml = ["client_secret = \"CANARY", "client_secret = CANARY", "x = 1\nx = \"CANARY\"", "CANARY"];
    for (line, text) in bad_toml.iter().map(|text| format!("# A comment.\nport = 0\n{text}\n")).enumerate() {
        let said = refused_table(&text).await;
        assert!(said.contains(if line == 2 { "line 4: " } else { "line 3: " }), "{said}");
        assert!(!said.contains("CANARY"), "{said}");
    }
}

#[rocket::async_test]
async fn help_names_every_key_and_option() {
    for flag in ["--help", "-h"] {
        let mut command = command();
        command.arg(flag);
        let output = in_time(spawn_blocking(move || command.output())).await.unwrap().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let help = String::from_utf8(output.stdout).unwrap();
        let said = refused_table("prot = 1").await;
        let keys = said.split_once("there are ").unwrap().1.lines().next().unwrap();
        assert!(keys.split(", ").count() > 9);
        for key in keys.split(", ") {
            assert!(help.contains(key), "{key}");
        }
        let (_, said) = refused(&["--prot"]).await;
        let options = said.split_once("there are ").unwrap().1.lines().next().unwrap();
        for option in options.replace(" and ", ", ").split(", ") {
            assert!(option.starts_with("--") && help.contains(&format!("{option} ")), "{option}");
        }
    }
}
