//! How documents describe refusals.

use std::collections::BTreeSet;

use rocket_cognito::openapi::{Describe, responses};
use rocket_cognito::policy::Not;
use rocket_cognito::{
    Authorized, Callback, Caller, CognitoUser, CurrentUser, Denial, InGroups, Machine, OrForward, SessionOnly,
};
use serde_json::{Value, json};

use crate::api::{Account, Admin, CanWrite};
use crate::cases::{of_sessions, of_tokens};

/// The statuses that are described.
fn statuses<G: Describe>() -> Vec<String> {
    let responses = responses::<G>();
    let names = responses.as_object().unwrap().keys();
    names.filter(|name| !name.starts_with("x-")).cloned().collect()
}

fn codes(response: &Value) -> &Value {
    &response["content"]["application/json"]["schema"]["allOf"][1]["properties"]["error"]["enum"]
}

#[test]
fn a_response_says_what_is_asked_for_in_words() {
    let responses = responses::<CanWrite>();
    let asked = "This asks for a person: (scope \"orders/read\" and scope \"orders/write\") and a sign-in within the \
                 last 15 minutes.";
    assert_eq!(
        responses["401"]["description"],
        format!("The credential is missing, or is not accepted. {asked}")
    );
    assert_eq!(responses["403"]["description"], format!("The caller may not do this. {asked}"));
    assert_eq!(responses["503"]["description"], "The caller cannot be checked at the moment.");
    assert_eq!(responses["400"]["description"], "The request is malformed.");
}

#[test]
fn several_guards_are_described_together() {
    let both = responses::<(InGroups<Admin>, SessionOnly<CurrentUser<Account>>, Option<Machine>)>();
    let description = both["403"]["description"].as_str().unwrap();
    assert!(
        description.ends_with(
            "This asks for a person: group \"admin\"; and a person whom the app knows, by a session."
        ),
        "{description}"
    );
    assert_eq!(
        *codes(&both["403"]),
        json!(["cross_site", "delegated", "person_required", "rule_not_met", "unknown_user"])
    );
}

#[test]
fn where_nobody_is_refused_nothing_is_described() {
    assert_eq!(statuses::<Option<CognitoUser>>(), [""; 0]);
    // The handler may return it.
    assert_eq!(statuses::<Result<CognitoUser, Denial>>(), statuses::<CognitoUser>());
    assert_eq!(statuses::<CognitoUser>(), ["400", "401", "403", "503"]);
    assert_eq!(statuses::<OrForward<InGroups<Admin>>>(), ["400", "403", "503"]);
    assert_eq!(statuses::<Callback>(), ["400", "401", "403", "503"]);
    assert_eq!(*codes(&responses::<OrForward<InGroups<Admin>>>()["403"]), json!(["cross_site"]));
}

/// RFC 6750 section 3.1: only what is lacking of scopes is part of a challenge.
#[test]
fn a_403_has_a_challenge_where_scopes_may_be_lacking() {
    assert!(responses::<CanWrite>()["403"]["headers"]["WWW-Authenticate"].is_object());
    assert_eq!(responses::<InGroups<Admin>>()["403"].get("headers"), None);
    assert_eq!(responses::<Authorized<Not<Admin>, Caller>>()["403"].get("headers"), None);
    assert!(responses::<CognitoUser>()["401"]["headers"]["WWW-Authenticate"].is_object());
    assert!(responses::<CognitoUser>()["503"]["headers"]["Retry-After"].is_object());
}

/// A new code is said by some guard, or is one of these.
#[test]
fn each_code_is_said_by_a_guard_or_is_for_other_routes() {
    let cases = of_tokens().into_iter().chain(of_sessions());
    let mut said: BTreeSet<_> = cases.flat_map(|case| case.codes()).map(|(_, code)| code).collect();
    let of_callbacks = Callback::asks().into_iter().flat_map(|asks| asks.codes());
    said.extend(of_callbacks.map(|(_, code)| code.to_owned()));
    let lines = include_str!("../../docs/denials.md").lines();
    let all: BTreeSet<_> =
        lines.filter_map(|line| line.strip_prefix("| `")?.split('`').next()).map(str::to_owned).collect();
    assert!(said.is_subset(&all), "{said:?}");
    let unsaid: Vec<_> = all.difference(&said).map(String::as_str).collect();
    assert_eq!(
        unsaid,
        [
            "bad_login",          // the login route
            "hook_failed",        // the mounted callback
            "host_refused",       // disabled mode
            "method_not_allowed", // other operations at the path of a route
            "prefetch_refused",   // the login route
            "refused_by_app",     // the mounted callback
        ]
    );
}
