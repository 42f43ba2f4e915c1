//! What would need the pool itself.

use rocket::http::Status;
use rocket_cognito::testing::Ask;

use crate::app::client;
use crate::child;

#[test]
fn the_sign_in_and_calls_to_the_pool_are_unavailable_and_the_log_says_what_to_do() {
    if !child::is_child() {
        let log = child::run(
            "pool::the_sign_in_and_calls_to_the_pool_are_unavailable_and_the_log_says_what_to_do",
            &[],
        );
        let said = |words| log.lines().filter(|line| line.contains(words)).count();
        assert_eq!(said("has no pages to sign in at"), 1, "{log}");
        assert_eq!(said("answers no such call"), 2, "{log}");
        assert_eq!(said("local_pool = true"), 3, "{log}");
        return;
    }
    let (pool, client) = client();
    let answer = client.get("/auth/login").as_page().ask();
    assert_eq!((answer.status(), answer.code()), (Status::ServiceUnavailable, Some("pool_unavailable")));
    for uri in ["/userinfo", "/token"] {
        let answer = client.get(uri).signed_in(&pool.person("alice")).ask();
        assert_eq!(answer.status(), Status::ServiceUnavailable, "{uri}");
    }
}

/// No other test of the process has used up the line.
#[test]
fn why_tokens_are_refused_is_logged_each_time() {
    if !child::is_child() {
        let log = child::run("pool::why_tokens_are_refused_is_logged_each_time", &[]);
        for id in ["first", "second", "third"] {
            let line = format!(
                "cognito_bearer_token_unaccepted: a bearer token was refused: it is for the app client \"{id}\""
            );
            assert_eq!(log.matches(&line).count(), 1, "{log}");
        }
        return;
    }
    let (pool, client) = client();
    for id in ["first", "second", "third"] {
        let answer = client.get("/orders").bearer(&pool.machine(id).scope("orders/read")).ask();
        assert_eq!(answer.code(), Some("invalid_token"), "{id}");
    }
}
