//! `POST /auth/refresh`: renewing on demand, as scripts and forms do.

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket_cognito::local_pool::Failure;
use serde_json::Value;

use super::world::{EXPIRED, LIFETIME, World, assert_over, assert_waits, copy, generation, rotating, setup};
use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::{ACCESS, REFRESH, TOKEN};

const FROM_HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
const SCRIPT: [(&str, &str); 2] = [FROM_HERE, ("sec-fetch-mode", "cors")];

async fn post(world: &World, agent: &Agent, query: &str, headers: &[(&str, &str)]) -> Page {
    agent.post(&world.url(&format!("/auth/refresh{query}")), headers, &[]).await
}

/// F4: whether the token has expired or not.
#[rocket::async_test]
async fn a_script_renews_the_session_and_is_told_how_long_it_lasts() {
    let world = World::start(rotating(0)).await;
    let agent = world.app.signed_in("alice").await;
    for round in [1, 3] {
        let before = agent.cookies();
        let page = post(&world, &agent, "", &SCRIPT).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (204, ""));
        assert_eq!(generation(&agent), round);
        assert!(agent.cookies().iter().all(|(name, value)| before[name] != *value));

        let page = post(&world, &agent, "", &[FROM_HERE, ("accept", "application/json")]).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"));
        let body: Value = serde_json::from_str(&page.body).unwrap();
        let seconds = body["expires_in"].as_u64().unwrap();
        assert_eq!(body.as_object().unwrap().len(), 1);
        // A slow machine may have spent a little of the token's life.
        assert!((u64::from(LIFETIME) - 20..=LIFETIME.into()).contains(&seconds), "{seconds}");
        assert_eq!((generation(&agent), page.header("cache-control")), (round + 1, "no-store"));
        world.advance(EXPIRED);
    }
}

/// F4.
#[rocket::async_test]
async fn a_form_renews_the_session_and_leads_on_within_the_site() {
    let world = World::start(rotating(0)).await;
    let agent = world.session("alice");
    let form = [FROM_HERE, ("sec-fetch-mode", "navigate"), ("accept", "text/html")];
    let rows = [
        ("", "/"),
        ("?next=/me%3Ftab=2", "/me?tab=2"),
        ("?next=//evil.example", "/"),
        ("?next=https://evil.example", "/"),
        ("?next=/auth/refresh", "/"),
        ("?next=/auth/logout", "/"),
    ];
    for (round, (query, location)) in (1..).zip(rows) {
        let page = post(&world, &agent, query, &form).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, location), "{query}");
        assert_eq!(generation(&agent), round);
    }
    let page = post(&world, &agent, "?next=/a&next=/b", &form).await;
    assert_eq!((page.status.as_u16(), generation(&agent)), (400, 6));
}

/// F16, L2: only this site's own pages renew on demand, and only by POST.
#[rocket::async_test]
async fn another_site_renews_nothing_on_demand() {
    let world = World::start(rotating(0)).await;
    let agent = world.session("alice");
    let (cookies, calls, origin) = (agent.cookies(), world.calls(), world.app.origin());
    let rows: [&[(&str, &str)]; 8] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://localhost:1")],
        &[FROM_HERE, ("sec-fetch-site", "cross-site")],
        &[("origin", &origin), ("origin", &origin)],
        &[("referer", &origin)],
    ];
    for headers in rows {
        let page = post(&world, &agent, "", headers).await;
        assert_eq!(answer(&page), (403, "cross_site".into()), "{headers:?}");
        assert_eq!(page.set_cookies(), [""; 0]);
    }
    for method in [Method::GET, Method::HEAD] {
        let page = agent.send(method.clone(), &world.url("/auth/refresh"), &SCRIPT, None).await;
        assert_eq!((page.status.as_u16(), page.header("allow")), (405, "POST"), "{method}");
    }
    assert_eq!((agent.cookies(), world.calls()), (cookies, calls));
    assert_eq!(
        post(&world, &agent, "", &[("origin", &origin), ("sec-fetch-mode", "cors")]).await.status,
        204
    );
}

/// F1: a page with many scripts.
#[rocket::async_test]
async fn demands_at_the_same_time_are_one_renewal() {
    let world = World::start(rotating(0)).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    let scripts: Vec<_> = (0..50).map(|_| copy(&agent)).collect();
    let pages = join_all(scripts.iter().map(|script| post(&world, script, "", &SCRIPT))).await;
    assert!(pages.iter().all(|page| page.status == 204));
    assert!(scripts.iter().all(|script| generation(script) == 1));
    assert_eq!(world.calls() - calls, 1);
}

/// F7, F8: what the endpoint answers without a session, and with one that cannot be renewed now or ever.
#[rocket::async_test]
async fn who_has_no_session_is_told_so() {
    let world = World::start(rotating(0)).await;
    let page = post(&world, &Agent::new(), "", &SCRIPT).await;
    assert_eq!(answer(&page), (401, "not_signed_in".into()));

    let agent = world.session("alice");
    let whole = copy(&agent);
    agent.drop_cookie(REFRESH);
    let calls = world.calls();
    assert_eq!(answer(&post(&world, &agent, "", &SCRIPT).await), (401, "session_expired".into()));
    agent.set_cookie(REFRESH, "a-text-of-their-own");
    assert_eq!(answer(&post(&world, &agent, "", &SCRIPT).await), (401, "session_expired".into()));
    assert_eq!(world.calls(), calls);
    assert_eq!(world.get(&agent, "/me").await.status, 200, "the access token is still good");

    world.app.pool.fail_next(TOKEN, 1, Failure::Unavailable);
    assert_waits(&post(&world, &whole, "", &SCRIPT).await, "the pool is down");
    world.advance(2);
    world.app.pool.disable_user("alice").unwrap();
    assert_over(&post(&world, &whole, "", &SCRIPT).await, &whole, "the pool refuses");
}

/// F16: without the refresh flow no refresh token is kept, and there is nothing to renew.
#[rocket::async_test]
async fn without_the_refresh_flow_there_is_nothing_to_renew() {
    let world = World::start(setup().set("refresh_flow_enabled", false)).await;
    let agent = world.app.signed_in("alice").await;
    assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), [ACCESS, "cognito_id_token"]);
    for method in [Method::POST, Method::GET] {
        let page = agent.send(method, &world.url("/auth/refresh"), &SCRIPT, None).await;
        assert_eq!(page.status, 404);
    }
    let calls = world.calls();
    let planted = world.session("alice");
    planted.drop_cookie(ACCESS);
    world.advance(EXPIRED);
    for agent in [&agent, &planted] {
        assert_eq!(answer(&world.get(agent, "/me").await), (401, "session_expired".into()));
    }
    assert_eq!(world.calls(), calls);
}

/// F4: a client without a secret.
#[rocket::async_test]
async fn a_public_client_renews_its_sessions_too() {
    let world = World::start(rotating(0).public_client()).await;
    let agent = world.app.signed_in("alice").await;
    for round in 1..=3 {
        world.advance(EXPIRED);
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        assert_eq!(generation(&agent), round);
    }
}
