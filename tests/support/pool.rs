//! A pool whose endpoints and keys are the test's own, for an app in this process or in another.

use std::sync::Arc;

use rocket::{Build, Rocket, Route};
use serde_json::{Value, json};

use super::agent::{Agent, Page};
use super::forge::{CLIENT_ID, JwksFile, Key, POOL_ID, access_claims, base64url, id_claims, with};
use super::rig::{Endpoint, Reply, answer};
use super::server::Server;
use super::{figment, free_port};

/// With what encodings change.
pub const CLIENT_SECRET: &str = "c1ient/s3cret+canary=%&~-of-the-app";
pub const SECRET_KEY: &str = "s3aling-key-canary/of+more=than-thirty-two-bytes";

pub struct Pool {
    pub endpoint: Arc<Endpoint>,
    pub key: Key,
    keys: JwksFile,
    pub server: Server,
}

/// A browser at an app of this pool, with a sign-in begun.
pub struct Visit {
    pub agent: Agent,
    pub state: String,
    pub nonce: String,
    pub code: String,
    origin: String,
}

impl Pool {
    pub async fn start(routes: Vec<Route>) -> Self {
        let key = Key::new("the-pools-key");
        let keys = JwksFile::new(&[&key]);
        let endpoint = Arc::new(Endpoint::default());
        let state = endpoint.clone();
        let server = Server::start(figment(), |rocket| rocket.manage(state).mount("/", routes)).await;
        Pool { endpoint, key, keys, server }
    }

    /// The settings of an app on `port`, by their names in the table `cognito`.
    pub fn settings(&self, port: u16) -> Vec<(&'static str, String)> {
        vec![
            ("user_pool_id", POOL_ID.into()),
            ("client_id", CLIENT_ID.into()),
            ("client_secret", CLIENT_SECRET.into()),
            ("domain", format!("http://127.0.0.1:{}", self.server.port)),
            ("redirect_url", format!("http://localhost:{port}/auth/callback")),
            ("logout_url", format!("http://localhost:{port}/")),
            ("secret_keys", SECRET_KEY.into()),
            ("jwks_uri", self.keys.uri()),
            ("refresh_flow_enabled", "true".into()),
            ("local_pool", "false".into()),
        ]
    }

    /// Serves an app of this pool in this process.
    pub async fn serve(&self, build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Server {
        let port = free_port();
        let settings =
            self.settings(port).into_iter().filter(|(_, value)| !["true", "false"].contains(&value.as_str()));
        let figment = figment().merge(("port", port)).merge(("cognito.refresh_flow_enabled", true));
        let figment =
            settings.fold(figment, |figment, (key, value)| figment.merge((format!("cognito.{key}"), value)));
        Server::start(figment, build).await
    }

    /// What the endpoint answers next.
    pub fn will_answer(&self, reply: Reply) {
        *self.endpoint.reply.lock().unwrap() = Some(reply);
    }

    /// Good tokens for this visit, unlike those of any other.
    pub fn tokens(&self, visit: &Visit) -> Value {
        let unique = json!(base64url(rand::random::<[u8; 32]>()));
        let access = self.key.token(&with(access_claims(), "jti", unique.clone()));
        let id = with(with(id_claims(), "jti", unique), "nonce", json!(visit.nonce));
        let refresh = json!(base64url(rand::random::<[u8; 48]>()));
        with(answer(&access, &self.key.token(&id)), "refresh_token", refresh)
    }

    /// The PKCE verifiers that have arrived.
    pub fn verifiers(&self) -> Vec<String> {
        let exchanges = self.endpoint.exchanges.lock().unwrap();
        let fields = exchanges.iter().flat_map(|(form, _)| form);
        fields.filter(|(name, _)| name == "code_verifier").map(|(_, value)| value.clone()).collect()
    }
}

impl Visit {
    /// Begins a sign-in at the app at `origin`.
    pub async fn begin(origin: &str) -> Self {
        Visit::leading_to(origin, "/me").await
    }

    pub async fn leading_to(origin: &str, next: &str) -> Self {
        let agent = Agent::new();
        let login = agent.get(&format!("{origin}/auth/login?next={next}")).await;
        let (state, nonce) = (login.location_parameter("state"), login.location_parameter("nonce"));
        let code = base64url(rand::random::<[u8; 24]>());
        Visit { agent, state, nonce, code, origin: origin.to_owned() }
    }

    pub fn callback(&self) -> String {
        format!("{}/auth/callback?code={}&state={}", self.origin, self.code, self.state)
    }

    /// Delivers the callback; the endpoint answers `reply`.
    pub async fn deliver(&self, pool: &Pool, reply: Reply) -> Page {
        pool.will_answer(reply);
        self.agent.get(&self.callback()).await
    }

    pub async fn sign_in(&self, pool: &Pool) {
        let page = self.deliver(pool, Reply::json(200, &pool.tokens(self))).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"), "{}", page.body);
        assert_eq!(self.agent.get(&format!("{}/me", self.origin)).await.status, 200);
    }

    pub async fn sign_out(&self) {
        let url = format!("{}/auth/logout", self.origin);
        let page = self.agent.post(&url, &[("origin", &self.origin)], &[]).await;
        assert_eq!(page.status, 303);
        assert!(self.agent.cookies().is_empty());
    }
}
