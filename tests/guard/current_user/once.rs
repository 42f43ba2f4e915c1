//! How often a user is loaded.

use std::sync::Arc;

use rocket::futures::FutureExt;
use rocket::futures::future::join_all;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, catch, get, post, routes};
use rocket_cognito::{Callback, CurrentUser, Denial, InAnyGroup, InGroups, Refresh};
use tokio::sync::Semaphore;

use super::world::{Account, Database, Visitor, World, answer};
use crate::support::SAME_ORIGIN;
use crate::support::app::{Setup, code_for};
use crate::support::groups::{Admin, Editor};

#[get("/many")]
fn many(
    first: CurrentUser<Account>,
    second: Option<CurrentUser<Account, InGroups<Admin>>>,
    third: Result<CurrentUser<Account, InAnyGroup<Admin, Editor>>, Denial>,
    visitor: CurrentUser<Visitor>,
) -> Result<(), Status> {
    let second = second.unwrap();
    assert!(std::ptr::eq(first.user(), second.user()) && std::ptr::eq(first.user(), third.unwrap().user()));
    assert_eq!(visitor.name, "ALICE");
    Err(Status::NotFound)
}

#[get("/open")]
fn open() -> Status {
    Status::NotFound
}

/// Asks twice, without waiting and by the guard.
#[catch(404)]
async fn not_found(request: &Request<'_>) -> String {
    let known = CurrentUser::<Account>::of(request).map(|account| account.nickname.clone());
    let asked = request.guard::<CurrentUser<Account>>().await.succeeded();
    format!("{known:?} {:?}", asked.map(|account| account.nickname.clone()))
}

#[catch(403)]
async fn forbidden(request: &Request<'_>) -> String {
    let known = CurrentUser::<Account>::of(request).is_some();
    let asked = request.guard::<CurrentUser<Account>>().await;
    let asked = asked.failed().map(|(_, denial)| denial.code());
    format!("{} {known} {asked:?}", Denial::of(request).unwrap().code())
}

/// Eight at once, of one request.
struct Crowd(Vec<String>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Crowd {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let asked = join_all((0..8).map(|_| request.guard::<CurrentUser<Account>>())).await;
        let nicknames = asked.into_iter().map(|account| account.unwrap().nickname.clone());
        Outcome::Success(Crowd(nicknames.collect()))
    }
}

#[get("/crowd")]
fn crowd(crowd: Crowd) -> String {
    crowd.0.join(" ")
}

/// Gives up while the database is at it, and asks again.
struct Impatient(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Impatient {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let database = request.rocket().state::<Arc<Database>>().unwrap();
        let gate = Arc::new(Semaphore::new(0));
        *database.gate.lock().unwrap() = Some(Arc::clone(&gate));
        let mut first = request.guard::<CurrentUser<Account>>();
        while !database.is_asked() {
            assert!((&mut first).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(first);
        assert!(CurrentUser::<Account>::of(request).is_none());
        gate.add_permits(1);
        Outcome::Success(Impatient(request.guard::<CurrentUser<Account>>().await.unwrap().nickname.clone()))
    }
}

#[get("/impatient")]
fn impatient(user: Impatient) -> String {
    user.0
}

/// Asks before and after.
#[post("/renew")]
fn renew(before: CurrentUser<Account>, after: CurrentUser<Account, Refresh>) -> String {
    format!("{} then {}", before.groups, after.groups)
}

#[get("/auth/callback")]
fn callback(before: Option<CurrentUser<Account>>, after: CurrentUser<Account, Callback>) -> String {
    format!("{:?} then {}", before.map(|account| account.nickname.clone()), after.nickname)
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket
        .mount("/", routes![many, open, crowd, impatient, renew])
        .register("/open", rocket::catchers![not_found])
        .register("/many", rocket::catchers![not_found, forbidden])
}

#[rocket::async_test]
async fn guards_and_catchers_of_one_request_share_one_user() {
    let world = World::start(build).await;
    let alice = world.session("alice");
    assert_eq!(answer(&world.get(&alice, "/many").await), (404, "Some(\"Al\") Some(\"Al\")"));
    assert_eq!(world.database.lookups(), 1);
    assert_eq!(answer(&world.get(&alice, "/open").await), (404, "None Some(\"Al\")"));
    assert_eq!(world.database.lookups(), 1);
    assert_eq!(answer(&world.get(&alice, "/crowd").await), (200, ["Al"; 8].join(" ").as_str()));
    assert_eq!(world.database.lookups(), 1);

    let carol = world.session("carol");
    let refused = world.get(&carol, "/many").await;
    assert_eq!(answer(&refused), (403, "unknown_user false Some(\"unknown_user\")"));
    assert_eq!(world.database.lookups(), 1);
}

#[rocket::async_test]
async fn nothing_is_kept_from_one_request_to_the_next() {
    let world = World::start(build).await;
    let (alice, bob) = (world.session("alice"), world.session("bob"));
    for _ in 0..3 {
        for (agent, nickname) in [(&alice, "Al"), (&bob, "Bobby")] {
            assert_eq!(world.get(agent, "/crowd").await.body, [nickname; 8].join(" "));
        }
    }
    assert_eq!(world.database.lookups(), 6);
    world.database.insert("alice", "Alice");
    assert_eq!(world.get(&alice, "/crowd").await.body, ["Alice"; 8].join(" "));
}

#[rocket::async_test]
async fn who_gives_up_leaves_the_next_to_ask_anew() {
    let world = World::start(build).await;
    let alice = world.session("alice");
    assert_eq!(answer(&world.get(&alice, "/impatient").await), (200, "Al"));
    assert_eq!(world.database.lookups(), 2);
}

/// Of one person, before and after.
#[rocket::async_test]
async fn new_claims_are_a_new_question() {
    let world = World::start(build).await;
    let alice = world.session("alice");
    world.app.pool.set_groups("alice", ["writer"]).unwrap();
    let page = alice.post(&world.app.url("/renew"), &SAME_ORIGIN, &[]).await;
    assert_eq!(answer(&page), (200, "admin then writer"));
    assert_eq!(world.database.lookups(), 2);
}

/// Never the account of whoever was signed in before.
#[rocket::async_test]
async fn somebody_else_who_signs_in_gets_an_account_of_their_own() {
    let setup = Setup::new().set("routes", ["login", "logout", "refresh"]);
    let world = World::start_with(setup, |rocket| build(rocket).mount("/", routes![callback])).await;
    let alice = world.session("alice");
    let login = alice.open(&world.app.url("/auth/login")).await;
    let page = alice.get(&code_for(&alice, &login, "bob").await).await;
    assert_eq!(answer(&page), (200, "Some(\"Al\") then Bobby"));
    assert_eq!(world.database.lookups(), 2);

    // A sign-in of whom the app does not know begins no session.
    let login = alice.open(&world.app.url("/auth/login?prompt=login")).await;
    let before = alice.cookies();
    let page = alice.get(&code_for(&alice, &login, "carol").await).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("\"unknown_user\""), "{}", page.body);
    assert_eq!(alice.cookie("cognito_access_token").as_ref(), before.get("cognito_access_token"));
}
