//! What operators are told of an app that launches, and lacks something all the same, or cannot launch.

use figment::Figment;
use rocket::local::asynchronous::Client;
use rocket::{Build, Request, Rocket, catch, catchers, get, routes};
use rocket_cognito::{Cognito, CognitoUser};

use crate::alone;
use crate::support::{
    self,
    forge::{JwksFile, Key},
    log::new_lines,
};

#[get("/me")]
fn me(_user: CognitoUser) {}

#[catch(403)]
fn forbidden(_: &Request<'_>) {}

/// The app's settings, and the file of keys that they name.
fn settings() -> (Figment, JwksFile) {
    let keys = JwksFile::new(&[&Key::new("k")]);
    (support::settings(&keys.uri()), keys)
}

fn app(figment: Figment) -> Rocket<Build> {
    rocket::custom(figment).attach(Cognito::fairing()).mount("/", routes![me])
}

async fn launched(rocket: Rocket<Build>) -> (Client, Vec<String>) {
    new_lines();
    (Client::untracked(rocket).await.expect("it launches"), new_lines())
}

async fn refused(rocket: Rocket<Build>) -> String {
    new_lines();
    // Asking for its kind keeps Rocket's error from panicking when dropped.
    let error = rocket.ignite().await.expect_err("it refuses");
    assert!(matches!(error.kind(), rocket::error::ErrorKind::FailedFairings(_)), "{error}");
    new_lines().join("\n")
}

#[track_caller]
fn assert_told(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word:?} is not in:\n{said}");
    }
}

#[rocket::async_test]
async fn an_own_catcher_beside_the_ready_one_is_told_what_to_type() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let both = app(settings.clone()).register("/", rocket_cognito::catchers());
    let said = refused(both.register("/", catchers![forbidden])).await;
    assert_told(
        &said,
        &["a catcher for 403 at `/`", "`.register(\"/\", rocket_cognito::catchers().without(403))`"],
    );
    let below = app(settings).register("/", rocket_cognito::catchers());
    launched(below.register("/below", catchers![forbidden])).await;
}
