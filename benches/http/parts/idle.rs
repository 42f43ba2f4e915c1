//! How often an app wakes up while nobody asks for anything.

use std::thread;
use std::time::Duration;

use serde_json::json;

use super::pool::Pool;
use crate::site::preparation::{CLIENT, Preparation, bearer, session, settings};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;

const REQUESTS: usize = 100;
/// Until what the requests began has ended.
const SETTLING: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(30);

pub fn run() {
    let site = rocket::execute(Preparation::of(1));
    let pool = Pool::start();
    let tokens = pool.sign_in("alice", CLIENT).expect("alice and the client are in the pool");
    let mut renewing = settings(&pool);
    renewing["cognito"]["refresh_flow_enabled"] = true.into();
    let cookies = session(&tokens.access_token, &tokens.id_token);
    let apps = [
        ("bare Rocket", json!({}), "/open", site.bearer().remove(0)),
        ("with the fairing, keys in the settings", site.settings.clone(), "/user", site.bearer().remove(0)),
        ("with the fairing, keys fetched", settings(&pool), "/user", bearer(&tokens.access_token)),
        ("the same, with sessions that are renewed", renewing, "/user", cookies),
    ];
    let servers = apps.each_ref().map(|(_, settings, path, header)| {
        let server = Server::start(&ON_ONE_CORE, settings, &[]);
        Case::new("used", path, std::slice::from_ref(header), "").send(server.port(), REQUESTS);
        server
    });
    thread::sleep(SETTLING);
    let before = servers.each_ref().map(Server::sleeps);
    thread::sleep(IDLE);
    println!("\nHow often the threads of an app woke up in {} idle seconds", IDLE.as_secs());
    for (((name, ..), server), before) in apps.iter().zip(&servers).zip(before) {
        println!("  {name:<44} {:>6}", server.sleeps() - before);
    }
}
