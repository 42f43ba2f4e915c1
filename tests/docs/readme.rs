//! `README.md`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use figment::providers::{Format, Toml};
use rocket::tokio::task::spawn_blocking;
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::app::{SECRET_KEY, build};
use crate::support::quickstart::Quickstart;
use crate::support::server::Server;
use crate::support::{ACCESS, SAME_ORIGIN, figment, free_port, installed};

/// The block of README.md, as it stands but for the port.
#[rocket::async_test]
async fn curl_alone_signs_in_as_the_readme_says() {
    if installed("curl", "curl").is_none() {
        return;
    }
    let quickstart = Quickstart::start().await;
    let readme = include_str!("../../README.md");
    let block = readme.split("```sh\n").find(|block| block.starts_with("jar=")).unwrap();
    let script = block.split("```").next().unwrap().replace("http://localhost:8000", &quickstart.url(""));
    let output = Command::new("bash").args(["-euc", &script]).output().unwrap();
    let me: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&me["username"], &me["groups"]), (&json!("alice"), &json!(["admin"])));
}

/// The stand-alone pool; it ends with this value.
struct Pool(Child);

impl Pool {
    async fn start(options: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cognito-local-pool"));
        let mut process = command.args(options.split_whitespace()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let (pool, line) = spawn_blocking(move || {
            let pool = Pool(process);
            stdout.read_line(&mut line).unwrap();
            (pool, line)
        })
        .await
        .unwrap();
        assert!(line.contains("\"ready\":true"), "{line}");
        pool
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The blocks of README.md, as they stand but for the ports and the key.
#[rocket::async_test]
async fn with_the_stand_alone_pool_of_the_readme_a_restart_of_the_app_signs_nobody_out() {
    let (pool_port, port) = (free_port(), free_port());
    let moved = |block: &str| {
        let block = block.replace(":9400", &format!(":{pool_port}"));
        block.replace("http://localhost:8000", &format!("http://localhost:{port}"))
    };
    let readme = include_str!("../../README.md");
    let options = readme.split(" --bin cognito-local-pool -- ").nth(1).unwrap().split("```").next().unwrap();
    let _pool = Pool::start(&moved(&format!("{} --port {pool_port}", options.replace("\\\n", "")))).await;
    let settings = readme.split("```toml\n").find(|block| block.contains("\"eu-west-1_LocalPool\"")).unwrap();
    let settings = moved(settings.split("```").next().unwrap()).replace("\"…\"", &format!("{SECRET_KEY:?}"));
    let figment = figment().merge(Toml::string(&settings).nested()).merge(("port", port));

    let app = Server::start(figment.clone(), build).await;
    let agent = Agent::new();
    assert_eq!(agent.sign_in(&app.url("/auth/login"), "alice").await.body, "alice");
    app.stop().await;
    let app = Server::start(figment.clone(), build).await;
    assert_eq!(agent.get(&app.url("/")).await.body, "alice");
    let before = agent.cookies().remove(ACCESS);
    let refreshed = agent.post(&app.url("/auth/refresh?next=/"), &SAME_ORIGIN, &[]).await;
    assert_eq!(refreshed.status, 303, "{}", refreshed.body);
    assert_ne!(agent.cookies().remove(ACCESS), before);

    app.stop().await;
    let app = Server::start(figment, build).await;
    assert_eq!(agent.get(&app.url("/")).await.body, "alice");
}
