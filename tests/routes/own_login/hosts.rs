//! One app on several hosts: `accepted_redirect_urls`.

use reqwest::Method;
use rocket_cognito::Login;

use super::refusals::assert_refused;
use super::{SECRET_KEY, Setup, World};
use crate::support::agent::Agent;
use crate::support::app::{code_for, set_cookie};
use crate::support::forge::now;
use crate::support::sealing::Seal;

/// An app at `localhost` and `127.0.0.1`.
async fn start() -> World {
    World::start_with(Setup::new().accepted_host("127.0.0.1"), |rocket| rocket).await
}

fn at(world: &World, host: &str, path: &str) -> String {
    format!("http://{host}:{}{path}", world.server.port)
}

/// The pool compares the `redirect_uri` of the code with that of the exchange, byte for byte.
#[rocket::async_test]
async fn each_host_signs_in_with_its_own_callback_and_cookies() {
    let world = start().await;
    let agent = Agent::new();
    for host in ["127.0.0.1", "localhost"] {
        for login in ["/auth/login?next=/me", "/hand_on?next=/me"] {
            // The other host's session is none here.
            let agent = if login.starts_with("/auth") { &agent } else { &Agent::new() };
            let begun = agent.open(&at(&world, host, login)).await;
            assert_eq!(begun.location_parameter("redirect_uri"), at(&world, host, "/auth/callback"));
            assert_eq!(agent.get(&at(&world, host, "/me")).await.status, 401);
            let callback = code_for(agent, &begun, "alice").await;
            let page = agent.follow(&callback).await;
            assert_eq!((page.status.as_u16(), page.url.as_str()), (200, at(&world, host, "/me").as_str()));
        }
    }
    assert_eq!(world.exchanges(), 4);
}

/// C23.
#[rocket::async_test]
async fn a_host_header_picks_from_the_list_and_adds_nothing() {
    let world = start().await;
    world.give(Login::new());
    let port = world.server.port;
    let (first, second) =
        (at(&world, "localhost", "/auth/callback"), at(&world, "127.0.0.1", "/auth/callback"));
    for (host, expected) in [
        (format!("localhost:{port}"), &first),
        (format!("LocalHost:{port}"), &first),
        (format!("127.0.0.1:{port}"), &second),
        ("evil.example".into(), &first),
        (format!("evil.example:{port}"), &first),
        (format!("127.0.0.1.evil.example:{port}"), &first),
        // Rocket leaves out what stands before the `@`.
        (format!("evil.example@127.0.0.1:{port}"), &second),
        (format!("127.0.0.2:{port}"), &first),
        ("".into(), &first),
    ] {
        for path in ["/signin", "/auth/login"] {
            let headers = [("host", host.as_str()), ("x-forwarded-host", "evil.example")];
            let page = Agent::new().send(Method::GET, &world.url(path), &headers, None).await;
            assert_eq!(page.location_parameter("redirect_uri"), *expected, "{host} {path}");
        }
    }
    // Another port, or a name that is not listed, is another name of loopback: moved to the first.
    for host in ["127.0.0.1", "127.0.0.1:9", "[::1]:9"] {
        let page = Agent::new().send(Method::GET, &world.url("/signin"), &[("host", host)], None).await;
        assert_eq!(page.location(), at(&world, "localhost", "/signin?moved=1"), "{host}");
    }
}

#[rocket::async_test]
async fn an_app_may_choose_a_callback_from_the_list_and_the_browser_goes_there() {
    let world = start().await;
    let there = at(&world, "127.0.0.1", "/auth/callback");
    let chosen = Login::new().redirect_url(&*there).next("/me");
    let agent = Agent::new();
    let page = world.begin(&agent, chosen.clone()).await;
    assert_eq!(page.location(), at(&world, "127.0.0.1", "/signin?moved=1"));
    let begun = agent.open(&page.location()).await;
    assert_eq!(begun.location_parameter("redirect_uri"), there);

    world.give(chosen);
    let page = Agent::new().sign_in(&world.url("/signin"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, at(&world, "127.0.0.1", "/me").as_str()));
}

#[rocket::async_test]
async fn a_callback_that_is_not_listed_begins_no_sign_in() {
    let world = start().await;
    let listed = at(&world, "127.0.0.1", "/auth/callback");
    for url in [
        "",
        "https://evil.example/auth/callback",
        "/auth/callback",
        &format!("{listed}/"),
        &format!("{listed}?x=y"),
        &listed.replace("http:", "HTTP:"),
        &listed.replace("callback", "%63allback"),
        &format!(" {listed}"),
    ] {
        let page = world.begin(&Agent::new(), Login::new().redirect_url(url)).await;
        assert_refused(&page, 503, "sign_in_misconfigured");
    }
}

#[rocket::async_test]
async fn every_listed_origin_is_our_own_and_no_other() {
    let world = start().await;
    for (origin, status) in [
        (at(&world, "localhost", ""), 303),
        (at(&world, "127.0.0.1", ""), 303),
        (at(&world, "[::1]", ""), 403),
        (at(&world, "evil.example", ""), 403),
        ("http://localhost".into(), 403),
        ("null".into(), 403),
    ] {
        let page = Agent::new().post(&world.url("/auth/logout"), &[("origin", &origin)], &[]).await;
        assert_eq!(page.status, status, "{origin}: {}", page.body);
    }
}

/// C11. The code is exchanged with the callback that lies in the attempt: the pool notices another one.
#[rocket::async_test]
async fn an_attempt_is_bound_to_its_callback() {
    let world = start().await;
    let seal = Seal::new(SECRET_KEY, "login");
    let there = Agent::new().open(&at(&world, "127.0.0.1", "/auth/login")).await;
    let other = seal.open(set_cookie(there.set_cookies()[0]).1)["binding"].clone();
    for (binding, status, code) in
        [(other, 503, "sign_in_misconfigured"), ("unlisted".into(), 400, "login_not_recognised")]
    {
        let agent = Agent::new();
        let callback = world.app.begin(&agent, "/me").await;
        let mut attempt = world.attempt(&agent);
        attempt["binding"] = binding;
        let (name, _) = agent.cookies().pop_first().unwrap();
        agent.set_cookie(&name, &seal.seal(&attempt, now()));
        let page = agent.get(&callback).await;
        assert_eq!(page.status, status);
        assert!(page.body.contains(&format!("\"error\":\"{code}\"")), "{}", page.body);
    }
}
