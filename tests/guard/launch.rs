//! What stops a launch, and what does not.

use std::time::Duration;

use rocket::{get, routes};
use rocket_cognito::policy::Not;
use rocket_cognito::{Authorized, Clock, CognitoUser, Denial, InGroups, OrForward};

use crate::support::{
    self,
    forge::{JwksFile, Key},
};
use crate::{Admin, World, app};

#[rocket::async_test]
async fn a_guard_without_the_fairing_stops_the_launch() {
    type Aliased = Result<InGroups<Admin>, Denial>;

    #[get("/a")]
    fn aliased(_user: Aliased) {}
    #[get("/b")]
    fn forwarded(_user: OrForward<&CognitoUser>) {}
    #[get("/c")]
    fn authorized(_user: Authorized<Not<Admin>>) {}

    for routes in [
        routes![aliased],
        routes![forwarded],
        routes![authorized],
        routes![crate::user],
        routes![crate::borrowed],
        routes![crate::in_any_group],
    ] {
        let name = routes[0].name.clone();
        let error = rocket::custom(support::figment()).mount("/", routes).ignite().await.unwrap_err();
        let stopped = matches!(error.kind(), rocket::error::ErrorKind::SentinelAborts(_));
        assert!(stopped, "{name:?}");
    }
    let unguarded = rocket::custom(support::figment()).mount("/", routes![crate::catch_all]).ignite().await;
    assert!(unguarded.is_ok());
}

#[rocket::async_test]
async fn an_app_may_manage_the_clock_of_its_fairing() {
    let clock = Clock::default();
    clock.advance(Duration::from_secs(2 * 3600));
    let world = World::new(|rocket| rocket.manage(clock)).await;
    assert_eq!(world.get("/user", Some(world.in_groups(&[]))).await.0, 401, "the token has expired");
}

#[rocket::async_test]
async fn a_route_of_the_app_at_our_path_stops_the_launch() {
    #[get("/auth/login")]
    fn mine() {}
    let key = Key::new("k");
    let jwks = JwksFile::new(&[&key]);
    let rocket = app(support::settings(&jwks.uri())).mount("/", routes![mine]);
    let error = rocket.ignite().await.unwrap_err();
    assert!(matches!(error.kind(), rocket::error::ErrorKind::FailedFairings(_)));
}
