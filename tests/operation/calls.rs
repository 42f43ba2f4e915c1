//! Calls to the pool.

use rocket::futures::future::join_all;
use rocket::http::Status;
use rocket::{get, routes};
use rocket_cognito::CognitoUser;
use rocket_cognito::local_pool::Failure;

use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::app::{CLIENT, Setup, build};
use crate::watch::{LAUNCH, Watch};

/// How many codes are exchanged at once.
const MAX_EXCHANGES: usize = 12;

#[get("/about-me")]
async fn about_me(user: CognitoUser) -> Status {
    match user.fetch_user_info().await {
        Ok(_) => Status::Ok,
        Err(_) => Status::BadGateway,
    }
}

#[rocket::async_test]
async fn a_call_is_in_flight_until_it_is_answered_and_a_late_one_is_turned_away() {
    let watch = Watch::default();
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket))).await;
    watch.moved(&[LAUNCH]).await;
    let mut begun = Vec::new();
    for _ in 0..=MAX_EXCHANGES {
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        begun.push((agent, callback));
    }
    let hold = app.pool.hold(TOKEN);
    let (last, last_callback) = begun.pop().unwrap();
    let others = join_all(begun.iter().map(|(agent, callback)| agent.get(callback)));
    let one_more = async {
        watch.reads("calls_in_flight", &[("endpoint", "token")], MAX_EXCHANGES as f64).await;
        hold.reached(MAX_EXCHANGES).await;
        let refused = last.get(&last_callback).await;
        drop(hold);
        refused
    };
    let (pages, refused) = tokio::join!(others, one_more);
    assert!(pages.iter().all(|page| page.status == 303));
    assert_eq!(answer(&refused), (503, "pool_unavailable".into()));
    let count = MAX_EXCHANGES as u64;
    let steps = [
        ("pool_calls_total token ok", count),
        ("sign_ins_total done", count),
        ("waits_total place", 1),
        ("calls_turned_away_total", 1),
        ("sign_ins_total pool_unavailable", 1),
        ("refusals_total pool_unavailable", 1),
    ];
    watch.moved(&steps).await;
    watch.reads("calls_in_flight", &[("endpoint", "token")], 0.0).await;
}

#[rocket::async_test]
async fn each_endpoint_counts_what_it_answers_and_how_long_that_took() {
    let watch = Watch::default();
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket).mount("/", routes![about_me]))).await;
    watch.moved(&[LAUNCH]).await;
    let bearer = format!("Bearer {}", app.pool.sign_in("alice", CLIENT).unwrap().access_token);
    let url = app.url("/about-me");
    let ask = async || {
        let agent = Agent::new();
        agent.send(reqwest::Method::GET, &url, &[("authorization", &bearer)], None).await.status.as_u16()
    };
    assert_eq!(ask().await, 200);
    watch.moved(&[("admissions_total bearer", 1), ("pool_calls_total userinfo ok", 1)]).await;
    app.pool.fail_next("/oauth2/userInfo", 1, Failure::Unavailable);
    ask().await;
    watch.moved(&[("admissions_total bearer", 1), ("pool_calls_total userinfo failed", 1)]).await;
    app.pool.disable_user("alice").unwrap();
    ask().await;
    watch.moved(&[("admissions_total bearer", 1), ("pool_calls_total userinfo refused", 1)]).await;

    let counters = watch.counters();
    let labels = [("endpoint", "userinfo")];
    let bucket = |bound| counters.get("pool_call_seconds_bucket", &[labels[0], ("le", bound)]);
    assert_eq!(counters.get("pool_call_seconds_count", &labels), Some(3.0));
    assert_eq!(bucket("+Inf"), Some(3.0));
    assert!(counters.get("pool_call_seconds_sum", &labels) > Some(0.0));
    let bounds = ["0.1", "0.25", "0.5", "1", "3", "+Inf"];
    assert!(bounds.is_sorted_by_key(|bound| bucket(bound).unwrap() as u64));
    assert_eq!(counters.get("pool_call_seconds_count", &[("endpoint", "revoke")]), Some(0.0));
}
