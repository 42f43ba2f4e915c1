//! What operators are told of cookies that do not open.

use crate::alone;
use crate::support::ACCESS;
use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, SECRET_KEY, Setup};
use crate::support::forge::now;
use crate::support::log::{lines, new_lines};
use crate::support::sealing::Seal;
use reqwest::Method;
use rocket::futures::future::join_all;

/// What was logged of refused callbacks.
fn said() -> Vec<String> {
    lines().into_iter().filter(|line| line.contains("callback was refused")).collect()
}

/// Delivers one callback `count` times with this in the place of its login cookie.
async fn deliver(app: &App, name: &str, state: &str, value: &str, count: usize) {
    let url = app.url(&format!("/auth/callback?code=x&state={state}"));
    let cookie = format!("{name}={value}");
    let visitors = (0..8).map(async |_| {
        let agent = Agent::new();
        for _ in 0..count.div_ceil(8) {
            let page = agent.send(Method::GET, &url, &[("cookie", &cookie)], None).await;
            assert_eq!(page.status, 400, "{}", page.body);
        }
    });
    join_all(visitors).await;
}

/// K9.
#[rocket::async_test]
async fn ten_thousand_cookies_that_do_not_open_are_told_once_a_minute() {
    let _alone = alone().await;
    let began = now();
    let app = Setup::new().start().await;
    let agent = Agent::new();
    let state = agent.get(&app.url("/auth/login")).await.location_parameter("state");
    let (name, sealed) = agent.cookies().pop_first().unwrap();

    let inside = Seal::new(SECRET_KEY, "login").open(&sealed);
    let unknown = Seal::new("a key that this app has never had, by far", "login").seal(&inside, now());
    deliver(&app, &name, &state, &unknown, 10_000).await;
    let minutes = usize::try_from((now() - began) / 60).unwrap() + 1;
    let lines = said();
    assert!((1..=minutes).contains(&lines.len()), "{lines:#?}");
    let told = "WARN: cognito_callback_refused: a callback was refused: the login cookie cannot be opened; \
        were the secret keys changed?";
    assert!(lines.iter().all(|line| line == told), "{lines:#?}");

    // Another reason is told all the same.
    let old = Seal::new(SECRET_KEY, "login").seal(&inside, now() - 601);
    deliver(&app, &name, &state, &old, 8).await;
    let lines = said();
    assert!(lines.last().unwrap().contains("older than ten minutes"), "{lines:#?}");
}

/// The lines of sessions that another app began.
fn of_neighbours() -> Vec<String> {
    new_lines().into_iter().filter(|line| line.contains("cognito_session_foreign")).collect()
}

#[rocket::async_test]
async fn two_apps_on_localhost_that_sign_each_other_out_are_told_of_cookie_suffix() {
    let _alone = alone().await;
    let (one, other) = (App::start().await, App::start().await);
    let agent = one.signed_in("alice").await;
    new_lines();
    assert_eq!(agent.get(&one.url("/me")).await.status, 200);
    assert_eq!(of_neighbours(), [""; 0]);
    for _ in 0..3 {
        assert_eq!(agent.get(&other.url("/me")).await.status, 401);
    }
    let said = of_neighbours();
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(
        said[0].starts_with("WARN: cognito_session_foreign: a browser sent a session of another app (`iss`"),
        "{said:#?}"
    );
    assert!(said[1].contains(">> type cookie_suffix = \"shop\" in the table `cognito` of one"), "{said:#?}");

    let agent = one.signed_in("alice").await;
    let apart = Setup::new().set("cookie_suffix", "apart").start().await;
    assert_eq!(agent.get(&apart.url("/me")).await.status, 401);
    assert_eq!(agent.get(&one.url("/me")).await.status, 200);
    assert_eq!(of_neighbours(), [""; 0]);
}

/// A clock that is wrong makes it so for everybody; an expired token is the normal course.
#[rocket::async_test]
async fn a_sessions_token_that_is_not_valid_yet_is_warned_of_once_a_minute() {
    let _alone = alone().await;
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    app.pool.set_clock_skew_seconds(7200);
    let ahead = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    agent.set_cookie(ACCESS, &ahead);
    new_lines();
    for _ in 0..3 {
        assert_eq!(agent.get(&app.url("/me")).await.status, 401);
    }
    let said = new_lines().into_iter().filter(|line| line.contains("cognito_session_token_unaccepted"));
    let said: Vec<_> = said.collect();
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].starts_with("WARN: ") && said[0].contains("not yet valid"), "{said:#?}");
    assert!(said[1].contains(">> if all are refused so, set this machine's clock right"), "{said:#?}");
}
