//! Sign-ins and sign-outs.

use rocket::http::Status;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::hooks::HookDecision;
use rocket_cognito::local_pool::Failure;
use rocket_cognito::store::StoreError;
use rocket_cognito::{Callback, Cognito, Sessions, catchers};
use serde_json::json;

use crate::support::TOKEN;
use crate::support::agent::Agent;
use crate::support::app::{App, SECRET, Setup, build, with_routes};
use crate::support::rig::{Reply, Rig};
use crate::watch::{LAUNCH, Watch};

const REVOKED: (&str, u64) = ("pool_calls_total revoke ok", 1);
const EXCHANGED: (&str, u64) = ("pool_calls_total token ok", 1);

async fn launched(watch: &Watch, build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> App {
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket))).await;
    watch.moved(&[LAUNCH]).await;
    app
}

#[rocket::async_test]
async fn a_sign_in_counts_once_and_a_visit_to_its_callback_does_not() {
    let watch = Watch::default();
    let app = launched(&watch, build).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    watch.moved(&[]).await;
    // As a click twice on the pool's button delivers it.
    let hold = app.pool.hold("/oauth2/token");
    let twins = async {
        let both = async { tokio::join!(agent.get(&callback), agent.get(&callback)) };
        let release = async {
            hold.reached(1).await;
            watch.reads("waits_total", &[("for", "sign_in")], 1.0).await;
            drop(hold);
        };
        tokio::join!(both, release).0
    };
    let (first, second) = twins.await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (303, 303));
    watch.moved(&[EXCHANGED, ("sign_ins_total done", 1), ("waits_total sign_in", 1)]).await;
    // The back button, which waits for nothing.
    assert_eq!(agent.get(&callback).await.status, 303);
    watch.moved(&[]).await;
    // A delivery whose answer got lost waits for nothing either: its result is there.
    let late = Agent::new();
    let late_callback = app.begin(&late, "/me").await;
    let cookies = late.cookies();
    assert_eq!(late.get(&late_callback).await.status, 303);
    watch.moved(&[EXCHANGED, ("sign_ins_total done", 1)]).await;
    let header = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let again = Agent::new();
    let again = again.send(reqwest::Method::GET, &late_callback, &[("cookie", &header)], None).await;
    assert_eq!(again.status, 303);
    watch.moved(&[]).await;
    let nobody = Agent::new().get(&callback).await;
    assert_eq!(nobody.status, 400);
    let refused = [("sign_ins_total no_login_attempt", 1), ("refusals_total no_login_attempt", 1)];
    watch.moved(&refused).await;
    // A person's browser begins again by itself: a refusal that nobody sees.
    assert_eq!(Agent::new().open(&callback).await.status, 303);
    watch.moved(&[("sign_ins_total no_login_attempt", 1)]).await;
    let head = agent.send(reqwest::Method::HEAD, &callback, &[], None).await;
    assert_eq!(head.status, 405);
    watch.moved(&[("refusals_total method_not_allowed", 1)]).await;

    let origin = app.origin();
    assert_eq!(agent.post(&app.url("/auth/logout"), &[("origin", &origin)], &[]).await.status, 303);
    watch.moved(&[("sign_outs_total pool", 1), REVOKED]).await;
    // One of nobody too: nothing is to be revoked.
    let nobody = Agent::new();
    assert_eq!(nobody.post(&app.url("/auth/logout"), &[("origin", &origin)], &[]).await.status, 303);
    watch.moved(&[("sign_outs_total pool", 1)]).await;
    assert_eq!(
        agent.post(&app.url("/auth/logout"), &[("origin", "http://evil.example")], &[]).await.status,
        403
    );
    watch.moved(&[("refusals_total cross_site", 1)]).await;
}

/// Each delivery is answered by the refusal, which is of one sign-in.
#[rocket::async_test]
async fn a_sign_in_that_fails_counts_once_however_often_its_callback_is_delivered() {
    let watch = Watch::default();
    let app = launched(&watch, |rocket| {
        let refuse = Cognito::fairing().on_login(|_, _| Box::pin(async { Ok(HookDecision::Refuse) }));
        with_routes(rocket).attach(refuse).register("/", catchers())
    })
    .await;
    for (fails, status, code, call) in [
        (true, 503, "pool_unavailable", ("pool_calls_total token failed", 1)),
        (false, 403, "refused_by_app", EXCHANGED),
    ] {
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        if fails {
            app.pool.fail_next(TOKEN, 1, Failure::ServerError);
        }
        let hold = app.pool.hold(TOKEN);
        let waits = watch.counters().get("waits_total", &[("for", "sign_in")]).unwrap();
        let release = async {
            hold.reached(1).await;
            watch.reads("waits_total", &[("for", "sign_in")], waits + 1.0).await;
            drop(hold);
        };
        let (first, second, ()) = tokio::join!(agent.get(&callback), agent.get(&callback), release);
        let statuses = [first.status.as_u16(), second.status.as_u16()];
        // A twin that looks for the session once its refusal has ended it is late.
        let is_late = !fails && statuses.contains(&400);
        assert!(statuses.contains(&status) && (is_late || statuses == [status; 2]), "{statuses:?}");
        let (ended, refused) = (format!("sign_ins_total {code}"), format!("refusals_total {code}"));
        let answered = if is_late { 1 } else { 2 };
        let mut steps = vec![call, (&*ended, 1), (&*refused, answered), ("waits_total sign_in", 1)];
        if is_late {
            steps.extend([("refusals_total login_used", 1), ("sign_ins_total login_used", 1)]);
        }
        if !fails {
            steps.push(REVOKED);
        }
        watch.moved(&steps).await;
    }
}

#[get("/auth/callback")]
async fn ending_callback(callback: Callback, sessions: Sessions) -> Result<Callback, StoreError> {
    sessions.end_all(callback.user().sub()).await?;
    Ok(callback)
}

#[rocket::async_test]
async fn a_sign_in_whose_session_has_ended_before_its_answer_counts() {
    let watch = Watch::default();
    let app = Setup::new()
        .set("routes", ["login", "logout"])
        .set("session_store", "memory")
        .start_with(|rocket| {
            let rocket = with_routes(rocket).mount("/", routes![ending_callback]);
            watch.over(rocket.attach(Cognito::fairing()).register("/", catchers()))
        })
        .await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/").await;
    agent.get(&callback).await;
    watch.reads("sign_ins_total", &[("result", "login_used")], 1.0).await;
    watch.reads("sign_ins_total", &[("result", "done")], 0.0).await;
}

#[rocket::async_test]
async fn a_sign_in_that_comes_to_nothing_counts_by_its_code() {
    let watch = Watch::default();
    let rig = Rig::start_as(
        |settings| settings.merge(("cognito.client_secret", SECRET)),
        |rocket| watch.over(build(rocket)),
    )
    .await;
    // These keys lie in a file.
    watch.moved(&[]).await;
    for (reply, status, steps) in [
        (
            Reply::json(400, &json!({ "error": "invalid_grant" })),
            400,
            [
                ("pool_calls_total token refused", 1),
                ("sign_ins_total code_refused", 1),
                ("refusals_total code_refused", 1),
            ],
        ),
        (
            Reply::json(400, &json!({ "error": "invalid_client" })),
            503,
            [
                ("pool_calls_total token refused", 1),
                ("sign_ins_total sign_in_misconfigured", 1),
                ("refusals_total sign_in_misconfigured", 1),
            ],
        ),
        (
            Reply::json(500, &json!({})),
            503,
            [
                ("pool_calls_total token failed", 1),
                ("sign_ins_total pool_unavailable", 1),
                ("refusals_total pool_unavailable", 1),
            ],
        ),
        (
            Reply::new(200, "text/plain", "nonsense"),
            503,
            [
                ("pool_calls_total token failed", 1),
                ("sign_ins_total pool_unavailable", 1),
                ("refusals_total pool_unavailable", 1),
            ],
        ),
    ] {
        let attempt = rig.begin().await;
        assert_eq!(rig.deliver(&attempt, reply).await.status, status);
        watch.moved(&steps).await;
    }
    let attempt = rig.begin().await;
    let url = rig.app.url(&format!("/auth/callback?error=access_denied&state={}", attempt.state));
    assert_eq!(attempt.agent.get(&url).await.status, 403);
    watch.moved(&[("sign_ins_total access_denied", 1), ("refusals_total access_denied", 1)]).await;
    assert_eq!(Agent::new().get(&rig.app.url("/auth/callback")).await.status, 400);
    watch.moved(&[("sign_ins_total bad_callback", 1), ("refusals_total bad_callback", 1)]).await;
}

#[get("/auth/callback")]
fn own_callback(callback: Callback) -> Result<Callback, Status> {
    if callback.user().username() == "bob" { Err(Status::Forbidden) } else { Ok(callback) }
}

#[rocket::async_test]
async fn an_apps_own_callback_counts_as_the_mounted_one() {
    let watch = Watch::default();
    let app = Setup::new()
        .set("routes", ["login", "logout"])
        .start_with(|rocket| {
            let rocket = with_routes(rocket).mount("/", routes![own_callback]).attach(Cognito::fairing());
            watch.over(rocket.register("/", catchers()))
        })
        .await;
    watch.moved(&[LAUNCH]).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/").await;
    assert_eq!(agent.get(&callback).await.status, 303);
    watch.moved(&[EXCHANGED, ("sign_ins_total done", 1)]).await;
    let bob = Agent::new();
    let login = bob.open(&app.url("/auth/login?next=/")).await;
    let callback = crate::support::app::code_for(&bob, &login, "bob").await;
    assert_eq!(bob.get(&callback).await.status, 403);
    watch.moved(&[EXCHANGED, ("sign_ins_total refused_by_app", 1), REVOKED]).await;
    assert_eq!(Agent::new().get(&app.url("/auth/callback?code=a&state=b")).await.status, 400);
    let refused = [("sign_ins_total no_login_attempt", 1), ("refusals_total no_login_attempt", 1)];
    watch.moved(&refused).await;
}

#[rocket::async_test]
async fn a_hook_that_refuses_or_fails_ends_the_sign_in() {
    let watch = Watch::default();
    let app = launched(&watch, |rocket| {
        let fairing = Cognito::fairing().on_login(|_, login| {
            let name = login.user().username().to_owned();
            Box::pin(async move {
                match name.as_str() {
                    "alice" => Ok(HookDecision::Proceed),
                    "bob" => Ok(HookDecision::Refuse),
                    _ => Err("the hook's own trouble".into()),
                }
            })
        });
        with_routes(rocket).attach(fairing).register("/", catchers())
    })
    .await;
    for (username, status, steps) in [
        ("alice", 303, &[EXCHANGED, ("sign_ins_total done", 1)][..]),
        (
            "bob",
            403,
            &[EXCHANGED, ("sign_ins_total refused_by_app", 1), ("refusals_total refused_by_app", 1), REVOKED],
        ),
        (
            "carol",
            500,
            &[
                EXCHANGED,
                ("sign_ins_total hook_failed", 1),
                ("refusals_total hook_failed", 1),
                ("hook_failures_total on_login", 1),
                REVOKED,
            ],
        ),
    ] {
        let agent = Agent::new();
        let login = agent.open(&app.url("/auth/login?next=/")).await;
        let callback = crate::support::app::code_for(&agent, &login, username).await;
        assert_eq!(agent.get(&callback).await.status, status, "{username}");
        watch.moved(steps).await;
    }
}
