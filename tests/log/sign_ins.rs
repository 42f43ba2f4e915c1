//! What operators are told of sign-ins that come back unmatched, or weaker than was asked for.

use reqwest::Method;
use rocket_cognito::local_pool::{LocalIdentity, LocalLevels, LocalUser};

use crate::support::agent::{Agent, Page, answer};
use crate::support::app::{App, Setup};
use crate::support::log::new_lines;
use crate::{alone, assert_told};

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

/// What is said of a sign-in as `username` that was to reach level 3.
async fn weak(setup: Setup, username: &str) -> String {
    let app = setup.start().await;
    let agent = Agent::new();
    let form = agent.follow(&app.url("/auth/login?level=3")).await;
    let signed_in = agent.post(form.url.as_str(), &[], &[("user", username)]).await;
    new_lines();
    assert_eq!(answer(&agent.get(&signed_in.location()).await), (403, "login_not_strong_enough".to_owned()));
    let said = new_lines().join("\n");
    assert!(said.contains("cognito_sign_in_not_strong_enough: "), "{said}");
    said
}

#[rocket::async_test]
async fn a_sign_in_below_the_level_is_reported_with_what_may_be_lacking() {
    let _alone = alone().await;
    let with_people = || {
        let grace = LocalUser::federated(LocalIdentity::new("Google", "1234"));
        Setup::new().pool(|pool| pool.user(LocalUser::new("carol")).user(grace))
    };
    let lite = Setup::new().pool(|pool| pool.levels(LocalLevels::new().ignored()));
    assert_told(&weak(lite, "alice").await, &["name no level", "Essentials", "Managed login"]);
    let named = Setup::new()
        .pool(|pool| pool.levels(LocalLevels::new().name(1, "basic").name(3, "gold").name(4, "platinum")));
    assert_told(&weak(named, "alice").await, &["that this app does not know", "`level_names`"]);

    let no_factor = weak(with_people(), "carol").await;
    // Where tokens have a level, but the pages ignore what is asked for, it looks as if the factor were missing.
    assert_told(&no_factor, &["no factor", "second factor", "classic hosted UI", "Managed login"]);
    assert!(!no_factor.contains("AcrMapping"), "{no_factor}");
    let federated = weak(with_people(), "Google_1234").await;
    assert_told(&federated, &["identity provider", "AcrMapping"]);
    assert!(!federated.contains("no factor"), "{federated}");
}
