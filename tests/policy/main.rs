//! `Fresh` and `Level`: whom they let in, how a browser gets such a sign-in, and that nobody goes round in circles.

mod level_rules;
mod levels;
mod own_routes;
mod policy;
mod retry;
mod sign_in;
#[path = "../support/mod.rs"]
mod support;
mod times;

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::Method;
use rocket::http::uri::Origin;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::policy::Fresh;
use rocket_cognito::{Authorized, Clock};

use support::agent::{Agent, Page};
use support::app;
use support::app::{App, Setup};

/// Longer ago than `/safe` asks for.
const LONG: u32 = 1_000;

#[get("/safe")]
fn safe(user: Authorized<Fresh<900>>, uri: &Origin<'_>) -> String {
    format!("{} at {uri}", user.username())
}

#[get("/safest")]
fn safest(_user: Authorized<Fresh<60>>) {}

#[post("/safe")]
fn change(_user: Authorized<Fresh<900>>) {}

/// An app and its pool, whose clocks go together.
struct World {
    app: App,
    clock: Clock,
    ahead: AtomicU32,
}

impl Deref for World {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl World {
    /// With the mounted routes.
    async fn start(setup: Setup) -> Self {
        World::start_with(setup, |rocket| rocket).await
    }

    async fn classic() -> Self {
        World::start(Setup::new().pool(|pool| pool.classic_hosted_ui(true))).await
    }

    async fn start_with(setup: Setup, more: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        let clock = Clock::default();
        let setup = setup.pool(|pool| pool.access_token_seconds(7_200).id_token_seconds(7_200));
        let build = |rocket| {
            let rocket = app::build(rocket).manage(clock.clone());
            more(rocket.mount("/", routes![safe, safest, change]))
        };
        let app = setup.start_with(build).await;
        World { app, clock, ahead: AtomicU32::new(0) }
    }

    /// Some time goes by.
    fn later(&self, seconds: u32) {
        self.clock.advance(Duration::from_secs(seconds.into()));
        let ahead = self.ahead.fetch_add(seconds, Ordering::Relaxed) + seconds;
        self.pool_is_behind_by(0);
        assert!(ahead <= 86_400);
    }

    /// Sets the pool's clock.
    fn pool_is_behind_by(&self, seconds: i32) {
        let ahead = i32::try_from(self.ahead.load(Ordering::Relaxed)).unwrap();
        self.pool.set_clock_skew_seconds(ahead - seconds);
    }

    /// Somebody who signed in [`LONG`] ago, here and at the pool.
    async fn stale(&self) -> Agent {
        let agent = self.signed_in("alice").await;
        assert_eq!(agent.get(&self.url("/safe")).await.status, 200);
        self.later(LONG);
        agent
    }

    /// How often a browser was sent to sign in, and how often to sign out, at the pool.
    fn visits(&self) -> (u64, u64) {
        (self.pool.requests("/oauth2/authorize"), self.pool.requests("/logout"))
    }

    /// Waits until so many refresh tokens have been revoked.
    async fn revoked(&self, count: u64) {
        while self.revocations() < count {
            tokio::task::yield_now().await;
        }
        assert_eq!(self.revocations(), count);
    }
}

/// Enters alice's password on the pool's page, and returns the callback that it leads to.
async fn entered(agent: &Agent, form: &str) -> String {
    assert!(form.contains("/login?"), "{form}");
    let fields = [("username", "alice"), ("password", "Passw0rd!")];
    let answer = agent.post(form, &[], &fields).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    answer.location()
}

/// A login cookie for each sign-in under way.
fn under_way(agent: &Agent) -> usize {
    agent.cookies().into_keys().filter(|name| name.starts_with("cognito_login_")).count()
}

/// As a script asks.
async fn fetch(agent: &Agent, url: &str, headers: &[(&str, &str)]) -> Page {
    agent.send(Method::GET, url, headers, None).await
}
