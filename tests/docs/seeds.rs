//! `docs/seeds.md` says what became of everything that the Python libraries can do; this holds it to that.

use crate::tables::{self, Tests, read, rows, tests};

const CAPABILITIES: [&str; 43] = [
    "Login redirect",
    "Callback and code exchange",
    "State",
    "Nonce",
    "PKCE with S256",
    "State of the app's own",
    "Return to the page asked for",
    "Client authentication",
    "Public client",
    "Scopes",
    "Token storage",
    "Cookie attributes",
    "Refresh cookie encryption",
    "Refresh endpoint",
    "Automatic renewal",
    "Refresh token rotation",
    "Revocation at logout",
    "Logout",
    "Request guard",
    "Where the token is read from",
    "Optional sign-in",
    "Token type that counts",
    "`token_use` check",
    "`iss` check",
    "`aud` and `client_id` check",
    "`exp` and leeway",
    "`exp` required",
    "Pinned algorithm",
    "Switching expiration off",
    "JWKS cache",
    "Key rotation and unknown `kid`",
    "JWKS override",
    "Several pools",
    "Several client ids",
    "Groups",
    "Missing groups claim",
    "User from the database",
    "Disabled mode",
    "userInfo endpoint",
    "Federated and SAML attributes",
    "Errors and statuses",
    "Error hooks",
    "Settings from code",
];
/// What the tests of those libraries assert.
const BEHAVIOURS: usize = 58;
/// What they miss.
const EXTRAS: usize = 25;

fn expected() -> Vec<String> {
    let capabilities = CAPABILITIES.map(str::to_owned).into_iter();
    let behaviours = (1..=BEHAVIOURS).map(|number| number.to_string());
    let extras = (1..=EXTRAS).map(|number| format!("E{number}"));
    capabilities.chain(behaviours).chain(extras).collect()
}

/// The tests of `name, name`, or of `differs: why: name, name`. Of anything else the cell itself, which names none.
fn names(cell: &str) -> Vec<&str> {
    let Some(difference) = cell.strip_prefix("differs: ") else {
        return cell.split(", ").collect();
    };
    match difference.rsplit_once(": ") {
        Some((why, names)) if why.contains(' ') => names.split(", ").collect(),
        _ => vec![cell],
    }
}

fn faults(text: &str, tests: &Tests) -> Vec<String> {
    tables::faults(&rows(text), &expected(), tests, names)
}

#[test]
fn every_capability_and_behaviour_has_a_row_and_every_test_named_there_exists() {
    assert_eq!(faults(&read("docs/seeds.md"), &tests()), [""; 0]);
}

/// The control: a table that rots is noticed.
#[test]
fn a_lost_row_a_lost_test_and_a_difference_without_a_reason_are_noticed() {
    let (text, tests) = (read("docs/seeds.md"), tests());
    for id in ["Nonce", "17", "E9"] {
        let line = format!("| {id} | ");
        let without_row: String =
            text.lines().filter(|it| !it.starts_with(&line)).flat_map(|it| [it, "\n"]).collect();
        assert_eq!(faults(&without_row, &tests), [format!("{id} has no row")]);
    }
    let mut without_test = tests.clone();
    without_test.remove("two_tabs_finish_in_any_order").unwrap();
    assert_eq!(faults(&text, &without_test), ["E6: there is no test `two_tabs_finish_in_any_order`"]);
    for cell in
        ["", "differs: why", "differs: why: two_tabs_finish_in_any_order", "differs: it does not matter"]
    {
        let row = format!("| E6 | the first tab signs in too | {cell} |");
        let changed: String = text
            .lines()
            .map(|it| if it.starts_with("| E6 | ") { &row } else { it })
            .flat_map(|it| [it, "\n"])
            .collect();
        assert_eq!(faults(&changed, &tests), [format!("E6: there is no test `{cell}`")]);
    }
    let difference =
        "| E6 | the first tab signs in too | differs: not at all: two_tabs_finish_in_any_order |";
    assert_eq!(faults(&format!("{text}\n{difference}"), &tests), ["an id has two rows"]);
    assert_eq!(
        faults(&format!("{text}\n| E26 | something else | two_tabs_finish_in_any_order |"), &tests),
        ["E26 is unknown"]
    );
}
