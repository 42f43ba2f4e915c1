//! A set-up that is right, to be broken in one place.

use figment::Figment;
use figment::value::Value;
use rocket::Config;
use rocket_cognito::Cognito;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::operation::Diagnosis;

use crate::front::Front;
use crate::support::free_port;

pub const POOL_ID: &str = "eu-west-1_AbC123";
pub const CALLBACK: &str = "http://localhost:8000/auth/callback";
pub const SECRET: &str = "the-clients-secret-canary";
pub const KEY: &str = "the-sealing-key-canary-of-32-bytes-and-more";

/// An app's settings, and the pool that they are of, behind a [`Front`].
pub struct Setup {
    pub front: Front,
    _pool: LocalPool,
    figment: Figment,
}

/// The client that the pool of a right set-up has.
pub fn client() -> LocalClient {
    LocalClient::new("shop").secret(SECRET).callback_url(CALLBACK).logout_url("http://localhost:8000/")
}

impl Setup {
    pub async fn new() -> Self {
        Setup::with(LocalPoolConfig::default().client(client())).await
    }

    /// The right settings beside a pool with this client.
    pub async fn with_client(client: LocalClient) -> Self {
        Setup::with(LocalPoolConfig::default().client(client)).await
    }

    pub async fn with(config: LocalPoolConfig) -> Self {
        let front = Front::start().await;
        let url = format!("http://localhost:{}", front.port);
        let config = config.port(free_port()).user_pool_id(POOL_ID).public_url(&url);
        let pool = LocalPool::start(config).await.unwrap();
        front.lead_to(pool.address().port());
        let figment = Figment::from(Config::release_default())
            .merge(("cognito.user_pool_id", POOL_ID))
            .merge(("cognito.issuer", format!("{url}/{POOL_ID}")))
            .merge(("cognito.domain", url))
            .merge(("cognito.client_id", "shop"))
            .merge(("cognito.client_secret", SECRET))
            .merge(("cognito.redirect_url", CALLBACK))
            .merge(("cognito.logout_url", "http://localhost:8000/"))
            .merge(("cognito.secret_keys", KEY))
            .merge(("cognito.scopes", ["openid", "email"]))
            .merge(("cognito.refresh_flow_enabled", true))
            .select(Config::RELEASE_PROFILE);
        Setup { front, _pool: pool, figment }
    }

    /// The set-up with this setting instead.
    pub fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.figment = self.figment.merge((key, value.into()));
        self
    }

    /// The set-up without this setting.
    pub fn without(self, key: &str) -> Self {
        self.set(key, "")
    }

    pub fn figment(&self) -> &Figment {
        &self.figment
    }

    pub async fn diagnosis(&self) -> Diagnosis {
        let diagnosis = Cognito::diagnose(&self.figment).await;
        let texts =
            [diagnosis.to_string(), format!("{diagnosis:?}"), serde_json::to_string(&diagnosis).unwrap()];
        for text in texts {
            assert!(!text.contains(SECRET) && !text.contains(KEY), "a secret is in {text}");
        }
        assert!(self.front.requests() <= 25, "{} calls", self.front.requests());
        diagnosis
    }

    /// Holds the diagnosis to these findings, each with what its text must contain, and to no others.
    pub async fn shows(&self, expected: &[(&str, &str)]) {
        let diagnosis = self.diagnosis().await;
        let codes: Vec<_> = diagnosis.findings().map(|finding| finding.code()).collect();
        let expected_codes: Vec<_> = expected.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, expected_codes, "{diagnosis}");
        for (finding, (_, part)) in diagnosis.findings().zip(expected) {
            let text = format!("{}: {}. {}", finding.subject(), finding.problem(), finding.remedy());
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
}
