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
        assert_eq!(said("has nobody to call"), 2, "{log}");
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
