//! What each of its forms answers to whom.

use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::policy::Not;
use rocket_cognito::{Authorized, CognitoUser, CurrentUser, Denial, InAnyGroup, InGroups, OrForward};

use super::world::{Account, Visitor, World, answer};
use crate::support::SAME_ORIGIN;
use crate::support::agent::Agent;
use crate::support::groups::{Admin, Editor};

#[get("/me")]
fn me(account: CurrentUser<Account>) -> String {
    let nickname = &account.nickname;
    assert!(std::ptr::eq(account.user(), &*account) && std::ptr::eq(account.user(), &*account.clone()));
    format!("{} is {nickname}", account.cognito().username())
}

#[post("/change")]
fn change(_account: CurrentUser<Account>) {}

#[get("/option")]
fn option(account: Option<CurrentUser<Account>>) -> String {
    account.map_or("nobody".into(), |account| account.nickname.clone())
}

#[get("/result")]
fn result(account: Result<CurrentUser<Account>, Denial>) -> String {
    account.map_or_else(|denial| denial.code().to_owned(), |account| account.nickname.clone())
}

#[get("/borrowed")]
fn borrowed(account: CurrentUser<Account, &CognitoUser>, user: &CognitoUser) -> String {
    assert!(std::ptr::eq(*account.cognito(), user));
    account.nickname.clone()
}

#[get("/admin")]
fn admin(admin: CurrentUser<Account, InGroups<Admin>>) -> String {
    format!("{} {:?}", admin.nickname, admin.cognito().groups())
}

#[get("/staff")]
fn staff(_account: CurrentUser<Account, InAnyGroup<Admin, Editor>>) {}

#[get("/others")]
fn others(_account: CurrentUser<Account, Authorized<Not<Admin>>>) {}

#[get("/both")]
fn both(visitor: CurrentUser<Visitor, CurrentUser<Account, InGroups<Admin>>>) -> String {
    let account: &CurrentUser<Account, InGroups<Admin>> = visitor.cognito();
    format!("{} {} {}", visitor.name, account.nickname, account.cognito().username())
}

#[get("/desk")]
fn desk(account: OrForward<CurrentUser<Account>>) -> String {
    account.nickname.clone()
}

#[get("/desk", rank = 2)]
fn desk_of_others() -> &'static str {
    "others"
}

#[get("/inside")]
fn inside(account: CurrentUser<Account, OrForward<InGroups<Admin>>>) -> String {
    account.nickname.clone()
}

#[get("/inside", rank = 2)]
fn inside_of_others() -> &'static str {
    "others"
}

#[get("/debug")]
fn debug(account: CurrentUser<Account>) -> String {
    format!("{account:?}")
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    let routes = routes![
        me,
        change,
        option,
        result,
        borrowed,
        admin,
        staff,
        others,
        both,
        desk,
        desk_of_others,
        inside,
        inside_of_others,
        debug
    ];
    rocket.mount("/", routes)
}

#[rocket::async_test]
async fn whom_the_app_knows_comes_in_by_session_and_by_bearer_token() {
    let world = World::start(build).await;
    let alice = world.app.signed_in("alice").await;
    assert_eq!(answer(&world.get(&alice, "/me").await), (200, "alice is Al"));
    assert_eq!(answer(&world.get_as("bob", "/me").await), (200, "bob is Bobby"));
    for (path, body) in
        [("/option", "Al"), ("/result", "Al"), ("/borrowed", "Al"), ("/desk", "Al"), ("/inside", "Al")]
    {
        assert_eq!(answer(&world.get(&alice, path).await), (200, body), "{path}");
    }
    assert_eq!(answer(&world.get(&alice, "/both").await), (200, "ALICE Al alice"));
    let shown = world.get(&alice, "/debug").await.body;
    assert!(
        shown.starts_with("CurrentUser { cognito: CognitoUser { sub: ") && !shown.contains("Al"),
        "{shown}"
    );
    assert_eq!(world.database.lookups(), 10, "once for each request");
}

#[rocket::async_test]
async fn whom_the_app_does_not_know_gets_403_and_keeps_the_session() {
    let world = World::start(build).await;
    let carol = world.session("carol");
    let cookies = carol.cookies();
    let page = world.get(&carol, "/me").await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("\"unknown_user\""), "{}", page.body);
    assert_eq!((page.header("www-authenticate"), page.header("retry-after")), ("", ""));
    assert_eq!(page.header("cache-control"), "no-store");
    let page = carol.open(&world.app.url("/me")).await;
    assert!(page.body.contains("this site does not know your account"), "{}", page.body);
    assert!(page.body.contains("action=\"/auth/logout\"><button>Sign out"), "{}", page.body);
    for (path, body) in [("/option", "nobody"), ("/result", "unknown_user"), ("/desk", "others")] {
        assert_eq!(answer(&world.get(&carol, path).await), (200, body), "{path}");
    }
    assert_eq!(world.get_as("carol", "/me").await.status, 403);
    assert_eq!((carol.cookies(), world.app.revocations()), (cookies, 0));

    world.database.insert("carol", "C");
    assert_eq!(answer(&world.get(&carol, "/me").await), (200, "carol is C"));
    world.database.remove("carol");
    assert_eq!(world.get(&carol, "/me").await.status, 403, "the next request asks again");
}

#[rocket::async_test]
async fn the_guard_decides_before_anything_is_loaded() {
    let world = World::start(build).await;
    let (nobody, bob) = (Agent::new(), world.session("bob"));
    for path in ["/me", "/admin", "/staff", "/others", "/both", "/borrowed"] {
        let page = world.get(&nobody, path).await;
        assert_eq!((page.status.as_u16(), page.header("www-authenticate")), (401, "Bearer"), "{path}");
    }
    for (path, body) in [("/option", "nobody"), ("/result", "not_signed_in"), ("/desk", "others")] {
        assert_eq!(answer(&world.get(&nobody, path).await), (200, body), "{path}");
    }
    assert_eq!(nobody.open(&world.app.url("/me")).await.location(), world.app.url("/auth/login?next=%2Fme"));
    for path in ["/admin", "/both"] {
        let page = world.get(&bob, path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.body.contains("\"rule_not_met\""), "{}", page.body);
    }
    assert_eq!(answer(&world.get(&bob, "/inside").await), (200, "others"));
    let page = bob.post(&world.app.url("/change"), &[], &[]).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("\"cross_site\""), "{}", page.body);
    let twice = [("authorization", "Bearer x"), ("authorization", "Bearer y")];
    let page = bob.send(reqwest::Method::GET, &world.app.url("/me"), &twice, None).await;
    assert_eq!(page.status, 400);
    assert_eq!(world.database.lookups(), 0);

    assert_eq!(world.get(&bob, "/staff").await.status, 200);
    assert_eq!(world.get(&bob, "/others").await.status, 200);
    assert_eq!(bob.post(&world.app.url("/change"), &SAME_ORIGIN, &[]).await.status, 200);
    assert_eq!(answer(&world.get_as("alice", "/admin").await), (200, "Al [\"admin\"]"));
    assert_eq!(world.get_as("alice", "/others").await.status, 403);
    assert_eq!(world.database.lookups(), 4);
}
