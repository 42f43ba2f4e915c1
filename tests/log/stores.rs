//! What operators are told of the store for sessions at launch, and what refuses a launch.

use figment::Figment;
use rocket::http::Status;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::store::{SessionStore, StoreError};
use rocket_cognito::{Cognito, CognitoUser};

use crate::launches::{launched, settings};
use crate::support::log::new_lines;
use crate::support::store::{OutOfReach, PassesItsCheck, REASON, Silent};
use crate::{alone, assert_told, refused};

#[get("/me")]
fn me(_user: CognitoUser) {}

#[get("/sessions")]
async fn sessions() -> Result<(), StoreError> {
    OutOfReach.check().await
}

fn app(figment: Figment, fairing: Cognito) -> Rocket<Build> {
    let app = rocket::custom(figment).attach(fairing).mount("/", routes![me, sessions]);
    app.register("/", rocket_cognito::catchers())
}

fn stored(figment: Figment, store: impl SessionStore) -> Rocket<Build> {
    app(figment, Cognito::fairing().session_store(store))
}

/// What is said of an app that launches.
async fn said_of(rocket: Rocket<Build>) -> String {
    launched(rocket).await.1.join("\n")
}

const IN_ITS_OWN: &str =
    "INFO: cognito_launched: >> sessions are kept in the app's own store; at most 100 of one user";
const OUT_OF_REACH: &str =
    "WARN: cognito_store_failed: a call to the session store failed: \"the session store is out of reach: ";

#[rocket::async_test]
async fn settings_that_need_a_store_refuse_the_launch_where_there_is_none() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let needed = settings.merge(("cognito.bearer_denylist", true));
    let said = refused(app(needed.clone(), Cognito::fairing())).await;
    assert_told(
        &said,
        &[
            "1 setting needs attention",
            "`bearer_denylist`: is on, and there is no store for sessions",
            "read from: ",
            "to type: bearer_denylist = false; or session_store = \"memory\"; or session_store = \
             \"rediss://cache.example.com:6379\"; or give the fairing a store: `Cognito::fairing().session_store(…)`",
        ],
    );
    let both = needed.clone().merge(("cognito.require_store_at_launch", true));
    let said = refused(app(both, Cognito::fairing())).await;
    assert_told(&said, &["2 settings need", "`require_store_at_launch`: is on, and there is no store"]);
    let said = said_of(stored(needed.clone(), PassesItsCheck)).await;
    assert_told(&said, &[IN_ITS_OWN, "bearer tokens of sessions that were signed out are refused"]);
    said_of(app(needed.merge(("cognito.session_store", "memory")), Cognito::fairing())).await;
}

#[rocket::async_test]
async fn a_store_of_the_settings_and_one_of_the_code_refuse_the_launch() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let memory = settings.merge(("cognito.session_store", "memory"));
    let said = refused(stored(memory.clone(), PassesItsCheck)).await;
    assert_told(
        &said,
        &[
            "`session_store`: names a store, and the app's code gives the fairing another one",
            "to type: leave `session_store` out, or take `.session_store(…)` out of the app's code",
        ],
    );
    let said = said_of(app(memory, Cognito::fairing())).await;
    assert_told(&said, &["sessions are kept in this process, and end with it; at most 100 of one user"]);
}

#[rocket::async_test]
async fn without_its_store_an_app_that_requires_it_does_not_launch() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let required = settings.merge(("cognito.require_store_at_launch", true));
    let said = refused(stored(required.clone(), OutOfReach)).await;
    let reason = format!(
        "ERROR: cognito_launch_refused: the session store is out of reach: {REASON}. Check that it runs"
    );
    assert_told(&said, &[&reason, "`require_store_at_launch = false`"]);
    let said = refused(stored(required.clone(), Silent)).await;
    assert_told(&said, &["the session store is out of reach: no answer within 2 seconds"]);
    let said = said_of(stored(required.clone(), PassesItsCheck)).await;
    assert!(said.contains(IN_ITS_OWN) && !said.contains(OUT_OF_REACH), "{said}");
    // Nobody is called in disabled mode.
    let said = said_of(stored(required.merge(("cognito.disabled", true)), OutOfReach)).await;
    assert!(!said.contains("sessions"), "{said}");
}

#[rocket::async_test]
async fn each_launch_without_its_store_is_told_what_that_means() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    for _ in 0..2 {
        let said = said_of(stored(settings.clone(), OutOfReach)).await;
        assert_told(
            &said,
            &[IN_ITS_OWN, OUT_OF_REACH, REASON, "what needs it answers 503 until the store is back"],
        );
    }
    let bearer_only = settings.merge(("cognito.redirect_url", "")).merge(("cognito.logout_url", ""));
    let bearer_only = bearer_only.merge(("cognito.routes", "none"));
    let said = said_of(stored(bearer_only, OutOfReach)).await;
    assert!(said.contains(OUT_OF_REACH) && !said.contains(IN_ITS_OWN), "{said}");
}

#[rocket::async_test]
async fn settings_of_cookies_without_use_for_a_store_are_told_one_by_one() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let set = settings
        .merge(("cognito.cookie_age_seconds", 600))
        .merge(("cognito.refresh_cookie_encrypted", true))
        .merge(("cognito.refresh_cookie_age_seconds", 600))
        .merge(("cognito.persistent_cookies", false))
        .merge(("cognito.cookie_suffix", "shop"));
    let without_use = |said: &str| {
        let lines = said.lines().filter(|line| line.contains("has no effect on sessions in a store"));
        lines.map(|line| line.split('`').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let said = said_of(stored(set.clone(), PassesItsCheck)).await;
    assert_eq!(without_use(&said), ["cookie_age_seconds", "refresh_cookie_encrypted"], "{said}");
    let said = said_of(app(set.clone(), Cognito::fairing())).await;
    assert_eq!(without_use(&said), [""; 0], "{said}");
    let cookies = set.merge(("cognito.session_store_writes", false));
    let said = said_of(stored(cookies, PassesItsCheck)).await;
    assert_eq!(without_use(&said), [""; 0], "{said}");
    assert_told(&said, &[IN_ITS_OWN, "new ones are kept in cookies: session_store_writes = false"]);
}

#[rocket::async_test]
async fn a_store_that_fails_request_after_request_is_told_once_a_minute() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let (app, _) = launched(stored(settings, PassesItsCheck)).await;
    for _ in 0..3 {
        assert_eq!(app.get("/sessions").dispatch().await.status(), Status::ServiceUnavailable);
    }
    let said = new_lines();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_told(&said[0], &[OUT_OF_REACH, REASON]);
}
