//! What a guard costs when its session lies in Redis, beside sessions that lie in cookies, and beside a guard written by
//! hand that asks Redis for the same.

use std::thread;
use std::time::Duration;

use super::cpu::{measure, of, print};
use super::latency;
use super::pool::Pool;
use super::store::{settings_with_store, sign_in};
use super::throughput;
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::redis_server::RedisServer;
use crate::site::requests::Case;

const OPEN: &str = "open route, id sent";
const BY_HAND: &str = "HMGET by hand, private";
const IN_REDIS: &str = "CognitoUser, in Redis";
const IN_COOKIES: &str = "CognitoUser, in cookies";

/// Until what the requests began has ended.
const SETTLING: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(120);

/// An app whose sessions lie in Redis, with one of each kind.
struct Site {
    server: Server,
    id: [String; 1],
    cookies: [String; 1],
    redis: RedisServer,
    _pool: Pool,
}

impl Site {
    fn new() -> Option<Self> {
        let redis = RedisServer::start()?;
        let pool = Pool::start();
        let settings = |writes| settings_with_store(&pool, &redis.url(), writes);
        let header_of = |settings, cookie| [sign_in(&Server::start(&ON_ONE_CORE, &settings, &[]), cookie)];
        let id = header_of(settings(true), "cognito_sid");
        let cookies = header_of(settings(false), "cognito_refresh_token");
        let mut settings = settings(true);
        redis.add_entry_to(&mut settings);
        let server = Server::start(&ON_ONE_CORE, &settings, &[]);
        Some(Site { server, id, cookies, redis, _pool: pool })
    }

    fn cases(&self) -> Vec<Case> {
        let Site { id, cookies, .. } = self;
        vec![
            Case::new(OPEN, "/open", id, OPEN),
            Case::new("guard that looks the id up, private", "/cookie-private", id, OPEN),
            Case::new(BY_HAND, "/by-hand", id, OPEN),
            Case::new(IN_REDIS, "/user", id, BY_HAND),
            Case::new("the same, e-mail address read", "/email", id, BY_HAND),
            Case::new(IN_COOKIES, "/user", cookies, OPEN),
        ]
    }
}

/// The server's CPU and how long an answer takes; Redis, server and load share a core.
pub fn run() {
    let Some(site) = Site::new() else { return };
    let measured = measure(&site.server, site.cases(), || {});
    print("Sessions in Redis", &measured);
    let in_cookies = of(&measured, IN_REDIS) / of(&measured, IN_COOKIES);
    println!("  {IN_REDIS}: × {in_cookies:.3} of {IN_COOKIES}");
    latency::compare(&site.server, site.cases());
}

/// How many answers a second; Redis is on the load's core.
pub fn rate() {
    let Some(site) = Site::new() else { return };
    throughput::compare(site.cases().into_iter().map(|case| (case, &site.server)).collect());
}

/// How often an app with a connection to Redis wakes up while nobody asks for anything.
pub fn idle() {
    let Some(site) = Site::new() else { return };
    Case::new(IN_REDIS, "/user", &site.id, "").send(site.server.port(), 100);
    thread::sleep(SETTLING);
    let count = || {
        let commands = ["time", "hmget", "evalsha"]
            .map(|name| site.redis.number("commandstats", &format!("cmdstat_{name}")));
        (site.server.sleeps(), commands)
    };
    let (sleeps, commands) = count();
    thread::sleep(IDLE);
    let (later_sleeps, later_commands) = count();
    println!("\nAn app with sessions in Redis, {} seconds at rest", IDLE.as_secs());
    println!("  its threads woke up {} times", later_sleeps - sleeps);
    for (name, sent) in ["TIME", "HMGET", "EVALSHA"].iter().zip(later_commands.iter().zip(commands)) {
        println!("  {name:<8} {:>4}", sent.0 - sent.1);
    }
}
