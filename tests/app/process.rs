//! The quickstart as a process of its own, beside a pool that outlives it.

use std::time::Duration;

use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::agent::Agent;
use crate::support::app::{CLIENT, SECRET_KEY};
use crate::support::free_port;
use crate::support::quickstart::Quickstart;
use crate::support::sealing::Seal;
use crate::support::{ACCESS, REFRESH};

const SECRET: &str = "s3cret-of-the-shop";

/// A pool, and the place of an app that is launched again and again.
pub struct World {
    pub pool: LocalPool,
    pub port: u16,
}

impl World {
    pub async fn start(change: impl FnOnce(LocalPoolConfig) -> LocalPoolConfig) -> Self {
        let port = free_port();
        let client = LocalClient::new(CLIENT)
            .secret(SECRET)
            .callback_url(format!("http://localhost:{port}/auth/callback"))
            .logout_url(format!("http://localhost:{port}/"));
        let config = change(LocalPoolConfig::default().port(0).client(client));
        World { pool: LocalPool::start(config).await.unwrap(), port }
    }

    /// Launches the app with these variables over those that lead it to the pool.
    pub async fn launch(&self, variables: &[(&str, &str)]) -> Quickstart {
        let origin = format!("http://localhost:{}", self.port);
        let settings = [
            ("LOCAL_POOL", "false".to_owned()),
            ("USER_POOL_ID", self.pool.user_pool_id().to_owned()),
            ("CLIENT_ID", CLIENT.to_owned()),
            ("CLIENT_SECRET", SECRET.to_owned()),
            ("DOMAIN", self.pool.base_url()),
            ("ISSUER", self.pool.issuer()),
            ("REDIRECT_URL", format!("{origin}/auth/callback")),
            ("LOGOUT_URL", format!("{origin}/")),
            ("SECRET_KEYS", SECRET_KEY.to_owned()),
            ("REFRESH_FLOW_ENABLED", "true".to_owned()),
        ];
        let settings = settings.map(|(key, value)| (format!("ROCKET_COGNITO_{key}"), value));
        let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<_> = settings.chain(variables.iter().copied()).collect();
        Quickstart::spawn(self.port, &all).launched().await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    pub async fn signed_in(&self, username: &str) -> Agent {
        let agent = Agent::new();
        let page = agent.sign_in(&self.url("/me"), username).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
        agent
    }

    /// The status of a page for who is signed in.
    pub async fn me(&self, agent: &Agent) -> u16 {
        agent.get(&self.url("/me")).await.status.as_u16()
    }

    /// Sends a request of this browser, whose answer may never come.
    pub async fn send(&self, agent: &Agent, path: &str) -> TcpStream {
        let cookies: Vec<_> = agent.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n", self.port);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(format!("{head}Cookie: {}\r\n\r\n", cookies.join("; ")).as_bytes()).await.unwrap();
        stream
    }
}

/// What came of a request before its connection ended.
pub async fn received(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A process that is killed may reset it.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

/// Lets the session expire: its access token is gone.
pub fn expire(agent: &Agent) {
    agent.drop_cookie(ACCESS);
}

/// How often the session in the browser has been renewed.
pub fn generation(agent: &Agent) -> u64 {
    let record = Seal::new(SECRET_KEY, "refresh").open(&agent.cookie(REFRESH).unwrap());
    record["generation"].as_u64().unwrap()
}

/// Waits until the process has written these words.
pub async fn said(app: &Quickstart, words: &str) {
    while !app.output().contains(words) {
        sleep(Duration::from_millis(5)).await;
    }
}
