//! Several apps that share a store and a pool, and their time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use figment::Figment;
use rocket::futures::future::join_all;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::hooks::HookDecision;
use rocket_cognito::store::{SessionStore, StoreError, StoredSession};
use rocket_cognito::{Clock, Cognito, CognitoUser, Sessions, catchers};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, SECRET_KEY, Setup, with_routes};
use crate::support::backing::Backing;
use crate::support::gated_store::GatedStore;
use crate::support::kind::Kind;
pub use crate::support::kind::SID;
use crate::support::sealing::StoredSeal;
use crate::support::server::Server;
pub use crate::support::sessions::address;
use crate::support::slow::SlowWay;
use crate::support::{SAME_ORIGIN, TOKEN, free_port};

/// How long access tokens are valid.
pub const LIFETIME: u32 = 3600;
/// By then they have expired, leeway and all.
pub const EXPIRED: u32 = 3700;
pub const USERS: [&str; 3] = ["alice", "bob", "carol"];

#[get("/open")]
fn open() {}

#[get("/many")]
fn many(_first: CognitoUser, _second: Option<CognitoUser>, third: CognitoUser) -> String {
    third.username().to_owned()
}

#[get("/end-all")]
async fn end_all(user: CognitoUser, sessions: Sessions) -> Result<String, StoreError> {
    Ok(sessions.end_all(user.sub()).await?.to_string())
}

pub struct Fleet {
    pub app: App,
    pub others: Vec<Server>,
    pub store: GatedStore,
    /// What its store is made of, whose server ends with it.
    _backing: Backing,
    pub way: SlowWay,
    pub clock: Clock,
    figment: Figment,
    ahead: AtomicU32,
}

/// A pool that rotates refresh tokens, where a replaced one works for `grace` seconds more.
pub fn rotating(grace: u32) -> Setup {
    Setup::new().pool(|pool| {
        let pool = pool.access_token_seconds(LIFETIME).id_token_seconds(LIFETIME);
        pool.refresh_token_rotation(true).refresh_token_grace_seconds(grace)
    })
}

fn build(rocket: Rocket<Build>, clock: &Clock, store: &GatedStore) -> Rocket<Build> {
    let has_none = rocket.figment().contains("no_store");
    let fairing = Cognito::fairing();
    let fairing = if has_none { fairing } else { fairing.session_store(store.clone()) };
    let fairing = match rocket.figment().contains("refuses_refresh") {
        true => fairing.on_refresh(|_, _| Box::pin(async { Ok(HookDecision::Refuse) })),
        false => fairing,
    };
    let fairing = match rocket.figment().contains("login_fails") {
        true => fairing.on_login(|_, _| Box::pin(async { Err("a row of that key is there".into()) })),
        false => fairing,
    };
    let own = if has_none { routes![open, many] } else { routes![open, many, end_all] };
    let rocket = with_routes(rocket).mount("/", own);
    rocket.manage(clock.clone()).attach(fairing).register("/", catchers())
}

impl Fleet {
    /// So many apps, of which the first is [`app`](Self::app).
    pub async fn start(kind: Kind, setup: Setup, apps: usize) -> Self {
        let clock = Clock::default();
        let backing = Backing::new(kind, &clock);
        let store = GatedStore::new(backing.store());
        let mut figment = Figment::new();
        let app = setup.start_with(|rocket| {
            figment = rocket.figment().clone();
            build(rocket, &clock, &store)
        });
        let mut app = app.await;
        // All calls go by a way that may take its time.
        let way = SlowWay::to(url_port(&app.pool.base_url())).await;
        figment = figment.merge(("cognito.domain", format!("http://127.0.0.1:{}", way.port)));
        app.server.stop().await;
        app.server = Server::start(figment.clone(), |rocket| build(rocket, &clock, &store)).await;
        let mut fleet = Fleet {
            app,
            others: Vec::new(),
            store,
            _backing: backing,
            way,
            clock,
            figment,
            ahead: AtomicU32::new(0),
        };
        for _ in 1..apps {
            fleet.others.push(fleet.another(|figment| figment).await);
        }
        fleet
    }

    /// Another process of the same app, with some settings changed; with `no_store` its sessions lie in cookies alone.
    pub async fn another(&self, change: impl FnOnce(Figment) -> Figment) -> Server {
        let figment = change(self.figment.clone().merge(("port", free_port())));
        Server::start(figment, |rocket| build(rocket, &self.clock, &self.store)).await
    }

    /// The URL of a path at one of the apps, which take turns.
    pub fn url_at(&self, number: usize, path: &str) -> String {
        match number % (self.others.len() + 1) {
            0 => self.app.url(path),
            other => self.others[other - 1].url(path),
        }
    }

    pub async fn get(&self, agent: &Agent, path: &str) -> Page {
        agent.get(&self.app.url(path)).await
    }

    pub async fn get_at(&self, number: usize, agent: &Agent, path: &str) -> Page {
        agent.get(&self.url_at(number, path)).await
    }

    /// Lets time pass for apps, store and pool; not for the pool's own maps.
    pub fn advance(&self, seconds: u32) {
        self.clock.advance(Duration::from_secs(seconds.into()));
        let ahead = self.ahead.fetch_add(seconds, Ordering::SeqCst) + seconds;
        self.app.pool.set_clock_skew_seconds(ahead.try_into().unwrap());
    }

    /// How often the pool has been asked for tokens.
    pub fn calls(&self) -> u64 {
        self.app.pool.requests(TOKEN)
    }

    pub async fn signed_in(&self, username: &str) -> Agent {
        self.app.signed_in(username).await
    }

    /// A request with one cookie and nothing else.
    pub async fn with_cookies(&self, app: usize, path: &str, cookies: &str) -> Page {
        let headers = [("cookie", cookies), SAME_ORIGIN[0]];
        Agent::new().send(reqwest::Method::POST, &self.url_at(app, path), &headers, None).await
    }

    /// Signs in as alice at one of the apps.
    pub async fn sign_in_at(&self, instance: &Server, agent: &Agent) {
        // The callback that is registered is the first app's.
        let callback = self.app.begin_at(agent, instance, "/me").await;
        let path = callback.split_once("/auth/").unwrap().1;
        let page = agent.get(&instance.url(&format!("/auth/{path}"))).await;
        assert_eq!(page.header("location"), "/me", "{}", page.body);
    }

    /// So many browsers that have signed in, of all users in turn.
    pub async fn all_signed_in(&self, count: usize) -> Vec<Agent> {
        let mut agents = Vec::new();
        for start in (0..count).step_by(8) {
            let names = (start..count.min(start + 8)).map(|number| USERS[number % USERS.len()]);
            agents.extend(join_all(names.map(|name| self.signed_in(name))).await);
        }
        agents
    }

    /// What lies in the store of this browser's session.
    pub async fn stored(&self, agent: &Agent) -> Option<StoredSession> {
        self.store.inner.load(&address(agent)).await.unwrap()
    }

    /// The access token that lies in the store.
    pub async fn access_token(&self, agent: &Agent) -> String {
        let (at, stored) = (address(agent), self.stored(agent).await.unwrap());
        let seal = StoredSeal::new(SECRET_KEY, &self.app.pool.issuer(), CLIENT);
        seal.open(&at, stored.generation, &stored.value)["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn generation(&self, agent: &Agent) -> Option<u64> {
        self.stored(agent).await.map(|stored| stored.generation)
    }

    /// Returns when the pool has been asked so often to revoke a token, which happens in the background.
    pub async fn revoked(&self, count: u64) {
        let revoked = async {
            while self.app.revocations() < count {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), revoked).await;
        assert!(waited.is_ok(), "{} of {count} revocations", self.app.revocations());
    }
}

pub async fn sign_out(url: &str, agent: &Agent) -> Page {
    agent.post(url, &SAME_ORIGIN, &[]).await
}

fn url_port(url: &str) -> u16 {
    url.rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap()
}
