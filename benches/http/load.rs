//! Sends requests, and reads what they cost.

use crate::site::preparation::{Preparation, crowded};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;

const ROUNDS: usize = 9;
const REQUESTS: usize = 4_000;

/// What each round measured, in µs for a request.
struct Measured {
    case: Case,
    rounds: Vec<f64>,
}

impl Measured {
    fn median(&self) -> f64 {
        let mut sorted = self.rounds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

pub fn run() {
    let site = rocket::execute(Preparation::new());
    let (bearer, sessions) = (site.bearer(), site.sessions());
    let (token, session, crowded) = (&bearer[..1], &sessions[..1], [crowded(&sessions[0])]);
    let warm = vec![
        Case::new("open route", "/open", token, "open route"),
        Case::new("guard that reads the header", "/header", token, "open route"),
        Case::new("the same, private", "/header-private", token, "guard that reads the header"),
        Case::new("CognitoUser, bearer", "/user", token, "the same, private"),
        Case::new("CognitoUser, 2,000 tokens in turn", "/user", &bearer, "the same, private"),
        Case::new("InGroups, bearer", "/in-groups", token, "CognitoUser, bearer"),
        Case::new("InAnyGroup, bearer", "/in-any-group", token, "CognitoUser, bearer"),
        Case::new("three guards, bearer", "/three", token, "CognitoUser, bearer"),
        Case::new("open route, cookies sent", "/open", session, "open route"),
        Case::new("guard that looks the cookie up", "/cookie", session, "open route, cookies sent"),
        Case::new("the cookie, private", "/cookie-private", session, "guard that looks the cookie up"),
        Case::new("CognitoUser, session", "/user", session, "the cookie, private"),
        Case::new("the cookie, 200 foreign ones sent", "/cookie-private", &crowded, "the cookie, private"),
        Case::new("CognitoUser, 200 foreign cookies", "/user", &crowded, "the cookie, 200 foreign ones sent"),
    ];
    let uncached = vec![
        Case::new("open route", "/open", token, "open route"),
        Case::new("CognitoUser, each token verified", "/user", &bearer, "open route"),
    ];
    let warm = measure(&Server::start(&ON_ONE_CORE, &site.settings, &[]), warm);
    let cold = site.settings_with("token_cache_entries", 0);
    let uncached = measure(&Server::start(&ON_ONE_CORE, &cold, &[]), uncached);
    print("Tokens that were seen before", &warm);
    print("token_cache_entries = 0", &uncached);
}

fn measure(server: &Server, cases: Vec<Case>) -> Vec<Measured> {
    for case in &cases {
        case.send(server.port(), REQUESTS.max(case.variety()));
    }
    let mut measured: Vec<_> = cases.into_iter().map(|case| Measured { case, rounds: Vec::new() }).collect();
    for _ in 0..ROUNDS {
        for Measured { case, rounds } in &mut measured {
            let before = server.cpu();
            case.send(server.port(), REQUESTS);
            rounds.push((server.cpu() - before) as f64 / 1e3 / REQUESTS as f64);
        }
    }
    measured
}

fn print(title: &str, measured: &[Measured]) {
    println!("\n{title}: the server's CPU for a request, in µs");
    for one in measured {
        let floor = measured.iter().find(|other| other.case.name == one.case.floor);
        let (median, floor) = (one.median(), floor.map_or(f64::NAN, Measured::median));
        println!("  {:<36} {median:>8.2}  × {:.3} of {}", one.case.name, median / floor, one.case.floor);
    }
}
