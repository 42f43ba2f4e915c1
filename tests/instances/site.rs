//! A pool, a Redis, processes of one app, and haproxy in front of them.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rocket::futures::future::join_all;
use rocket::futures::{StreamExt, stream};
use rocket_cognito::Clock;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::store::RedisStore;
use tokio::time::{sleep, timeout};

use crate::support::app::{CLIENT, SECRET, SECRET_KEY};
use crate::support::quickstart::Quickstart;
use crate::support::redis::RedisServer;
use crate::support::slow::SlowWay;
use crate::support::{TOKEN, free_port, installed};
use crate::visitor::Visitor;

/// A guard against waiting for ever.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Site {
    pub pool: LocalPool,
    /// Where the processes think the pool's endpoints are.
    pub way: SlowWay,
    pub redis: RedisServer,
    pub store: RedisStore,
    pub processes: Vec<Quickstart>,
    pub ports: Vec<u16>,
    pub client: Client,
    example: &'static str,
    front: u16,
    _haproxy: Haproxy,
}

struct Haproxy(Child);

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Haproxy {
    /// Hands requests to any of these ports, and what one of them leaves unanswered to another.
    fn start(program: &Path, front: u16, ports: &[u16]) -> Self {
        let servers = ports.iter().map(|port| format!("    server p{port} 127.0.0.1:{port}\n"));
        let configuration = format!(
            "global\n    maxconn 4000\n\
             defaults\n    mode http\n    timeout connect 1s\n    timeout client 60s\n    timeout server 60s\n\
             listen app\n    bind 127.0.0.1:{front}\n    balance random\n    \
             default-server check inter 100 fall 1 rise 1\n    retry-on conn-failure empty-response\n    \
             option redispatch 1\n    http-request disable-l7-retry unless METH_GET\n{}",
            servers.collect::<String>()
        );
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("haproxy-{front}.cfg"));
        std::fs::write(&file, configuration).unwrap();
        let process =
            Command::new(program).args(["-q", "-f"]).arg(&file).stdin(Stdio::null()).spawn().unwrap();
        while TcpStream::connect(("127.0.0.1", front)).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::fs::remove_file(&file).unwrap();
        Haproxy(process)
    }
}

/// A pool that rotates refresh tokens, where a replaced one works for `grace` seconds more.
pub fn rotating(grace: u32) -> LocalPoolConfig {
    LocalPoolConfig::default().refresh_token_rotation(true).refresh_token_grace_seconds(grace)
}

impl Site {
    /// So many processes behind haproxy, with these variables beside those that all have. `None` where haproxy or
    /// redis-server is not installed, which it says aloud.
    pub async fn start(pool: LocalPoolConfig, processes: usize, variables: &[(&str, &str)]) -> Option<Self> {
        Site::start_example("three_instances", pool, processes, variables).await
    }

    /// Starts so many processes of this example behind haproxy, with a pool of this configuration.
    pub async fn start_example(
        example: &'static str,
        pool: LocalPoolConfig,
        processes: usize,
        variables: &[(&str, &str)],
    ) -> Option<Self> {
        let haproxy = installed("haproxy", "haproxy")?;
        let redis = RedisServer::start(&[])?;
        let front = free_port();
        let client = LocalClient::new(CLIENT)
            .secret(SECRET)
            .callback_url(format!("http://localhost:{front}/auth/callback"))
            .logout_url(format!("http://localhost:{front}/"));
        let pool = LocalPool::start(pool.port(0).client(client)).await.unwrap();
        let way = SlowWay::to(pool.base_url().rsplit(':').next().unwrap().parse().unwrap()).await;
        let store = RedisStore::from_figment(&redis.settings(), &Clock::default()).unwrap();
        let client =
            Client::builder().redirect(Policy::none()).no_proxy().tls_certs_only([]).build().unwrap();
        let ports: Vec<_> = (0..processes).map(|_| free_port()).collect();
        let _haproxy = Haproxy::start(&haproxy, front, &ports);
        let processes = Vec::new();
        let mut site = Site { example, pool, way, redis, store, processes, ports, client, front, _haproxy };
        site.processes = join_all(site.ports.iter().map(|port| site.launch(*port, variables))).await;
        site.is_up().await;
        Some(site)
    }

    /// Launches a process of the app, with these variables over those that all have.
    pub async fn launch(&self, port: u16, variables: &[(&str, &str)]) -> Quickstart {
        let settings = [
            ("INSTANCE", format!("p{port}")),
            ("PROFILE", "release".to_owned()),
            ("LOG_LEVEL", "critical".to_owned()),
            ("COGNITO_USER_POOL_ID", self.pool.user_pool_id().to_owned()),
            ("COGNITO_CLIENT_ID", CLIENT.to_owned()),
            ("COGNITO_CLIENT_SECRET", SECRET.to_owned()),
            ("COGNITO_DOMAIN", format!("http://127.0.0.1:{}", self.way.port)),
            ("COGNITO_ISSUER", self.pool.issuer()),
            ("COGNITO_REDIRECT_URL", self.url("/auth/callback")),
            ("COGNITO_LOGOUT_URL", self.url("/")),
            ("COGNITO_SECRET_KEYS", SECRET_KEY.to_owned()),
            ("COGNITO_REFRESH_FLOW_ENABLED", "true".to_owned()),
            ("COGNITO_SESSIONS_PER_USER", "1000".to_owned()),
            ("COGNITO_SESSION_STORE", format!("redis://127.0.0.1:{}", self.redis.port)),
        ];
        let settings = settings.map(|(key, value)| (format!("ROCKET_{key}"), value));
        let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut all: Vec<_> = settings.chain(variables.iter().copied()).collect();
        // A variable without a value takes it away.
        all.retain(|(name, _)| !variables.contains(&(name, "")));
        Quickstart::spawn_example(self.example, port, &all).launched().await
    }

    /// A path at any of the processes, by way of haproxy.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.front)
    }

    /// A path at one of the processes.
    pub fn url_at(&self, number: usize, path: &str) -> String {
        format!("http://localhost:{}{path}", self.ports[number % self.ports.len()])
    }

    /// How often the pool has been asked for tokens.
    pub fn calls(&self) -> u64 {
        self.pool.requests(TOKEN)
    }

    /// Returns when haproxy has a process to hand requests to.
    async fn is_up(&self) {
        let up = async {
            while self.visitor(&[]).get(&self.url("/")).await.status != 200 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, up).await.expect("the site is up");
    }

    /// Asks for these sessions, many at once, until each is served.
    pub async fn assert_all_served(&self, visitors: &[Visitor]) {
        let served = stream::iter(visitors).map(async |visitor| {
            loop {
                let answer = visitor.get(&self.url("/me")).await;
                match answer.status {
                    200 => return,
                    503 => sleep(Duration::from_millis(50)).await,
                    _ => panic!("a session is lost: {answer:?}"),
                }
            }
        });
        timeout(PATIENCE, served.buffer_unordered(50).collect::<()>()).await.expect("all are served");
    }

    /// All these sessions are of this generation.
    pub async fn assert_generation(&self, visitors: &[Visitor], generation: u64) {
        for visitor in visitors {
            assert_eq!(self.generation(visitor).await, Some(generation));
        }
    }
}
