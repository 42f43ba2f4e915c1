//! `refresh_cookie_encrypted = false`: the refresh token lies in its cookie as it is, and a sealed record beside it. Of
//! sessions in cookies alone: the refresh token of a stored one never reaches the browser.

use super::SESSION;
use super::world::{EXPIRED, World, copy, rotating};
use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::{SECRET_KEY, Setup};
use crate::support::kind::Kind;
use crate::support::sealing::Seal;
use crate::support::{ACCESS, REFRESH};

const COOKIES: [&str; 4] = [ACCESS, "cognito_id_token", REFRESH, SESSION];

fn raw(setup: Setup) -> Setup {
    setup.set("refresh_cookie_encrypted", false)
}

fn session(agent: &Agent) -> serde_json::Value {
    Seal::new(SECRET_KEY, "session").open(&agent.cookie(SESSION).unwrap())
}

/// F4: with a token that the pool accepts as it lies there, and no copy of it elsewhere.
#[rocket::async_test]
async fn a_raw_refresh_cookie_is_the_token_itself() {
    let world = World::start(Kind::Cookies, raw(rotating(60))).await;
    let agent = world.app.signed_in("alice").await;
    assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), COOKIES);
    let token = agent.cookie(REFRESH).unwrap();
    assert_eq!(token.split('.').count(), 5);
    assert!(world.app.accepts_refresh_token(&token).await);
    assert_eq!(
        (session(&agent)["refresh_token"].as_str(), session(&agent)["generation"].as_u64()),
        (None, Some(0))
    );
    for round in 1..=5 {
        let before = agent.cookie(REFRESH);
        world.advance(EXPIRED);
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        assert_eq!(session(&agent)["generation"], round);
        assert_ne!(agent.cookie(REFRESH), before);
    }
    let token = agent.cookie(REFRESH).unwrap();
    let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    assert_eq!(agent.post(&world.url("/auth/refresh"), &headers, &[]).await.status, 204);
    assert_eq!(session(&agent)["generation"], 6);
    assert_eq!(agent.post(&world.url("/auth/logout"), &headers, &[]).await.status, 200);
    assert!(agent.cookies().is_empty());
    assert!(!world.app.accepts_refresh_token(&token).await);
}

/// F4, K8: the record vouches for this one token.
#[rocket::async_test]
async fn a_raw_refresh_cookie_that_is_not_the_one_of_its_record_is_refused() {
    let world = World::start(Kind::Cookies, raw(rotating(60))).await;
    let [agent, other] = [world.app.signed_in("alice").await, world.app.signed_in("alice").await];
    let token = agent.cookie(REFRESH).unwrap();
    let last = if token.ends_with('A') { "B" } else { "A" };
    let rows = [
        ("of another session", Some(other.cookie(REFRESH).unwrap()), agent.cookie(SESSION)),
        ("changed", Some(format!("{}{last}", &token[..token.len() - 1])), agent.cookie(SESSION)),
        ("cut", Some(token[..token.len() - 1].to_owned()), agent.cookie(SESSION)),
        ("missing", None, agent.cookie(SESSION)),
        ("with another's record", Some(token.clone()), other.cookie(SESSION)),
        ("without its record", Some(token.clone()), None),
        ("with a text for a record", Some(token.clone()), Some("a-text".into())),
    ];
    let calls = world.calls();
    for (what, token, session) in rows {
        let browser = copy(&agent);
        for (name, value) in [(ACCESS, None), (REFRESH, token), (SESSION, session)] {
            match value {
                Some(value) => browser.set_cookie(name, &value),
                None => browser.drop_cookie(name),
            }
        }
        assert_eq!(answer(&world.get(&browser, "/me").await), (401, "session_expired".into()), "{what}");
    }
    assert_eq!(world.calls(), calls);
    agent.drop_cookie(ACCESS);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
}

/// F4: the setting changes, and nobody is signed out.
#[rocket::async_test]
async fn sessions_go_on_in_the_other_form_when_the_setting_changes() {
    let world = World::start(Kind::Cookies, rotating(0)).await;
    let agent = world.app.signed_in("alice").await;
    let encrypted = agent.cookies().into_keys().collect::<Vec<_>>();
    assert_eq!(encrypted, COOKIES[..3]);
    let world = world.restarted(|figment| figment.merge(("cognito.refresh_cookie_encrypted", false))).await;
    agent.drop_cookie(ACCESS);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), COOKIES);
    assert_eq!(session(&agent)["generation"], 1);
    let world = world.restarted(|figment| figment.merge(("cognito.refresh_cookie_encrypted", true))).await;
    agent.drop_cookie(ACCESS);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!(
        agent.cookies().into_keys().collect::<Vec<_>>(),
        encrypted,
        "nothing is left of the other form"
    );
    assert_eq!(world.record(&agent)["generation"], 2);
}

/// S5, S6: it ends as any other.
#[rocket::async_test]
async fn a_session_with_a_raw_refresh_cookie_ends_and_leaves_nothing() {
    let world = World::start(Kind::Cookies, raw(rotating(0)).set("session_idle_seconds", 600)).await;
    let agent = world.app.signed_in("alice").await;
    world.advance(EXPIRED);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    let idle = copy(&agent);
    world.app.pool.disable_user("alice").unwrap();
    world.advance(EXPIRED);
    Kind::Cookies.assert_ended_by_pool(&world.get(&agent, "/me").await, &agent, "disabled");
    world.advance(EXPIRED);
    Kind::Cookies.assert_ended_by_pool(&world.get(&idle, "/me").await, &idle, "a copy of it, later");
}
