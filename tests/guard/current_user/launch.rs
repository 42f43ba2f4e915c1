//! What stops a launch, and disabled mode.

use std::sync::Arc;

use rocket::{get, post, routes};
use rocket_cognito::{Cognito, CognitoUser, CurrentUser, Denial, InGroups, OrForward, Refresh, catchers};

use super::world::{Account, Database, answer};
use crate::support::SAME_ORIGIN;
use crate::support::agent::Agent;
use crate::support::figment;
use crate::support::groups::Admin;
use crate::support::server::Server;

#[get("/me")]
fn me(account: CurrentUser<Account>) -> String {
    account.nickname.clone()
}

#[get("/admin")]
fn admin(account: CurrentUser<Account, InGroups<Admin>>) -> String {
    account.nickname.clone()
}

/// A refresh is another reading of the same claims here.
#[post("/renew")]
fn renew(before: CurrentUser<Account>, after: CurrentUser<Account, Refresh>) {
    assert!(std::ptr::eq(before.user(), after.user()));
}

#[rocket::async_test]
async fn it_does_not_launch_without_the_fairing() {
    type Aliased = Result<CurrentUser<Account, InGroups<Admin>>, Denial>;

    #[get("/a")]
    fn aliased(_account: Aliased) {}
    #[get("/b")]
    fn forwarded(_account: OrForward<CurrentUser<Account, &CognitoUser>>) {}
    #[get("/c")]
    fn optional(_account: Option<CurrentUser<Account>>) {}

    for routes in [routes![me], routes![admin], routes![aliased], routes![forwarded], routes![optional]] {
        let name = routes[0].name.clone();
        let error = rocket::custom(figment()).mount("/", routes).ignite().await.unwrap_err();
        assert!(matches!(error.kind(), rocket::error::ErrorKind::SentinelAborts(_)), "{name:?}");
    }
}

#[rocket::async_test]
async fn in_disabled_mode_the_app_is_asked_about_the_stub_user() {
    let database = Arc::new(Database::default());
    let managed = Arc::clone(&database);
    let figment =
        figment().merge(("cognito.disabled", true)).merge(("cognito.disabled_user.username", "eve"));
    let server = Server::start(figment, |rocket| {
        let rocket = rocket.attach(Cognito::fairing()).manage(managed);
        rocket.mount("/", routes![me, admin, renew]).register("/", catchers())
    })
    .await;
    let agent = Agent::new();
    assert_eq!(agent.get(&server.url("/me")).await.status, 403);
    database.insert("eve", "E");
    for path in ["/me", "/admin"] {
        assert_eq!(answer(&agent.get(&server.url(path)).await), (200, "E"), "{path}");
    }
    assert_eq!(agent.post(&server.url("/renew"), &SAME_ORIGIN, &[]).await.status, 200);
    assert_eq!(database.lookups(), 4);
}
