//! A browser's session in a test.

use std::time::Duration;

use rocket::http::{Cookie, Header, Status};
use rocket::serde::json::Value;
use rocket_cognito::testing::Ask;

use crate::app::{client, client_with, figment, panic_of, shipped};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_session_ends_with_its_tokens() {
    // A browser drops cookies with their tokens; that of a stored session it keeps for longer.
    for (store, code) in [
        ("", "not_signed_in"),
        ("memory", "session_expired"),
        ("redis://cache.example.com", "session_expired"),
    ] {
        let (pool, client) = client_with(figment().merge(("cognito.session_store", store)));
        let (used, unused) = (pool.person("alice").session(), pool.person("bob").session());
        assert_eq!(client.get("/desk").signed_in(&used).ask().status(), Status::Ok, "{store}");
        pool.clock().advance(HOUR);
        for session in [&used, &unused] {
            let answer = client.get("/desk").signed_in(session).ask();
            assert_eq!(answer.denial().unwrap().code(), code, "{store} {session:?}");
        }
        assert_eq!(client.get("/desk").signed_in(&pool.person("carol")).ask().status(), Status::Ok);
    }
}

/// The cookie of the access token lasts for half an hour, and the token for a whole one.
#[test]
fn a_browser_drops_what_is_too_old() {
    let (pool, client) = client();
    let (used, unused) = (pool.person("alice").session(), pool.person("bob").session());
    assert_eq!(client.get("/desk").signed_in(&used).ask().status(), Status::Ok);
    pool.clock().advance(Duration::from_secs(1801));
    for session in [&used, &unused] {
        assert_eq!(
            client.get("/desk").signed_in(session).ask().status(),
            Status::Unauthorized,
            "{session:?}"
        );
    }
}

#[test]
fn a_session_in_a_store_has_one_cookie() {
    let (pool, client) = client_with(figment().merge(("cognito.session_store", "memory")));
    let session = pool.person("alice").session();
    assert_eq!(client.get("/account").signed_in(&session).ask().status(), Status::Ok);
    let sessions = client.rocket().state::<rocket_cognito::Sessions>().unwrap();
    let of_alice = rocket::execute(sessions.of(pool.person("alice").sub())).unwrap();
    assert_eq!(of_alice.len(), 1);
    // The next request is of the same session.
    assert_eq!(client.get("/account").signed_in(&session).ask().status(), Status::Ok);
    assert_eq!(rocket::execute(sessions.of(pool.person("alice").sub())).unwrap().len(), 1);
}

#[test]
fn who_signs_out_is_signed_out() {
    for store in ["", "memory"] {
        let (pool, client) = client_with(figment().merge(("cognito.session_store", store)));
        let session = pool.person("alice").session();
        assert_eq!(client.get("/desk").signed_in(&session).ask().status(), Status::Ok);
        let answer = client.post("/auth/logout").signed_in(&session).ask();
        assert_eq!(answer.status(), Status::SeeOther, "{answer:?}");
        assert!(answer.headers().get_one("Location").unwrap().starts_with("https://pool.test/logout?"));
        assert_eq!(client.get("/desk").signed_in(&session).ask().denial().unwrap().code(), "not_signed_in");
    }
}

/// A refresh gives new tokens of the same sign-in, as at Cognito, until that is signed out.
#[test]
fn a_session_is_refreshed_where_the_app_keeps_refresh_tokens() {
    for store in ["", "memory"] {
        let settings = figment().merge(("cognito.refresh_flow_enabled", true));
        let (pool, client) = client_with(settings.merge(("cognito.session_store", store)));
        let session = pool.person("alice").session();
        let claims = || {
            let answer = client.get("/claims").signed_in(&session).ask();
            assert_eq!(answer.status(), Status::Ok, "{store} {answer:?}");
            let claims = answer.into_string().unwrap();
            let claims: Value = serde_json::from_str(&claims).unwrap();
            ["jti", "exp", "origin_jti", "auth_time", "sub"].map(|name| claims["access"][name].clone())
        };
        let first = claims();
        pool.clock().advance(HOUR);
        let second = claims();
        assert!(first[0] != second[0] && first[1] != second[1], "{store}");
        assert_eq!(first[2..], second[2..], "{store}");
        assert_eq!(claims(), second, "{store}: once");
        assert_eq!(client.post("/auth/refresh").signed_in(&session).ask().status(), Status::SeeOther);
        assert_eq!(client.post("/auth/logout").signed_in(&session).ask().status(), Status::SeeOther);
        assert_eq!(client.get("/desk").signed_in(&session).ask().status(), Status::Unauthorized);
    }
}

#[test]
fn the_apps_own_cookies_go_beside_the_session() {
    let (pool, client) = client();
    let request = client.get("/desk").cookie(Cookie::new("theme", "dark"));
    assert_eq!(request.signed_in(&pool.person("alice")).ask().status(), Status::Ok);
}

#[test]
fn nobody_signs_in_at_an_app_of_bearer_tokens() {
    let settings = figment().merge(("cognito.routes", "none"));
    let (pool, client) = client_with(settings);
    let alice = pool.person("alice");
    assert_eq!(client.get("/desk").bearer(&alice).ask().status(), Status::Ok);
    let text = panic_of(|| drop(client.get("/desk").signed_in(&alice).ask()));
    assert!(text.contains("nobody signs in at this app") && text.contains(".bearer("), "{text}");
}

#[test]
fn who_cannot_sign_in_is_named_with_the_reason() {
    let (pool, client) = client();
    let text = panic_of(|| drop(client.get("/desk").signed_in(&pool.person("alice").client_id("spa")).ask()));
    assert!(text.starts_with("alice cannot sign in") && text.contains("own client"), "{text}");
    let many = (0..1000).map(|number| format!("a-rather-long-group-{number}"));
    let text = panic_of(|| drop(client.get("/desk").signed_in(&pool.person("bob").groups(many)).ask()));
    assert!(text.starts_with("bob cannot sign in") && text.contains("longer than 24 KiB"), "{text}");
}

/// A tracking client once signed in whoever asked next, by the cookies of a refresh.
#[test]
fn a_request_without_a_session_has_that_of_nobody_else() {
    for store in ["", "memory"] {
        let settings = figment().merge(("cognito.refresh_flow_enabled", true));
        let (pool, client) = client_with(settings.merge(("cognito.session_store", store)));
        let alice = pool.person("alice").session();
        pool.clock().advance(HOUR);
        assert_eq!(client.get("/desk").signed_in(&alice).ask().status(), Status::Ok, "{store}");
        let answer = client.get("/desk").ask();
        assert_eq!(answer.status(), Status::Unauthorized, "{store} {:?}", answer.caller());
    }
}

/// The pool is asked, and does not go on with it.
#[test]
fn an_expired_session_is_over_where_sessions_are_refreshed_too() {
    for store in ["", "memory"] {
        let settings = figment().merge(("cognito.refresh_flow_enabled", true));
        let (pool, client) = client_with(settings.merge(("cognito.session_store", store)));
        let answer = client.get("/desk").signed_in(&pool.person("alice").expired()).ask();
        assert_eq!(answer.code(), Some("session_ended"), "{store}");
    }
}

#[test]
fn a_session_is_of_one_app() {
    let (pool, first) = client();
    let second = rocket::local::blocking::Client::tracked(pool.attach(shipped(figment()))).unwrap();
    let session = pool.person("alice").session();
    assert_eq!(first.get("/desk").signed_in(&session).ask().status(), Status::Ok);
    let text = panic_of(|| drop(second.get("/desk").signed_in(&session).ask()));
    assert!(text.contains("of another app") && text.contains("tests/testing/sessions.rs:"), "{text}");
}

/// Beside those of the client's jar.
#[test]
fn cookies_that_a_test_gives_as_a_header_stay() {
    let (pool, client) = client();
    let request = client.get("/theme").header(Header::new("Cookie", "theme=dark"));
    let request = request.cookie(("size", "large"));
    let answer = request.signed_in(&pool.person("alice")).ask();
    assert_eq!(answer.into_string().as_deref(), Some("alice: theme=dark; size=large"));
}
