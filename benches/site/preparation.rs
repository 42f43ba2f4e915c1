//! Settings of the app, and tokens that it accepts.

use rocket_cognito::client::CognitoClient;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::{Value, json};

pub const TOKENS: usize = 2_000;
pub const CLIENT: &str = "shop";
/// The app's, whatever its port.
pub const CALLBACK: &str = "http://localhost/cb";
pub const SECRET_KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// What a bench needs of a pool that has been stopped since.
pub struct Preparation {
    /// The app's, with the pool's keys in them; the server adds its port.
    pub settings: Value,
    /// Access and ID tokens, of one user.
    tokens: Vec<(String, String)>,
}

impl Preparation {
    /// Signs in often enough for as many tokens.
    pub async fn new() -> Self {
        Preparation::of(TOKENS).await
    }

    /// Signs in so often.
    pub async fn of(tokens: usize) -> Self {
        let pool = LocalPool::start(pool()).await.expect("a pool");
        let signed_in = || pool.sign_in("alice", CLIENT).expect("alice and the client are in the pool");
        let tokens = (0..tokens).map(|_| signed_in()).map(|it| (it.access_token, it.id_token)).collect();
        let (issuer, user_pool_id) = (pool.issuer(), pool.user_pool_id());
        let keys = [("user_pool_id", user_pool_id), ("client_id", CLIENT), ("issuer", &issuer)];
        let jwks = CognitoClient::new(keys).expect("good settings").jwks().await.expect("keys");
        let mut settings = settings(&pool);
        settings["cognito"]["jwks"] = jwks.to_string().into();
        pool.stop().await;
        Preparation { settings, tokens }
    }

    /// The same settings with another one in the table `cognito`.
    pub fn settings_with(&self, key: &str, value: impl Into<Value>) -> Value {
        let mut settings = self.settings.clone();
        settings["cognito"][key] = value.into();
        settings
    }

    /// The access tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(|(access, _)| &**access)
    }

    /// A header line for each access token.
    pub fn bearer(&self) -> Vec<String> {
        self.tokens().map(bearer).collect()
    }

    /// A header line for each session.
    pub fn sessions(&self) -> Vec<String> {
        self.tokens.iter().map(|(access, id)| session(access, id)).collect()
    }
}

/// The pool that the tokens come from, on any port.
pub fn pool() -> LocalPoolConfig {
    LocalPoolConfig::default().port(0).client(LocalClient::new(CLIENT).callback_url(CALLBACK))
}

/// Settings of an app that gets its keys from `pool`.
pub fn settings(pool: &LocalPool) -> Value {
    json!({ "cognito": {
        "user_pool_id": pool.user_pool_id(), "client_id": CLIENT, "issuer": pool.issuer(), "domain": pool.base_url(),
        "redirect_url": CALLBACK, "logout_url": "http://localhost/", "secret_keys": SECRET_KEY,
    }})
}

/// The header line with this token.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// The header line with the cookies of a session.
pub fn session(access: &str, id: &str) -> String {
    format!("Cookie: cognito_access_token={access}; cognito_id_token={id}")
}

/// The same cookies, and 200 that are none of ours.
pub fn crowded(session: &str) -> String {
    let foreign: String = (0..200).map(|number| format!("; foreign_{number}=value")).collect();
    format!("{session}{foreign}")
}
