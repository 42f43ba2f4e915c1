//! At a pool that asks again when it is told to.

use reqwest::Method;
use rocket::{get, routes};
use rocket_cognito::local_pool::LocalClient;
use rocket_cognito::policy::Fresh;
use rocket_cognito::{Authorized, Machine};

use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::Setup;
use crate::support::figment;
use crate::support::server::Server;
use crate::{LONG, World, entered, fetch, under_way};

const TOO_OLD: &str = "Bearer error=\"insufficient_user_authentication\", \
                       error_description=\"More recent authentication is required\"";

#[rocket::async_test]
async fn a_browser_is_asked_for_the_password_again_and_lands_on_the_page() {
    let world = World::start(Setup::new()).await;
    let agent = world.stale().await;
    let before = agent.cookie("cognito_access_token");

    let page = agent.open(&world.url("/safe?tab=1")).await;
    let login = world.url("/auth/login?next=%2Fsafe%3Ftab%3D1&prompt=login&max_age=900");
    assert_eq!((page.status.as_u16(), page.location()), (303, login));
    assert_eq!(agent.cookie("cognito_access_token"), before, "the session goes on meanwhile");
    assert_eq!(agent.get(&world.url("/me")).await.status, 200);

    let authorize = agent.open(&page.location()).await;
    assert_eq!(authorize.location_parameter("prompt"), "login");
    assert_eq!(authorize.location_parameter("max_age"), "900");
    let form = agent.open(&authorize.location()).await.location();
    let callback = entered(&agent, &form).await;
    let landed = agent.follow(&callback).await;
    assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "alice at /safe?tab=1"));
    assert_eq!((world.visits(), world.exchanges(), under_way(&agent)), ((2, 0), 2, 0));
    world.revoked(1).await;
}

/// A renewal brings a new token with the old `auth_time`.
#[rocket::async_test]
async fn a_renewal_is_no_sign_in() {
    let world = World::start(Setup::new()).await;
    let agent = world.stale().await;
    let origin = world.origin();
    let page = agent.post(&world.url("/auth/refresh"), &[("origin", &origin)], &[]).await;
    assert!(page.status.is_success() || page.status.is_redirection(), "{}", page.body);
    assert_eq!(world.exchanges(), 2, "the sign-in's and the renewal's");
    let page = fetch(&agent, &world.url("/safe"), &[]).await;
    assert_eq!(answer(&page), (401, "login_too_old".to_owned()));
}

/// Who asks, how, and with which headers.
type Asking<'a> = (&'a Agent, Method, &'a [(&'a str, &'a str)]);

#[rocket::async_test]
async fn scripts_forms_and_bearers_are_told_and_never_led_away() {
    let world = World::start(Setup::new()).await;
    let agent = world.stale().await;
    let token = agent.cookie("cognito_access_token").unwrap();
    let bearer = format!("Bearer {token}");
    let (origin, safe) = (world.origin(), world.url("/safe"));
    let html = ("accept", "text/html");
    let navigate = ("sec-fetch-mode", "navigate");
    let nobody = Agent::new();
    let asked: [Asking<'_>; 6] = [
        (&agent, Method::GET, &[]),
        (&agent, Method::GET, &[("accept", "application/json")]),
        (&agent, Method::GET, &[html, ("sec-fetch-mode", "cors")]),
        (&agent, Method::POST, &[("origin", &origin)]),
        (&agent, Method::POST, &[html, navigate, ("sec-fetch-site", "same-origin")]),
        (&nobody, Method::GET, &[html, navigate, ("authorization", &bearer)]),
    ];
    for (agent, method, headers) in asked {
        let page = agent.send(method, &safe, headers, None).await;
        assert_eq!(page.status, 401, "{headers:?}");
        assert_eq!(page.header("www-authenticate"), format!("{TOO_OLD}, max_age=\"900\""), "{headers:?}");
        let link = match headers.get(1) {
            // A page leads back to itself, if it is one.
            Some(("sec-fetch-mode", "cors")) => {
                "href=\"/auth/login?next=%2Fsafe&amp;prompt=login&amp;max_age=900\""
            }
            _ => "href=\"/auth/login?prompt=login&amp;max_age=900\"",
        };
        let words = match page.body.starts_with('<') {
            true => "You are signed in, but this asks for a sign-in of a short while ago.",
            false => "\"error\":\"login_too_old\"",
        };
        assert!(page.body.contains(words), "{headers:?}: {}", page.body);
        // Whoever sends a token sends the same one after a sign-in.
        let would_help =
            page.body.starts_with('<') && !headers.iter().any(|(name, _)| *name == "authorization");
        assert_eq!(page.body.contains(link), would_help, "{headers:?}: {}", page.body);
    }
    assert_eq!(world.visits(), (1, 0));
}

#[get("/machines")]
fn for_machines(_machine: Authorized<Fresh<900>, Machine>) {}

/// However much like a browser it asks.
#[rocket::async_test]
async fn a_machine_is_told_and_never_led_away() {
    let worker = LocalClient::new("worker").secret("s3cret").scope("orders/read").client_credentials();
    let setup = Setup::new().pool(|pool| pool.client(worker)).set("accepted_client_ids", ["worker"]);
    let world = World::start_with(setup, |rocket| rocket.mount("/", routes![for_machines])).await;
    let (url, agent) = (world.url("/machines"), Agent::new());
    let bearer = format!("Bearer {}", world.pool.machine_token("worker").unwrap());
    let headers = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("authorization", &*bearer)];
    assert_eq!(fetch(&agent, &url, &headers).await.status, 200);
    world.later(LONG);
    let page = fetch(&agent, &url, &headers).await;
    assert_eq!(page.status, 401);
    assert_eq!(page.header("www-authenticate"), format!("{TOO_OLD}, max_age=\"900\""));
}

/// The browser gives up the answer to the first code, and comes with a second.
#[rocket::async_test]
async fn a_double_click_on_the_pools_button_still_ends_on_the_page() {
    let world = World::start(Setup::new()).await;
    let agent = world.stale().await;
    let form = agent.follow(&world.url("/safe")).await;
    let callbacks = [entered(&agent, form.url.as_str()).await, entered(&agent, form.url.as_str()).await];
    let given_up = Agent::new();
    agent.cookies().iter().for_each(|(name, value)| given_up.set_cookie(name, value));
    assert_eq!(given_up.open(&callbacks[0]).await.status, 303);
    let landed = agent.follow(&callbacks[1]).await;
    assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "alice at /safe"));
}

#[rocket::async_test]
async fn another_person_may_sign_in_and_the_session_is_theirs() {
    let world = World::start(Setup::new()).await;
    let agent = world.stale().await;
    let landed = agent.sign_in(&world.url("/safe"), "bob").await;
    assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "bob at /safe"));
    world.revoked(1).await;
}

/// No link that somebody else makes up has a sign-in fail.
#[rocket::async_test]
async fn what_a_link_asks_for_does_no_harm() {
    let world = World::start(Setup::new()).await;
    world.pool_is_behind_by(25);
    for max_age in
        ["0", "1", "-1", "x", "", "1&max_age=2", "99999999999999999999", "%00", "18446744073709551615"]
    {
        let link = world.url(&format!("/auth/login?next=/safe&prompt=login&max_age={max_age}"));
        let landed = Agent::new().sign_in(&link, "alice").await;
        assert_eq!((landed.status.as_u16(), landed.url.path()), (200, "/safe"), "{max_age}");
    }
}

#[rocket::async_test]
async fn disabled_mode_lets_everybody_pass() {
    let figment = figment().merge(("cognito.disabled", true));
    let build = |rocket| crate::support::app::build(rocket).mount("/", rocket::routes![crate::safe]);
    let server = Server::start(figment, build).await;
    let page = Agent::new().open(&server.url("/safe")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let page = Agent::new().open(&server.url("/auth/login?next=/safe&prompt=login&max_age=900")).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/safe"));
}
