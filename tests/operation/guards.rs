//! `Counters` and `Health` as guards, which refuse nobody.

use std::collections::BTreeSet;

use rocket::error::ErrorKind;
use rocket::local::blocking::Client;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::operation::{Counters, Health, Monitor};
use rocket_cognito::testing::{self, Access, TestPool};
use rocket_cognito::{Cognito, CognitoUser};

use crate::child;
use crate::support::{figment, log};

#[get("/ready")]
fn ready(health: Health) -> Health {
    health
}

#[get("/metrics")]
fn metrics(counters: Counters) -> Counters {
    counters
}

#[get("/guarded-metrics")]
fn guarded_metrics(_user: CognitoUser, counters: Counters) -> Counters {
    counters
}

fn app() -> Rocket<Build> {
    rocket::custom(figment()).mount("/", routes![ready, metrics])
}

#[test]
fn their_routes_are_open_unless_another_guard_stands_before() {
    let pool = TestPool::new();
    let rocket = app().mount("/", routes![guarded_metrics]).attach(Cognito::fairing());
    let client = Client::untracked(pool.attach(rocket)).unwrap();
    let map = testing::map(client.rocket());
    let access = |path: &str| {
        let mut routes = map.iter().filter(|route| route.route().uri.path() == path);
        routes.next().expect("it is mounted").access().clone()
    };
    assert!(matches!(access("/ready"), Access::Open));
    assert!(matches!(access("/metrics"), Access::Open));
    assert!(matches!(access("/guarded-metrics"), Access::Guarded(_)));

    let answer = client.get("/metrics").dispatch();
    assert_eq!(answer.status().code, 200);
    let header = |name| answer.headers().get_one(name);
    assert_eq!(header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(header("content-type").unwrap(), Counters::CONTENT_TYPE.to_string());
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(client.get("/guarded-metrics").dispatch().status().code, 401);
    let answer = client.get("/ready").dispatch();
    assert_eq!(answer.headers().get_one("cache-control"), Some("no-store"));
    assert_eq!(answer.into_json::<serde_json::Value>().unwrap()["is_ready"], true);
}

/// What is logged at the launch of this app.
fn logged_by_a_launch(rocket: Rocket<Build>) -> String {
    drop(Client::untracked(TestPool::new().attach(rocket.attach(Cognito::fairing()))).unwrap());
    log::new_lines().join("\n")
}

/// Without a guard that asks for a sign-in, no catcher is missing. In a process of its own, where nobody else logs anything.
#[test]
fn a_launch_reports_no_missing_catcher_for_their_sake() {
    if !child::is_child() {
        child::run("guards::a_launch_reports_no_missing_catcher_for_their_sake", &[]);
        return;
    }
    let missing = "cognito_catcher_missing";
    let said = logged_by_a_launch(app());
    assert!(said.contains("cognito_launched") && !said.contains(missing), "{said}");
    let said = logged_by_a_launch(app().mount("/", routes![guarded_metrics]));
    assert!(said.contains(missing), "{said}");
}

#[rocket::async_test]
async fn an_app_without_the_fairing_does_not_launch() {
    let error = app().ignite().await.expect_err("the fairing is missing");
    let ErrorKind::SentinelAborts(sentries) = error.kind() else { panic!("{error}") };
    let names: BTreeSet<_> = sentries.iter().map(|sentry| sentry.type_name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(Monitor::of(&rocket::custom(figment())).is_none());
}
