//! A pool whose keys and endpoints are the test's own: it issues tokens of any time, and counts what is asked at once.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use figment::Figment;
use rocket::serde::json::Json;
use rocket::{Build, Rocket, State, get, post, routes};
use rocket_cognito::Clock;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

use super::agent::Agent;
use super::app::{SECRET, SECRET_KEY, build, parameters};
use super::forge::{CLIENT_ID, JwksFile, Key, POOL_ID, access_claims, base64url, id_claims, now, with};
use super::sealing::Seal;
use super::server::Server;
use super::{ACCESS, REFRESH, figment, free_port, settings};

/// How long a revocation takes here: far less than its deadline.
const REVOCATION: Duration = Duration::from_millis(200);

/// How many calls of a kind are under way, how many there have been at most, and how many in all.
#[derive(Default)]
pub struct Gauge {
    under_way: Mutex<usize>,
    peak: AtomicUsize,
    begun: AtomicUsize,
}

/// One call.
struct Call<'g>(&'g Gauge);

impl Gauge {
    fn begin(&self) -> Call<'_> {
        let mut under_way = self.under_way.lock().unwrap();
        *under_way += 1;
        self.begun.fetch_add(1, SeqCst);
        self.peak.fetch_max(*under_way, SeqCst);
        Call(self)
    }

    pub fn peak(&self) -> usize {
        self.peak.load(SeqCst)
    }

    pub fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        *self.0.under_way.lock().unwrap() -= 1;
    }
}

pub struct Endpoint {
    key: Key,
    issuer: String,
    ahead: AtomicU64,
    /// Whether the token endpoint and userInfo answer.
    pub answers: watch::Sender<bool>,
    pub exchanges: Gauge,
    pub refreshes: Gauge,
    pub revocations: Gauge,
    pub user_infos: Gauge,
    pub client_credentials: Gauge,
    /// Calls to the API for a person's sessions.
    pub api_calls: Gauge,
}

impl Endpoint {
    /// The pool's time.
    pub fn now(&self) -> u64 {
        now() + self.ahead.load(SeqCst)
    }

    /// These claims, as of now and of this pool.
    fn of(&self, claims: Value) -> Value {
        let time = self.now();
        let times = [("iat", time), ("auth_time", time), ("exp", time + 3600)];
        let claims = times.into_iter().fold(claims, |claims, (name, time)| with(claims, name, time.into()));
        with(claims, "iss", self.issuer.as_str().into())
    }

    pub fn access_token(&self) -> String {
        let scope = "openid email aws.cognito.signin.user.admin";
        self.key.token(&with(self.of(access_claims()), "scope", scope.into()))
    }

    fn tokens(&self, nonce: &str) -> Value {
        let id = with(self.of(id_claims()), "nonce", nonce.into());
        json!({
            "access_token": self.access_token(), "id_token": self.key.token(&id), "token_type": "Bearer",
            "refresh_token": base64url(rand::random::<[u8; 24]>()), "expires_in": 3600,
        })
    }

    async fn answers(&self) {
        self.answers.subscribe().wait_for(|answers| *answers).await.unwrap();
    }
}

/// A code is the nonce of its sign-in.
#[post("/oauth2/token", data = "<form>")]
async fn token(endpoint: &State<Arc<Endpoint>>, form: String) -> Json<Value> {
    let form = parameters(&format!("http://form/?{form}"));
    let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let code = field("code").unwrap_or_default();
    let gauge = match field("grant_type").unwrap() {
        "authorization_code" => &endpoint.exchanges,
        "client_credentials" => &endpoint.client_credentials,
        _ => &endpoint.refreshes,
    };
    let call = gauge.begin();
    endpoint.answers().await;
    drop(call);
    Json(endpoint.tokens(code))
}

#[get("/oauth2/userInfo")]
async fn user_info(endpoint: &State<Arc<Endpoint>>) -> Json<Value> {
    let _call = endpoint.user_infos.begin();
    endpoint.answers().await;
    Json(json!({ "sub": access_claims()["sub"], "username": access_claims()["username"] }))
}

#[post("/oauth2/revoke")]
async fn revoke(endpoint: &State<Arc<Endpoint>>) {
    let _call = endpoint.revocations.begin();
    sleep(REVOCATION).await;
}

#[post("/")]
async fn api(endpoint: &State<Arc<Endpoint>>) -> Json<Value> {
    let _call = endpoint.api_calls.begin();
    endpoint.answers().await;
    Json(json!({ "Sessions": [] }))
}

/// The endpoint and its app.
pub struct World {
    pub endpoint: Arc<Endpoint>,
    pub app: Server,
    clock: Clock,
    _keys: JwksFile,
    _pool: Server,
}

impl World {
    pub async fn start() -> Self {
        World::start_with(|app| app).await
    }

    /// With more in the app.
    pub async fn start_with(more: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        let key = Key::new("the-pools-key");
        let keys = JwksFile::new(&[&key]);
        let port = free_port();
        let endpoint = Arc::new(Endpoint {
            key,
            issuer: format!("http://127.0.0.1:{port}/{POOL_ID}"),
            ahead: AtomicU64::default(),
            answers: watch::Sender::new(true),
            exchanges: Gauge::default(),
            refreshes: Gauge::default(),
            revocations: Gauge::default(),
            user_infos: Gauge::default(),
            client_credentials: Gauge::default(),
            api_calls: Gauge::default(),
        });
        let state = endpoint.clone();
        let serve =
            |rocket: Rocket<Build>| rocket.manage(state).mount("/", routes![token, user_info, revoke, api]);
        let pool = Server::start(figment().merge(("port", port)), serve).await;
        let clock = Clock::default();
        let build = |rocket| more(build(rocket)).manage(clock.clone());
        let app = Server::start(settings_of(&keys, &pool, &endpoint.issuer), build).await;
        World { endpoint, app, clock, _keys: keys, _pool: pool }
    }

    /// Lets time pass for app and pool.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.endpoint.ahead.fetch_add(seconds, SeqCst);
    }

    /// A browser whose session has expired.
    pub fn session(&self) -> Agent {
        let now = self.endpoint.now();
        let record = json!({
            "issuer": self.endpoint.issuer, "client_id": CLIENT_ID, "sub": access_claims()["sub"],
            "session_id": base64url(rand::random::<[u8; 32]>()), "created_at": now, "seen_at": now,
            "generation": 0, "issued_at": now, "refresh_token": "an-old-refresh-token",
            "refresh_token_digest": null,
        });
        let agent = Agent::new();
        agent.set_cookie(REFRESH, &Seal::new(SECRET_KEY, "refresh").seal(&record, now));
        agent
    }

    /// Begins a sign-in: the callback's URL.
    pub async fn begin(&self, agent: &Agent) -> String {
        let login = agent.get(&self.app.url("/auth/login?next=/me")).await;
        let (state, nonce) = (login.location_parameter("state"), login.location_parameter("nonce"));
        self.app.url(&format!("/auth/callback?code={nonce}&state={state}"))
    }

    /// The status of a page for who is signed in.
    pub async fn me(&self, agent: &Agent) -> u16 {
        agent.get(&self.app.url("/me")).await.status.as_u16()
    }
}

fn settings_of(keys: &JwksFile, pool: &Server, issuer: &str) -> Figment {
    let port = free_port();
    settings(&keys.uri())
        .merge(("port", port))
        .merge(("cognito.domain", format!("http://127.0.0.1:{}", pool.port)))
        .merge(("cognito.issuer", issuer))
        .merge(("cognito.redirect_url", format!("http://localhost:{port}/auth/callback")))
        .merge(("cognito.logout_url", format!("http://localhost:{port}/")))
        .merge(("cognito.client_secret", SECRET))
        .merge(("cognito.refresh_flow_enabled", true))
        .merge(("cognito.secret_keys", SECRET_KEY))
}

/// What a browser has once its session has been renewed.
pub fn is_whole(agent: &Agent) -> bool {
    [ACCESS, "cognito_id_token", REFRESH].iter().all(|name| agent.cookie(name).is_some())
}
