//! Settings of the app, and tokens that it accepts.

use rocket_cognito::CognitoClient;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::{Value, json};

pub const TOKENS: usize = 2_000;

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
        let config = LocalPoolConfig::default().port(0).client(LocalClient::new("shop"));
        let pool = LocalPool::start(config).await.expect("a pool");
        let signed_in = || pool.sign_in("alice", "shop").expect("alice and shop are in the pool");
        let tokens = (0..TOKENS).map(|_| signed_in()).map(|it| (it.access_token, it.id_token)).collect();
        let (issuer, user_pool_id) = (pool.issuer(), pool.user_pool_id().to_owned());
        let keys = [("user_pool_id", &*user_pool_id), ("client_id", "shop"), ("issuer", &*issuer)];
        let jwks = CognitoClient::new(keys).expect("good settings").jwks().await.expect("keys");
        let settings = json!({ "cognito": {
            "user_pool_id": user_pool_id, "client_id": "shop", "issuer": issuer, "jwks": jwks.to_string(),
            "domain": pool.base_url(), "redirect_url": "http://localhost/cb", "logout_url": "http://localhost/",
            "secret_keys": "0123456789abcdefghijklmnopqrstuvwxyz",
        }});
        pool.stop().await;
        Preparation { settings, tokens }
    }

    /// The same settings with another one in the table `cognito`.
    pub fn settings_with(&self, key: &str, value: impl Into<Value>) -> Value {
        let mut settings = self.settings.clone();
        settings["cognito"][key] = value.into();
        settings
    }

    /// A header line for each access token.
    pub fn bearer(&self) -> Vec<String> {
        self.tokens.iter().map(|(access, _)| format!("Authorization: Bearer {access}")).collect()
    }

    /// A header line for each session.
    pub fn sessions(&self) -> Vec<String> {
        let cookies = |(access, id): &(String, String)| {
            format!("Cookie: cognito_access_token={access}; cognito_id_token={id}")
        };
        self.tokens.iter().map(cookies).collect()
    }
}

/// The same cookies, and 200 that are none of ours.
pub fn crowded(session: &str) -> String {
    let foreign: String = (0..200).map(|number| format!("; foreign_{number}=value")).collect();
    format!("{session}{foreign}")
}
