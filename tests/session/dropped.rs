//! Refresh tokens that no session keeps: dropped with a sign-in that succeeds, revoked with one that does not.

use std::time::Duration;

use rocket::{Build, Rocket, get, routes};
use rocket_cognito::hooks::HookDecision;
use rocket_cognito::{Clock, CognitoUser, catchers};

use crate::support::agent::{Agent, answer};
use crate::support::app::{self, App, Setup};
use crate::support::backing::Backing;
use crate::support::kind::{Kind, each_kind};

/// Where sign-ins lead that the app's hook refuses.
const REFUSED: &str = "/refused";

/// What Cognito says to the session's own access token.
#[get("/info")]
async fn info(user: CognitoUser) -> String {
    match user.fetch_user_info().await {
        Ok(info) => info.email().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    }
}

fn build(rocket: Rocket<Build>, kind: Kind) -> Rocket<Build> {
    let backing = Backing::new(kind, &Clock::default());
    let hooked = kind.fairing(&backing).on_login(|_, login| {
        let is_refused = login.next() == REFUSED;
        Box::pin(async move { Ok(if is_refused { HookDecision::Refuse } else { HookDecision::Proceed }) })
    });
    app::with_routes(rocket)
        .manage(backing)
        .attach(hooked)
        .mount("/", routes![info])
        .register("/", catchers())
}

async fn start(kind: Kind, setup: Setup) -> App {
    setup.set("refresh_flow_enabled", false).start_with(|rocket| build(rocket, kind)).await
}

/// Returns when something holds that happens in the background.
async fn comes_to_pass(has_happened: impl AsyncFn() -> bool) {
    let waiting = async {
        while !has_happened().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it happens");
}

each_kind!(without_the_refresh_flow_the_access_token_serves_at_the_pools_own_endpoints);
/// Cognito's revocation of a refresh token ends the access token beside it at its own endpoints.
async fn without_the_refresh_flow_the_access_token_serves_at_the_pools_own_endpoints(kind: Kind) {
    let app = start(kind, Setup::new()).await;
    let agent = app.signed_in("alice").await;
    for _ in 0..3 {
        assert_eq!(agent.get(&app.url("/info")).await.body, "alice@example.com");
    }
    // A sign-out would revoke what a session has kept.
    agent.post(&app.url("/auth/logout"), &[("sec-fetch-site", "same-origin")], &[]).await;
    app.signed_in("bob").await;
    assert_eq!(app.revocations(), 0);
}

each_kind!(who_wants_unused_refresh_tokens_revoked_says_so);
async fn who_wants_unused_refresh_tokens_revoked_says_so(kind: Kind) {
    let app = start(kind, Setup::new().set("revoke_unused_refresh_token", true)).await;
    let agent = app.signed_in("alice").await;
    comes_to_pass(async || agent.get(&app.url("/info")).await.body != "alice@example.com").await;
    assert_eq!((agent.get(&app.url("/me")).await.status.as_u16(), app.revocations()), (200, 1));
}

each_kind!(a_refused_sign_in_revokes_the_refresh_token_that_it_would_not_have_kept);
/// Nobody is to go on with the tokens of a sign-in that the app refuses.
async fn a_refused_sign_in_revokes_the_refresh_token_that_it_would_not_have_kept(kind: Kind) {
    for revokes_all in [false, true] {
        let app = start(kind, Setup::new().set("revoke_unused_refresh_token", revokes_all)).await;
        let agent = Agent::new();
        let callback = app.begin(&agent, REFUSED).await;
        assert_eq!(answer(&agent.get(&callback).await), (403, "refused_by_app".to_owned()));
        comes_to_pass(async || app.revocations() == 1).await;
        // Delivered again, it revokes nothing more; but whoever comes next does, if all are revoked.
        agent.get(&callback).await;
        app.signed_in("bob").await;
        let expected = if revokes_all { 2 } else { 1 };
        comes_to_pass(async || app.revocations() == expected).await;
    }
}
