//! What guards cost beside open routes and guards that only look, and what a token costs that was not seen before.

use super::cpu::{measure, of, print};
use super::samples::median;
use crate::site::preparation::{Preparation, crowded};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;
use crate::site::rsa::Rsa;

const MANY: &str = "the same, private, 2,000 in turn";
const COLD: &str = "CognitoUser, each token verified";

pub fn run() {
    let site = rocket::execute(Preparation::new());
    let (bearer, sessions) = (site.bearer(), site.sessions());
    let (token, session, crowded) = (&bearer[..1], &sessions[..1], [crowded(&sessions[0])]);
    let warm = vec![
        Case::new("open route", "/open", token, "open route"),
        Case::new("guard that reads the header", "/header", token, "open route"),
        Case::new("the same, private", "/header-private", token, "guard that reads the header"),
        Case::new("CognitoUser, bearer", "/user", token, "the same, private"),
        Case::new(MANY, "/header-private", &bearer, "the same, private"),
        Case::new("CognitoUser, 2,000 tokens in turn", "/user", &bearer, MANY),
        Case::new("InGroups, bearer", "/in-groups", token, "CognitoUser, bearer"),
        Case::new("InAnyGroup, bearer", "/in-any-group", token, "CognitoUser, bearer"),
        Case::new("three guards, bearer", "/three", token, "CognitoUser, bearer"),
        Case::new("open route, cookies sent", "/open", session, "open route"),
        Case::new("guard that looks the cookie up", "/cookie", session, "open route, cookies sent"),
        Case::new("the cookie, private", "/cookie-private", session, "guard that looks the cookie up"),
        Case::new("CognitoUser, session", "/user", session, "the cookie, private"),
        Case::new("the same, e-mail address read", "/email", session, "the cookie, private"),
        Case::new("the cookie, 200 foreign ones sent", "/cookie-private", &crowded, "the cookie, private"),
        Case::new("CognitoUser, 200 foreign cookies", "/user", &crowded, "the cookie, 200 foreign ones sent"),
    ];
    let uncached = vec![
        Case::new("open route", "/open", &bearer, "open route"),
        Case::new("the same, private", "/header-private", &bearer, "open route"),
        Case::new(COLD, "/user", &bearer, "open route"),
    ];
    let warm = measure(&Server::start(&ON_ONE_CORE, &site.settings, &[]), warm, || {});
    print("Tokens that were seen before", &warm);
    // As many tokens as in a flood: each has its signature verified, and takes the place of another.
    let cold = site.settings_with("token_cache_entries", 1);
    let mut rsa = Rsa::new(&site);
    let uncached = measure(&Server::start(&ON_ONE_CORE, &cold, &[]), uncached, || rsa.round());
    print("Tokens that were not seen before, token_cache_entries = 1", &uncached);
    let rsa = median(&rsa.rounds);
    println!("  {:<36} {rsa:>8.2}", "RSA alone, with a parsed key");
    for floor in ["open route", "the same, private"] {
        let added = of(&uncached, COLD) - of(&uncached, floor);
        println!("  {:<36} {added:>8.2}  × {:.3} of RSA alone", format!("more than {floor}"), added / rsa);
    }
}
