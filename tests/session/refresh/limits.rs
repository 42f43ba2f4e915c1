//! How long a session lasts at most, without requests and at all.

use std::time::Duration;

use serde_json::json;

use super::SESSION;
use super::world::{DUE, EXPIRED, World, copy, rotating, setup};
use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::app::{CLIENT, SECRET_KEY, Setup, set_cookie};
use crate::support::kind::{Kind, each_kind};
use crate::support::sealing::Seal;
use crate::support::{ACCESS, REFRESH};

/// The longest `Max-Age` of the cookies that an answer sets.
fn longest_age(page: &Page) -> Option<u64> {
    let cookies = page.set_cookies().into_iter().map(set_cookie);
    let age =
        |attributes: Vec<&str>| attributes.iter().find_map(|it| it.strip_prefix("Max-Age=")?.parse().ok());
    cookies.filter_map(|(_, _, attributes)| age(attributes)).max()
}

/// How long the session lasts if nobody comes any more, in seconds: as the answer says that brings its cookies, or as the
/// store says at any time.
fn rest(world: &World, agent: &Agent, page: &Page) -> Option<u64> {
    match world.sessions.kind {
        Kind::Cookies => longest_age(page),
        Kind::Stored | Kind::Redis => Some(world.sessions.stored(agent).unwrap().ends_in.as_secs()),
    }
}

/// Tokens that do not expire before any limit.
fn lasting() -> Setup {
    Setup::new().pool(|pool| pool.access_token_seconds(86_400).id_token_seconds(86_400))
}

each_kind!(a_session_ends_when_nobody_asks_for_it_for_too_long);
/// S5.
async fn a_session_ends_when_nobody_asks_for_it_for_too_long(kind: Kind) {
    for setup in [rotating(0), lasting().set("cookie_age_seconds", 86_400)] {
        let world = World::start(kind, setup.set("session_idle_seconds", 600)).await;
        let agent = world.session("alice");
        for _ in 0..6 {
            world.advance(500);
            assert_eq!(world.get(&agent, "/me").await.status, 200);
            // A store notes it in the background.
            while kind.is_stored() && world.sessions.stored(&agent).unwrap().ends_in.as_secs() < 590 {
                tokio::task::yield_now().await;
            }
        }
        world.advance(601);
        let calls = world.calls();
        world.assert_over(&world.get(&agent, "/me").await, &agent, "nobody asked for ten minutes");
        assert_eq!(world.calls(), calls);
        // A store drops what is over itself, refresh token and all.
        if kind == Kind::Cookies {
            world.revoked().await;
        }
    }
}

/// S5: the record is written once in a quarter of the time, not with each request.
#[rocket::async_test]
async fn requests_in_short_order_write_no_cookies() {
    let world = World::start(
        Kind::Cookies,
        lasting().set("cookie_age_seconds", 86_400).set("session_idle_seconds", 600),
    )
    .await;
    let agent = world.session("alice");
    let mut written = 0;
    for _ in 0..30 {
        world.advance(20);
        let page = world.get(&agent, "/me").await;
        if let Some(age) = longest_age(&page) {
            assert_eq!((page.set_cookies().len(), age), (1, 600), "the record alone");
            written += 1;
        }
    }
    assert!((3..=4).contains(&written), "{written}");
    assert_eq!(world.generation(&agent), 0);
}

/// S5: the same for a store, which notes it after the answer.
#[rocket::async_test]
async fn requests_in_short_order_are_not_all_noted_in_the_store() {
    let world = World::start(Kind::Stored, lasting().set("session_idle_seconds", 600)).await;
    let agent = world.session("alice");
    let unseen_for = || world.sessions.stored(&agent).unwrap().unseen_for;
    let mut noted = 0;
    for _ in 0..30 {
        world.advance(20);
        let before = unseen_for();
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        if before < Duration::from_secs(150) {
            assert!(unseen_for() >= before);
            continue;
        }
        noted += 1;
        while unseen_for() >= before {
            tokio::task::yield_now().await;
        }
    }
    assert!((3..=4).contains(&noted), "{noted}");
    assert_eq!((world.generation(&agent), world.calls()), (0, 0));
}

each_kind!(a_session_ends_at_its_greatest_age_however_busy_it_is);
/// S5, K19: renewed and renewed, it ends when its time is over.
async fn a_session_ends_at_its_greatest_age_however_busy_it_is(kind: Kind) {
    let world = World::start(kind, rotating(0).set("session_max_seconds", 1500)).await;
    let agent = world.app.signed_in("alice").await;
    let mut last = u64::MAX;
    for _ in 0..6 {
        world.advance(DUE - 10);
        let page = world.get(&agent, "/me").await;
        assert_eq!(page.status, 200);
        if let Some(age) = rest(&world, &agent, &page) {
            assert!(age < last && age <= 1500 - 240, "{age} after {last}");
            last = age;
        }
    }
    assert!(last < 300, "{last}");
    world.advance(100);
    world.assert_over(&world.get(&agent, "/me").await, &agent, "after 25 minutes");
    if kind == Kind::Cookies {
        world.revoked().await;
    }
}

each_kind!(no_session_lasts_longer_than_thirty_days);
/// K19: thirty days, without a setting.
async fn no_session_lasts_longer_than_thirty_days(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let month = 30 * 86_400;
    let agent = world.session("alice");
    world.change_record(&agent, "created_at", json!(world.now() - month + 1000));
    world.advance(EXPIRED);
    let page = world.get(&agent, "/me").await;
    assert_eq!((page.status.as_u16(), world.generation(&agent)), (200, 1));
    assert!(rest(&world, &agent, &page).unwrap() <= 600);
    world.advance(601);
    let calls = world.calls();
    world.assert_over(&world.get(&agent, "/me").await, &agent, "after thirty days");
    assert_eq!(world.calls(), calls);
    let headers = [("sec-fetch-site", "same-origin")];
    let old = world.session("bob");
    world.change_record(&old, "created_at", json!(world.now() - month - 1));
    world.assert_over(&old.post(&world.url("/auth/refresh"), &headers, &[]).await, &old, "on demand");
}

each_kind!(limits_hold_without_the_refresh_flow);
/// S5: where no refresh token is kept, the record of a session in cookies is one of its own, and nobody does without it.
async fn limits_hold_without_the_refresh_flow(kind: Kind) {
    let limits = [("session_idle_seconds", 600), ("session_max_seconds", 1500)];
    for (limit, seconds) in limits {
        let setup = lasting().set("cookie_age_seconds", 86_400).set("refresh_flow_enabled", false);
        let world = World::start(kind, setup.set(limit, seconds)).await;
        let agent = world.app.signed_in("alice").await;
        if kind == Kind::Cookies {
            let names: Vec<_> = agent.cookies().into_keys().collect();
            assert_eq!(names, [ACCESS, "cognito_id_token", SESSION]);
            let without = copy(&agent);
            without.drop_cookie(SESSION);
            let forged = copy(&agent);
            forged.set_cookie(SESSION, "a-text-of-their-own");
            for agent in [&without, &forged] {
                assert_eq!(answer(&world.get(agent, "/me").await), (401, "session_expired".into()));
            }
        }
        world.advance(500);
        assert_eq!(world.get(&agent, "/me").await.status, 200, "{limit}");
        world.advance(seconds);
        world.assert_over(&world.get(&agent, "/me").await, &agent, limit);
    }
}

/// K11.
#[rocket::async_test]
async fn a_record_counts_for_as_long_as_its_cookie_whatever_the_browser_does() {
    let world = World::start(Kind::Cookies, setup().set("refresh_cookie_age_seconds", 3600)).await;
    // Not to the second: time goes on.
    for (offset, counts) in
        [(-3700, false), (-3540, true), (0, true), (40, true), (120, false), (9_000, false)]
    {
        let agent = world.session("alice");
        world.expire(&agent);
        let seal = Seal::new(SECRET_KEY, "refresh");
        let record = seal.open(&agent.cookie(REFRESH).unwrap());
        agent.set_cookie(REFRESH, &seal.seal(&record, world.now().saturating_add_signed(offset)));
        let calls = world.calls();
        let page = world.get(&agent, "/me").await;
        let status = if counts { 200 } else { 401 };
        assert_eq!((page.status.as_u16(), world.calls() - calls), (status, counts.into()), "{offset}");
    }
    let agent = world.session("alice");
    world.expire(&agent);
    world.advance(3700);
    let calls = world.calls();
    assert_eq!(answer(&world.get(&agent, "/me").await), (401, "session_expired".into()));
    assert_eq!(world.calls(), calls);
}

each_kind!(a_session_that_is_renewed_outlives_its_first_cookie);
/// K11: each renewal begins it anew.
async fn a_session_that_is_renewed_outlives_its_first_cookie(kind: Kind) {
    let world = World::start(kind, rotating(0).set("refresh_cookie_age_seconds", 1000)).await;
    let agent = world.session("alice");
    for _ in 0..5 {
        world.advance(900);
        let page = world.get(&agent, "/me").await;
        assert_eq!(page.status, 200);
        assert!((901..=1000).contains(&rest(&world, &agent, &page).unwrap()));
    }
}

each_kind!(a_session_without_a_record_of_this_app_is_none_where_limits_are_set);
/// S5: what only somebody with the key could seal, but another app's client or pool did.
async fn a_session_without_a_record_of_this_app_is_none_where_limits_are_set(kind: Kind) {
    let world = World::start(kind, setup().set("session_max_seconds", 1500)).await;
    for (name, value) in
        [("client_id", "another".to_owned()), ("issuer", format!("{}4", world.app.pool.issuer()))]
    {
        let agent = world.session("alice");
        assert_eq!(world.get(&agent, "/me").await.status, 200, "{CLIENT}");
        world.change_record(&agent, name, value.into());
        assert_eq!(answer(&world.get(&agent, "/me").await), (401, "session_expired".into()), "{name}");
    }
    let nobody = Agent::new();
    assert_eq!(answer(&world.get(&nobody, "/me").await), (401, "not_signed_in".into()));
}
