//! A set-up that is right, and what a diagnosis does to a pool.

use std::time::{Duration, Instant};

use rocket_cognito::Cognito;

use crate::setup::{SECRET, Setup};
use crate::support::stub::Answer;

#[rocket::async_test]
async fn a_right_set_up_has_no_finding_and_each_check_is_made() {
    let setup = Setup::new().await;
    let diagnosis = setup.diagnosis().await;
    assert!(diagnosis.is_healthy() && diagnosis.findings().next().is_none(), "{diagnosis}");
    let names: Vec<_> = diagnosis.checks().iter().map(|check| (check.name(), check.was_made())).collect();
    let expected =
        "settings profile cookies discovery keys clock sign-in client sign-out revocation".split(' ');
    assert_eq!(names, expected.map(|name| (name, true)).collect::<Vec<_>>());
    assert_eq!(diagnosis.profile(), "release");
    assert!(diagnosis.to_string().ends_with("0 failures, 0 warnings in profile \"release\""), "{diagnosis}");
}

#[rocket::async_test]
async fn the_secret_goes_to_two_endpoints_and_nowhere_else() {
    let setup = Setup::new().await;
    setup.diagnosis().await;
    let received = setup.front.received();
    let with_secret: Vec<_> = received.split("HTTP/1.1").filter(|request| request.contains(SECRET)).collect();
    assert_eq!(with_secret.len(), 1, "the form of the token endpoint; revocation has it in a header");
    assert_eq!(received.matches("authorization: Basic").count(), 1);
    assert!(received.contains("POST /oauth2/token ") && received.contains("POST /oauth2/revoke "));
}

#[rocket::async_test]
async fn offline_nobody_is_called() {
    let setup = Setup::new().await;
    let diagnosis = Cognito::diagnose_offline(setup.figment());
    let names: Vec<_> = diagnosis.checks().iter().map(|check| check.name()).collect();
    assert_eq!((names, setup.front.requests()), (vec!["settings", "profile", "cookies"], 0));
}

#[rocket::async_test]
async fn a_pool_that_hangs_costs_seconds_and_not_minutes() {
    let setup = Setup::new().await;
    for path in ["/oauth2/authorize", "/eu-west-1_AbC123/.well-known/openid-configuration"] {
        setup.front.answer(path, Answer::Hang);
    }
    let begun = Instant::now();
    let codes = [("pool_unreachable", "in time"), ("domain_unreachable", "in time")];
    setup.shows(&codes).await;
    // The deadline of a diagnosis, with room for a machine that is busy.
    assert!(begun.elapsed() < Duration::from_secs(40));
}

#[rocket::async_test]
async fn many_callbacks_and_scopes_cost_no_more_than_the_calls_of_a_diagnosis() {
    let scopes: Vec<_> = (0..40).map(|number| format!("shop/scope-{number}")).collect();
    let setup = Setup::new().await.set("cognito.scopes", [vec!["openid".to_owned()], scopes].concat());
    let diagnosis = setup.diagnosis().await;
    let codes: Vec<_> = diagnosis.findings().map(|finding| finding.code()).collect();
    assert!(codes.contains(&"scope_refused") && codes.contains(&"out_of_budget"), "{diagnosis}");
}

#[rocket::async_test]
async fn the_size_of_a_session_follows_from_where_it_lies() {
    let setup = Setup::new().await;
    let detail = |setup: &Setup| {
        let diagnosis = Cognito::diagnose_offline(setup.figment());
        diagnosis.checks().iter().find(|check| check.name() == "cookies").unwrap().detail().to_owned()
    };
    assert!(detail(&setup).contains("about 5.5 KiB"), "{}", detail(&setup));
    let setup = setup.set("cognito.refresh_flow_enabled", false);
    assert!(detail(&setup).contains("about 2.7 KiB"), "{}", detail(&setup));
    let setup = setup.set("cognito.session_store", "redis://127.0.0.1:6379");
    assert!(detail(&setup).contains("one cookie"), "{}", detail(&setup));
}
