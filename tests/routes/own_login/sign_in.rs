//! Sign-ins that an app's own route begins.

use reqwest::Method;
use rocket_cognito::Login;

use super::World;
use crate::support::agent::Agent;

#[rocket::async_test]
async fn a_sign_in_of_the_apps_own_leads_where_the_app_says() {
    let world = World::start().await;
    for (login, landing) in [
        (Login::new(), "/"),
        (Login::new().next("/me"), "/me"),
        (Login::new().next("/page?a=b&c=%20d").state("kept"), "/page?a=b&c=%20d"),
        (Login::new().scopes(["openid", "email"]).next("/me"), "/me"),
    ] {
        world.give(login);
        let agent = Agent::new();
        let page = agent.sign_in(&world.url("/signin"), "alice").await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (200, world.url(landing).as_str()));
        assert!(agent.cookie("cognito_access_token").is_some());
    }
}

#[rocket::async_test]
async fn next_is_judged_as_at_the_mounted_login() {
    let world = World::start().await;
    for bad in
        ["//evil.example", "https://evil.example/", "/\\evil.example", "me", "", "/auth/login", "/a\r\nb"]
    {
        let agent = Agent::new();
        assert_eq!(world.begin(&agent, Login::new().next(bad)).await.status, 303);
        assert_eq!(world.attempt(&agent)["next"], "/", "{bad:?}");
    }
    let agent = Agent::new();
    agent.get(&world.url("/hand_on?next=/me%3Fa=b")).await;
    assert_eq!(world.attempt(&agent)["next"], "/me?a=b");
}

/// A form may begin a sign-in; HEAD does no harm.
#[rocket::async_test]
async fn every_method_of_an_own_route_begins_a_sign_in() {
    let world = World::start().await;
    for method in [Method::GET, Method::POST, Method::HEAD] {
        let agent = Agent::new();
        let page = agent.send(method.clone(), &world.url("/signin"), &[], None).await;
        assert_eq!((page.status.as_u16(), page.set_cookies().len()), (303, 1), "{method}");
        assert!(page.location().starts_with(&world.pool.base_url()));
        assert_eq!(world.attempt(&agent)["state"], page.location_parameter("state"));
    }
}

#[rocket::async_test]
async fn own_and_mounted_logins_share_the_dozen_attempts() {
    let world = World::start().await;
    let agent = Agent::new();
    for _ in 0..7 {
        agent.get(&world.url("/auth/login")).await;
        world.begin(&agent, Login::new()).await;
    }
    assert_eq!(agent.cookies().len(), 12);
}
