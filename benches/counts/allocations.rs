//! How often the server allocates.

use std::alloc::System;

use rocket::{Build, Rocket, get, routes};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::site::process::Server;
use crate::site::requests::{Case, Connection};

const REQUESTS: usize = 2_000;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What this process has asked its allocator for so far: how often, and for how many bytes. To move what has grown
/// counts as once more.
#[get("/allocations")]
fn so_far() -> String {
    let stats = ALLOCATOR.stats();
    format!("{} {}", stats.allocations + stats.reallocations, stats.bytes_allocated)
}

/// The app with a route that tells them.
pub fn count(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.mount("/", routes![so_far])
}

/// Allocations and bytes for each request.
pub fn measure(server: &Server, case: &Case) -> (f64, f64) {
    let requests = REQUESTS.max(case.variety());
    let mut connection = Connection::open(server.port());
    case.send(server.port(), requests);
    let [start, once, twice] = [0, requests, 2 * requests].map(|count| {
        case.send(server.port(), count);
        read(&mut connection)
    });
    // Of connections and of the asking there are as many in both.
    let each = |part: fn((i64, i64)) -> i64| {
        (part(twice) - part(once) - (part(once) - part(start))) as f64 / requests as f64
    };
    (each(|it| it.0), each(|it| it.1))
}

fn read(connection: &mut Connection) -> (i64, i64) {
    let request = "GET /allocations HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let text = std::str::from_utf8(connection.send(request, 200)).expect("text");
    let (count, bytes) = text.split_once(' ').expect("two numbers");
    (count.parse().expect("a number"), bytes.parse().expect("a number"))
}
