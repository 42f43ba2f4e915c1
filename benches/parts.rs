//! What the other parts cost, each beside what it cannot do without: `cargo bench --bench parts`.
//!
//! Policies by themselves; starts of the local pool; sealed cookies and the beginning of a sign-in as Rocket's local client
//! sees them, in process.

#[path = "../tests/support/agent.rs"]
#[allow(dead_code, reason = "only sign-ins are done here")]
mod agent;
mod rounds;
mod site;

use std::time::SystemTime;

use fernet::Fernet;
use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use rocket_cognito::client::CognitoClient;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::policy::{All, Any, Decision, Not, Policy, Scope, Scopes};
use rocket_cognito::{CognitoUser, Group};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use agent::Agent;
use rounds::{Case, compare};
use site::app;
use site::process::free_port;

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Suspended;
impl Group for Suspended {
    const NAME: &'static str = "suspended";
}

struct OpenId;
impl Scope for OpenId {
    const NAME: &'static str = "openid";
}

/// What is left of a pool at which somebody has signed in.
struct SignedIn {
    client: CognitoClient,
    user: CognitoUser,
    /// Of an app whose sessions have limits.
    settings: Value,
    /// The cookies of a session there, as a header.
    cookies: String,
    /// Of the sealed one among them.
    sealed_bytes: usize,
}

impl SignedIn {
    async fn new() -> Self {
        let port = free_port();
        let origin = format!("http://localhost:{port}");
        let (callback, home) = (format!("{origin}/cb"), format!("{origin}/"));
        let client = LocalClient::new("shop").callback_url(&callback).logout_url(&home);
        let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap();
        let (issuer, user_pool_id) = (pool.issuer(), pool.user_pool_id().to_owned());
        let keys = [("user_pool_id", &*user_pool_id), ("client_id", "shop"), ("issuer", &*issuer)];
        let jwks = CognitoClient::new(keys).unwrap().jwks().await.unwrap().to_string();
        let table = json!({
            "user_pool_id": user_pool_id, "client_id": "shop", "issuer": issuer, "jwks": jwks,
            "domain": pool.base_url(), "redirect_url": callback, "logout_url": home,
            "login_redirect": "/open", "secret_keys": "0123456789abcdefghijklmnopqrstuvwxyz",
            "refresh_flow_enabled": true, "session_idle_seconds": 86_400,
        });
        let client = CognitoClient::new(table.as_object().unwrap().clone()).unwrap();
        let token = pool.sign_in("alice", "shop").unwrap().access_token;
        let user = client.verify_access_token(&token, SystemTime::now()).await.unwrap();

        let settings = json!({ "port": port, "cognito": table });
        let rocket = app::rocket(&settings).ignite().await.unwrap();
        let shutdown = rocket.shutdown();
        let served = tokio::spawn(rocket.launch());
        let agent = Agent::new();
        while tokio::net::TcpStream::connect(("localhost", port)).await.is_err() {
            tokio::task::yield_now().await;
        }
        let landed = agent.sign_in(&format!("{origin}/auth/login"), "alice").await;
        assert_eq!(landed.body, "Hello");
        shutdown.notify();
        served.await.unwrap().unwrap();
        pool.stop().await;
        let cookies = agent.cookies();
        let sealed_bytes = cookies["cognito_refresh_token"].len();
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        SignedIn { client, user, settings, cookies: pairs.join("; "), sealed_bytes }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let signed_in = runtime.block_on(SignedIn::new());
    policies(&signed_in.user);
    sessions(&runtime, &signed_in);
    sign_ins(&runtime, &signed_in);
    launches(&runtime);
}

fn launches(runtime: &Runtime) {
    let launch = |id: &str| {
        let config = LocalPoolConfig::default().port(0).user_pool_id(id);
        runtime.block_on(async { LocalPool::start(config).await.unwrap().stop().await });
    };
    compare(
        "The start and stop of a local pool",
        vec![
            Case::new("a later one of its id", |_| launch("eu-west-1_Later")),
            Case::new("the first of its id, which makes keys", |n| launch(&format!("eu-west-1_First{n}"))),
        ],
    );
}

fn policies(user: &CognitoUser) {
    fn granted<P: Policy>(user: &CognitoUser, now: SystemTime) {
        assert!(matches!(P::check(user, now), Decision::Granted));
    }
    let now = SystemTime::now();
    let groups: Vec<&str> = user.groups().iter().map(String::as_str).collect();
    let scopes: Vec<&str> = user.scopes().collect();
    compare(
        "A policy that grants",
        vec![
            Case::new("one string found in a list", |_| assert!(groups.contains(&Admin::NAME))),
            Case::new("one string found among the user's groups", |_| {
                assert!(user.groups().iter().any(|group| group == Admin::NAME));
            }),
            Case::new("a Group", |_| granted::<Admin>(user, now)),
            Case::new("All of two groups", |_| granted::<All<(Admin, Admin)>>(user, now)),
            Case::new("Any of two groups, by the second", |_| granted::<Any<(Suspended, Admin)>>(user, now)),
            Case::new("Not a group", |_| granted::<Not<Suspended>>(user, now)),
        ],
    );
    compare(
        "A policy of scopes that grants",
        vec![
            Case::new("one string found in a list", |_| assert!(scopes.contains(&OpenId::NAME))),
            Case::new("one string found among the user's scopes", |_| {
                assert!(user.scopes().any(|scope| scope == OpenId::NAME));
            }),
            Case::new("Scopes of one", |_| granted::<Scopes<(OpenId,)>>(user, now)),
        ],
    );
}

/// An app with these settings, and nothing between it and the caller.
struct App<'a> {
    runtime: &'a Runtime,
    client: Client,
}

impl<'a> App<'a> {
    fn new(runtime: &'a Runtime, settings: &Value) -> Self {
        let client = runtime.block_on(Client::untracked(app::rocket(settings))).unwrap();
        App { runtime, client }
    }

    fn get(&self, path: &str, cookies: &str, status: Status) {
        let request = self.client.get(path).header(Header::new("Cookie", cookies.to_owned()));
        let answer = self.runtime.block_on(request.dispatch());
        assert_eq!(answer.status(), status);
    }
}

fn sessions(runtime: &Runtime, signed_in: &SignedIn) {
    let SignedIn { settings, cookies, sealed_bytes, .. } = signed_in;
    let mut without_limits = settings.clone();
    without_limits["cognito"].as_object_mut().unwrap().remove("session_idle_seconds");
    let (limited, unlimited) = (App::new(runtime, settings), App::new(runtime, &without_limits));
    let fernet = Fernet::new(&Fernet::generate_key()).unwrap();
    // Version, time, initialisation vector, padding and MAC are 57 bytes and more.
    let record = vec![b'x'; sealed_bytes / 4 * 3 - 64];
    let sealed = fernet.encrypt(&record);
    println!("\nThe sealed cookie has {sealed_bytes} bytes, Fernet's {}.", sealed.len());
    compare(
        "A session whose sealed cookie is opened for each request",
        vec![
            Case::new("Fernet, decryption", |_| fernet.decrypt(&sealed).unwrap()),
            Case::new("Fernet, encryption", |_| fernet.encrypt(&record)),
            Case::new("open route, the cookies sent", |_| unlimited.get("/open", cookies, Status::Ok)),
            Case::new("CognitoUser, no limits: it stays sealed", |_| {
                unlimited.get("/user", cookies, Status::Ok);
            }),
            Case::new("CognitoUser, session_idle_seconds: opened", |_| {
                limited.get("/user", cookies, Status::Ok);
            }),
        ],
    );
}

fn sign_ins(runtime: &Runtime, signed_in: &SignedIn) {
    let app = App::new(runtime, &signed_in.settings);
    compare(
        "The beginning of a sign-in",
        vec![
            Case::new("112 random bytes and their SHA-256", |_| {
                let bytes: [u8; 32] = rand::random();
                let (more, verifier): ([u8; 32], [u8; 48]) = (rand::random(), rand::random());
                (bytes, more, Sha256::digest(verifier))
            }),
            Case::new("CognitoClient::authorization", |_| signed_in.client.authorization().begin().unwrap()),
            Case::new("open route", |_| app.get("/open", "", Status::Ok)),
            Case::new("GET /auth/login", |_| app.get("/auth/login", "", Status::SeeOther)),
        ],
    );
}
