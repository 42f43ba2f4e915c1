//! What the tests share: settings, a served app, a browser-like client, forged tokens.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod agent;
pub mod app;
pub mod backing;
pub mod browser;
pub mod endpoint;
pub mod fault;
pub mod forge;
pub mod gated_store;
pub mod groups;
pub mod kind;
pub mod landing;
pub mod log;
pub mod pool;
pub mod python;
pub mod quickstart;
pub mod raw;
pub mod redirects;
pub mod redis;
pub mod redis_client;
pub mod redis_cluster;
pub mod redis_sentinel;
pub mod rig;
pub mod sealing;
pub mod secret_file;
pub mod server;
pub mod sessions;
pub mod slow;
pub mod store;
pub mod stub;
pub mod tcp_proxy;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use figment::Figment;
use rocket::Config;

/// The cookies of a session.
pub const ACCESS: &str = "cognito_access_token";
pub const REFRESH: &str = "cognito_refresh_token";

/// The endpoint of the pool that is asked for tokens.
pub const TOKEN: &str = "/oauth2/token";

/// As a browser says of a form on this site.
pub const SAME_ORIGIN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

/// Paths that Rocket takes for the callback.
pub const CALLBACKS: [&str; 8] = [
    "/auth/callback",
    "//auth/callback",
    "/auth//callback",
    "/auth/callback/",
    "///auth///callback///",
    "/auth/%63allback",
    "/%61uth/callbac%6B",
    "/%61%75%74%68/%63%61%6c%6C%62%61%63%6b/",
];

/// Rocket's defaults of profile `debug`, quiet, without files and environment, for an app whose log is kept.
pub fn figment() -> Figment {
    log::record();
    Figment::from(Config::debug_default()).merge(("log_level", "off")).select(Config::DEBUG_PROFILE)
}

/// Settings of an app whose pool is never asked for anything but its keys in `jwks_uri`.
pub fn settings(jwks_uri: &str) -> Figment {
    figment()
        .merge(("cognito.user_pool_id", forge::POOL_ID))
        .merge(("cognito.client_id", forge::CLIENT_ID))
        .merge(("cognito.domain", "http://127.0.0.1:9"))
        .merge(("cognito.redirect_url", "http://localhost:8000/auth/callback"))
        .merge(("cognito.logout_url", "http://localhost:8000/"))
        .merge(("cognito.jwks_uri", jwks_uri))
}

/// The folder of the repository. Some tests are packages of their own, further below.
pub fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().find(|folder| folder.join("src/lib.rs").is_file()).expect("the crate's folder")
}

/// Percent-encoded, every byte.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// Variables that a client library might heed, to lead it to a proxy.
pub fn proxy_variables(proxy: &str) -> Vec<(&'static str, &str)> {
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    names.into_iter().map(|name| (name, proxy)).collect()
}

/// A port that nobody listens on at the moment, below those that the system gives to connections: one of them might
/// take it before the app does.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap();
    let mut ports = std::iter::repeat_with(|| rand::random_range(10_000..32_000));
    // A port stays free until its app binds it, so none is given twice: two parallel tests would want the same.
    let free =
        |port: &u16| !given.contains(port) && std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = ports.find(free).unwrap();
    given.insert(port);
    port
}

/// A further address of this machine that this crate does not take for a name of loopback. Where there is none, such as on
/// macOS, the test says so aloud.
pub fn further_address() -> Option<&'static str> {
    let address = "127.0.0.2";
    match std::net::TcpListener::bind((address, 0)) {
        Ok(_) => Some(address),
        Err(error) => {
            not_tested(&format!("nobody can listen at {address}: {error}"));
            None
        }
    }
}

/// Where `program` is. Where it is not, the test says so aloud, and under `CI=true` it fails.
pub fn installed(program: &str, package: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Where servers are, which not everybody's path names.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let file = folders.map(|folder| folder.join(program)).find(|file| file.is_file());
    if file.is_none() {
        not_tested(&format!("{program} is missing; apt-get install {package}"));
    }
    file
}

/// Says aloud that this system lacks what a test needs. Under `CI=true` that is a failure.
#[track_caller]
pub fn not_tested(why: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "NOT TESTED: {why}");
    // Not `eprintln`, which the test harness keeps to itself when the test passes.
    let _ = writeln!(std::io::stderr(), "NOT TESTED: {why}");
}
