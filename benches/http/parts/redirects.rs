//! What a redirect to sign in costs, and one to sign out.

use super::cpu::{Measured, measure, of};
use crate::site::preparation::Preparation;
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::{Case, Connection};

const OPEN: &str = "open route";
const LOGIN: &str = "/auth/login?next=/open";
const LOGOUT: &str = "/auth/logout";
/// What a browser says when its user follows a link of the same site.
const NAVIGATION: &str =
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document";

pub fn run() {
    let site = rocket::execute(Preparation::of(1));
    let server = Server::start(&ON_ONE_CORE, &site.settings, &[]);
    let pool = site.settings["cognito"]["domain"].as_str().expect("the pool's address");
    let stranger = [NAVIGATION.to_owned()];
    let signed_in = [format!("{NAVIGATION}\r\n{}", site.sessions()[0])];
    check(&server, LOGIN, &stranger[0], &format!("{pool}/oauth2/authorize?"));
    check(&server, LOGOUT, &signed_in[0], &format!("{pool}/logout?"));
    let cases = vec![
        Case::new(OPEN, "/open", &stranger, OPEN),
        Case::new("GET /auth/login", LOGIN, &stranger, OPEN).answered(303),
        Case::new("open route, cookies sent", "/open", &signed_in, OPEN),
        Case::new("GET /auth/logout, session", LOGOUT, &signed_in, "open route, cookies sent").answered(303),
    ];
    print(&measure(&server, cases, || {}));
}

/// Makes sure that the route leads to the pool.
fn check(server: &Server, path: &str, headers: &str, target: &str) {
    let mut connection = Connection::open(server.port());
    connection.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n"), 303);
    assert!(connection.head().contains(&format!("location: {target}")), "{}", connection.head());
}

fn print(measured: &[Measured]) {
    println!("\nRedirects: the server's CPU for a request, in µs");
    for one in measured {
        let (median, floor) = (one.median(), of(measured, one.case.floor));
        println!("  {:<36} {median:>8.2}  {:+.2} beside {}", one.case.name, median - floor, one.case.floor);
    }
}
