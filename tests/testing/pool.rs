//! What would need the pool itself.

use rocket::http::Status;
use rocket_cognito::testing::Ask;

use crate::app::client;

#[test]
fn the_sign_in_and_calls_to_the_pool_are_unavailable() {
    let (pool, client) = client();
    let answer = client.get("/auth/login").as_page().ask();
    assert_eq!(
        (answer.status(), answer.denial().unwrap().code()),
        (Status::ServiceUnavailable, "pool_unavailable")
    );
    for uri in ["/userinfo", "/token"] {
        let answer = client.get(uri).signed_in(&pool.person("alice")).ask();
        let text = answer.into_string().unwrap();
        assert!(text.contains("local_pool = true"), "{uri}: {text}");
    }
}
