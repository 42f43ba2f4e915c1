//! Tokens that are refused: such as cost a signature, and such as have not even the form of a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::cpu::{Measured, measure, of};
use super::samples::median;
use crate::site::key::decoded;
use crate::site::preparation::{Preparation, bearer};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;
use crate::site::rsa::Rsa;

const OPEN: &str = "open route";
const OPEN_401: &str = "open route that answers 401";
const PRIVATE_401: &str = "the same with a refusal's headers";
const WRONG_SIGNATURE: &str = "wrong signature, each token another";

pub fn run() {
    let site = rocket::execute(Preparation::new());
    let good: Vec<&str> = site.tokens().collect();
    let refused = |name, path, headers: &[String]| Case::new(name, path, headers, OPEN).answered(401);
    let junk = |name, spoil: fn(&str) -> String| {
        let headers: Vec<String> = good.iter().map(|token| bearer(&spoil(token))).collect();
        refused(name, "/user", &headers)
    };
    let one = &site.bearer()[..1];
    let other_scheme = [format!("Authorization: Digest {}", good[0])];
    let cases = vec![
        Case::new(OPEN, "/open", one, OPEN),
        refused(OPEN_401, "/unauthorized", one),
        refused(PRIVATE_401, "/unauthorized-private", one),
        refused("guard that refuses each request", "/header", &other_scheme),
        refused(WRONG_SIGNATURE, "/user", &with_signatures_of_others(&good)),
        junk("no dots", |token| token.replace('.', "_")),
        junk("not in base64url", |token| token.replacen('.', ".!", 1)),
        junk("claims that are no JSON", |token| with_part(token, 1, b"{\"sub\":")),
        junk("another algorithm", of_another_algorithm),
    ];
    let mut rsa = Rsa::new(&site);
    let measured = measure(&Server::start(&ON_ONE_CORE, &site.settings, &[]), cases, || rsa.round());
    print(&measured, median(&rsa.rounds));
}

/// Each token with the next one's signature.
fn with_signatures_of_others(tokens: &[&str]) -> Vec<String> {
    let parts: Vec<_> = tokens.iter().map(|token| token.rsplit_once('.').expect("a token")).collect();
    let next = parts.iter().cycle().skip(1);
    parts.iter().zip(next).map(|((signed, _), (_, other))| bearer(&format!("{signed}.{other}"))).collect()
}

/// A token with other bytes in one of its parts.
fn with_part(token: &str, number: usize, bytes: &[u8]) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[number] = URL_SAFE_NO_PAD.encode(bytes);
    parts.join(".")
}

fn of_another_algorithm(token: &str) -> String {
    let header = decoded(token.split('.').next().expect("a token"));
    let mut header: Value = serde_json::from_slice(&header).expect("a header in JSON");
    header["alg"] = "HS256".into();
    with_part(token, 0, header.to_string().as_bytes())
}

fn print(measured: &[Measured], rsa: f64) {
    println!("\nTokens that are refused, and how many a second of the server's core answers");
    println!(
        "  {:<36} {:>8} {:>9}  beside {OPEN}, beside its 401 with the same headers",
        "", "µs", "a second"
    );
    let (open, refusal) = (of(measured, OPEN), of(measured, PRIVATE_401));
    for one in measured {
        let cpu = one.median();
        let (name, per_second) = (one.case.name, 1e6 / cpu);
        println!("  {name:<36} {cpu:>8.2} {per_second:>9.0}  {:.3}  {:.3}", open / cpu, refusal / cpu);
    }
    let junk = of(measured, WRONG_SIGNATURE);
    println!("  {:<36} {rsa:>8.2} {:>9.0}", "RSA alone, with a parsed key", 1e6 / rsa);
    println!("Wrong signatures answered in a second, beside how many it could be if each cost no more than");
    for (limit, cpu) in [
        ("RSA alone", rsa),
        ("the open route and RSA", open + rsa),
        ("its 401 and RSA", of(measured, OPEN_401) + rsa),
        ("its 401 with the same headers and RSA", refusal + rsa),
    ] {
        println!("  {limit:<40} {:.3}", cpu / junk);
    }
}
