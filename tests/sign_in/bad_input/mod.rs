//! Whatever is wrong with a sign-in: a clear refusal, nothing half-written, nobody else affected.

mod callback;
mod login;
mod login_cookie;
mod pool;
mod set_up;
mod sizes;
mod token_endpoint;

use serde_json::Value;

use crate::support::agent::Page;
use crate::support::app::set_cookie;

/// The answer is this refusal, as JSON, and nothing in it makes a session.
#[track_caller]
fn assert_refused(page: &Page, status: u16, code: &str, what: &str) {
    assert_eq!(page.status, status, "{what}: {}", page.body);
    let body: Value = serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{what}: {}", page.body));
    assert_eq!(body["error"], code, "{what}");
    assert!(body["message"].is_string() && body["hint"].is_string());
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("location"), "");
    // Waiting helps against an outage, not against a wrong setting.
    let retry_after = if ["pool_unavailable", "keys_unavailable"].contains(&code) { "5" } else { "" };
    assert_eq!(page.header("retry-after"), retry_after);
    for (name, value, attributes) in page.set_cookies().into_iter().map(set_cookie) {
        let removed = value.is_empty() && attributes.contains(&"Max-Age=0");
        assert!(removed && name.contains("cognito_login_"), "{what}: {name} is written");
    }
}

/// The answer sets and removes no cookie at all.
#[track_caller]
fn assert_no_cookies(page: &Page, what: &str) {
    assert_eq!(page.set_cookies(), [""; 0], "{what}");
}
