//! When tokens are dropped, and that nothing happens at rest.

use std::sync::Weak;

use figment::Figment;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::*;
use crate::session::IssuedSession;
use crate::sign_in::Exchanged;

const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// An app whose keys stand in its settings.
fn app(clock: &Clock) -> Arc<App> {
    let settings = [
        ("user_pool_id", "eu-west-1_AbC123"),
        ("client_id", "web"),
        ("domain", "http://127.0.0.1:9"),
        ("redirect_url", "http://localhost:8000/auth/callback"),
        ("logout_url", "http://localhost:8000/"),
        ("secret_keys", KEY),
        ("jwks", include_str!("../../../tests/data/jwks.json")),
    ];
    let figment =
        settings.into_iter().fold(Figment::from(rocket::Config::debug_default()), |all, (key, value)| {
            all.merge((format!("cognito.{key}"), value))
        });
    let settings = Settings::load(&figment, None).unwrap();
    Arc::new(App::new(settings, clock.clone(), Hooks::default(), None).unwrap())
}

/// What has come of a callback's delivery.
fn deliver(app: &App, state: &str) -> Weak<Exchanged> {
    app.sign_in.as_ref().unwrap().sign_ins.deliver(state)
}

/// What has come of a session's refresh.
fn refresh(app: &App, is_delivered: bool) -> Weak<IssuedSession> {
    app.sign_in.as_ref().unwrap().sessions.keep_refreshed(is_delivered)
}

async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// In a runtime in which every timer is a panic.
#[test]
fn an_app_at_rest_sets_no_timer_and_one_with_tokens_does() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let app = app(&Clock::default());
        app.pool.verifier().jwks().refresh().await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (end, ended) = oneshot::channel::<()>();
        let sweeping = tokio::spawn(Arc::clone(&app).sweep(async { drop(stopped.await) }));
        let refreshing =
            tokio::spawn(Arc::clone(app.pool.verifier().jwks()).keep_fresh(async { drop(ended.await) }));
        settle().await;
        assert!(!sweeping.is_finished());
        drop((stop, end));
        sweeping.await.expect("it ends without a timer");
        refreshing.await.expect("it ends without a timer");
    });
    let keep: [fn(&App); 2] = [|app| drop(deliver(app, "a")), |app| drop(refresh(app, true))];
    for keep in keep {
        runtime.block_on(async {
            let app = app(&Clock::default());
            let sweeping = tokio::spawn(Arc::clone(&app).sweep(std::future::pending()));
            settle().await;
            keep(&app);
            settle().await;
            assert!(sweeping.is_finished(), "the control: it was woken");
            assert!(sweeping.await.unwrap_err().is_panic(), "and there was no timer to set");
        });
    }
}

#[rocket::async_test]
async fn tokens_are_dropped_soon_after_their_time_whenever_they_came() {
    let clock = Clock::default();
    let app = app(&clock);
    let sweeping = tokio::spawn({
        let app = Arc::clone(&app);
        async move { app.keep_swept(Duration::from_millis(1)).await }
    });
    let soon = async |is_dropped: &dyn Fn() -> bool| {
        let dropped = async {
            while !is_dropped() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), dropped).await.expect("dropped by the sweep");
    };
    for round in 0..20 {
        let (result, delivered) = (deliver(&app, &round.to_string()), refresh(&app, true));
        let undelivered = refresh(&app, false);
        clock.advance(Duration::from_secs(31));
        soon(&|| result.strong_count() == 0).await;
        assert_eq!(delivered.strong_count(), 1, "a minute for refreshed tokens");
        clock.advance(Duration::from_secs(30));
        soon(&|| delivered.strong_count() == 0).await;
        assert_eq!(undelivered.strong_count(), 1, "ten minutes for those that no browser has been given");
        clock.advance(Duration::from_secs(540));
        soon(&|| undelivered.strong_count() == 0).await;
    }
    sweeping.abort();
}
