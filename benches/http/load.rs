//! Sends requests, and reads what they cost.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rocket_cognito::CognitoClient;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::{Value, json};

use crate::server::SETTINGS;

/// Where both run.
const CORE: &str = "0";
const PINNED: &str = "HTTP_BENCH_PINNED";
const TOKENS: usize = 2_000;
const ROUNDS: usize = 9;
const REQUESTS: usize = 4_000;

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(settings: &Value, port: u16) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let process = Command::new("taskset")
            .args(["--cpu-list", CORE])
            .arg(program)
            .env(SETTINGS, settings.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Server { process, port };
        for _ in 0..200 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return server;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("the server does not answer");
    }

    /// CPU time of all its threads, in nanoseconds.
    fn cpu(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("a process");
        let spent = |task: std::io::Result<fs::DirEntry>| -> Option<u64> {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse().ok()
        };
        tasks.filter_map(spent).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One route, asked for with these header lines in turn.
struct Case {
    name: &'static str,
    requests: Vec<String>,
    /// Which of the others it is held against.
    floor: &'static str,
    microseconds: Vec<f64>,
}

impl Case {
    fn new(name: &'static str, path: &str, headers: &[String], floor: &'static str) -> Self {
        let request = |header: &String| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
        Case { name, requests: headers.iter().map(request).collect(), floor, microseconds: Vec::new() }
    }

    fn median(&self) -> f64 {
        let mut sorted = self.microseconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

/// Sends requests one after the other, and insists on 200.
fn send(port: u16, requests: &[String], count: usize) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let (mut line, mut body) = (String::new(), Vec::new());
    for number in 0..count {
        stream.write_all(requests[number % requests.len()].as_bytes()).expect("a request");
        let mut length = 0;
        for index in 0.. {
            line.clear();
            reader.read_line(&mut line).expect("an answer");
            assert!(index > 0 || line.starts_with("HTTP/1.1 200"), "{line}");
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).expect("a body");
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Signs in often enough for as many tokens, and says what the server's settings are.
async fn prepare(port: u16) -> (Value, Vec<(String, String)>) {
    let client = LocalClient::new("shop");
    let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.expect("a pool");
    let signed_in = || pool.sign_in("alice", "shop").expect("alice and shop are in the pool");
    let tokens = (0..TOKENS).map(|_| signed_in()).map(|it| (it.access_token, it.id_token)).collect();
    let (issuer, user_pool_id) = (pool.issuer(), pool.user_pool_id().to_owned());
    let keys = [("user_pool_id", &*user_pool_id), ("client_id", "shop"), ("issuer", &*issuer)];
    let jwks = CognitoClient::new(keys).expect("good settings").jwks().await.expect("keys");
    let origin = format!("http://localhost:{port}");
    let cognito = json!({
        "user_pool_id": user_pool_id, "client_id": "shop", "issuer": issuer, "jwks": jwks.to_string(),
        "domain": pool.base_url(), "redirect_url": format!("{origin}/cb"), "logout_url": format!("{origin}/"),
        "secret_keys": "0123456789abcdefghijklmnopqrstuvwxyz",
    });
    pool.stop().await;
    (json!({ "port": port, "cognito": cognito }), tokens)
}

/// On one core, with the server ahead of the load: on two, each answer wakes a core that sleeps, which costs more than
/// any guard.
pub fn run() {
    if std::env::var_os(PINNED).is_some() {
        return run_here();
    }
    let program = std::env::current_exe().expect("this program has a path");
    let status = Command::new("taskset")
        .args(["--cpu-list", CORE, "chrt", "--batch", "0"])
        .arg(program)
        .env(PINNED, "yes")
        .status()
        .expect("taskset and chrt are there: they are of util-linux");
    std::process::exit(status.code().unwrap_or(1));
}

fn run_here() {
    let port = free_port();
    let (settings, tokens) = rocket::execute(prepare(port));
    let mut cold = settings.clone();
    cold["cognito"]["token_cache_entries"] = 0.into();
    let cold_port = free_port();
    cold["port"] = cold_port.into();

    let bearer: Vec<_> = tokens.iter().map(|(access, _)| format!("Authorization: Bearer {access}")).collect();
    let session: Vec<_> = tokens
        .iter()
        .map(|(access, id)| format!("Cookie: cognito_access_token={access}; cognito_id_token={id}"))
        .collect();
    let foreign: String = (0..200).map(|number| format!("; foreign_{number}=value")).collect();
    let crowded: Vec<_> = session.iter().take(1).map(|session| format!("{session}{foreign}")).collect();
    let mut warm = vec![
        Case::new("open route", "/open", &bearer[..1], "open route"),
        Case::new("guard that reads the header", "/header", &bearer[..1], "open route"),
        Case::new("CognitoUser, bearer", "/user", &bearer[..1], "guard that reads the header"),
        Case::new("CognitoUser, 2,000 tokens in turn", "/user", &bearer, "guard that reads the header"),
        Case::new("InGroups, bearer", "/in-groups", &bearer[..1], "CognitoUser, bearer"),
        Case::new("InAnyGroup, bearer", "/in-any-group", &bearer[..1], "CognitoUser, bearer"),
        Case::new("open route, cookies sent", "/open", &session[..1], "open route"),
        Case::new("guard that looks the cookie up", "/cookie", &session[..1], "open route, cookies sent"),
        Case::new("CognitoUser, session", "/user", &session[..1], "guard that looks the cookie up"),
        Case::new("the cookie, 200 foreign ones sent", "/cookie", &crowded, "guard that looks the cookie up"),
        Case::new("CognitoUser, 200 foreign cookies", "/user", &crowded, "the cookie, 200 foreign ones sent"),
    ];
    let mut uncached = vec![
        Case::new("open route", "/open", &bearer[..1], "open route"),
        Case::new("CognitoUser, each token verified", "/user", &bearer, "open route"),
    ];
    measure(&Server::start(&settings, port), &mut warm);
    measure(&Server::start(&cold, cold_port), &mut uncached);
    print("Tokens that were seen before", &warm);
    print("token_cache_entries = 0", &uncached);
}

fn measure(server: &Server, cases: &mut [Case]) {
    for case in &mut *cases {
        send(server.port, &case.requests, REQUESTS.max(case.requests.len()));
    }
    for _ in 0..ROUNDS {
        for case in &mut *cases {
            let before = server.cpu();
            send(server.port, &case.requests, REQUESTS);
            case.microseconds.push((server.cpu() - before) as f64 / 1e3 / REQUESTS as f64);
        }
    }
}

fn print(title: &str, cases: &[Case]) {
    println!("\n{title}: the server's CPU for a request, in µs");
    for case in cases {
        let floor = cases.iter().find(|other| other.name == case.floor).map_or(f64::NAN, Case::median);
        let (median, ratio) = (case.median(), case.median() / floor);
        println!("  {:<36} {median:>8.2}  × {ratio:.3} of {}", case.name, case.floor);
    }
}
