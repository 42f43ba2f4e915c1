//! Apps that mount some of our routes, or none, and name their own.

use reqwest::Method;
use rocket::http::uri::Origin;
use rocket::serde::json::Json;
use rocket::{get, routes};
use rocket_cognito::{Callback, Denial, Login};

use super::{Setup, World};
use crate::support::agent::{Agent, Page};
use crate::support::app::{self, App};

async fn send(app: &App, method: Method, path: &str) -> Page {
    Agent::new().send(method, &app.url(path), &[("accept", "text/html")], None).await
}

#[rocket::async_test]
async fn each_route_is_mounted_where_the_settings_name_it_and_nowhere_else() {
    let names = ["login", "callback", "refresh", "logout"];
    let requests = [
        (Method::GET, "/auth/login", "login"),
        (Method::GET, "/auth/callback", "callback"),
        (Method::HEAD, "/auth/callback", "callback"),
        (Method::POST, "/auth/refresh", "refresh"),
        (Method::GET, "/auth/refresh", "refresh"),
        (Method::HEAD, "/auth/refresh", "refresh"),
        (Method::GET, "/auth/logout", "logout"),
        (Method::POST, "/auth/logout", "logout"),
        (Method::HEAD, "/auth/logout", "logout"),
    ];
    let lists: [&[&str]; 7] =
        [&["login"], &["callback"], &["logout"], &["refresh"], &names, &["callback", "logout"], &[]];
    for list in lists {
        let app = Setup::new().set("refresh_flow_enabled", true).set("routes", list).start().await;
        for (method, path, name) in &requests {
            let page = send(&app, method.clone(), path).await;
            assert_eq!(
                page.status == 404,
                !list.contains(name),
                "{list:?}: {method} {path}: {}",
                page.status
            );
        }
        // Guards do not depend on routes.
        assert_eq!(send(&app, Method::GET, "/me").await.location(), app.url("/auth/login?next=%2Fme"));
    }
    let none = Setup::new().set("routes", "none").start().await;
    for (method, path, _) in requests {
        assert_eq!(send(&none, method.clone(), path).await.status, 404, "{method} {path}");
    }
}

#[get("/login-path")]
fn login_path(user: Result<rocket_cognito::CognitoUser, Denial>) -> String {
    user.map_or_else(|denial| denial.login_path().to_owned(), |_| String::new())
}

fn own_paths() -> Setup {
    Setup::new()
        .set("routes", ["callback"])
        .set("login_path", "/hand_on")
        .set("logout_path", "/signout")
        .set("login_redirect", "/page")
}

#[rocket::async_test]
async fn guards_and_pages_lead_to_the_apps_own_login() {
    let world = World::start_with(own_paths(), |rocket| rocket.mount("/", routes![login_path])).await;
    let page = Agent::new().open(&world.url("/page?a=b")).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/hand_on?next=%2Fpage%3Fa%3Db"));
    assert_eq!(send(&world, Method::GET, "/login-path").await.body, "/hand_on");

    let agent = Agent::new();
    let page = agent.sign_in(&world.url("/page?a=b"), "bob").await;
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, world.url("/page?a=b").as_str()));

    let page = agent.open(&world.url("/admin")).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("<form method=\"post\" action=\"/signout\">"), "{}", page.body);

    // A sign-in that fails leads to the same page at the next try.
    let agent = Agent::new();
    let state = agent.open(&world.url("/hand_on?next=/me")).await.location_parameter("state");
    let page = agent.open(&world.url(&format!("/auth/callback?state={state}&error=access_denied"))).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("href=\"/hand_on?next=%2Fme\""), "{}", page.body);
}

/// R6.
#[rocket::async_test]
async fn the_apps_own_login_and_logout_are_no_place_to_go() {
    let world = World::start_with(own_paths(), |rocket| rocket).await;
    for (next, expected) in [
        ("/hand_on", "/page"),
        ("/hand_on?next=/me", "/page"),
        ("/hand%255Fon", "/page"),
        ("/SignOut/", "/page"),
        ("/auth/callback", "/page"),
        ("/hand_on/x", "/hand_on/x"),
        // These are not mounted.
        ("/auth/login", "/auth/login"),
        ("/auth/refresh", "/auth/refresh"),
    ] {
        let agent = Agent::new();
        world.begin(&agent, Login::new().next(next)).await;
        assert_eq!(world.attempt(&agent)["next"], expected, "{next}");
    }
    let mounted = World::start().await;
    for next in ["/auth/login", "/auth/logout", "/auth/refresh"] {
        let agent = Agent::new();
        mounted.begin(&agent, Login::new().next(next)).await;
        assert_eq!(mounted.attempt(&agent)["next"], "/", "{next}");
    }
}

#[get("/auth/login?<next>")]
fn at_our_login(next: Option<&str>) -> Login {
    Login::new().next(next).lang("de")
}

#[get("/auth/callback")]
fn at_our_callback(callback: Callback, uri: &Origin<'_>) -> Json<(String, Option<String>, String)> {
    let state = callback.state().map(str::to_owned);
    // X2: what Rocket logs of the address has neither code nor state.
    assert_eq!(uri, "/auth/callback");
    Json((callback.user().username().to_owned(), state, callback.next().to_owned()))
}

#[rocket::async_test]
async fn an_app_may_put_its_own_routes_in_the_place_of_ours() {
    let setup = Setup::new().set("routes", ["logout"]);
    let build = |rocket| app::build(rocket).mount("/", routes![at_our_login, at_our_callback]);
    let app = setup.start_with(build).await;
    let agent = Agent::new();
    let login = agent.open(&app.url("/me")).await;
    let login = agent.open(&login.location()).await;
    assert_eq!(login.location_parameter("lang"), "de");
    let callback = app::code_for(&agent, &login, "alice").await;
    let head = agent.send(Method::HEAD, &callback, &[], None).await;
    assert_eq!(head.status, 405, "a link scanner does not burn the code");
    let page = agent.open(&callback).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "[\"alice\",null,\"/me\"]"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    assert_eq!(agent.open(&app.url("/me")).await.status, 200);
}

#[rocket::async_test]
async fn the_apps_own_state_comes_back_at_its_own_callback_byte_for_byte() {
    let setup = Setup::new().set("routes", "none").set("login_path", "/signin");
    let world = World::start_with(setup, |rocket| rocket.mount("/", routes![at_our_callback])).await;
    for text in [
        "",
        "homepage",
        "a__b&c=d#e?f g+h%20;i",
        "\0\u{1b}\r\n\"\\\u{7f}",
        "grüße 世界 \u{1f469}\u{200d}\u{1f467} \u{202e}",
        &"\u{1}".repeat(512),
    ] {
        world.give(Login::new().state(text).next("/page?x"));
        let page = Agent::new().sign_in(&world.url("/signin"), "bob").await;
        let back: (String, Option<String>, String) = serde_json::from_str(&page.body).unwrap();
        assert_eq!(back, ("bob".into(), Some(text.into()), "/page?x".into()));
    }
}
