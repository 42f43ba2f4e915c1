//! Sessions that are to be refreshed.

use std::time::Duration;

use figment::Figment;
use rocket_cognito::local_pool::Failure;
use rocket_cognito::store::MemoryStore;
use rocket_cognito::{Clock, Cognito, catchers};

use crate::support::app::{Setup, build, with_routes};
use crate::support::server::Server;
use crate::support::{ACCESS, SAME_ORIGIN, TOKEN, free_port};
use crate::watch::{LAUNCH, Watch};

const ASKED: (&str, u64) = ("pool_calls_total token ok", 1);
const ADMITTED: (&str, u64) = ("admissions_total session", 1);
const SIGNED_IN: [(&str, u64); 4] =
    [("refusals_total not_signed_in", 1), ASKED, ("sign_ins_total done", 1), ADMITTED];

#[rocket::async_test]
async fn a_session_in_cookies_is_refreshed_by_one_request_and_shared_by_others() {
    let watch = Watch::default();
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket))).await;
    watch.moved(&[LAUNCH]).await;
    let agent = app.signed_in("alice").await;
    watch.moved(&SIGNED_IN).await;
    agent.drop_cookie(ACCESS);
    let hold = app.pool.hold(TOKEN);
    let me = app.url("/me");
    let requests = async { tokio::join!(agent.get(&me), agent.get(&me)) };
    let release = async {
        hold.reached(1).await;
        watch.reads("waits_total", &[("for", "refresh")], 1.0).await;
        drop(hold);
    };
    let ((first, second), ()) = tokio::join!(requests, release);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    let steps = [
        ASKED,
        ("refreshes_total done", 1),
        ("refreshes_total shared", 1),
        ("waits_total refresh", 1),
        ("admissions_total session", 2),
    ];
    watch.moved(&steps).await;
    // On demand, however young it is; the answer of this route is no admission.
    let refreshed = agent.post(&app.url("/auth/refresh"), &SAME_ORIGIN, &[]).await;
    assert!(refreshed.status.is_success() || refreshed.status == 303, "{}", refreshed.status);
    watch.moved(&[ASKED, ("refreshes_total done", 1)]).await;

    agent.drop_cookie(ACCESS);
    app.pool.fail_next(TOKEN, 1, Failure::ServerError);
    assert_eq!(agent.get(&me).await.status, 503);
    let steps = [
        ("pool_calls_total token failed", 1),
        ("refreshes_total unavailable", 1),
        ("refusals_total session_not_renewed", 1),
    ];
    watch.moved(&steps).await;
    // The session rests, and the pool is not asked.
    assert_eq!(agent.get(&me).await.status, 503);
    watch.moved(&steps[1..]).await;

    let bob = app.signed_in("bob").await;
    watch.moved(&SIGNED_IN).await;
    bob.drop_cookie(ACCESS);
    app.pool.disable_user("bob").unwrap();
    assert_eq!(bob.get(&me).await.status, 401);
    let steps = [
        ("pool_calls_total token refused", 1),
        ("refreshes_total ended", 1),
        ("refusals_total session_ended", 1),
    ];
    watch.moved(&steps).await;
}

/// Their visitor is served by the present token.
#[rocket::async_test]
async fn a_refresh_ahead_of_expiry_that_fails_counts_as_no_refresh() {
    let (clock, watch) = (Clock::default(), Watch::default());
    let app = Setup::new()
        .pool(|pool| pool.access_token_seconds(3600).id_token_seconds(3600))
        .start_with(|rocket| {
            let fairing = Cognito::fairing().clock(&clock);
            watch.over(with_routes(rocket).attach(fairing).register("/", catchers()))
        })
        .await;
    watch.moved(&[LAUNCH]).await;
    let agent = app.signed_in("alice").await;
    watch.moved(&SIGNED_IN).await;
    clock.advance(Duration::from_secs(3500));
    app.pool.fail_next(TOKEN, 1, Failure::ServerError);
    assert_eq!(agent.get(&app.url("/me")).await.status, 200);
    watch.moved(&[("pool_calls_total token failed", 1), ADMITTED]).await;
}

/// By then an access token has expired, leeway and all.
const EXPIRED: i32 = 3700;

#[rocket::async_test]
async fn a_session_in_a_store_is_refreshed_by_one_instance_for_all() {
    let (clock, watches) = (Clock::default(), [Watch::default(), Watch::default()]);
    let store = MemoryStore::with_clock(&clock);
    let build = |rocket, watch: &Watch| {
        let fairing = Cognito::fairing().session_store(store.clone()).clock(&clock);
        watch.over(with_routes(rocket).attach(fairing).register("/", catchers()))
    };
    let mut figment = Figment::new();
    let setup = Setup::new().pool(|pool| pool.access_token_seconds(3600).id_token_seconds(3600));
    let app = setup.start_with(|rocket| {
        figment = rocket.figment().clone();
        build(rocket, &watches[0])
    });
    let app = app.await;
    let other = figment.merge(("port", free_port()));
    let other = Server::start(other, |rocket| build(rocket, &watches[1])).await;
    let agent = app.signed_in("alice").await;
    clock.advance(Duration::from_secs(EXPIRED as u64));
    app.pool.set_clock_skew_seconds(EXPIRED);

    let hold = app.pool.hold(TOKEN);
    let (here, there) = (app.url("/me"), other.url("/me"));
    let second = async {
        hold.reached(1).await;
        let release = async {
            watches[1].reads("waits_total", &[("for", "refresh")], 1.0).await;
            drop(hold);
        };
        tokio::join!(agent.get(&there), release).0
    };
    let (first, second) = tokio::join!(agent.get(&here), second);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    let refreshes = |watch: &Watch| {
        ["done", "shared", "elsewhere", "ended", "unavailable"]
            .map(|result| watch.counters().get("refreshes_total", &[("result", result)]).unwrap() as u32)
    };
    assert_eq!(watches.each_ref().map(refreshes), [[1, 0, 0, 0, 0], [0, 0, 1, 0, 0]]);
    assert_eq!(watches[0].counters().get("waits_total", &[("for", "refresh")]), Some(0.0));
}
