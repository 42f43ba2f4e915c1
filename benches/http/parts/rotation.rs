//! How long guarded requests take while the pool's keys rotate.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::pool::Pool;
use super::samples::{median, share};
use super::traffic::{Answered, Traffic};
use crate::site::preparation::{CLIENT, bearer, settings};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;

const ROTATIONS: u32 = 5;
/// More than the ten seconds in which an app fetches keys for a token with an unknown one only once.
const APART: Duration = Duration::from_millis(10_500);
const TOKENS: usize = 50;
const SECOND: Duration = Duration::from_secs(1);
/// Seconds after a rotation in which nothing happens any more, and before the next one's keys are generated.
const QUIET: std::ops::Range<u32> = 2..9;

pub fn run() {
    let pool = Pool::start();
    let server = Server::start(&ON_ONE_CORE, &settings(&pool), &[]);
    let fetched = || pool.requests(&pool.keys_path());
    let (tokens, fetched_at_launch) = (tokens(&pool), fetched());
    let first = Arc::new(case(&tokens));
    first.send(server.port(), 2_000);
    let (rotations, answered) =
        Traffic::during(server.port(), &first, |traffic| rotate(&pool, traffic, tokens));
    let fetches = fetched() - fetched_at_launch;
    assert_eq!(fetches, u64::from(ROTATIONS), "one fetch for each rotation");
    print(&rotations, &answered);
}

/// Header lines with new tokens.
fn tokens(pool: &Pool) -> Vec<String> {
    pool.apart(|pool| {
        let signed_in = || pool.sign_in("alice", CLIENT).expect("alice and the client are in the pool");
        (0..TOKENS).map(|_| bearer(&signed_in().access_token)).collect()
    })
}

fn case(tokens: &[String]) -> Case {
    Case::new("CognitoUser, bearer", "/user", tokens, "")
}

/// Rotates the keys from time to time; from then on tokens of the new ones come too. Returns when they did.
fn rotate(pool: &Pool, traffic: &Traffic, mut newest: Vec<String>) -> Vec<Instant> {
    let rotation = |_| {
        thread::sleep(APART);
        // The keys before are gone with this rotation.
        traffic.switch(case(&newest));
        pool.apart(|pool| pool.rotate_keys());
        let new = tokens(pool);
        let at = Instant::now();
        traffic.switch(case(&[new.clone(), newest.clone()].concat()));
        newest = new;
        at
    };
    let rotations = (0..ROTATIONS).map(rotation).collect();
    thread::sleep(APART);
    rotations
}

/// What the requests of one second took.
fn second(answered: &[Answered], start: Instant) -> Vec<f64> {
    let within = answered.iter().filter(|one| one.asked_at >= start && one.asked_at < start + SECOND);
    within.map(|one| one.microseconds).collect()
}

fn print(rotations: &[Instant], answered: &[Answered]) {
    println!("\nGuarded requests while keys rotate: µs, medians of seconds");
    println!("  {:<36} {:>8} {:>8} {:>8} {:>8} {:>8}", "", "requests", "50 %", "99 %", "99.9 %", "longest");
    let quiet = rotations.iter().flat_map(|at| QUIET.map(|later| second(answered, *at + SECOND * later)));
    let quiet: Vec<_> = quiet.collect();
    let rotating: Vec<_> = rotations.iter().map(|at| second(answered, *at)).collect();
    let of_all =
        |seconds: &[Vec<f64>], part| median(&seconds.iter().map(|one| share(one, part)).collect::<Vec<_>>());
    for (name, seconds) in [("a quiet second", &quiet), ("the second after a rotation", &rotating)] {
        let requests = median(&seconds.iter().map(|one| one.len() as f64).collect::<Vec<_>>());
        let [half, most, nearly_all, all] = [0.5, 0.99, 0.999, 1.0].map(|part| of_all(seconds, part));
        println!("  {name:<36} {requests:>8} {half:>8.1} {most:>8.1} {nearly_all:>8.1} {all:>8.1}");
    }
    let ratio = of_all(&rotating, 0.99) / of_all(&quiet, 0.99);
    println!("99 % in the second after a rotation: × {ratio:.2} of a quiet one");
}
