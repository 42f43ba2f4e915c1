//! Apps that are asked to stop while something is under way.

use std::sync::Arc;
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{get, routes};
use rocket_cognito::{Clock, CognitoUser};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::timeout;

use crate::process::{World, expire, generation, said};
use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::{App, Setup, build, code_for};
use crate::support::forge::now;
use crate::support::{ACCESS, TOKEN};

const ROUNDS: u64 = 20;
/// A guard against waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// O1: with rotation and no grace, a renewal that was lost would end the session for good.
#[rocket::async_test]
async fn a_process_that_is_terminated_stores_what_is_under_way() {
    let world = World::start(|pool| pool.refresh_token_rotation(true).refresh_token_grace_seconds(0)).await;
    let app = world.launch(&[]).await;
    let staying = world.signed_in("alice").await;
    app.terminate();
    assert!(app.ended().await.0.success());
    for round in 1..=ROUNDS {
        let app = world.launch(&[]).await;
        expire(&staying);
        let arriving = Agent::new();
        let login = arriving.open(&world.url("/auth/login?next=/me")).await;
        let callback = code_for(&arriving, &login, "bob").await;
        let hold = world.pool.hold(TOKEN);
        let stop = async {
            hold.reached(2).await;
            app.terminate();
            said(&app, "Shutdown requested").await;
            drop(hold);
        };
        let me = world.url("/me");
        let all = async { tokio::join!(staying.get(&me), arriving.get(&callback), stop) };
        let (stayed, arrived, ()) = timeout(PATIENCE, all).await.expect("both are answered");
        assert_eq!((stayed.status.as_u16(), generation(&staying)), (200, round));
        assert_eq!((arrived.status.as_u16(), arrived.header("location")), (303, "/me"));
        let (status, output) = app.ended().await;
        assert!(status.success(), "{output}");
        assert!(arriving.cookie(ACCESS).is_some());
    }
    let _app = world.launch(&[]).await;
    expire(&staying);
    assert_eq!((world.me(&staying).await, generation(&staying)), (200, ROUNDS + 1));
}

/// O1: Rocket by itself cuts connections after two seconds, and README names the setting.
#[rocket::async_test]
async fn with_more_grace_a_renewal_that_takes_long_is_stored_too() {
    let world = World::start(|pool| pool.refresh_token_rotation(true)).await;
    let app = world.launch(&[("ROCKET_SHUTDOWN", "{grace=5}")]).await;
    let agent = world.signed_in("alice").await;
    expire(&agent);
    let hold = world.pool.hold(TOKEN);
    let stop = async {
        hold.reached(1).await;
        app.terminate();
        said(&app, "Shutdown requested").await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        drop(hold);
    };
    let me = world.url("/me");
    let (page, ()) = tokio::join!(agent.get(&me), stop);
    assert_eq!((page.status.as_u16(), generation(&agent)), (200, 1));
    assert!(app.ended().await.0.success());
}

/// O1, F3: the visitor who caused it has been told to come back, and has.
#[rocket::async_test]
async fn a_late_refresh_is_stored_by_an_app_that_is_stopping() {
    let world = World::start(|pool| pool.refresh_token_rotation(true).refresh_token_grace_seconds(0)).await;
    let app = world.launch(&[("ROCKET_SHUTDOWN", "{grace=5}")]).await;
    let agent = world.signed_in("alice").await;
    expire(&agent);
    let hold = world.pool.hold(TOKEN);
    let me = world.url("/me");
    assert_eq!(agent.get(&me).await.status, 503);
    let requests = || app.output().matches("GET /me").count();
    let before = requests();
    let stop = async {
        while requests() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        app.terminate();
        said(&app, "Shutdown requested").await;
        drop(hold);
    };
    let (page, ()) = tokio::join!(agent.get(&me), stop);
    assert_eq!((page.status.as_u16(), generation(&agent)), (200, 1));
    assert!(app.ended().await.0.success());
}

/// Where a request waits before its guard looks at it.
struct Gate {
    arrived: Semaphore,
    leaving: Semaphore,
}

struct Passed;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Passed {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let gate = request.rocket().state::<Arc<Gate>>().unwrap();
        gate.arrived.add_permits(1);
        gate.leaving.acquire().await.unwrap().forget();
        Outcome::Success(Passed)
    }
}

#[get("/late")]
fn late(_passed: Passed, user: CognitoUser) -> String {
    user.username().to_owned()
}

/// O1: who is still signed in goes on, and who is not is told to come back.
#[rocket::async_test]
async fn an_app_that_is_stopping_asks_for_no_further_renewal() {
    let clock = Clock::default();
    let gate = Arc::new(Gate { arrived: Semaphore::new(0), leaving: Semaphore::new(0) });
    let (sender, stopping) = oneshot::channel();
    let setup = Setup::new().pool(|pool| pool.access_token_seconds(300).id_token_seconds(300));
    let start = setup.start_with(|rocket| {
        // Fairings for the shutdown run in this order.
        build(rocket)
            .manage(clock.clone())
            .attach(AdHoc::on_shutdown("stopping", |_| {
                let _ = sender.send(());
                Box::pin(async {})
            }))
            .manage(gate.clone())
            .mount("/", routes![late])
    });
    let app = start.await;
    let began = now();
    let (held, expired) = (app.session("alice", began), app.session("alice", began));
    // Of a token of five minutes the last one or two are the time to renew it.
    clock.advance(Duration::from_secs(150));
    app.pool.set_clock_skew_seconds(150);
    let due = app.session("bob", began + 150);
    clock.advance(Duration::from_secs(250));
    app.pool.set_clock_skew_seconds(400);
    let (me, slow) = (app.url("/me"), app.url("/late"));
    let before = [&held, &expired, &due].map(Agent::cookies);

    let App { server, pool, .. } = app;
    let hold = pool.hold(TOKEN);
    let answered = Notify::new();
    let others = async {
        let pages = tokio::join!(expired.get(&slow), due.get(&slow));
        answered.notify_one();
        pages
    };
    let stop = async {
        hold.reached(1).await;
        gate.arrived.acquire_many(2).await.unwrap().forget();
        let stop = tokio::spawn(server.stop());
        stopping.await.unwrap();
        gate.leaving.add_permits(2);
        answered.notified().await;
        drop(hold);
        stop.await.unwrap();
    };
    let all = async { tokio::join!(held.get(&me), others, stop) };
    let (first, (refused, went_on), ()) = timeout(PATIENCE, all).await.expect("all are answered");
    assert_eq!(answer(&first), (200, String::new()));
    assert_ne!(held.cookie(ACCESS), before[0].get(ACCESS).cloned());
    assert_eq!(answer(&refused), (503, "session_not_renewed".into()));
    assert_eq!(answer(&went_on), (200, String::new()));
    assert_eq!([expired.cookies(), due.cookies()], before[1..]);
    assert_eq!(pool.requests(TOKEN), 1);
}
