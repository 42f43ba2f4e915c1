//! What an app keeps in memory beside a bare Rocket app, and what it keeps for a token.

use serde_json::{Value, json};

use super::pool::Pool;
use super::samples::median;
use crate::site::preparation::{CLIENT, Preparation, bearer, settings};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;

const STARTS: usize = 5;
const REQUESTS: usize = 1_000;
const TOKENS: usize = 10_000;
/// All, what is the process's alone, and what is of files: its code, for the most part, which the kernel may drop.
const KINDS: [&str; 3] = ["VmRSS", "RssAnon", "RssFile"];
const LITTLE: u64 = 8 << 20;

pub fn run() {
    apps();
    tokens();
}

/// An app that runs, and what is asked of it.
struct App {
    name: &'static str,
    settings: Value,
    case: Case,
}

impl App {
    /// The medians of each kind of memory after the requests, in kB.
    fn measure(&self) -> [f64; 3] {
        let starts: Vec<[f64; 3]> = (0..STARTS)
            .map(|_| {
                let server = Server::start(&ON_ONE_CORE, &self.settings, &[]);
                self.case.send(server.port(), REQUESTS);
                KINDS.map(|kind| server.memory(kind) as f64)
            })
            .collect();
        [0, 1, 2].map(|kind| median(&starts.iter().map(|start| start[kind]).collect::<Vec<_>>()))
    }
}

fn apps() {
    let site = rocket::execute(Preparation::of(1));
    let pool = Pool::start();
    let tokens = pool.sign_in("alice", CLIENT).expect("alice and the client are in the pool");
    let (inline, fetched) = (site.bearer(), vec![bearer(&tokens.access_token)]);
    let open = || Case::new("open", "/open", &inline, "");
    let guarded_by = |header| Case::new("guarded", "/user", header, "");
    let guarded = || guarded_by(&inline);
    let app = |name, settings, case| App { name, settings, case };
    let apps = [
        app("bare Rocket", json!({}), open()),
        app("with the fairing, open requests", site.settings.clone(), open()),
        app("the same, guarded requests", site.settings.clone(), guarded()),
        app("the same, without a cache of tokens", site.settings_with("token_cache_entries", 0), guarded()),
        // A client for https has the system's root certificates.
        app("the same, a pool at https", site.settings_with("domain", "https://auth.example.com"), guarded()),
        app("keys fetched by http, guarded requests", settings(&pool), guarded_by(&fetched)),
    ];
    println!("\nMemory after {REQUESTS} requests: kB, medians of {STARTS} starts");
    println!("  {:<40} {:>8} {:>8} {:>8}  beside bare Rocket", "", KINDS[0], KINDS[1], KINDS[2]);
    let measured = apps.each_ref().map(App::measure);
    for (app, of_app) in apps.iter().zip(measured) {
        let [all, own, files] = of_app;
        let [more, more_own, more_files] = [0, 1, 2].map(|kind| of_app[kind] - measured[0][kind]);
        let name = app.name;
        println!("  {name:<40} {all:>8} {own:>8} {files:>8}  {more:+}, of which {more_own:+} {more_files:+}");
    }
}

/// How much more memory a server has after each token came once.
fn growth(settings: &Value, tokens: &[String]) -> f64 {
    let server = Server::start(&ON_ONE_CORE, settings, &[]);
    Case::new("warm", "/user", &tokens[..1], "").send(server.port(), REQUESTS);
    let before = server.memory(KINDS[0]);
    Case::new("all", "/user", tokens, "").send(server.port(), tokens.len());
    server.memory(KINDS[0]) as f64 - before as f64
}

fn tokens() {
    let site = rocket::execute(Preparation::of(TOKENS));
    let (bearer, size) = (site.bearer(), site.tokens().next().map_or(0, str::len));
    let none = site.settings_with("token_cache_entries", 0);
    let mut ample = site.settings_with("token_cache_entries", 2 * TOKENS);
    ample["cognito"]["token_cache_bytes"] = (1_u64 << 30).into();
    let mut little = ample.clone();
    little["cognito"]["token_cache_bytes"] = LITTLE.into();
    println!("\n{TOKENS} tokens of {size} bytes, each once: how much more memory, in kB");
    let grown = [&none, &ample, &little].map(|settings| growth(settings, &bearer));
    let for_a_token = grown[1] * 1.024 / TOKENS as f64;
    println!("  {:<40} {:>8}", "without a cache of tokens", grown[0]);
    println!("  {:<40} {:>8}: {for_a_token:.2} kB of 1,000 bytes for each", "with room for all", grown[1]);
    let limit = LITTLE / 1_024;
    let (name, of_limit) = (format!("token_cache_bytes of {limit} kB"), grown[2] / limit as f64);
    println!("  {name:<40} {:>8}: × {of_limit:.2} of the setting", grown[2]);
}
