//! The local pool as a program of its own: a child process, driven by HTTP and signals.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use crate::browser::*;
use rocket::tokio::task::spawn_blocking;
use serde_json::{Value, json};

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_cognito-local-pool");

const CLIENT: &str = r#"
[[clients]]
client_id = "shop"
client_secret = "s3cret"
callback_urls = ["http://localhost:8000/auth/callback"]
logout_urls = ["http://localhost:8000/"]
"#;

/// A file that is gone with this value.
struct Table(PathBuf);

impl Table {
    fn new(text: &str) -> Self {
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
struct Running {
    process: Child,
    stdout: BufReader<std::process::ChildStdout>,
    ready: Value,
}

impl Running {
    async fn start(table: &Table) -> Self {
        Running::start_with(&[table.0.to_str().unwrap()]).await
    }

    async fn start_with(arguments: &[&str]) -> Self {
        let mut process = command().args(arguments).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let reading = spawn_blocking(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            (stdout, line)
        });
        let (stdout, line) = in_time(reading).await.unwrap();
        Running { process, stdout, ready: serde_json::from_str(&line).unwrap() }
    }

    fn text(&self, key: &str) -> String {
        self.ready[key].as_str().unwrap().to_owned()
    }

    fn browser(&self) -> Browser {
        Browser::at(self.text("base_url"))
    }

    fn signal(&self, name: &str) {
        // A builtin of the shell: not every system has the program.
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// How it ended, and what it wrote after the first line and to stderr.
    async fn ended(mut self) -> (ExitStatus, String) {
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

fn command() -> Command {
    let mut command = Command::new(EXECUTABLE);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What it reads is its file alone.
    command.env("ROCKET_PORT", "nonsense").env("ROCKET_LOG_LEVEL", "debug");
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
async fn wrong_usage_is_told() {
    for (arguments, words) in [
        (&["one.toml", "two.toml"][..], "there are two files"),
        (&["-x"], "there is no option `-x`; there are --port, --client"),
        (&["--prot", "9400"], "there is no option `--prot`"),
        (&["--port"], "`--port` needs a value, such as --port 9400"),
        (
            &["--callback-url="],
            "`--callback-url` needs a value, such as --callback-url http://localhost:8000/",
        ),
        (&["--port", "99999"], "type --port 9400"),
        (
            &["--address", "localhost"],
            "type --address 0.0.0.0 for all addresses of this machine; names are for --host",
        ),
        (
            &["--callback-url", CALLBACK],
            "`--callback-url` belongs to a client: type --client my-app beside it",
        ),
        (&["--client-secret=s3cret"], "`--client-secret` belongs to a client"),
        (&["--check", "--host", "pool"], "`--check` takes --address and --port only, and there is --host"),
        (&["--check", "pool.toml"], "`--check` takes --address and --port only, and there is FILE"),
    ] {
        let (status, said) = refused(arguments).await;
        assert_eq!(status, Some(2));
        assert!(said.contains(words) && said.contains("`cognito-local-pool --help` shows"), "{said}");
    }
    let (status, said) = refused(&["/nonexistent/pool.toml"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("/nonexistent/pool.toml cannot be read: No such file"), "{said}");
    assert!(said.contains("cognito-local-pool --help"), "{said}");
}

#[rocket::async_test]
async fn what_options_say_is_checked_as_in_a_file() {
    for (arguments, words) in [
        (&["--port=0", "--client", "a b"][..], "the client_id \"a b\" needs"),
        (&["--port=0", "--client=a", "--callback-url=http://app.example/cb"], "must be https"),
        (&["--port=0", "--host=pool:9400"], "\"pool:9400\" is no name of a host"),
        (&["--port=0", "--public-url=pool"], "`public_url`: has no scheme"),
        (&["--port=0", "--user=a", "--user=a"], "\"a\" is given twice"),
    ] {
        let (status, said) = refused(arguments).await;
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[rocket::async_test]
async fn options_are_enough_for_an_app_to_sign_in() {
    let arguments = ["--port=0", "--client", "shop", "--client-secret", SECRET, "--callback-url", CALLBACK];
    let more = ["--logout-url", LOGOUT, "--user", "dave:admin,editor", "--user=erin"];
    let pool = Running::start_with(&[&arguments[..], &more].concat()).await;
    assert_eq!((&pool.ready["clients"], &pool.ready["users"]), (&json!(["shop"]), &json!(["dave", "erin"])));
    assert_eq!(pool.ready["base_url"], pool.ready["server_url"]);
    let mut browser = pool.browser();
    for (username, groups) in [("dave", json!(["admin", "editor"])), ("erin", Value::Null)] {
        let code = browser.code(username).await;
        let (status, tokens) = browser.token(&redeem(&code)).await;
        assert_eq!(status, 200);
        assert_eq!(part(tokens["access_token"].as_str().unwrap(), 1)["cognito:groups"], groups);
        browser.cookie = None;
    }
    let logout = browser.get("/logout", &[("client_id", "shop"), ("logout_uri", LOGOUT)]).await;
    assert_eq!(location(&logout), LOGOUT);
    pool.signal("TERM");
    assert_eq!(pool.ended().await.1, "", "it complains of nothing");
}

#[rocket::async_test]
async fn options_stand_above_the_file_and_the_last_one_counts() {
    let table = Table::new(&format!("port = 1\npublic_url = \"http://localhost:1\"\n{CLIENT}"));
    let file = table.0.to_str().unwrap();
    let port = crate::support::free_port().to_string();
    let public = "http://localhost:9500";
    let pool =
        Running::start_with(&["--port=2", file, "--port", &port, "--public-url", public, "--client=web"])
            .await;
    assert_eq!(pool.ready["clients"], json!(["shop", "web"]));
    assert_eq!(
        (pool.text("base_url"), pool.text("server_url")),
        (public.into(), format!("http://127.0.0.1:{port}"))
    );
}

#[rocket::async_test]
async fn a_pool_beyond_loopback_says_so() {
    let pool = Running::start_with(&["--address=0.0.0.0", "--port=0", "--host=pool", "--client=shop"]).await;
    let server_url = pool.text("server_url");
    assert!(server_url.starts_with("http://127.0.0.1:"), "{server_url}");
    let browser = Browser::at(server_url.clone());
    for (host, status) in [("pool:9400", 400), ("other:9400", 421)] {
        let request = browser.get_url(browser.url("/error", &[])).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
    pool.signal("TERM");
    let port = server_url.rsplit_once(':').unwrap().1;
    let (status, said) = pool.ended().await;
    let warning =
        format!("it listens on 0.0.0.0:{port}: whoever can reach that address signs in as anybody\n");
    assert_eq!((status.code(), said), (Some(0), format!("cognito-local-pool: {warning}")));
}

#[rocket::async_test]
async fn a_check_finds_a_pool_that_runs_and_says_who_does_not_answer() {
    let pool = Running::start_with(&["--address=0.0.0.0", "--port=0"]).await;
    let port = pool.text("server_url").rsplit_once(':').unwrap().1.to_owned();
    for arguments in [&["--check", "--port", &port][..], &["--address=0.0.0.0", "--check", "--port", &port]] {
        let mut command = command();
        command.args(arguments);
        let output = in_time(spawn_blocking(move || command.output())).await.unwrap().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert_eq!((output.status.code(), String::from_utf8(said).unwrap()), (Some(0), String::new()));
    }
    pool.signal("TERM");
    pool.ended().await;
    let (status, said) = refused(&["--check", "--port", &port]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains(&format!("no pool answers at http://127.0.0.1:{port}/health: ")), "{said}");

    let other = crate::support::server::Server::start(crate::support::figment(), |app| app).await;
    let (status, said) = refused(&["--check", "--port", &other.port.to_string()]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("another program than this pool answers"), "{said}");
    other.stop().await;
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
