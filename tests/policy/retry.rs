//! At a pool that does not ask again, as Cognito's classic hosted UI: once more by way of its sign-out, and then no more.

use rocket::futures::future::join_all;

use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::app::parameters;
use crate::{LONG, World, entered, fetch, under_way};

/// The callback that the pool leads to without a question.
async fn unasked(world: &World, agent: &Agent, path: &str) -> String {
    let login = agent.open(&world.url(path)).await.location();
    let authorize = agent.open(&login).await.location();
    let callback = agent.open(&authorize).await.location();
    assert!(callback.starts_with(&world.url("/auth/callback?code=")), "{callback}");
    callback
}

/// A page that leads through the pool's sign-out into another sign-in.
#[track_caller]
fn assert_second_try(world: &World, page: &Page, first_state: &str) {
    assert_eq!(page.status, 303, "{}", page.body);
    let asked = parameters(&page.location());
    assert!(
        page.location().starts_with(&format!("{}/logout?", world.pool.base_url())),
        "{}",
        page.location()
    );
    let names: Vec<_> = asked.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
    ];
    assert_eq!(names, expected);
    assert_eq!(page.location_parameter("prompt"), "login");
    assert_ne!(page.location_parameter("state"), first_state, "an attempt of its own");
}

fn state_of(callback: &str) -> String {
    parameters(callback).into_iter().find(|(name, _)| name == "state").unwrap().1
}

#[rocket::async_test]
async fn the_classic_hosted_ui_is_asked_once_more_through_its_sign_out() {
    let world = World::classic().await;
    let agent = world.stale().await;
    let callback = unasked(&world, &agent, "/safe?tab=1").await;

    let page = agent.open(&callback).await;
    assert_second_try(&world, &page, &state_of(&callback));
    assert_eq!(under_way(&agent), 1, "the second try's");
    // The sign-in is thrown away, and the session of before goes on.
    world.revoked(1).await;
    assert_eq!(agent.get(&world.url("/me")).await.status, 200);
    assert_eq!(answer(&fetch(&agent, &world.url("/safe"), &[]).await).1, "login_too_old");

    let form = agent.open(&page.location()).await.location();
    let landed = agent.follow(&entered(&agent, &form).await).await;
    assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "alice at /safe?tab=1"));
    assert_eq!((world.visits(), world.exchanges(), under_way(&agent)), ((2, 1), 3, 0));
    world.revoked(2).await;
}

/// As where an identity provider behind the pool signs people in by itself: the second sign-in is an old one too.
#[rocket::async_test]
async fn a_pool_that_never_asks_is_refused_after_the_second_try() {
    let world = World::classic().await;
    let agent = world.stale().await;
    for round in 1..=3 {
        let before = world.visits();
        let callback = unasked(&world, &agent, "/safe").await;
        let page = agent.open(&callback).await;
        assert_second_try(&world, &page, &state_of(&callback));
        let form = agent.open(&page.location()).await.location();
        world.pool_is_behind_by(500);
        let callback = entered(&agent, &form).await;
        world.pool_is_behind_by(0);

        let page = agent.open(&callback).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (403, ""));
        assert!(
            page.body.contains("Sign-in not completed") && page.body.contains("/auth/logout"),
            "{}",
            page.body
        );
        assert_eq!(world.visits(), (before.0 + 1, before.1 + 1), "no further try");
        assert_eq!(under_way(&agent), 0);
        world.revoked(round * 2).await;
        assert_eq!(agent.get(&world.url("/me")).await.status, 200, "the session of before goes on");
        // What the pool remembers now is old again.
        world.later(LONG);
    }
}

#[rocket::async_test]
async fn a_script_that_delivers_the_callback_is_told_so() {
    let world = World::classic().await;
    let agent = world.stale().await;
    let callback = unasked(&world, &agent, "/safe").await;
    let page = fetch(&agent, &callback, &[]).await;
    assert_eq!(answer(&page), (401, "login_too_old".to_owned()));
    let challenge = "Bearer error=\"insufficient_user_authentication\", \
                     error_description=\"More recent authentication is required\"";
    assert_eq!(page.header("www-authenticate"), challenge);
}

/// A double click, and the back button.
#[rocket::async_test]
async fn deliveries_of_one_callback_are_one_sign_in_and_each_may_go_on() {
    let world = World::classic().await;
    let agent = world.stale().await;
    let callback = unasked(&world, &agent, "/safe").await;
    let copies: Vec<_> = (0..20)
        .map(|_| {
            let copy = Agent::new();
            agent.cookies().iter().for_each(|(name, value)| copy.set_cookie(name, value));
            copy
        })
        .collect();
    let pages = join_all(copies.iter().map(|copy| copy.open(&callback))).await;
    assert_eq!(world.exchanges(), 2, "the first sign-in's, and one for all copies");
    world.revoked(1).await;
    for page in &pages {
        assert_second_try(&world, page, &state_of(&callback));
    }
    let last = agent.open(&callback).await;
    assert_second_try(&world, &last, &state_of(&callback));
    let again = agent.open(&callback).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/"), "the back button");

    let form = agent.open(&last.location()).await.location();
    let landed = agent.follow(&entered(&agent, &form).await).await;
    assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "alice at /safe"));
}

/// Whoever signs in for the first time is asked anyway.
#[rocket::async_test]
async fn nobody_is_led_through_the_sign_out_without_need() {
    let world = World::classic().await;
    let landed = Agent::new().sign_in(&world.url("/safe"), "alice").await;
    assert_eq!(landed.status, 200);
    let landed = Agent::new().sign_in(&world.url("/auth/login?next=/safe&prompt=login"), "bob").await;
    assert_eq!((landed.status.as_u16(), world.visits()), (200, (2, 0)));
}

/// Without a session here the pool's own counts, which is too old for the page and for the callback.
#[rocket::async_test]
async fn a_session_at_the_pool_alone_is_too_old_as_well() {
    let world = World::classic().await;
    let agent = world.stale().await;
    agent.drop_cookie("cognito_access_token");
    agent.drop_cookie("cognito_refresh_token");
    let landed = agent.sign_in(&world.url("/safe"), "alice").await;
    assert_eq!((landed.status.as_u16(), landed.body.as_str()), (200, "alice at /safe"));
    // The first login is of no use, the second is not asked for, the third is by way of the sign-out.
    assert_eq!((world.visits(), world.exchanges()), ((3, 1), 4));
}
