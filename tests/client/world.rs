//! A pool, its app clients, and clients of ours for them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use rocket_cognito::client::{ClientError, CognitoClient, TokenSet};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalTokens};
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::forge::{self, Key};

pub const CALLBACK: &str = "http://localhost:8000/signed-in";
pub const OTHER_CALLBACK: &str = "http://localhost:8000/signed-in-again";
pub const GOODBYE: &str = "http://localhost:8000/goodbye";
/// With every character that an encoding might lose.
pub const SECRET: &str = "s3cret:/+=%&~\"";
pub const TOKEN: &str = "/oauth2/token";
pub const REVOKE: &str = "/oauth2/revoke";
pub const USER_INFO: &str = "/oauth2/userInfo";

pub struct World {
    pub pool: LocalPool,
    /// For the confidential client `web`.
    pub client: CognitoClient,
}

/// People sign in through `web`, which has a secret, and `spa`, which has none; `worker` is a machine.
pub fn config() -> LocalPoolConfig {
    let app = |id: &str| {
        let app = LocalClient::new(id).callback_url(CALLBACK).callback_url(OTHER_CALLBACK);
        app.logout_url(GOODBYE)
    };
    let worker = LocalClient::new("worker").secret(SECRET).client_credentials();
    let worker = worker.scope("orders/read").scope("orders/write");
    LocalPoolConfig::default().port(0).client(app("web").secret(SECRET)).client(app("spa")).client(worker)
}

impl World {
    pub async fn start() -> Self {
        World::of(config()).await
    }

    pub async fn of(config: LocalPoolConfig) -> Self {
        let pool = LocalPool::start(config).await.unwrap();
        let client = CognitoClient::new(settings(&pool, "web")).unwrap();
        World { pool, client }
    }

    /// A client that knows nothing of the others.
    pub fn client_of(&self, client_id: &str) -> CognitoClient {
        CognitoClient::new(settings(&self.pool, client_id)).unwrap()
    }

    /// One for `web` with further settings.
    pub fn client_with(&self, more: &[(&str, &str)]) -> CognitoClient {
        let more = more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        CognitoClient::new(settings(&self.pool, "web").into_iter().chain(more)).unwrap()
    }

    pub fn key_fetches(&self) -> u64 {
        self.pool.requests(&keys_path(&self.pool))
    }

    /// The code, and the state, with which the pool answers an authorization request after a sign-in as `username`.
    pub async fn code(&self, url: &str, username: &str) -> (String, String) {
        let (agent, fields) = (Agent::new(), [("username", username), ("password", "Passw0rd!")]);
        let page = agent.open(url).await;
        let answer = agent.post(&page.location(), &[], &fields).await;
        (answer.location_parameter("code"), answer.location_parameter("state"))
    }

    /// TokenSet of a sign-in, as a program may have kept them.
    pub fn tokens(&self, username: &str) -> TokenSet {
        kept(&self.pool.sign_in(username, "web").unwrap())
    }

    /// Sets the pool's clock, and returns its time: so many seconds from now.
    pub fn in_seconds(&self, seconds: i32) -> SystemTime {
        self.pool.set_clock_skew_seconds(seconds);
        later(seconds.try_into().unwrap())
    }
}

pub fn keys_path(pool: &LocalPool) -> String {
    format!("/{}/.well-known/jwks.json", pool.user_pool_id())
}

pub fn settings(pool: &LocalPool, client_id: &str) -> Vec<(String, String)> {
    let (domain, issuer) = (pool.base_url(), pool.issuer());
    let mut settings = vec![
        ("user_pool_id", pool.user_pool_id()),
        ("client_id", client_id),
        ("domain", &domain),
        ("issuer", &issuer),
        ("redirect_url", CALLBACK),
        ("logout_url", GOODBYE),
    ];
    if client_id != "spa" {
        settings.push(("client_secret", SECRET));
    }
    settings.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A client whose keys are `key` alone, with further settings; it calls nobody but `domain`.
pub fn forged(key: &Key, domain: &str, more: &[(&str, &str)]) -> CognitoClient {
    let more: Vec<_> = more.iter().map(|(name, value)| (*name, json!(value))).collect();
    forged_with(key, domain, &more)
}

pub fn forged_with(key: &Key, domain: &str, more: &[(&str, Value)]) -> CognitoClient {
    let keys = json!({ "keys": [key.jwk()] }).to_string();
    let settings = [
        ("user_pool_id", forge::POOL_ID),
        ("client_id", forge::CLIENT_ID),
        ("client_secret", SECRET),
        ("domain", domain),
        ("redirect_url", CALLBACK),
        ("jwks", &keys),
    ];
    let settings = settings.map(|(name, value)| (name, json!(value)));
    CognitoClient::new(settings.into_iter().chain(more.iter().cloned())).unwrap()
}

pub fn kept(tokens: &LocalTokens) -> TokenSet {
    let expires_at = claims(&tokens.access_token)["exp"].as_u64().unwrap();
    TokenSet::new(&tokens.access_token, at(expires_at))
        .with_id_token(&tokens.id_token)
        .with_refresh_token(&tokens.refresh_token)
}

pub fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

pub fn now() -> SystemTime {
    SystemTime::now()
}

pub fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn later(seconds: u64) -> SystemTime {
    now() + Duration::from_secs(seconds)
}

/// The parameters of a URL, in their order.
pub fn parameters(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// The value of the one parameter `name`.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let mut values = parameters(url).into_iter().filter(|(key, _)| key == name).map(|(_, value)| value);
    let value = values.next();
    assert_eq!(values.next(), None, "{name} stands twice in {url}");
    value
}

/// What kind of error it is; there is exactly one answer.
#[track_caller]
pub fn kind<T>(result: Result<T, ClientError>) -> &'static str {
    let Err(error) = result else { return "none" };
    let kinds = [
        ("grant", error.is_invalid_grant()),
        ("token", error.is_invalid_token()),
        ("weak sign-in", error.is_insufficient_sign_in()),
        ("unavailable", error.is_unavailable()),
        ("misconfigured", error.is_misconfigured()),
    ];
    let mut kinds = kinds.into_iter().filter(|(_, is)| *is).map(|(name, _)| name);
    let kind = kinds.next().expect("a kind");
    assert_eq!(kinds.next(), None, "{error}");
    assert!(!error.to_string().contains(SECRET), "{error}");
    kind
}

/// The text of an error of this kind.
#[track_caller]
pub fn text<T>(expected: &str, result: Result<T, ClientError>) -> String {
    let error = result.err().expect("an error");
    assert_eq!(kind::<T>(Err(error.clone())), expected, "{error}");
    error.to_string()
}
