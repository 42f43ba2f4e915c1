//! How long an answer takes, on one core with the server.

use std::time::Instant;

use super::samples::{median, share};
use crate::site::preparation::Preparation;
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::{Case, Connection};

const ROUNDS: usize = 25;
const REQUESTS: usize = 1_000;
const OPEN: &str = "open route";

/// What each request of each round took, in µs.
struct Timed {
    case: Case,
    rounds: Vec<Vec<f64>>,
}

impl Timed {
    fn round(&mut self, port: u16) {
        let mut connection = Connection::open(port);
        let mut timed = |number| {
            let asked_at = Instant::now();
            self.case.ask(&mut connection, number);
            self.case.check(&mut connection);
            asked_at.elapsed().as_secs_f64() * 1e6
        };
        self.rounds.push((0..REQUESTS).map(&mut timed).collect());
    }

    /// The median of what the rounds' requests, but for the slowest ones, stay within: a neighbour of the machine that
    /// disturbs some rounds does not count.
    fn within(&self, of_all: f64) -> f64 {
        let rounds: Vec<f64> = self.rounds.iter().map(|round| share(round, of_all)).collect();
        median(&rounds)
    }
}

pub fn run() {
    let site = rocket::execute(Preparation::new());
    let (bearer, sessions) = (site.bearer(), site.sessions());
    let (token, session) = (&bearer[..1], &sessions[..1]);
    let server = Server::start(&ON_ONE_CORE, &site.settings, &[]);
    let cases = [
        Case::new(OPEN, "/open", token, OPEN),
        Case::new("guard that reads the header", "/header", token, OPEN),
        Case::new("CognitoUser, bearer", "/user", token, OPEN),
        Case::new("CognitoUser, 2,000 tokens in turn", "/user", &bearer, OPEN),
        Case::new("open route, cookies sent", "/open", session, OPEN),
        Case::new("CognitoUser, session", "/user", session, "open route, cookies sent"),
    ];
    compare(&server, cases.into());
}

/// Times these cases in rounds that take turns, and prints what was measured.
pub fn compare(server: &Server, cases: Vec<Case>) {
    let mut timed: Vec<_> = cases.into_iter().map(|case| Timed { case, rounds: Vec::new() }).collect();
    for Timed { case, .. } in &timed {
        case.send(server.port(), REQUESTS.max(case.variety()));
    }
    for _ in 0..ROUNDS {
        timed.iter_mut().for_each(|one| one.round(server.port()));
    }
    print(&timed);
}

fn print(timed: &[Timed]) {
    println!("\nOne request after the other, on the server's core: how long an answer takes, in µs");
    println!("  {:<36} {:>8} {:>8} {:>8}", "", "50 %", "99 %", "99.9 %");
    for one in timed {
        let floor = timed.iter().find(|other| other.case.name == one.case.floor).expect("a floor");
        let [half, most, nearly_all] = [0.5, 0.99, 0.999].map(|of_all| one.within(of_all));
        let (name, added) = (one.case.name, most - floor.within(0.99));
        println!(
            "  {name:<36} {half:>8.1} {most:>8.1} {nearly_all:>8.1}  99 %: {added:+.1} beside {}",
            floor.case.name
        );
    }
}
