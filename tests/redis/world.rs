//! An app whose sessions lie in a real Redis, the pool it signs in at, and a way between the two that can be disturbed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rocket::serde::json::Json;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::store::{SessionAddress, StoreError};
use rocket_cognito::{Clock, Cognito, CognitoUser, SessionInfo, Sessions, catchers};
use serde::Serialize;

use crate::support::agent::{Agent, Page, answer};
use crate::support::app::{App, CLIENT, Setup, with_routes};
pub use crate::support::kind::SID;
use crate::support::redis::RedisServer;
use crate::support::redis_client::Answer;
pub use crate::support::sessions::address;
use crate::support::tcp_proxy::TcpProxy;
use crate::support::{SAME_ORIGIN, TOKEN};

/// By then access tokens of an hour have expired, leeway and all.
pub const EXPIRED: u32 = 3700;
/// What a visitor is answered while the store does not do its work.
pub const UNAVAILABLE: (u16, &str) = (503, "sessions_unavailable");
/// How long anything is waited for. Recoveries take a second; the rest is for busy machines.
const PATIENCE: Duration = Duration::from_secs(15);
/// For what is not about recovery.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

#[get("/sessions")]
async fn sessions(user: CognitoUser, sessions: Sessions) -> Result<Json<Vec<SessionInfo>>, StoreError> {
    Ok(Json(sessions.of(user.sub()).await?))
}

#[get("/end-all")]
async fn end_all(user: CognitoUser, sessions: Sessions) -> Result<String, StoreError> {
    Ok(sessions.end_all(user.sub()).await?.to_string())
}

pub struct World {
    pub app: App,
    pub clock: Clock,
    ahead: AtomicU32,
}

/// What the app of a world is made of.
pub fn build(rocket: Rocket<Build>, clock: &Clock) -> Rocket<Build> {
    let rocket = with_routes(rocket).mount("/", routes![sessions, end_all]);
    rocket.manage(clock.clone()).attach(Cognito::fairing()).register("/", catchers())
}

/// A pool whose refresh tokens serve once, and an app that has its sessions at `address`.
pub fn setup(address: impl Serialize) -> Setup {
    let setup = Setup::new().pool(|pool| {
        let pool = pool.access_token_seconds(3600).id_token_seconds(3600);
        pool.refresh_token_rotation(true).refresh_token_grace_seconds(0)
    });
    setup.set("session_store", address)
}

impl World {
    pub async fn start(setup: Setup) -> Self {
        let clock = Clock::default();
        let app = setup.start_with(|rocket| build(rocket, &clock)).await;
        World { app, clock, ahead: AtomicU32::new(0) }
    }

    /// An app that reaches the server by a way that can be disturbed.
    pub async fn behind_a_proxy(server: &RedisServer) -> (Self, TcpProxy) {
        let proxy = TcpProxy::to(server.port).await;
        (World::start(setup(format!("redis://127.0.0.1:{}", proxy.port))).await, proxy)
    }

    pub async fn get(&self, agent: &Agent, path: &str) -> Page {
        agent.get(&self.app.url(path)).await
    }

    /// A request with a bearer token and no session.
    pub async fn with_token(&self, path: &str, token: &str) -> Page {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        Agent::new().send(reqwest::Method::GET, &self.app.url(path), &headers, None).await
    }

    pub async fn sign_out(&self, agent: &Agent) -> Page {
        agent.post(&self.app.url("/auth/logout"), &SAME_ORIGIN, &[]).await
    }

    /// Signs in, again where a busy machine was slower than commands may be.
    pub async fn signed_in(&self, username: &str) -> Agent {
        let agent = Agent::new();
        let begun = Instant::now();
        let mut page = agent.sign_in(&self.app.url("/me"), username).await;
        while page.status == 503 && begun.elapsed() < PATIENCE {
            page = agent.follow(page.url.as_str()).await;
        }
        // The second time it may lead to the start page.
        assert_eq!((page.status.as_u16(), agent.cookie(SID).is_some()), (200, true), "{}", page.body);
        agent
    }

    /// An access token that the pool has issued without the app.
    pub fn token(&self, username: &str) -> String {
        self.app.pool.sign_in(username, CLIENT).unwrap().access_token
    }

    /// How often the pool has been asked for tokens.
    pub fn calls(&self) -> u64 {
        self.app.pool.requests(TOKEN)
    }

    /// Lets time pass for app, store and pool.
    pub fn advance(&self, seconds: u32) {
        self.clock.advance(Duration::from_secs(seconds.into()));
        let ahead = self.ahead.fetch_add(seconds, Ordering::SeqCst) + seconds;
        self.app.pool.set_clock_skew_seconds(ahead.try_into().unwrap());
    }

    /// Asks for a page until the store does its work again. Until then it is a 503, which changes no cookie.
    pub async fn recovered(&self, agent: &Agent, what: &str) -> Page {
        let begun = Instant::now();
        loop {
            let page = self.get(agent, "/me").await;
            if page.status != 503 {
                println!("{what}: served again after {} ms", begun.elapsed().as_millis());
                return page;
            }
            assert_unavailable(&page, what);
            assert!(begun.elapsed() < PATIENCE, "{what}: no recovery");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A 503 that says when to come again, and changes no cookie.
#[track_caller]
pub fn assert_unavailable(page: &Page, what: &str) {
    assert_eq!(answer(page), (UNAVAILABLE.0, UNAVAILABLE.1.to_owned()), "{what}: {}", page.body);
    assert_ne!(page.header("retry-after"), "", "{what}");
    assert_eq!(page.set_cookies(), [""; 0], "{what}");
}

/// Returns when this holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns when something holds that has to be asked for.
pub async fn until_asked(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < LONG_PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The name of the entry that has the sessions of this browser's user.
pub fn entry(at: &SessionAddress) -> String {
    format!("cognito:{}", at.user)
}

/// The names of the fields of a session: its value, and its note.
pub fn fields(at: &SessionAddress) -> [Vec<u8>; 2] {
    let name = at.session.as_bytes().to_vec();
    [name.clone(), [name, b"m".to_vec()].concat()]
}

/// A field of the session of this browser, as it lies in the server.
pub fn field(server: &RedisServer, agent: &Agent, number: usize) -> Option<Vec<u8>> {
    let at = address(agent);
    let parts = [b"HGET".to_vec(), entry(&at).into_bytes(), fields(&at)[number].clone()];
    server.client().send(&parts).bytes()
}

/// Puts something else in the place of such a field.
pub fn set_field(server: &RedisServer, agent: &Agent, number: usize, content: &[u8]) {
    let at = address(agent);
    let (entry, names) = (entry(&at), fields(&at));
    let parts = [b"HSET".as_slice(), entry.as_bytes(), &names[number], content];
    assert!(matches!(server.client().send(&parts), Answer::Number(_)));
}

/// Returns how often the session has been written; `None` if it is not in the store.
pub fn generation(server: &RedisServer, agent: &Agent) -> Option<u64> {
    let note = String::from_utf8(field(server, agent, 1)?).unwrap();
    note.split(' ').nth(1)?.parse().ok()
}

/// Another window of the same browser.
pub fn copy(agent: &Agent) -> Agent {
    let copy = Agent::new();
    agent.cookies().iter().for_each(|(name, value)| copy.set_cookie(name, value));
    copy
}
