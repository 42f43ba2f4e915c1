//! With routes of the app's own.

use rocket::{Build, Rocket, get, routes};
use rocket_cognito::{Callback, Login};

use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::{App, Setup, parameters};
use crate::{World, entered, fetch, under_way};

/// Knows nothing of `prompt`, or has one that need not ask.
#[get("/signin?<next>&<own>")]
fn signin(next: Option<&str>, own: Option<&str>) -> Login {
    Login::new().next(next).prompt(own)
}

#[get("/silent?<next>")]
fn silent(next: Option<&str>) -> Login {
    Login::new().next(next).prompt("none")
}

#[get("/choose?<next>")]
fn choose(next: Option<&str>) -> Login {
    Login::new().next(next).prompt("select_account")
}

#[get("/particular?<next>")]
fn particular(next: Option<&str>) -> Login {
    Login::new()
        .next(next)
        .state("from the shop & more")
        .scopes(["openid", "email"])
        .lang("de")
        .login_hint("alice")
}

#[get("/auth/callback")]
fn callback(callback: Callback) -> String {
    let user = callback.user();
    let scopes: Vec<_> = user.scopes().collect();
    format!("{} {:?} {} {scopes:?}", user.username(), callback.state(), callback.next())
}

#[get("/second/callback")]
fn onward(callback: Callback) -> Callback {
    callback
}

#[get("/recent?<next>")]
fn recent(next: Option<&str>) -> Login {
    Login::new().next(next).prompt("login").max_age(120)
}

fn routes(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.mount("/", routes![signin, silent, choose, particular, callback, onward])
}

fn own_login(path: &str) -> Setup {
    Setup::new().set("routes", ["callback", "refresh", "logout"]).set("login_path", path)
}

async fn start(setup: Setup) -> World {
    let own_callback =
        |rocket: Rocket<Build>| rocket.mount("/", routes![signin, silent, choose, particular, recent]);
    World::start_with(setup, own_callback).await
}

/// Otherwise the pool would let people in silently, and `Fresh` would send them back.
#[rocket::async_test]
async fn an_own_login_route_asks_again_though_it_knows_nothing_of_it() {
    for path in ["/signin", "/choose", "/silent"] {
        let world = start(own_login(path)).await;
        let agent = Agent::new();
        agent.sign_in(&world.url("/signin?next=/safe"), "alice").await;
        world.later(crate::LONG);
        let page = agent.open(&world.url("/safe")).await;
        assert_eq!(page.location(), world.url(&format!("{path}?next=%2Fsafe&prompt=login&max_age=900")));
        assert_eq!(agent.open(&page.location()).await.location_parameter("prompt"), "login", "{path}");
        let landed = agent.sign_in(&world.url("/safe"), "alice").await;
        assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "alice at /safe"), "{path}");
    }
}

/// The route's age, or the link's where that is lower.
#[rocket::async_test]
async fn no_link_lets_an_older_sign_in_through_than_the_route_does() {
    let world = start(own_login("/recent")).await;
    for (query, expected) in [
        ("", "120"),
        ("?max_age=99999999", "120"),
        ("?prompt=login&max_age=900", "120"),
        ("?max_age=90", "90"),
        ("?max_age=0", "60"),
        ("?max_age=x", "120"),
    ] {
        let login = Agent::new().open(&world.url(&format!("/recent{query}"))).await;
        assert_eq!(login.location_parameter("max_age"), expected, "{query}");
    }
}

#[rocket::async_test]
async fn what_an_own_login_route_asks_for_is_asked_for_in_the_second_try_too() {
    let setup = own_login("/particular").pool(|pool| pool.classic_hosted_ui(true));
    let world = start(setup).await;
    let agent = Agent::new();
    agent.sign_in(&world.url("/safe"), "alice").await;
    world.later(crate::LONG);
    let authorize = agent.open(&agent.open(&world.url("/safe")).await.location()).await;
    let callback = agent.open(&authorize.location()).await;
    let logout = agent.open(&callback.location()).await;
    let asked = |url: &str| {
        let random = ["state", "nonce", "code_challenge"];
        parameters(url).into_iter().filter(|(name, _)| !random.contains(&name.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(asked(&logout.location()), asked(&authorize.location()));
    assert_eq!(logout.location_parameter("scope"), "openid email");
    assert_eq!(logout.location_parameter("login_hint"), "alice");
    let form = agent.open(&logout.location()).await.location();
    let landed = agent.follow(&entered(&agent, &form).await).await;
    assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "alice at /safe"));
}

/// All routes are the app's own, and the crate's catchers answer for it.
async fn with_own_callback(setup: Setup) -> World {
    let setup = setup.set("routes", ["refresh", "logout"]).set("login_path", "/particular");
    World::start_with(setup.pool(|pool| pool.classic_hosted_ui(true)), routes).await
}

/// Up to the callback, to which the pool leads without a question.
async fn unasked(app: &App, agent: &Agent, path: &str) -> String {
    let login = agent.open(&app.url(path)).await.location();
    let authorize = agent.open(&login).await.location();
    agent.open(&authorize).await.location()
}

#[rocket::async_test]
async fn an_own_callback_gets_fresh_sign_ins_only_with_state_and_scopes() {
    let world = with_own_callback(Setup::new()).await;
    let agent = Agent::new();
    let expected = r#"alice Some("from the shop & more") /safe ["email", "openid"]"#;
    assert_eq!(agent.sign_in(&world.url("/safe"), "alice").await.body, expected);
    world.later(crate::LONG);
    let callback = unasked(&world, &agent, "/safe").await;
    let page = agent.open(&callback).await;
    let logout = format!("{}/logout?", world.pool.base_url());
    assert!(page.status == 303 && page.location().starts_with(&logout), "{} {}", page.status, page.body);
    assert_eq!(under_way(&agent), 1);
    world.revoked(1).await;

    let form = agent.open(&page.location()).await.location();
    let landed = agent.get(&entered(&agent, &form).await).await;
    assert_eq!(landed.body, expected);
    assert_eq!(agent.get(&world.url("/safe")).await.status, 200);
}

#[rocket::async_test]
async fn an_own_callback_tells_programs_and_refuses_the_second_try() {
    let world = with_own_callback(Setup::new().redirect_path("/second/callback")).await;
    let agent = Agent::new();
    assert_eq!(agent.sign_in(&world.url("/safe"), "alice").await.body, "alice at /safe");
    world.later(crate::LONG);
    let callback = unasked(&world, &agent, "/safe").await;
    assert_eq!(answer(&fetch(&agent, &callback, &[]).await), (401, "login_too_old".to_owned()));

    let callback = unasked(&world, &agent, "/safe").await;
    let page = agent.open(&callback).await;
    let form = agent.open(&page.location()).await.location();
    world.pool_is_behind_by(500);
    let callback = entered(&agent, &form).await;
    world.pool_is_behind_by(0);
    assert_eq!(answer(&fetch(&agent, &callback, &[]).await), (403, "login_not_fresh".to_owned()));
    world.revoked(3).await;
    assert_eq!(world.visits(), (3, 1));
}
