//! Values that cannot be used: whose they are decides who is told.

use rocket::http::Status;
use rocket::{Request, catch, catchers};
use rocket_cognito::{Denial, Login};
use serde_json::Value;

use super::{Setup, World};
use crate::support::agent::{Agent, Page};

#[track_caller]
pub fn assert_refused(page: &Page, status: u16, code: &str) {
    assert_eq!(page.status, status, "{}", page.body);
    let body: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(body["error"], code);
    assert_eq!((page.header("cache-control"), page.header("location")), ("no-store", ""));
    assert_eq!(page.set_cookies(), [""; 0]);
}

#[rocket::async_test]
async fn a_bad_value_of_the_visitors_is_a_bad_login() {
    let world = World::start().await;
    let long = "x".repeat(257);
    for bad in ["\r\nSet-Cookie: x=y", "\0", "\u{7f}", "\u{85}", "a\tb", long.as_str()] {
        let logins = [
            Login::new().identity_provider(bad),
            Login::new().idp_identifier(bad),
            Login::new().login_hint(bad),
            Login::new().lang(bad),
            Login::new().prompt(bad),
            // Nobody but the visitor is at fault yet.
            Login::new().prompt(bad).scopes(["email"]),
        ];
        for login in logins {
            assert_refused(&world.begin(&Agent::new(), login).await, 400, "bad_login");
        }
    }
    let page = world.begin(&Agent::new(), Login::new().login_hint("x".repeat(256).as_str())).await;
    assert_eq!(page.status, 303);
}

#[rocket::async_test]
async fn a_bad_value_of_the_apps_own_is_a_misconfigured_sign_in() {
    let world = World::start().await;
    let many = (0..51).map(|number| if number == 0 { "openid".into() } else { format!("s/{number}") });
    let logins = [
        Login::new().scopes([""; 0]),
        Login::new().scopes(["email"]),
        Login::new().scopes(["openid email"]),
        Login::new().scopes(["openid", ""]),
        Login::new().scopes(["openid", "a,b"]),
        Login::new().scopes(["openid", "a\r\nb"]),
        Login::new().scopes(["openid", "ü"]),
        Login::new().scopes(many),
        Login::new().resource(""),
        Login::new().resource("api"),
        Login::new().resource("http://api.example.com"),
        Login::new().resource("https://api.example.com/#x"),
        Login::new().resource("https://a.example https://b.example"),
        // Not one of `accepted_audiences`.
        Login::new().resource("https://api.example.com"),
    ];
    for login in logins {
        assert_refused(&world.begin(&Agent::new(), login).await, 503, "sign_in_misconfigured");
    }
}

#[catch(default)]
fn own(status: Status, request: &Request<'_>) -> String {
    let denial = Denial::of(request).filter(|denial| denial.status() == status);
    format!("own page: {}", denial.map_or("none", |denial| denial.code()))
}

#[rocket::async_test]
async fn a_refusal_goes_to_the_apps_own_catcher() {
    let world = World::start_with(Setup::new(), |rocket| rocket.register("/signin", catchers![own])).await;
    for (login, status, code) in [
        (Login::new().lang("\0"), 400, "bad_login"),
        (Login::new().scopes(["email"]), 503, "sign_in_misconfigured"),
    ] {
        let page = world.begin(&Agent::new(), login).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (status, &*format!("own page: {code}")));
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[rocket::async_test]
async fn an_own_login_without_the_fairing_stops_the_launch() {
    let rocket = rocket::custom(crate::support::figment()).mount("/", rocket::routes![super::hand_on]);
    let error = rocket.ignite().await.unwrap_err();
    assert!(matches!(error.kind(), rocket::error::ErrorKind::SentinelAborts(_)));
}

#[test]
fn a_login_prints_nothing_of_what_it_holds() {
    let login = Login::new().state("CANARY").next("/CANARY").login_hint("CANARY").scopes(["CANARY"]);
    let printed = format!("{login:?} {login:#?}");
    assert!(printed.contains("Login") && !printed.contains("CANARY"), "{printed}");
}
