//! An app, its pool and their time, and what tests do with sessions of either kind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use figment::Figment;
use rocket::fairing::AdHoc;
use rocket::{Build, Rocket, State, get, post, routes};
use rocket_cognito::{Clock, Cognito, CognitoUser, Login, catchers};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::support::agent::{Agent, Page, answer};
use crate::support::app::{self, App, CLIENT, SECRET_KEY, Setup};
use crate::support::backing::Backing;
use crate::support::kind::Kind;
use crate::support::server::Server;
use crate::support::sessions::Sessions;
use crate::support::{TOKEN, free_port};

/// How long access tokens are valid in most of these tests.
pub const LIFETIME: u32 = 300;
/// By then they have expired, leeway and all.
pub const EXPIRED: u32 = 400;
/// By then they are to be renewed, and are still valid.
pub const DUE: u32 = 250;

/// Where slow requests wait, and all are counted.
pub struct Gate {
    requests: AtomicUsize,
    arrived: Semaphore,
    leaving: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Gate { requests: AtomicUsize::new(0), arrived: Semaphore::new(0), leaving: Semaphore::new(0) }
    }
}

impl Gate {
    /// How many requests have come, to whichever path.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

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
    pub sessions: Sessions,
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

fn build(rocket: Rocket<Build>, fairing: Cognito, clock: &Clock, gate: &Arc<Gate>) -> Rocket<Build> {
    let rocket = app::with_routes(rocket).mount("/", routes![slow, panics, open, change, signin]);
    let count = AdHoc::on_request("count", |request, _| {
        let gate = request.rocket().state::<Arc<Gate>>().unwrap();
        gate.requests.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {})
    });
    let rocket = rocket.manage(clock.clone()).manage(gate.clone());
    rocket.attach(count).attach(fairing).register("/", catchers())
}

/// For how long a store keeps a new session, by the settings of its app.
fn life(figment: &Figment) -> Duration {
    let limits = [
        ("session_idle_seconds", u64::MAX),
        ("session_max_seconds", 30 * 86_400),
        ("refresh_cookie_age_seconds", 86_400),
    ];
    let seconds =
        limits.map(|(key, default)| figment.extract_inner(&format!("cognito.{key}")).unwrap_or(default));
    Duration::from_secs(seconds.into_iter().min().unwrap())
}

impl World {
    pub async fn start(kind: Kind, setup: Setup) -> Self {
        let (clock, mut figment) = (Clock::default(), Figment::new());
        let backing = Backing::new(kind, &clock);
        let gate = Arc::new(Gate::default());
        let build = |rocket: Rocket<Build>| {
            figment = rocket.figment().clone();
            build(rocket, kind.fairing(&backing), &clock, &gate)
        };
        let app = setup.start_with(build).await;
        let sessions = Sessions {
            kind,
            backing,
            issuer: app.pool.issuer(),
            client_id: CLIENT.into(),
            secret_key: SECRET_KEY.into(),
            life: life(&figment),
        };
        World {
            app,
            gate,
            sessions,
            clock,
            ahead: AtomicU32::new(0),
            ahead_of_pool: AtomicU64::new(0),
            figment,
        }
    }

    /// Another process of the same app, with some settings changed: it knows nothing of this one but what lies in their
    /// store, if there is one.
    pub async fn another(&self, change: impl FnOnce(Figment) -> Figment) -> Server {
        let figment = change(self.figment.clone().merge(("port", free_port())));
        Server::start(figment, |rocket| build(rocket, self.sessions.fairing(), &self.clock, &self.gate)).await
    }

    /// Another process of the same app on a runtime of its own, with which it dies.
    pub async fn another_on(&self, runtime: &Runtime) -> Server {
        let figment = self.figment.clone().merge(("port", free_port()));
        let (fairing, clock, gate) = (self.sessions.fairing(), self.clock.clone(), self.gate.clone());
        let start = Server::start(figment, move |rocket| build(rocket, fairing, &clock, &gate));
        runtime.spawn(start).await.unwrap()
    }

    /// This world with its app launched anew, some settings changed. The store is that of before.
    pub async fn restarted(mut self, change: impl FnOnce(Figment) -> Figment) -> Self {
        self.app.server.stop().await;
        let figment = change(self.figment.clone());
        let fairing = self.sessions.fairing();
        self.app.server =
            Server::start(figment, |rocket| build(rocket, fairing, &self.clock, &self.gate)).await;
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
        let claims = claims(&tokens.access_token);
        let record = json!({
            "sub": claims["sub"], "created_at": claims["iat"], "issued_at": claims["iat"],
            "access_token": tokens.access_token, "id_token": tokens.id_token,
            "refresh_token": tokens.refresh_token,
        });
        self.sessions.begin(&record, self.now())
    }

    /// Changes one member of the session's record, and nothing else.
    pub fn change_record(&self, agent: &Agent, name: &str, value: Value) {
        self.sessions.change(agent, name, value, self.now());
    }

    /// Lets the session expire: its access token is gone.
    pub fn expire(&self, agent: &Agent) {
        self.sessions.expire(agent, self.now());
    }

    /// What is known of the session, and its tokens.
    pub fn record(&self, agent: &Agent) -> Value {
        self.sessions.record(agent)
    }

    /// How often the session has been renewed, as far as the browser or the store knows.
    pub fn generation(&self, agent: &Agent) -> u64 {
        self.sessions.generation(agent)
    }

    pub fn access_token(&self, agent: &Agent) -> Option<String> {
        self.record(agent)["access_token"].as_str().map(str::to_owned)
    }

    pub fn refresh_token(&self, agent: &Agent) -> String {
        self.record(agent)["refresh_token"].as_str().unwrap().to_owned()
    }

    /// The session has ended, and nothing of it is left that this kind of session removes.
    #[track_caller]
    pub fn assert_over(&self, page: &Page, agent: &Agent, what: &str) {
        self.sessions.kind.assert_over(page, agent, what);
    }
}

/// A browser with the same cookies.
pub fn copy(agent: &Agent) -> Agent {
    let copy = Agent::new();
    agent.cookies().iter().for_each(|(name, value)| copy.set_cookie(name, value));
    copy
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
