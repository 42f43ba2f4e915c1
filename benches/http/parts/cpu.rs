//! The server's CPU for a request, route by route.

use super::samples::median;
use crate::site::process::Server;
use crate::site::requests::Case;

pub const ROUNDS: usize = 9;
const REQUESTS: usize = 4_000;

/// What each round measured, in µs for a request.
pub struct Measured {
    pub case: Case,
    rounds: Vec<f64>,
}

impl Measured {
    pub fn median(&self) -> f64 {
        median(&self.rounds)
    }
}

/// Measures these cases in rounds that take turns, with something `beside` them in each.
pub fn measure(server: &Server, cases: Vec<Case>, mut beside: impl FnMut()) -> Vec<Measured> {
    for case in &cases {
        case.send(server.port(), REQUESTS.max(case.variety()));
    }
    let mut measured: Vec<_> = cases.into_iter().map(|case| Measured { case, rounds: Vec::new() }).collect();
    for _ in 0..ROUNDS {
        beside();
        for Measured { case, rounds } in &mut measured {
            let before = server.cpu();
            case.send(server.port(), REQUESTS);
            rounds.push((server.cpu() - before) as f64 / 1e3 / REQUESTS as f64);
        }
    }
    measured
}

/// The median of the case with this name.
pub fn of(measured: &[Measured], name: &str) -> f64 {
    measured.iter().find(|one| one.case.name == name).map_or(f64::NAN, Measured::median)
}

pub fn print(title: &str, measured: &[Measured]) {
    println!("\n{title}: the server's CPU for a request, in µs");
    for one in measured {
        let (median, floor) = (one.median(), of(measured, one.case.floor));
        println!("  {:<36} {median:>8.2}  × {:.3} of {}", one.case.name, median / floor, one.case.floor);
    }
}
