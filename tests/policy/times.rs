//! Clocks that differ, and tokens that do not tell when somebody signed in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::app::Setup;
use crate::support::forge::{access_claims, id_claims, now, with, without};
use crate::support::rig::{Attempt, Reply, Rig};
use crate::{World, entered};

/// A password after a password would be asked for, for ever.
#[rocket::async_test]
async fn a_clock_that_makes_every_sign_in_too_old_is_told_and_not_asked_about() {
    let world = World::start(Setup::new()).await;
    world.clock.advance(Duration::from_secs(100));
    let agent = Agent::new();
    assert_eq!(
        agent.sign_in(&world.url("/safe"), "alice").await.status,
        200,
        "a hundred seconds are no matter"
    );
    let form = agent.follow(&world.url("/safest")).await;
    let page = agent.get(&entered(&agent, form.url.as_str()).await).await;
    assert_eq!(answer(&page), (403, "login_not_fresh".to_owned()));
    assert_eq!(world.visits(), (2, 0), "a sign-out would not help");
    world.revoked(1).await;
    assert_eq!(agent.get(&world.url("/safe")).await.status, 200, "the session of before goes on");
}

#[rocket::async_test]
async fn clocks_that_differ_by_no_more_than_the_leeway_change_nothing() {
    for behind in [-25, 25] {
        for classic in [false, true] {
            let setup = Setup::new().pool(|pool| pool.classic_hosted_ui(classic).clock_skew_seconds(-behind));
            let world = World::start(setup).await;
            let agent = Agent::new();
            assert_eq!(agent.sign_in(&world.url("/safest"), "alice").await.status, 200, "{behind}");
            world.later(100);
            world.pool_is_behind_by(behind);
            let page = agent.sign_in(&world.url("/safest"), "alice").await;
            assert_eq!((page.status.as_u16(), page.url.path()), (200, "/safest"), "{behind}");
            assert_eq!(world.visits(), (2, u64::from(classic)));
        }
    }
}

/// Delivers the callback of `attempt`, for which the pool answers with these claims in its access token.
async fn deliver(rig: &Rig, attempt: &Attempt, access: &Value) -> Page {
    let id = with(id_claims(), "nonce", attempt.nonce.clone().into());
    rig.will_answer(Reply::json(200, &rig.answer(access, &id)));
    attempt.agent.open(&rig.callback(attempt)).await
}

async fn begin(rig: &Rig, query: &str) -> Attempt {
    let agent = Agent::new();
    let login = agent.get(&rig.app.url(&format!("/auth/login?next=/me{query}"))).await;
    let (state, nonce) = (login.location_parameter("state"), login.location_parameter("nonce"));
    Attempt { agent, state, nonce }
}

#[rocket::async_test]
async fn a_token_without_auth_time_is_as_an_old_one() {
    let rig = Rig::start().await;
    let silent = without(access_claims(), "auth_time");
    let old = with(access_claims(), "auth_time", json!(now() - 100));
    for claims in [&silent, &old] {
        for query in ["&prompt=login&max_age=900", "&prompt=login", "&prompt=select_account+login"] {
            let first = begin(&rig, query).await;
            let page = deliver(&rig, &first, claims).await;
            assert_eq!(page.status, 303, "{query}: {}", page.body);
            let (state, nonce) = (page.location_parameter("state"), page.location_parameter("nonce"));
            let second = Attempt { agent: first.agent, state, nonce };
            let page = deliver(&rig, &second, claims).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (403, ""), "{query}");
            assert!(second.agent.cookies().is_empty(), "{query}: {:?}", second.agent.cookies());
        }
        for query in ["", "&prompt=select_account", "&prompt=loginx", "&max_age=900"] {
            let page = deliver(&rig, &begin(&rig, query).await, claims).await;
            assert_eq!(
                (page.status.as_u16(), page.header("location")),
                (303, "/me"),
                "{query}: nobody asked"
            );
        }
    }
    let page = deliver(&rig, &begin(&rig, "&prompt=login&max_age=900").await, &access_claims()).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"));
}
