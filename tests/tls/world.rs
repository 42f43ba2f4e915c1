//! An app in a process of its own, and a pool of two HTTPS servers.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Authority, Manner, PemFile, TlsServer, Visit};
use crate::support::agent::{Agent, Page};
use crate::support::forge::{CLIENT_ID, Key, POOL_ID, access_claims, id_claims, with};
use crate::support::free_port;
use crate::support::quickstart::Quickstart;

pub const CLIENT_SECRET: &str = "client-s3cret-canary";
pub const CODE: &str = "c0de-canary";
pub const REFRESH: &str = "refresh-t0ken-canary";

/// The root that the app trusts.
pub static ROOT: LazyLock<Authority> = LazyLock::new(|| Authority::new("the root"));
/// The pool's key for tokens.
pub static KEY: LazyLock<Key> = LazyLock::new(|| Key::new("pool"));

/// An app, and the two servers that it takes for its pool.
pub struct World {
    pub keys: TlsServer,
    pub pool: TlsServer,
    pub app: Quickstart,
    _roots: PemFile,
}

impl World {
    pub async fn start(manner: Manner) -> Self {
        World::start_with(manner, "localhost", &[]).await
    }

    /// An app that knows its servers by this name of loopback, with more variables in its environment.
    pub async fn start_with(manner: Manner, host: &str, more: &[(&str, &str)]) -> Self {
        let (keys, pool) = (TlsServer::start(manner.clone()).await, TlsServer::start(manner).await);
        keys.serve("/jwks.json", json!({ "keys": [KEY.jwk()] }));
        let (roots, port) = (ROOT.file(), free_port());
        let origin = format!("http://localhost:{port}");
        let variables = [
            ("SSL_CERT_FILE", roots.path()),
            ("ROCKET_COGNITO_LOCAL_POOL", "false"),
            ("ROCKET_COGNITO_USER_POOL_ID", POOL_ID),
            ("ROCKET_COGNITO_CLIENT_ID", CLIENT_ID),
            ("ROCKET_COGNITO_CLIENT_SECRET", CLIENT_SECRET),
            ("ROCKET_COGNITO_JWKS_URI", &format!("https://{host}:{}/jwks.json", keys.port())),
            ("ROCKET_COGNITO_DOMAIN", &format!("https://{host}:{}", pool.port())),
            ("ROCKET_COGNITO_REDIRECT_URL", &format!("{origin}/auth/callback")),
            ("ROCKET_COGNITO_LOGOUT_URL", &format!("{origin}/")),
        ];
        let app = Quickstart::spawn(port, &[&variables, more].concat()).launched().await;
        World { keys, pool, app, _roots: roots }
    }

    /// What a guard answers to a good token.
    async fn present_token(&self) -> Page {
        let bearer = format!("Bearer {}", KEY.token(&access_claims()));
        let headers = [("authorization", bearer.as_str())];
        Agent::new().send(Method::GET, &self.app.url("/me"), &headers, None).await
    }

    /// A sign-in that only wants the pool's answer.
    pub async fn sign_in(&self, agent: &Agent) -> Page {
        let login = agent.get(&self.app.url("/auth/login?next=/me")).await;
        self.pool.serve("/oauth2/token", tokens(&login.location_parameter("nonce")));
        let state = login.location_parameter("state");
        agent.get(&self.app.url(&format!("/auth/callback?code={CODE}&state={state}"))).await
    }

    /// Nobody is let in, and `assert_visit` holds of whatever the servers were told.
    pub async fn assert_closed(&self, what: &str, assert_visit: impl Fn(&Visit)) {
        assert_refused(&self.present_token().await, "keys_unavailable", what);
        let agent = Agent::new();
        assert_refused(&self.sign_in(&agent).await, "pool_unavailable", what);
        assert!(agent.cookies().is_empty(), "{what}: {:?}", agent.cookies());
        assert_eq!(agent.get(&self.app.url("/me")).await.status, 401, "{what}");

        let (keys, pool) = (self.keys.visits().await, self.pool.visits().await);
        assert!(!keys.is_empty(), "{what}: the keys were asked for");
        assert_eq!(pool.len(), 1, "{what}: the code was to be exchanged, once");
        keys.iter().chain(&pool).for_each(assert_visit);
        self.app.assert_untold(CLIENT_SECRET, what);
        self.app.assert_untold(CODE, what);
    }

    /// The keys are used, and a sign-in succeeds; returns who is signed in now.
    pub async fn assert_open(&self, what: &str) -> Agent {
        assert_eq!(self.present_token().await.status, 200, "{what}:\n{}", self.app.output());
        let agent = Agent::new();
        let page = self.sign_in(&agent).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"), "{what}: {}", page.body);
        assert_eq!(agent.get(&self.app.url("/me")).await.status, 200, "{what}");
        agent
    }

    pub async fn sign_out(&self, agent: &Agent) {
        let origin = self.app.url("");
        let answer = agent.post(&self.app.url("/auth/logout"), &[("origin", &origin)], &[]).await;
        assert_eq!(answer.status, 303);
        assert!(agent.cookies().is_empty());
    }
}

#[track_caller]
fn assert_refused(page: &Page, code: &str, what: &str) {
    assert_eq!(page.status, 503, "{what}: {}", page.body);
    let body: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(body["error"], code, "{what}");
    // When the keys are asked for again is left to chance.
    assert!((1..=15).contains(&page.header("retry-after").parse().unwrap_or(0)), "{what}");
}

/// The pool's answer to the code of a sign-in with this nonce.
pub fn tokens(nonce: &str) -> String {
    let id = with(id_claims(), "nonce", nonce.into());
    let tokens = json!({
        "access_token": KEY.token(&access_claims()), "id_token": KEY.token(&id), "refresh_token": REFRESH,
        "token_type": "Bearer", "expires_in": 3600,
    });
    tokens.to_string()
}

/// Whether a server was told any of these words.
pub fn was_told(visit: &Visit, words: &[&str]) -> bool {
    let said = String::from_utf8_lossy(&visit.said);
    words.iter().any(|word| said.contains(word))
}
