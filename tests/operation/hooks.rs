//! Code of the app's own that fails.

use rocket::{Request, get, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::{Cognito, CognitoUser, CurrentUser, LoadUser, catchers};

use crate::support::SAME_ORIGIN;
use crate::support::agent::Agent;
use crate::support::app::{Setup, with_routes};
use crate::support::redis::RedisServer;
use crate::watch::{LAUNCH, Watch};

struct Account;

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(_: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> {
        Err("the database's own trouble".into())
    }
}

#[get("/account")]
fn account(_first: Option<CurrentUser<Account>>, _second: CurrentUser<Account>) {}

#[rocket::async_test]
async fn each_failure_of_the_apps_own_code_counts_by_its_hook() {
    let watch = Watch::default();
    let app = Setup::new()
        .start_with(|rocket| {
            let fairing = Cognito::fairing()
                .on_refresh(|_, _| Box::pin(async { Err("trouble".into()) }))
                .on_logout(|_, _| Box::pin(async { panic!("trouble") }))
                .on_pool_error(|_, _| panic!("trouble"))
                .on_denial(|_, _| Box::pin(async { Err("trouble".into()) }));
            let rocket = with_routes(rocket).mount("/", routes![account]).attach(fairing);
            watch.over(rocket.register("/", catchers()))
        })
        .await;
    watch.moved(&[LAUNCH]).await;
    assert_eq!(Agent::new().get(&app.url("/me")).await.status, 401);
    watch.moved(&[("refusals_total not_signed_in", 1), ("hook_failures_total on_denial", 1)]).await;
    let agent = app.signed_in("alice").await;
    let steps = [
        ("refusals_total not_signed_in", 1),
        ("hook_failures_total on_denial", 1),
        ("pool_calls_total token ok", 1),
        ("sign_ins_total done", 1),
        ("admissions_total session", 1),
    ];
    watch.moved(&steps).await;
    assert!(agent.post(&app.url("/auth/refresh"), &SAME_ORIGIN, &[]).await.status.as_u16() < 400);
    let steps = [
        ("refreshes_total done", 1),
        ("pool_calls_total token ok", 1),
        ("hook_failures_total on_refresh", 1),
    ];
    watch.moved(&steps).await;
    // Two guards ask, and the user is loaded once.
    assert_eq!(agent.get(&app.url("/account")).await.status, 503);
    let steps = [
        ("refusals_total user_not_loaded", 1),
        ("hook_failures_total load_user", 1),
        ("hook_failures_total on_denial", 1),
    ];
    watch.moved(&steps).await;
    let visitor = Agent::new();
    let state = visitor.get(&app.url("/auth/login")).await.location_parameter("state");
    let callback = app.url(&format!("/auth/callback?error=access_denied&state={state}"));
    assert_eq!(visitor.get(&callback).await.status, 403);
    let steps = [
        ("sign_ins_total access_denied", 1),
        ("refusals_total access_denied", 1),
        ("hook_failures_total on_pool_error", 1),
        ("hook_failures_total on_denial", 1),
    ];
    watch.moved(&steps).await;
    assert_eq!(agent.post(&app.url("/auth/logout"), &SAME_ORIGIN, &[]).await.status, 303);
    let steps = [
        ("sign_outs_total pool", 1),
        ("pool_calls_total revoke ok", 1),
        ("hook_failures_total on_logout", 1),
    ];
    watch.moved(&steps).await;
}

#[rocket::async_test]
async fn credentials_that_do_not_come_count_too() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let watch = Watch::default();
    let _app = Setup::new()
        .set("session_store", redis.address())
        .start_with(|rocket| {
            let fairing = Cognito::fairing().store_credentials(|| async { Err("trouble".into()) });
            watch.over(with_routes(rocket).attach(fairing))
        })
        .await;
    assert!(watch.counters().get("hook_failures_total", &[("hook", "store_credentials")]) >= Some(1.0));
    let check = [("command", "check"), ("outcome", "unavailable")];
    watch.reads("store_commands_total", &check, 1.0).await;
}
