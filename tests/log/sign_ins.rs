//! What operators are told of sign-ins that come back unmatched.

use reqwest::Method;

use crate::alone;
use crate::support::agent::{Agent, Page};
use crate::support::app::App;
use crate::support::log::new_lines;

/// What was said of it since the last time, without what is said at a launch.
fn said() -> Vec<String> {
    new_lines().into_iter().filter(|line| line.contains("cognito_callback_unmatched: ")).collect()
}

async fn visit(app: &App, path: &str, host: &str) -> Page {
    let headers = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("host", host)];
    Agent::new().send(Method::GET, &app.url(path), &headers, None).await
}

#[rocket::async_test]
async fn a_sign_in_that_comes_back_unmatched_is_reported_with_its_host_once_a_minute() {
    let _alone = alone().await;
    let app = App::start().await;
    let own = format!("localhost:{}", app.server.port);
    for _ in 0..5 {
        visit(&app, "/auth/callback?state=x&code=y", &own).await;
    }
    let line = format!(
        "WARN: cognito_callback_unmatched: a sign-in came back unmatched at Host \"{own}\": no login cookie came with it; it was begun \
         elsewhere, or the cookie is blocked or hidden"
    );
    assert_eq!(said(), [line]);

    // A host that no callback has is named: where it came back to, and where one was begun.
    assert_eq!(visit(&app, "/auth/login", "alias.example:81").await.status, 303);
    visit(&app, "/auth/callback?code=y", "backend.internal").await;
    let said = said();
    assert_eq!(said.len(), 3, "{said:#?}");
    assert!(said[0].contains("at Host \"backend.internal\": it has no `state`"), "{said:#?}");
    assert!(said[1].contains("no callback has this host: let proxies pass `Host` on"), "{said:#?}");
    assert!(said[2].contains("begun at Host \"alias.example:81\""), "{said:#?}");
}
