//! An app, its pool and their time, and what tests do with sessions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use figment::Figment;
use rocket::{Build, Rocket, State, get, post, routes};
use rocket_cognito::{Clock, CognitoUser, Login};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, SECRET_KEY, Setup, build};
use crate::support::free_port;
use crate::support::sealing::Seal;
use crate::support::server::Server;
use crate::support::{ACCESS, REFRESH, TOKEN};

/// How long access tokens are valid in most of these tests.
pub const LIFETIME: u32 = 300;
/// By then they have expired, leeway and all.
pub const EXPIRED: u32 = 400;
/// By then they are to be renewed, and are still valid.
pub const DUE: u32 = 250;

/// Where slow requests wait.
pub struct Gate {
    arrived: Semaphore,
    leaving: Semaphore,
}

impl Gate {
    /// Returns when one more request waits.
    pub async fn arrived(&self) {
        self.arrived.acquire().await.unwrap().forget();
    }

    /// Lets one of them go on.
    pub fn open(&self) {
        self.leaving.add_permits(1);
    }
}

#[get("/slow")]
async fn slow(_user: CognitoUser, gate: &State<Arc<Gate>>) {
    gate.arrived.add_permits(1);
    gate.leaving.acquire().await.unwrap().forget();
}

#[get("/panic")]
fn panics(_user: CognitoUser) {
    panic!("a route that fails")
}

#[get("/open")]
fn open() {}

#[post("/change")]
fn change(_user: CognitoUser) {}

#[get("/signin?<remember_me>")]
fn signin(remember_me: Option<bool>) -> Login {
    let login = Login::new().next("/me");
    remember_me.into_iter().fold(login, Login::remember_me)
}

pub struct World {
    pub app: App,
    pub gate: Arc<Gate>,
    clock: Clock,
    ahead: AtomicU32,
    ahead_of_pool: AtomicU64,
    figment: Figment,
}

/// Tokens of [`LIFETIME`], which are renewed without rotation.
pub fn setup() -> Setup {
    Setup::new().pool(|pool| pool.access_token_seconds(LIFETIME).id_token_seconds(LIFETIME))
}

/// The same with rotation, where a replaced token works for `grace` seconds more.
pub fn rotating(grace: u32) -> Setup {
    setup().pool(|pool| pool.refresh_token_rotation(true).refresh_token_grace_seconds(grace))
}

fn with_routes(rocket: Rocket<Build>, clock: &Clock, gate: &Arc<Gate>) -> Rocket<Build> {
    build(rocket)
        .manage(clock.clone())
        .manage(gate.clone())
        .mount("/", routes![slow, panics, open, change, signin])
}

impl World {
    pub async fn start(setup: Setup) -> Self {
        let (clock, mut figment) = (Clock::default(), Figment::new());
        let gate = Arc::new(Gate { arrived: Semaphore::new(0), leaving: Semaphore::new(0) });
        let build = |rocket: Rocket<Build>| {
            figment = rocket.figment().clone();
            with_routes(rocket, &clock, &gate)
        };
        let app = setup.start_with(build).await;
        World { app, gate, clock, ahead: AtomicU32::new(0), ahead_of_pool: AtomicU64::new(0), figment }
    }

    /// Another process of the same app, with some settings changed: it knows nothing of this one.
    pub async fn another(&self, change: impl FnOnce(Figment) -> Figment) -> Server {
        let figment = change(self.figment.clone().merge(("port", free_port())));
        Server::start(figment, |rocket| with_routes(rocket, &self.clock, &self.gate)).await
    }

    /// The same app, launched anew with some settings changed.
    pub async fn restarted(mut self, change: impl FnOnce(Figment) -> Figment) -> Self {
        self.app.server.stop().await;
        let figment = change(self.figment.clone());
        self.app.server = Server::start(figment, |rocket| with_routes(rocket, &self.clock, &self.gate)).await;
        self
    }

    /// Lets time pass for app and pool; not for the pool's own maps, which know nothing of this clock.
    pub fn advance(&self, seconds: u32) {
        self.clock.advance(Duration::from_secs(seconds.into()));
        let ahead = self.ahead.fetch_add(seconds, Ordering::SeqCst) + seconds;
        assert!(ahead <= 86_400, "the pool's clock goes no further");
        self.app.pool.set_clock_skew_seconds(ahead.try_into().unwrap());
    }

    /// Lets time pass for the app alone.
    pub fn advance_milliseconds(&self, milliseconds: u64) {
        self.clock.advance(Duration::from_millis(milliseconds));
        self.ahead_of_pool.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// The app's time in milliseconds.
    pub fn time(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        u64::try_from(now).unwrap()
            + 1000 * u64::from(self.ahead.load(Ordering::SeqCst))
            + self.ahead_of_pool.load(Ordering::SeqCst)
    }

    /// The app's time in seconds.
    pub fn now(&self) -> u64 {
        self.time() / 1000
    }

    pub fn url(&self, path: &str) -> String {
        self.app.url(path)
    }

    pub async fn get(&self, agent: &Agent, path: &str) -> Page {
        agent.get(&self.url(path)).await
    }

    /// How often the pool has been asked for tokens.
    pub fn calls(&self) -> u64 {
        self.app.pool.requests(TOKEN)
    }

    /// Returns when the pool has been asked to revoke a token, which happens in the background.
    pub async fn revoked(&self) {
        let revoked = async {
            while self.app.revocations() == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), revoked).await.expect("a revocation");
    }

    /// A session of a sign-in at the pool, without a browser.
    pub fn session(&self, username: &str) -> Agent {
        let tokens = self.app.pool.sign_in(username, CLIENT).unwrap();
        let (agent, claims) = (Agent::new(), claims(&tokens.access_token));
        agent.set_cookie(ACCESS, &tokens.access_token);
        agent.set_cookie("cognito_id_token", &tokens.id_token);
        let record = json!({
            "issuer": self.app.pool.issuer(), "client_id": CLIENT, "sub": claims["sub"],
            "session_id": URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()), "created_at": claims["iat"],
            "seen_at": claims["iat"], "generation": 0, "issued_at": claims["iat"],
            "refresh_token": tokens.refresh_token, "refresh_token_digest": null,
        });
        agent.set_cookie(REFRESH, &Seal::new(SECRET_KEY, "refresh").seal(&record, self.now()));
        agent
    }

    /// Seals the session's record anew with one member changed.
    pub fn change_record(&self, agent: &Agent, name: &str, value: Value) {
        let mut record = record(agent);
        record[name] = value;
        agent.set_cookie(REFRESH, &Seal::new(SECRET_KEY, "refresh").seal(&record, self.now()));
    }
}

/// A browser with the same cookies.
pub fn copy(agent: &Agent) -> Agent {
    let copy = Agent::new();
    agent.cookies().iter().for_each(|(name, value)| copy.set_cookie(name, value));
    copy
}

/// What lies sealed in the refresh cookie.
pub fn record(agent: &Agent) -> Value {
    Seal::new(SECRET_KEY, "refresh").open(&agent.cookie(REFRESH).unwrap())
}

/// How often the session in the browser has been renewed.
pub fn generation(agent: &Agent) -> u64 {
    record(agent)["generation"].as_u64().unwrap()
}

pub fn refresh_token(agent: &Agent) -> String {
    record(agent)["refresh_token"].as_str().unwrap().to_owned()
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// The session goes on as soon as the pool helps: nothing of it is removed.
#[track_caller]
pub fn assert_waits(page: &Page, what: &str) {
    assert_eq!(answer(page), (503, "session_not_renewed".into()), "{what}");
    let seconds: u64 = page.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{what}: {seconds}");
    assert_eq!(page.set_cookies(), [""; 0], "{what}");
}

/// The session has ended just now elsewhere: by now the browser may have the cookies of another one, so none is removed.
#[track_caller]
pub fn assert_ended(page: &Page, what: &str) {
    assert_eq!(answer(page), (401, "session_expired".into()), "{what}");
    assert_eq!(page.set_cookies(), [""; 0], "{what}");
}

/// The session has ended, and the browser keeps nothing of it.
#[track_caller]
pub fn assert_over(page: &Page, agent: &Agent, what: &str) {
    assert_eq!(answer(page), (401, "session_expired".into()), "{what}");
    assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), [""; 0], "{what}");
}
