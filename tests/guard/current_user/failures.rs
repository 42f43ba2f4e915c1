//! What becomes of a loader that fails, panics or hangs, and what operators are told.

use std::time::{Duration, Instant};

use rocket::{Build, Request, Rocket, catch, get, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::{CognitoUser, CurrentUser, Denial, LoadUser, OrForward};

use super::world::{Account, Visitor, World, answer};
use crate::support::agent::Agent;
use crate::support::log::lines_with;

macro_rules! fails {
    ($($name:ident($user:ident) $body:block)+) => {
        $(
            struct $name;

            #[rocket::async_trait]
            impl LoadUser for $name {
                async fn load($user: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> $body
            }
        )+
    };
}

fails! {
    Failing(user) {
        let token = user.access_token().unwrap();
        Err(format!("the directory refused\nAuthorization: Bearer {token}").into())
    }
    Panicking(_user) {
        panic!("a bug in the app")
    }
    Hanging(_user) {
        std::future::pending().await
    }
}

#[get("/failing")]
fn failing(_user: CurrentUser<Failing>) {}

#[get("/panicking")]
fn panicking(_user: CurrentUser<Panicking>) {}

#[get("/hanging")]
fn hanging(_user: CurrentUser<Hanging>) {}

#[get("/me")]
fn me(account: CurrentUser<Account>) -> String {
    account.nickname.clone()
}

#[get("/option")]
fn option(visitor: CurrentUser<Visitor>, account: Option<CurrentUser<Account>>) -> String {
    format!("{} {}", visitor.name, account.is_some())
}

#[get("/result")]
fn result(account: Result<CurrentUser<Account>, Denial>) -> &'static str {
    account.err().unwrap().code()
}

#[get("/desk")]
fn desk(_account: OrForward<CurrentUser<Account>>) {}

#[get("/desk", rank = 2)]
fn desk_of_others() {}

/// Asks again.
#[catch(503)]
async fn unavailable(request: &Request<'_>) -> String {
    let asked = request.guard::<CurrentUser<Hanging>>().await.failed().unwrap().1;
    format!("{} {}", asked.code(), Denial::of(request).unwrap().code())
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    let routes = routes![failing, panicking, hanging, me, option, result, desk, desk_of_others];
    rocket.mount("/", routes).register("/hanging", rocket::catchers![unavailable])
}

#[rocket::async_test]
async fn while_the_database_is_down_it_is_503_and_the_session_goes_on() {
    let world = World::start(build).await;
    let alice = world.session("alice");
    let cookies = alice.cookies();
    world.database.set_down(true);
    for path in ["/me", "/desk"] {
        let page = world.get(&alice, path).await;
        assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "5"), "{path}");
        assert!(page.body.contains("\"user_not_loaded\""), "{}", page.body);
    }
    let page = alice.open(&world.app.url("/me")).await;
    assert!(page.body.contains("Try again") && !page.body.contains("Sign in"), "{}", page.body);
    assert_eq!(answer(&world.get(&alice, "/option").await), (200, "ALICE false"));
    assert_eq!(answer(&world.get(&alice, "/result").await), (200, "user_not_loaded"));
    assert_eq!(world.get_as("alice", "/me").await.status, 503);
    assert_eq!(world.get(&Agent::new(), "/me").await.status, 401);
    assert_eq!((alice.cookies(), world.app.revocations()), (cookies, 0));
    world.database.set_down(false);
    assert_eq!(answer(&world.get(&alice, "/me").await), (200, "Al"));
}

/// K9. The log is one for all tests here, and each type of users is told once a minute.
#[rocket::async_test]
async fn the_log_says_why_and_repeats_no_token() {
    let world = World::start(build).await;
    let alice = world.session("alice");
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(world.get(&alice, "/failing").await.status, 503);
        assert_eq!(world.get(&alice, "/panicking").await.status, 503);
    }
    let minutes = usize::try_from(began.elapsed().as_secs()).unwrap() / 60 + 1;
    for (name, why) in [
        ("Failing", "\"the directory refused Authorization: Bearer [redacted]\""),
        ("Panicking", "\"it panicked\""),
    ] {
        let line = format!("no `{}::{name}` could be loaded: {why}", module_path!());
        let told = lines_with(&format!("ERROR: cognito_user_not_loaded: {line}"));
        assert!((1..=minutes + 1).contains(&told), "{name}: {told}");
        assert_eq!(lines_with(name), told, "{name}");
    }
    assert_eq!(lines_with(&alice.cookie("cognito_access_token").unwrap()), 0);
    assert_eq!(lines_with("a bug in the app"), 0);
}

#[rocket::async_test]
async fn a_loader_has_ten_seconds_and_is_waited_for_once() {
    let world = World::start(build).await;
    let alice = world.session("alice");
    let began = Instant::now();
    assert_eq!(answer(&world.get(&alice, "/hanging").await), (503, "user_not_loaded user_not_loaded"));
    let waited = began.elapsed();
    assert!((Duration::from_secs(10)..Duration::from_secs(20)).contains(&waited), "{waited:?}");
    assert_eq!(lines_with("failures::Hanging` could be loaded: \"it took longer than 10 seconds\""), 1);
}
