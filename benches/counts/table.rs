//! What is counted, and how it is told.

use serde_json::Value;

use crate::allocations;
use crate::instructions;
use crate::site::preparation::{Preparation, crowded};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;

/// What a request costs.
struct Counts {
    name: &'static str,
    floor: &'static str,
    allocations: f64,
    bytes: f64,
    instructions: Option<f64>,
}

pub fn run() {
    let site = rocket::execute(Preparation::new());
    let (bearer, sessions) = (site.bearer(), site.sessions());
    let (token, session, crowded) = (&bearer[..1], &sessions[..1], [crowded(&sessions[0])]);
    let unsigned = [token[0].rsplit_once('.').expect("a signature").0.to_owned()];
    let short = ["Authorization: Bearer short".to_owned()];
    let wrong = [swapped(&bearer[0], &bearer[1])];
    let plain = vec![Case::new("open route, no fairing", "/open", token, "open route, no fairing")];
    let warm = vec![
        Case::new("open route", "/open", token, "open route, no fairing"),
        Case::new("header guard", "/header", token, "open route"),
        Case::new("header guard, private", "/header-private", token, "header guard"),
        Case::new("CognitoUser, bearer", "/user", token, "header guard, private"),
        Case::new("three guards", "/three", token, "CognitoUser, bearer"),
        Case::new("InGroups", "/in-groups", token, "CognitoUser, bearer"),
        Case::new("InAnyGroup", "/in-any-group", token, "CognitoUser, bearer"),
        Case::new("2,000 tokens in turn", "/user", &bearer, "header guard, private"),
        Case::new("header guard refuses", "/header", &short, "open route").answered(401),
        Case::new("malformed token", "/user", &unsigned, "header guard refuses").answered(401),
        Case::new("wrong signature", "/user", &wrong, "header guard refuses").answered(401),
        Case::new("open route, cookies sent", "/open", session, "open route"),
        Case::new("cookie guard", "/cookie", session, "open route, cookies sent"),
        Case::new("cookie guard, private", "/cookie-private", session, "cookie guard"),
        Case::new("CognitoUser, session", "/user", session, "cookie guard, private"),
        Case::new("cookie guard, 200 foreign", "/cookie-private", &crowded, "cookie guard, private"),
        Case::new("CognitoUser, 200 foreign", "/user", &crowded, "cookie guard, 200 foreign"),
    ];
    let cold = vec![Case::new("CognitoUser, no cache", "/user", token, "header guard, private")];
    let without = Value::Object(Default::default());
    let uncached = site.settings_with("token_cache_entries", 0);
    let mut all = Vec::new();
    for (settings, cases) in [(&without, plain), (&site.settings, warm), (&uncached, cold)] {
        let server = Server::start(&ON_ONE_CORE, settings, &[]);
        for case in cases {
            let (allocations, bytes) = allocations::measure(&server, &case);
            let instructions = instructions::are_countable().then(|| instructions::measure(settings, &case));
            let (name, floor) = (case.name, case.floor);
            all.push(Counts { name, floor, allocations, bytes, instructions });
        }
    }
    if !instructions::are_countable() {
        println!("INSTRUCTIONS ARE NOT COUNTED: there is no valgrind here.");
    }
    print(&all);
}

/// A header line with another one's signature.
fn swapped(header: &str, other: &str) -> String {
    let (signed, other) =
        (header.rsplit_once('.').expect("a token"), other.rsplit_once('.').expect("a token"));
    format!("{}.{}", signed.0, other.1)
}

/// Each case beside its floor, and beside the floor of that.
fn print(all: &[Counts]) {
    let find = |name: &str| all.iter().find(|other| other.name == name).expect("a floor is a case too");
    println!("{:<26} {:>11} {:>10} {:>12}", "for each request", "allocations", "bytes", "instructions");
    for one in all {
        let instructions = number(one.instructions, |it| format!("{it:.0}"));
        println!("\n{:<26} {:>11.1} {:>10.0} {instructions:>12}", one.name, one.allocations, one.bytes);
        let floor = find(one.floor);
        let mut floors = vec![floor, find(floor.floor)];
        floors.dedup_by_key(|floor| floor.name);
        for floor in floors.into_iter().filter(|floor| floor.name != one.name) {
            let both = one.instructions.zip(floor.instructions);
            let more = number(both, |(one, floor)| format!("{:+.0}", one - floor));
            let ratio = number(both, |(one, floor)| format!("{:.3}", one / floor));
            // Adding 0 makes no sign of what was rounded to nothing.
            let allocations = ((one.allocations - floor.allocations) * 10.0).round() / 10.0 + 0.0;
            let bytes = one.bytes - floor.bytes;
            println!(
                "{:>26} {allocations:>+11.1} {bytes:>+10.0} {more:>12} × {ratio} of {}",
                "beyond", floor.name
            );
        }
    }
}

fn number<T>(counted: Option<T>, text: impl FnOnce(T) -> String) -> String {
    counted.map_or("?".to_owned(), text)
}
