//! Clocks that are wrong, here or at the pool, and times that some clocks cannot show.

use std::time::Duration;

use figment::Figment;
use reqwest::Method;
use rocket::{Build, Rocket};
use rocket_cognito::Clock;

use crate::process::{self, expire};
use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, Setup, build, code_for};
use crate::support::endpoint::{self, is_whole};
use crate::support::forge::now;
use crate::support::server::Server;
use crate::support::{ACCESS, REFRESH};

const MINUTES: u32 = 300;

pub async fn with_bearer(url: &str, token: &str) -> Page {
    let header = format!("Bearer {token}");
    Agent::new().send(Method::GET, url, &[("authorization", &header)], None).await
}

/// O3: thirty seconds, unless the settings say otherwise.
#[rocket::async_test]
async fn a_clock_that_is_wrong_by_no_more_than_the_leeway_changes_nothing() {
    for (leeway, skew) in [(None, -30), (None, 30), (Some(60), -60), (Some(60), 60)] {
        let setup = Setup::new().pool(|pool| {
            pool.access_token_seconds(MINUTES).id_token_seconds(MINUTES).clock_skew_seconds(skew)
        });
        let setup = leeway.into_iter().fold(setup, |setup, it| setup.set("expiration_leeway", it));
        let app = setup.start().await;
        let agent = app.signed_in("alice").await;
        expire(&agent);
        assert_eq!(agent.get(&app.url("/me")).await.status, 200, "{skew}: a renewal");
        let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
        assert_eq!(with_bearer(&app.url("/me"), &token).await.status, 200, "{skew}: a bearer token");
    }
}

/// O3.
#[rocket::async_test]
async fn a_clock_that_is_ten_minutes_wrong_is_named_in_the_log() {
    let rows =
        [(600, "by this machine's clock it is valid "), (-600, "by this machine's clock it was issued ")];
    for (skew, words) in rows {
        let world = process::World::start(|pool| {
            pool.access_token_seconds(MINUTES).id_token_seconds(MINUTES).clock_skew_seconds(skew)
        });
        let world = world.await;
        let app = world.launch(&[]).await;
        let token = world.pool.sign_in("alice", CLIENT).unwrap().access_token;
        assert_eq!(answer(&with_bearer(&world.url("/me"), &token).await), (401, "invalid_token".into()));

        let agent = Agent::new();
        let login = agent.open(&world.url("/auth/login")).await;
        let page = agent.get(&code_for(&agent, &login, "alice").await).await;
        assert_eq!((answer(&page), agent.cookies().len()), ((503, "sign_in_misconfigured".into()), 0));
        let said = format!("a token of a sign-in was refused: {words}");
        assert!(app.output().contains(&said), "{}", app.output());
        assert!(app.output().contains(">> set this machine's clock right"), "{}", app.output());

        world.pool.set_clock_skew_seconds(0);
        world.signed_in("bob").await;
    }
}

/// O3: seconds that do not fit into 31 or 32 bits, nor their nanoseconds into 63; and the last day with four digits.
#[rocket::async_test]
async fn sessions_begin_go_on_and_end_in_2038_and_long_after() {
    let (short, long, nanoseconds) = (1 << 31, 1 << 32, (1 << 63) / 1_000_000_000);
    let half_an_hour_before = [short, long, nanoseconds].map(|at: u64| at - 1800);
    for at in half_an_hour_before.into_iter().chain([short, long, nanoseconds, 253_402_290_000]) {
        let world = endpoint::World::start().await;
        world.advance(at - now());
        let (agent, token) = (Agent::new(), world.endpoint.access_token());
        let page = agent.get(&world.begin(&agent).await).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"), "{at}: {}", page.body);
        let cookies = page.set_cookies();
        let access = cookies.iter().find(|cookie| cookie.starts_with(ACCESS)).unwrap();
        assert!(access.ends_with("; Max-Age=1800"), "{at}: {access}");
        assert_eq!(world.me(&agent).await, 200, "{at}");
        assert_eq!(with_bearer(&world.app.url("/me"), &token).await.status, 200, "{at}");

        world.advance(3700);
        assert_eq!(with_bearer(&world.app.url("/me"), &token).await.status, 401, "{at}: an hour later");
        assert_eq!((world.me(&agent).await, is_whole(&agent)), (200, true), "{at}: a renewal");
        assert_ne!(agent.cookie(ACCESS).unwrap(), token);
        let origin = world.app.url("");
        agent.post(&world.app.url("/auth/logout"), &[("origin", &origin)], &[]).await;
        assert_eq!((agent.cookies().len(), world.me(&agent).await), (0, 401), "{at}: signed out");
    }
}

/// O3: what keeps a sign-in from being fresh, and what to do about it.
#[rocket::async_test]
async fn a_sign_in_that_is_not_fresh_is_named_in_the_log() {
    let world = process::World::start(|pool| pool.classic_hosted_ui(true)).await;
    let app = world.launch(&[]).await;
    let agent = world.signed_in("alice").await;
    let login = world.url("/auth/login?prompt=login&max_age=60");

    // The pool's session is older than the attempt.
    world.pool.set_clock_skew_seconds(20);
    let begun = agent.open(&login).await;
    let page = agent.get(&code_for(&agent, &begun, "alice").await).await;
    assert_eq!(answer(&page), (401, "login_too_old".to_owned()));
    process::said(&app, "the pool did not ask again, in spite of `prompt=login` or `max_age`").await;
    process::said(&app, "Managed login").await;

    let begun = agent.open(&login).await;
    let callback = code_for(&agent, &begun, "alice").await;
    let logout = agent.open(&callback).await;
    world.pool.set_clock_skew_seconds(0);
    let callback = code_for(&agent, &logout, "alice").await;
    world.pool.set_clock_skew_seconds(20);
    assert_eq!(answer(&agent.get(&callback).await), (403, "login_not_fresh".to_owned()));
    process::said(&app, "the pool did not ask again, not even after its sign-out").await;
    process::said(&app, "auth_time").await;

    world.pool.set_clock_skew_seconds(-100);
    let visitor = Agent::new();
    let begun = visitor.open(&login).await;
    let page = visitor.get(&code_for(&visitor, &begun, "alice").await).await;
    assert_eq!(answer(&page), (403, "login_not_fresh".to_owned()));
    process::said(&app, "by this machine's clock that is longer ago than was asked for").await;
    process::said(&app, "set the clock right; or ask for a higher age, if a second factor takes that long")
        .await;
}

/// An app whose clock was ahead, and the same app launched anew with the right time.
async fn set_back(seconds: u64, meanwhile: impl AsyncFn(&App) -> (Agent, String)) -> (App, Agent, String) {
    let (clock, mut figment) = (Clock::default(), Figment::new());
    clock.advance(Duration::from_secs(seconds));
    let setup = Setup::new().pool(|pool| pool.access_token_seconds(7200).id_token_seconds(7200));
    let start = |rocket: Rocket<Build>| {
        figment = rocket.figment().clone();
        build(rocket).manage(clock.clone())
    };
    let mut app = setup.start_with(start).await;
    let (agent, callback) = meanwhile(&app).await;
    app.server.stop().await;
    app.server = Server::start(figment, build).await;
    (app, agent, callback)
}

/// O3: what was sealed in the future does not count, and nobody is worse off than signing in again.
#[rocket::async_test]
async fn a_clock_that_is_set_back_ends_sessions_cleanly_if_it_was_far_ahead() {
    for (seconds, goes_on) in [(50, true), (3600, false)] {
        let begin = async |app: &App| {
            let agent = app.signed_in("alice").await;
            let callback = app.begin(&agent, "/me").await;
            (agent, callback)
        };
        let (app, agent, callback) = set_back(seconds, begin).await;
        assert_eq!(
            agent.get(&app.url("/me")).await.status,
            200,
            "{seconds}: the token counts until it expires"
        );
        let before = app.exchanges();
        let page = agent.get(&callback).await;
        // Whoever is signed in goes on, without the sign-in that was under way.
        let (location, exchanges) = if goes_on { ("/me", 1) } else { ("/", 0) };
        assert_eq!((page.header("location"), app.exchanges() - before), (location, exchanges), "{seconds}");

        expire(&agent);
        let page = agent.get(&app.url("/me")).await;
        if goes_on {
            assert_eq!((answer(&page), is_whole(&agent)), ((200, String::new()), true), "{seconds}");
            continue;
        }
        assert_eq!(answer(&page), (401, "session_expired".into()), "{seconds}");
        let page = agent.follow(&app.url("/auth/login?next=/me")).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{seconds}: {}", page.body);
        expire(&agent);
        assert_eq!(agent.get(&app.url("/me")).await.status, 200, "{seconds}: renewed by the right time");
        assert!(agent.cookie(REFRESH).is_some());
    }
}
