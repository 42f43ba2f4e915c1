//! An app with one route per rule, the pool it signs in at, and the settings that join the two.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use figment::Figment;
use reqwest::Url;
use rocket::http::uri::Origin;
use rocket::serde::json::Json;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{Clock, Cognito, CognitoUser, InAnyGroup, InGroups, catchers};
use serde::Serialize;
use serde_json::{Value, json};

use super::agent::{Agent, Page};
use super::backing::Backing;
use super::groups::{Admin, Editor};
use super::kind::Kind;
use super::sealing::Seal;
use super::server::Server;
use super::{figment, free_port};

pub const CLIENT: &str = "shop";
/// With every character that an encoding might lose.
pub const SECRET: &str = "s3cret:/+=%&~\"";
pub const SECRET_KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

#[get("/")]
fn home(user: Option<CognitoUser>) -> String {
    user.map_or("nobody".into(), |user| user.username().to_owned())
}

#[get("/me")]
fn me(user: CognitoUser) -> Json<CognitoUser> {
    Json(user)
}

#[get("/admin")]
fn admin(_admin: InGroups<Admin>) {}

#[get("/edit")]
fn edit(_editor: InAnyGroup<Admin, Editor>) {}

#[get("/page")]
fn page(_user: CognitoUser, uri: &Origin<'_>) -> String {
    uri.to_string()
}

/// The routes, the fairing and the crate's own catchers, as in the quickstart.
pub fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    without_catchers(rocket).register("/", catchers())
}

pub fn without_catchers(rocket: Rocket<Build>) -> Rocket<Build> {
    with_routes(rocket).attach(Cognito::fairing())
}

/// The routes alone, for a fairing with hooks.
pub fn with_routes(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.mount("/", routes![home, me, admin, edit, page])
}

/// An app and its pool, before they start.
pub struct Setup {
    port: u16,
    pool: LocalPoolConfig,
    client: LocalClient,
    secret: Option<&'static str>,
    settings: Vec<(String, figment::value::Value)>,
}

/// A served app and its pool.
pub struct App {
    pub server: Server,
    pub pool: LocalPool,
    figment: Figment,
}

impl Setup {
    /// A confidential client, and users alice, bob and carol.
    pub fn new() -> Self {
        super::log::record();
        let port = free_port();
        let client = LocalClient::new(CLIENT)
            .callback_url(format!("http://localhost:{port}/auth/callback"))
            .logout_url(format!("http://localhost:{port}/"));
        let pool = LocalPoolConfig::default().port(0);
        Setup { port, pool, client, secret: Some(SECRET), settings: Vec::new() }
    }

    /// Sets or replaces one key of the app's `cognito` table.
    pub fn set(mut self, key: &str, value: impl Serialize) -> Self {
        let value = figment::value::Value::serialize(value).unwrap();
        self.settings.push((format!("cognito.{key}"), value));
        self
    }

    /// Sets `redirect_url`, and registers it at the pool.
    pub fn redirect_url(mut self, url: &str) -> Self {
        self.client = self.client.callback_url(url);
        self.set("redirect_url", url)
    }

    /// As [`redirect_url`](Self::redirect_url), on the app's own origin.
    pub fn redirect_path(self, path: &str) -> Self {
        let url = format!("http://localhost:{}{path}", self.port);
        self.redirect_url(&url)
    }

    /// Sets `logout_url` to a path on the app's own origin, and registers it at the pool.
    pub fn logout_path(mut self, path: &str) -> Self {
        let url = format!("http://localhost:{}{path}", self.port);
        self.client = self.client.logout_url(&url);
        self.set("logout_url", url)
    }

    /// Accepts the callback at another host of the app too, and registers it at the pool.
    pub fn accepted_host(mut self, host: &str) -> Self {
        let url = format!("http://{host}:{}/auth/callback", self.port);
        self.client = self.client.callback_url(&url);
        self.set("accepted_redirect_urls", [url])
    }

    /// A client without a secret.
    pub fn public_client(mut self) -> Self {
        self.secret = None;
        self
    }

    pub fn pool(mut self, change: impl FnOnce(LocalPoolConfig) -> LocalPoolConfig) -> Self {
        self.pool = change(self.pool);
        self
    }

    pub async fn start(self) -> App {
        self.start_with(build).await
    }

    /// Starts app and pool, with sessions of this kind.
    pub async fn start_with_sessions(self, kind: Kind) -> App {
        let backing = Backing::new(kind, &Clock::default());
        let fairing = kind.fairing(&backing);
        self.start_with(|rocket| {
            with_routes(rocket).manage(backing).attach(fairing).register("/", catchers())
        })
        .await
    }

    /// The same by the time of `clock`.
    pub async fn start_at(self, clock: &Clock) -> App {
        self.start_with(|rocket| build(rocket).manage(clock.clone())).await
    }

    pub async fn start_with(self, build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> App {
        let client = match self.secret {
            Some(secret) => self.client.secret(secret),
            None => self.client,
        };
        let pool = LocalPool::start(self.pool.client(client)).await.unwrap();
        let origin = format!("http://localhost:{}", self.port);
        let figment = figment()
            .merge(("port", self.port))
            .merge(("cognito.user_pool_id", pool.user_pool_id()))
            .merge(("cognito.client_id", CLIENT))
            .merge(("cognito.client_secret", self.secret.unwrap_or_default()))
            .merge(("cognito.domain", pool.base_url()))
            .merge(("cognito.issuer", pool.issuer()))
            .merge(("cognito.redirect_url", format!("{origin}/auth/callback")))
            .merge(("cognito.logout_url", format!("{origin}/")))
            .merge(("cognito.refresh_flow_enabled", true))
            .merge(("cognito.secret_keys", SECRET_KEY));
        let figment = self.settings.into_iter().fold(figment, |figment, setting| figment.merge(setting));
        App { server: Server::start(figment.clone(), build).await, pool, figment }
    }
}

impl App {
    pub async fn start() -> Self {
        Setup::new().start().await
    }

    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    pub fn origin(&self) -> String {
        self.url("")
    }

    /// Another instance of the app, at a port of its own, as behind a proxy, with one key of its settings changed.
    pub async fn instance(&self, key: &str, value: impl Serialize) -> Server {
        let value = figment::value::Value::serialize(value).unwrap();
        let figment = self.figment.clone().merge(("port", free_port()));
        Server::start(figment.merge((format!("cognito.{key}"), value)), build).await
    }

    /// How often the pool was asked for tokens.
    pub fn exchanges(&self) -> u64 {
        self.pool.requests("/oauth2/token")
    }

    pub fn revocations(&self) -> u64 {
        self.pool.requests("/oauth2/revoke")
    }

    /// A sign-in as alice, up to the callback, which is not delivered.
    pub async fn begin(&self, agent: &Agent, next: &str) -> String {
        self.begin_at(agent, &self.server, next).await
    }

    /// The same at one instance of the app.
    pub async fn begin_at(&self, agent: &Agent, instance: &Server, next: &str) -> String {
        let login = agent.open(&instance.url(&format!("/auth/login?next={next}"))).await;
        code_for(agent, &login, "alice").await
    }

    /// Signs in as `username`, and ends where the sign-in leads.
    pub async fn signed_in(&self, username: &str) -> Agent {
        let agent = Agent::new();
        let page = agent.sign_in(&self.url("/me"), username).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
        agent
    }

    /// A browser with a session that began `now`, without a way through the pool's pages.
    pub fn session(&self, username: &str, now: u64) -> Agent {
        let tokens = self.pool.sign_in(username, CLIENT).unwrap();
        let payload = URL_SAFE_NO_PAD.decode(tokens.access_token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        let record = json!({
            "issuer": self.pool.issuer(), "client_id": CLIENT, "sub": claims["sub"],
            "session_id": URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()), "created_at": now, "seen_at": now,
            "generation": 0, "issued_at": claims["iat"], "refresh_token": tokens.refresh_token,
            "refresh_token_digest": null,
        });
        let agent = Agent::new();
        agent.set_cookie("cognito_access_token", &tokens.access_token);
        agent.set_cookie("cognito_id_token", &tokens.id_token);
        agent.set_cookie("cognito_refresh_token", &Seal::new(SECRET_KEY, "refresh").seal(&record, now));
        agent
    }

    /// The refresh token in the browser's cookie.
    pub fn refresh_token(&self, agent: &Agent) -> String {
        let sealed = agent.cookie("cognito_refresh_token").unwrap();
        Seal::new(SECRET_KEY, "refresh").open(&sealed)["refresh_token"].as_str().unwrap().to_owned()
    }

    /// Whether the pool still accepts a refresh token of the confidential client.
    pub async fn accepts_refresh_token(&self, token: &str) -> bool {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("refresh_token", token),
        ];
        let answer = Agent::new().post(&format!("{}/oauth2/token", self.pool.base_url()), &[], &form).await;
        assert!([200, 400].contains(&answer.status.as_u16()), "{}", answer.body);
        answer.status == 200
    }

    /// Ends the browser's session at the pool, and nothing in the app.
    pub async fn leave_pool(&self, agent: &Agent) {
        let home = self.url("/");
        let query = [("client_id", CLIENT), ("logout_uri", &home)];
        let url = Url::parse_with_params(&format!("{}/logout", self.pool.base_url()), query).unwrap();
        assert_eq!(agent.open(url.as_str()).await.location(), home);
    }
}

/// The callback's URL that the pool answers to the authorize request of `login`, with a password if it
/// asks for one.
pub async fn code_for(agent: &Agent, login: &Page, username: &str) -> String {
    assert_eq!(login.status, 303, "{}", login.body);
    let mut answer = agent.open(&login.location()).await;
    if Url::parse(&answer.location()).unwrap().path() == "/login" {
        let fields = [("username", username), ("password", "Passw0rd!")];
        answer = agent.post(&answer.location(), &[], &fields).await;
    }
    assert_eq!(answer.status, 302, "{}", answer.body);
    answer.location()
}

/// The parameters of a URL, in their order.
pub fn parameters(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// Name, value and sorted attributes of a `Set-Cookie` header.
pub fn set_cookie(header: &str) -> (&str, &str, Vec<&str>) {
    let (pair, attributes) = header.split_once("; ").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    (name, value, attributes)
}
