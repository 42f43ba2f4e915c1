//! How many requests a server on one core answers in a second, with the load on another.

use std::time::{Duration, Instant};

use super::samples::median;
use crate::site::preparation::Preparation;
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::{Case, Connection};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(700);
const CONNECTIONS: usize = 8;
const OPEN: &str = "open route";

struct Counted<'s> {
    case: Case,
    server: &'s Server,
    /// Requests in a second.
    rates: Vec<f64>,
    /// The share of its core that the server used; where it is not nearly all, the load was the limit.
    busy: Vec<f64>,
}

impl Counted<'_> {
    /// A closed loop: each connection asks again when its answer has come.
    fn round(&mut self) {
        let mut connections: Vec<_> =
            (0..CONNECTIONS).map(|_| Connection::open(self.server.port())).collect();
        for (number, connection) in connections.iter_mut().enumerate() {
            self.case.ask(connection, number);
        }
        let (start, before, mut answered) = (Instant::now(), self.server.cpu(), 0);
        while start.elapsed() < ROUND {
            for connection in &mut connections {
                self.case.check(connection);
                self.case.ask(connection, answered + CONNECTIONS);
                answered += 1;
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        self.rates.push(answered as f64 / seconds);
        self.busy.push((self.server.cpu() - before) as f64 / 1e9 / seconds);
        connections.iter_mut().for_each(|connection| self.case.check(connection));
    }
}

pub fn run() {
    let site = rocket::execute(Preparation::new());
    let (bearer, sessions) = (site.bearer(), site.sessions());
    let token = &bearer[..1];
    let server = Server::start(&ON_ONE_CORE, &site.settings, &[]);
    let forgetful = Server::start(&ON_ONE_CORE, &site.settings_with("token_cache_entries", 1), &[]);
    let cases = [
        (Case::new(OPEN, "/open", token, OPEN), &server),
        (Case::new("guard that reads the header", "/header", token, OPEN), &server),
        (Case::new("the same, private", "/header-private", token, OPEN), &server),
        (Case::new("CognitoUser, bearer", "/user", token, OPEN), &server),
        (Case::new("CognitoUser, 2,000 tokens in turn", "/user", &bearer, OPEN), &server),
        (Case::new("open route, cookies sent", "/open", &sessions[..1], OPEN), &server),
        (Case::new("CognitoUser, session", "/user", &sessions[..1], OPEN), &server),
        (Case::new("CognitoUser, each token verified", "/user", &bearer, OPEN), &forgetful),
    ];
    compare(cases.into());
}

/// Counts the answers of these cases in rounds that take turns, and prints them beside the first case's.
pub fn compare(cases: Vec<(Case, &Server)>) {
    let counted = |(case, server)| Counted { case, server, rates: Vec::new(), busy: Vec::new() };
    let mut counted: Vec<_> = cases.into_iter().map(counted).collect();
    for Counted { case, server, .. } in &counted {
        case.send(server.port(), case.variety().max(1_000));
    }
    for _ in 0..ROUNDS {
        counted.iter_mut().for_each(Counted::round);
    }
    print(&counted);
}

fn print(counted: &[Counted<'_>]) {
    println!("\n{CONNECTIONS} connections, from another core: requests in a second");
    println!("  {:<36} {:>8} {:>8} {:>8} {:>6}", "", "median", "least", "most", "busy");
    let (first, of_first) = (counted[0].case.name, median(&counted[0].rates));
    for Counted { case, rates, busy, .. } in counted {
        let (rate, busy) = (median(rates), median(busy) * 100.0);
        let [least, most] = [f64::min, f64::max].map(|choose| rates.iter().copied().reduce(choose).unwrap());
        println!(
            "  {:<36} {rate:>8.0} {least:>8.0} {most:>8.0} {busy:>4.0} %  × {:.3} of {first}",
            case.name,
            rate / of_first
        );
    }
    println!(
        "busy: how much of its core the server used; where it is less than nearly all, the load was the limit"
    );
}
