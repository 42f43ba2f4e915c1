//! Names of loopback: a login begun under another name than the callback's would lose its cookie.

use reqwest::Method;
use rocket_cognito::Login;

use super::World;
use crate::support::agent::Agent;

#[rocket::async_test]
async fn an_own_login_under_another_name_of_loopback_is_moved_once_with_its_query() {
    let world = World::start().await;
    world.give(Login::new());
    let port = world.server.port;
    let send = async |method, path: &str, host: &str| {
        Agent::new().send(method, &world.url(path), &[("host", host)], None).await
    };
    let other = format!("127.0.0.1:{port}");
    for (path, moved) in [
        ("/signin", "/signin?moved=1"),
        ("/signin?", "/signin?moved=1"),
        ("/hand_on?next=/me&lang=d%65", "/hand_on?moved=1&next=/me&lang=d%65"),
        ("/hand_on?x=moved", "/hand_on?moved=1&x=moved"),
        ("/auth/login?next=/me", "/auth/login?moved=1&next=/me"),
    ] {
        let page = send(Method::GET, path, &other).await;
        assert_eq!((page.status.as_u16(), page.location()), (303, world.url(moved)));
        assert_eq!(page.set_cookies(), [""; 0]);
        // Behind a proxy that rewrites `Host` it comes back under the same name.
        let page = send(Method::GET, moved, &other).await;
        assert!(page.location().starts_with(&world.pool.base_url()), "{}", page.location());
    }
    for host in [format!("localhost:{port}"), "app.example.com".to_owned(), "127.0.0.2".to_owned()] {
        let page = send(Method::GET, "/signin", &host).await;
        assert!(page.location().starts_with(&world.pool.base_url()), "{host}: {}", page.location());
    }
    // A form would lose its fields on the way.
    let page = send(Method::POST, "/signin", &other).await;
    assert!(page.location().starts_with(&world.pool.base_url()), "{}", page.location());
}

#[rocket::async_test]
async fn a_moved_login_signs_in() {
    let world = World::start().await;
    let begun = format!("http://127.0.0.1:{}/hand_on?next=/me", world.server.port);
    let page = Agent::new().sign_in(&begun, "alice").await;
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, world.url("/me").as_str()));
}
