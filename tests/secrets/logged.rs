//! What is logged, of every target and at every level.

use crate::canary::find;
use crate::flow::Flow;
use crate::support::app::{self, App};
use crate::support::log::{record_everything, text};
use crate::support::pool::Pool;
use crate::support::rig::endpoints;

/// X2.
#[rocket::async_test]
async fn no_target_logs_a_secret_of_sign_ins_at_the_local_pool() {
    record_everything();
    let app = App::start().await;
    let mut flow = Flow::new(&app.origin());
    flow.canaries.add("the client's secret", app::SECRET);
    flow.canaries.add("the secret key", app::SECRET_KEY);
    flow.at_a_local_pool().await;
    let log = text();
    for words in ["rocket::", "rocket_cognito INFO", "rocket_cognito WARN"] {
        assert!(log.contains(words), "{words:?} is not in:\n{log}");
    }
    flow.canaries.assert_untold(&log);
}

/// X2.
#[rocket::async_test]
async fn no_target_logs_a_secret_of_sign_ins_at_a_pool_that_fails() {
    record_everything();
    let pool = Pool::start(endpoints()).await;
    let app = pool.serve(app::build).await;
    let mut flow = Flow::new(&app.url(""));
    flow.at_a_failing_pool(pool).await;
    let log = text();
    for words in ["rocket_cognito ERROR", "rocket_cognito WARN cognito_revocation_failed: a refresh token"] {
        assert!(log.contains(words), "{words:?} is not in:\n{log}");
    }
    flow.canaries.assert_untold(&log);
}

/// X2: what would be logged would be found.
#[test]
fn a_secret_that_is_logged_is_found() {
    record_everything();
    let secret = format!("c4nary-{}", rand::random::<u64>());
    for (level, target) in [
        (log::Level::Trace, "rocket_cognito::planted"),
        (log::Level::Trace, "hyper"),
        (log::Level::Info, "rocket::x"),
    ] {
        assert_eq!(find(&text(), &format!("{secret}-{target}")), None);
        log::log!(target: target, level, "Some({:?})", format!("{secret}-{target}"));
        assert!(find(&text(), &format!("{secret}-{target}")).is_some(), "{target}");
    }
}
