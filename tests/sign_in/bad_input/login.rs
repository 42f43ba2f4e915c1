//! Parameters of the login route, and headers that must not matter.

use std::collections::BTreeMap;

use reqwest::Method;

use super::{assert_no_cookies, assert_refused};
use crate::support::agent::{Agent, Page};
use crate::support::app::{App, parameters};

#[rocket::async_test]
async fn repeated_and_malformed_parameters_are_refused() {
    let app = App::start().await;
    let long = format!("login_hint={}", "x".repeat(257));
    let rows = [
        "next=/me&next=/me",
        "next=/me&next=/edit",
        "next=/me&%6eext=/me",
        "login_hint=a&login_hint=b",
        "lang=en&lang=en",
        "prompt=&prompt=",
        "identity_provider=a&identity_provider=a",
        "idp_identifier=a&idp_identifier=b",
        "login_hint=%0d%0aSet-Cookie:%20x=y",
        "lang=%00",
        "prompt=a%7Fb",
        "login_hint=%C2%85",
        "login_hint=%FF",
        "next=%FF",
        "x=%C0%80",
        long.as_str(),
    ];
    for query in rows {
        let answer = Agent::new().get(&app.url(&format!("/auth/login?{query}"))).await;
        assert_refused(&answer, 400, "bad_login", query);
        assert_no_cookies(&answer, query);
    }
}

#[rocket::async_test]
async fn parameters_that_mean_nothing_are_passed_over() {
    let app = App::start().await;
    for query in ["", "&&&", "=", "=x&=y", "foo=1&foo=2", "next", "next=", "next[]=/me", "login_hint="] {
        let answer = Agent::new().get(&app.url(&format!("/auth/login?{query}"))).await;
        assert_eq!(answer.status, 303, "{query}: {}", answer.body);
    }
}

/// The authorize URL without what differs between attempts.
fn authorize(login: &Page) -> (String, BTreeMap<String, String>) {
    assert_eq!(login.status, 303, "{}", login.body);
    let location = login.location();
    let mut parameters: BTreeMap<_, _> = parameters(&location).into_iter().collect();
    for name in ["state", "nonce", "code_challenge"] {
        assert!(parameters.remove(name).is_some());
    }
    (location.split('?').next().unwrap().to_owned(), parameters)
}

const FORWARDING: [(&str, &str); 17] = [
    ("host", "evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "444"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-prefix", "/evil"),
    ("x-forwarded-uri", "/evil"),
    ("x_forwarded_host", "evil.example"),
    ("forwarded", "host=evil.example;proto=https"),
    ("x-original-url", "/admin"),
    ("x-rewrite-url", "/admin"),
    ("x-real-ip", "127.0.0.1"),
    ("x-host", "evil.example"),
    ("x-auth-request-user", "alice"),
    ("x-amzn-oidc-data", "alice"),
    ("referer", "https://evil.example/"),
    ("origin", "https://evil.example"),
];

#[rocket::async_test]
async fn no_header_changes_where_a_sign_in_goes() {
    let app = App::start().await;
    let login = app.url("/auth/login?next=/me");
    let expected = authorize(&Agent::new().get(&login).await);
    for header in FORWARDING {
        let answer = Agent::new().send(Method::GET, &login, &[header], None).await;
        assert_eq!(authorize(&answer), expected, "{header:?}");
    }
    let all: Vec<_> = FORWARDING.into_iter().collect();
    let answer = Agent::new().send(Method::GET, &login, &all, None).await;
    assert_eq!(authorize(&answer), expected);
}

#[rocket::async_test]
async fn no_header_lets_anyone_in_or_leads_anywhere_else() {
    let app = App::start().await;
    let agent = Agent::new();
    for header in FORWARDING {
        let headers = [header, ("accept", "text/html")];
        let answer = agent.send(Method::GET, &app.url("/admin"), &headers, None).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/auth/login?next=%2Fadmin"));

        let callback = app.begin(&agent, "/page?x").await;
        let answer = agent.send(Method::GET, &callback, &headers, None).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/page?x"), "{header:?}");
        for name in agent.cookies().into_keys() {
            agent.drop_cookie(&name);
        }
    }
}
