//! `POST /auth/refresh`: renewing on demand, as scripts and forms do.

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket_cognito::local_pool::Failure;
use serde_json::Value;

use super::world::{EXPIRED, LIFETIME, World, assert_waits, copy, rotating, setup};
use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::kind::{Kind, SID, each_kind};
use crate::support::{REFRESH, TOKEN};

const FROM_HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
const SCRIPT: [(&str, &str); 2] = [FROM_HERE, ("sec-fetch-mode", "cors")];

async fn post(world: &World, agent: &Agent, query: &str, headers: &[(&str, &str)]) -> Page {
    agent.post(&world.url(&format!("/auth/refresh{query}")), headers, &[]).await
}

each_kind!(a_script_renews_the_session_and_is_told_how_long_it_lasts);
/// F4: whether the token has expired or not.
async fn a_script_renews_the_session_and_is_told_how_long_it_lasts(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.app.signed_in("alice").await;
    for round in [1, 3] {
        let before = world.access_token(&agent);
        let page = post(&world, &agent, "", &SCRIPT).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (204, ""));
        assert_eq!(world.generation(&agent), round);
        assert_ne!(world.access_token(&agent), before);

        let page = post(&world, &agent, "", &[FROM_HERE, ("accept", "application/json")]).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"));
        let body: Value = serde_json::from_str(&page.body).unwrap();
        let seconds = body["expires_in"].as_u64().unwrap();
        assert_eq!(body.as_object().unwrap().len(), 1);
        // A slow machine may have spent a little of the token's life.
        assert!((u64::from(LIFETIME) - 20..=LIFETIME.into()).contains(&seconds), "{seconds}");
        assert_eq!((world.generation(&agent), page.header("cache-control")), (round + 1, "no-store"));
        world.advance(EXPIRED);
    }
}

each_kind!(a_form_renews_the_session_and_leads_on_within_the_site);
/// F4.
async fn a_form_renews_the_session_and_leads_on_within_the_site(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
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
        assert_eq!(world.generation(&agent), round);
    }
    let page = post(&world, &agent, "?next=/a&next=/b", &form).await;
    assert_eq!((page.status.as_u16(), world.generation(&agent)), (400, 6));
}

each_kind!(another_site_renews_nothing_on_demand);
/// F16, L2: only this site's own pages renew on demand, and only by POST.
async fn another_site_renews_nothing_on_demand(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
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

each_kind!(demands_at_the_same_time_are_one_renewal);
/// F1: a page with many scripts.
async fn demands_at_the_same_time_are_one_renewal(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    let scripts: Vec<_> = (0..50).map(|_| copy(&agent)).collect();
    let (before, hold) = (world.gate.requests(), world.app.pool.hold(TOKEN));
    let answered = async {
        // Cookies say which tokens a script has seen. Of a stored session only those are renewed together that come
        // before the pool answers.
        while kind.is_stored() && world.gate.requests() < before + scripts.len() {
            tokio::task::yield_now().await;
        }
        assert_eq!(world.get(&Agent::new(), "/open").await.status, 200);
        drop(hold);
    };
    let demands = join_all(scripts.iter().map(|script| post(&world, script, "", &SCRIPT)));
    let (pages, ()) = tokio::join!(demands, answered);
    assert!(pages.iter().all(|page| page.status == 204));
    assert!(scripts.iter().all(|script| world.generation(script) == 1));
    assert_eq!(world.calls() - calls, 1);
}

each_kind!(who_has_no_session_is_told_so);
/// F7, F8: what the endpoint answers without a session, and with one that cannot be renewed now or ever.
async fn who_has_no_session_is_told_so(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let page = post(&world, &Agent::new(), "", &SCRIPT).await;
    assert_eq!(answer(&page), (401, "not_signed_in".into()));

    let agent = world.session("alice");
    let (whole, calls) = (copy(&agent), world.calls());
    agent.set_cookie(if kind == Kind::Cookies { REFRESH } else { SID }, "a-text-of-their-own");
    assert_eq!(answer(&post(&world, &agent, "", &SCRIPT).await), (401, "session_expired".into()));
    if kind == Kind::Cookies {
        agent.drop_cookie(REFRESH);
        assert_eq!(answer(&post(&world, &agent, "", &SCRIPT).await), (401, "session_expired".into()));
        assert_eq!(world.get(&agent, "/me").await.status, 200, "the access token is still good");
    }
    assert_eq!(world.calls(), calls);

    world.app.pool.fail_next(TOKEN, 1, Failure::Unavailable);
    assert_waits(&post(&world, &whole, "", &SCRIPT).await, "the pool is down");
    world.advance(2);
    world.app.pool.disable_user("alice").unwrap();
    kind.assert_ended_by_pool(&post(&world, &whole, "", &SCRIPT).await, &whole, "the pool refuses");
}

each_kind!(without_the_refresh_flow_there_is_nothing_to_renew);
/// F16: without the refresh flow no refresh token is kept, and there is nothing to renew.
async fn without_the_refresh_flow_there_is_nothing_to_renew(kind: Kind) {
    let world = World::start(kind, setup().set("refresh_flow_enabled", false)).await;
    let agent = world.app.signed_in("alice").await;
    let names: Vec<_> = kind.cookie_names().iter().filter(|name| **name != REFRESH).collect();
    assert_eq!(agent.cookies().keys().collect::<Vec<_>>(), names);
    for method in [Method::POST, Method::GET] {
        let page = agent.send(method, &world.url("/auth/refresh"), &SCRIPT, None).await;
        assert_eq!(page.status, 404);
    }
    let calls = world.calls();
    let planted = world.session("alice");
    world.expire(&planted);
    world.advance(EXPIRED);
    for agent in [&agent, &planted] {
        assert_eq!(answer(&world.get(agent, "/me").await), (401, "session_expired".into()));
    }
    assert_eq!(world.calls(), calls);
}

each_kind!(a_public_client_renews_its_sessions_too);
/// F4: a client without a secret.
async fn a_public_client_renews_its_sessions_too(kind: Kind) {
    let world = World::start(kind, rotating(0).public_client()).await;
    let agent = world.app.signed_in("alice").await;
    for round in 1..=3 {
        world.advance(EXPIRED);
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        assert_eq!(world.generation(&agent), round);
    }
}
