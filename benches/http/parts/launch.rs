//! How long an app takes from the start of its process to its first answer.

use std::time::Instant;

use serde_json::{Value, json};

use super::pool::Pool;
use super::samples::median;
use crate::site::preparation::{Preparation, settings};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Connection;

const STARTS: usize = 15;

struct Launched<'s> {
    name: &'static str,
    settings: &'s Value,
    /// Until the first answer, in ms.
    elapsed: Vec<f64>,
    /// The CPU of it, in ms.
    cpu: Vec<f64>,
}

impl<'s> Launched<'s> {
    fn new(name: &'static str, settings: &'s Value) -> Self {
        Launched { name, settings, elapsed: Vec::new(), cpu: Vec::new() }
    }

    fn start(&mut self) {
        let started_at = Instant::now();
        let server = Server::start(&ON_ONE_CORE, self.settings, &[]);
        get(server.port(), "/open");
        self.elapsed.push(started_at.elapsed().as_secs_f64() * 1e3);
        self.cpu.push(server.cpu() as f64 / 1e6);
    }
}

pub fn run() {
    let site = rocket::execute(Preparation::of(1));
    let pool = Pool::start();
    let (bare, fetching) = (json!({}), settings(&pool));
    let mut apps = [
        Launched::new("bare Rocket", &bare),
        Launched::new("with the fairing, keys in the settings", &site.settings),
        Launched::new("with the fairing, keys fetched", &fetching),
    ];
    // The first start of each reads the program from the disk.
    apps.iter_mut().for_each(Launched::start);
    for app in &mut apps {
        (app.elapsed, app.cpu) = Default::default();
    }
    let mut fetches = Vec::new();
    for _ in 0..STARTS {
        apps.iter_mut().for_each(Launched::start);
        let started_at = Instant::now();
        get(port(&pool.base_url()), &pool.keys_path());
        fetches.push(started_at.elapsed().as_secs_f64() * 1e3);
    }
    print(&apps, median(&fetches));
}

/// One request over a connection of its own.
fn get(port: u16, path: &str) {
    Connection::open(port).send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
}

fn port(url: &str) -> u16 {
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a URL with a port")
}

fn print(apps: &[Launched<'_>], fetch: f64) {
    println!("\nFrom the start of the process to the first answer: ms, medians of {STARTS} starts");
    println!("  {:<40} {:>8} {:>8}", "", "elapsed", "CPU");
    let [bare, _, fetching] =
        [0, 1, 2].map(|number| (median(&apps[number].elapsed), median(&apps[number].cpu)));
    for app in apps {
        let (elapsed, cpu) = (median(&app.elapsed), median(&app.cpu));
        let (more, more_cpu) = (elapsed - bare.0, cpu - bare.1);
        println!("  {:<40} {elapsed:>8.2} {cpu:>8.2}  {more:+.2}, CPU {more_cpu:+.2}", app.name);
    }
    println!("  {:<40} {fetch:>8.2}", "the fetch alone, by another program");
    println!("Beside the fetch, the fairing that fetches adds {:.2} ms", fetching.0 - bare.0 - fetch);
}
