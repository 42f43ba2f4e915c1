//! A pool in trouble: few calls, and no session lost.

use reqwest::Method;
use rocket_cognito::local_pool::Failure;

use super::world::{EXPIRED, World, assert_waits, rotating, setup};
use crate::support::TOKEN;
use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::SECRET;
use crate::support::kind::{Kind, each_kind};
use crate::support::log::lines_with;

const FAILURES: [Failure; 5] = [
    Failure::Throttled { retry_after: None },
    Failure::Throttled { retry_after: Some(3) },
    Failure::Blocked,
    Failure::ServerError,
    Failure::Unavailable,
];

each_kind!(after_a_minute_without_the_pool_every_session_goes_on);
/// F8.
async fn after_a_minute_without_the_pool_every_session_goes_on(kind: Kind) {
    for failure in FAILURES {
        let world = World::start(kind, rotating(0)).await;
        let agents: Vec<_> = (0..10).map(|_| world.session("alice")).collect();
        world.advance(EXPIRED);
        world.app.pool.fail(TOKEN, failure);
        for second in 0..60 {
            for agent in &agents[..1 + second % 10] {
                assert_waits(&world.get(agent, "/me").await, &format!("{failure:?}, second {second}"));
            }
            world.advance(1);
        }
        world.app.pool.recover(TOKEN);
        // The longest rest, and the longest pause that a pool may ask for.
        world.advance(60);
        for agent in &agents {
            assert_eq!(answer(&world.get(agent, "/me").await), (200, String::new()), "{failure:?}");
            assert_eq!(world.generation(agent), 1);
        }
    }
}

each_kind!(who_is_still_signed_in_notices_nothing_of_an_outage);
/// F8: as long as its token is valid a session does not even notice.
async fn who_is_still_signed_in_notices_nothing_of_an_outage(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    world.advance(super::world::DUE);
    world.app.pool.fail(TOKEN, Failure::ServerError);
    for _ in 0..10 {
        let page = world.get(&agent, "/me").await;
        assert_eq!((page.status.as_u16(), page.set_cookies()), (200, vec![]));
    }
    world.app.pool.recover(TOKEN);
    world.advance(2);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!(world.generation(&agent), 1);
}

each_kind!(a_session_that_cannot_be_renewed_asks_the_pool_ever_less_often);
/// F17: after 1, 2, 4 and more seconds, while a thousand requests come within thirty.
async fn a_session_that_cannot_be_renewed_asks_the_pool_ever_less_often(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    world.advance(EXPIRED);
    world.app.pool.fail(TOKEN, Failure::ServerError);
    let before = world.time();
    for _ in 0..1_000 {
        assert_waits(&world.get(&agent, "/me").await, "the pool is down");
        // A slow machine takes some of the time itself.
        if world.time() < before + 29_000 {
            world.advance_milliseconds(30);
        }
    }
    let calls = world.calls() - calls;
    assert!((4..=6).contains(&calls), "{calls}");
}

each_kind!(a_session_that_rests_says_for_how_long);
/// F17: `Retry-After` says when the pool is asked again, neither sooner nor later.
async fn a_session_that_rests_says_for_how_long(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    world.advance(EXPIRED);
    world.app.pool.fail(TOKEN, Failure::ServerError);
    let program = [("accept", "application/json")];
    let mut rests = Vec::new();
    for _ in 0..6 {
        let page = agent.send(Method::GET, &world.url("/me"), &program, None).await;
        assert_waits(&page, "the pool is down");
        let (rest, calls) = (page.header("retry-after").parse().unwrap(), world.calls());
        let seconds = if rest == 1 { "in a second".to_owned() } else { format!("in {rest} seconds") };
        assert!(page.body.contains(&format!("Try again {seconds}, or sign in again.")), "{}", page.body);
        // What a slow machine takes itself is no part of it.
        if rest > 2 {
            world.advance(rest / 2);
            let page = world.get(&agent, "/me").await;
            assert_eq!(world.calls(), calls, "it rests");
            assert!(page.header("retry-after").parse::<u32>().unwrap() <= rest - rest / 2);
            world.advance(rest - rest / 2);
        } else {
            world.advance(rest);
        }
        rests.push(rest);
        if rests.len() < 6 {
            continue;
        }
        world.app.pool.recover(TOKEN);
        assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
        assert_eq!(world.calls(), calls + 1);
    }
    assert_eq!(rests, [1, 2, 4, 8, 16, 30]);
}

each_kind!(a_pause_of_the_pool_is_passed_on_to_everybody_who_waits_for_it);
/// F18: also to a session that has not failed itself.
async fn a_pause_of_the_pool_is_passed_on_to_everybody_who_waits_for_it(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let [first, other] = [world.session("alice"), world.session("bob")];
    world.advance(EXPIRED);
    world.app.pool.fail_next(TOKEN, 1, Failure::Throttled { retry_after: Some(50) });
    for agent in [&first, &other] {
        let page = world.get(agent, "/me").await;
        assert_waits(&page, "throttled");
        let seconds: u32 = page.header("retry-after").parse().unwrap();
        assert!((40..=50).contains(&seconds), "{seconds}");
    }
}

each_kind!(rests_begin_anew_after_a_success);
/// F17: a success ends the series of rests.
async fn rests_begin_anew_after_a_success(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    world.advance(EXPIRED);
    for _ in 0..4 {
        world.app.pool.fail_next(TOKEN, 1, Failure::Unavailable);
        assert_waits(&world.get(&agent, "/me").await, "a failure");
        world.advance(30);
    }
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    world.advance(EXPIRED);
    world.app.pool.fail_next(TOKEN, 1, Failure::Unavailable);
    assert_waits(&world.get(&agent, "/me").await, "a failure");
    world.advance(2);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
}

each_kind!(a_pause_that_the_pool_asks_for_is_kept);
/// F18: for at most a minute, and for every session.
async fn a_pause_that_the_pool_asks_for_is_kept(kind: Kind) {
    for (asked_for, still, over) in [(50, 20, 30), (9_999_999, 30, 31), (u32::MAX, 30, 31)] {
        let world = World::start(kind, rotating(0)).await;
        let [first, other] = [world.session("alice"), world.session("bob")];
        world.advance(EXPIRED);
        world.app.pool.fail_next(TOKEN, 1, Failure::Throttled { retry_after: Some(asked_for) });
        assert_waits(&world.get(&first, "/me").await, "throttled");
        let calls = world.calls();
        for agent in [&other, &first] {
            assert_waits(&world.get(agent, "/me").await, "at once");
        }
        world.advance(still);
        for agent in [&other, &first] {
            assert_waits(&world.get(agent, "/me").await, "within the pause");
        }
        assert_eq!(world.calls(), calls);
        world.advance(over);
        for agent in [&other, &first] {
            assert_eq!(answer(&world.get(agent, "/me").await), (200, String::new()), "{asked_for}");
        }
        assert_eq!(world.calls() - calls, 2);
    }
}

each_kind!(a_wrong_client_secret_ends_no_session_and_is_told_aloud);
/// F9.
async fn a_wrong_client_secret_ends_no_session_and_is_told_aloud(kind: Kind) {
    let world = World::start(kind, rotating(0).set("client_secret", "not-the-secret-of-this-client")).await;
    let agents: Vec<Agent> = (0..5).map(|_| world.session("alice")).collect();
    let calls = world.calls();
    world.advance(EXPIRED);
    for second in 0..60 {
        assert_waits(&world.get(&agents[second % 5], "/me").await, &format!("second {second}"));
        world.advance(1);
    }
    // Ten seconds' rest for everybody after each refusal.
    assert!((2..=7).contains(&(world.calls() - calls)), "{}", world.calls() - calls);
    assert!(lines_with("ERROR: cognito_client_refused: >> check `client_id` and `client_secret`") > 0);
    let world = world.restarted(|figment| figment.merge(("cognito.client_secret", SECRET))).await;
    // That a session rests lies in the store as well.
    world.advance(if kind.is_stored() { 30 } else { 0 });
    for agent in &agents {
        assert_eq!(answer(&world.get(agent, "/me").await), (200, String::new()));
    }
}

each_kind!(new_tokens_that_cannot_be_verified_yet_are_not_lost);
/// F8: nobody can tell whether new tokens are good while the pool's keys are missing. They are kept until then.
async fn new_tokens_that_cannot_be_verified_yet_are_not_lost(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.session("alice");
    let keys = format!("/{}/.well-known/jwks.json", world.app.pool.user_pool_id());
    world.advance(EXPIRED);
    world.app.pool.rotate_keys();
    world.app.pool.fail(&keys, Failure::Unavailable);
    let calls = world.calls();
    let page = world.get(&agent, "/me").await;
    assert_eq!(answer(&page), (503, "session_not_renewed".into()));
    assert_eq!(
        (world.generation(&agent), world.calls() - calls),
        (1, 1),
        "its refresh token has been replaced"
    );
    let stale = world.access_token(&agent);
    world.app.pool.recover(&keys);
    world.advance(2);
    assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
    assert_eq!((world.generation(&agent), world.calls() - calls), (2, 2));
    assert_ne!(world.access_token(&agent), stale);
}

each_kind!(a_session_outlives_the_keys_that_its_token_was_signed_with);
/// F8: the other half of the same.
async fn a_session_outlives_the_keys_that_its_token_was_signed_with(kind: Kind) {
    let world = World::start(kind, setup()).await;
    let agent = world.session("alice");
    world.app.pool.rotate_keys();
    world.app.pool.forget_old_keys();
    let world = world.restarted(|figment| figment).await;
    let calls = world.calls();
    assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
    assert_eq!((world.generation(&agent), world.calls() - calls), (1, 1));
}

each_kind!(either_of_two_client_secrets_refreshes);
/// A rotation leaves one secret of two: a refusal spends no refresh token, and the other secret is tried at once.
async fn either_of_two_client_secrets_refreshes(kind: Kind) {
    const DEAD: &str = "a-secret-that-was-deleted";
    for (secrets, calls) in [([DEAD, SECRET], 2), ([SECRET, DEAD], 1)] {
        let world = World::start(kind, rotating(0).set("client_secret", secrets)).await;
        let agents = ["alice", "alice"].map(|name| world.session(name));
        world.advance(EXPIRED);
        for (agent, calls) in agents.iter().zip([calls, 1]) {
            let before = world.calls();
            assert_eq!(answer(&world.get(agent, "/me").await), (200, String::new()), "{secrets:?}");
            assert_eq!(world.calls() - before, calls, "the one that works is remembered");
        }
    }
    assert!(lines_with("cognito_client_secret_refused: the pool refuses the first of the two secrets") > 0);
    assert_eq!(lines_with(DEAD), 0);
}
