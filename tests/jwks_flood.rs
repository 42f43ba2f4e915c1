//! Floods of unknown keys and herds of first visitors: few fetches, no memory, nobody else held up. Letters
//! with numbers are rows of `docs/requirements.md`; small floods are in `token/jwks`.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use figment::Figment;
use rocket::futures::future::join_all;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use support::forge::{Key, access_claims, base64url, with};
use support::server::Server;
use support::stub::{Answer, Stub};
use support::{figment, not_tested, settings};

const FLOOD: usize = 100_000;
/// Until allocator and runtime have what they need.
const WARM_UP: usize = 10_000;
/// Less than fifty bytes for each kid, which has 128.
const MEMORY: usize = 4 * 1024 * 1024;
/// As many connections as a listener lets wait (128), with ten requests each: a herd of a thousand.
const CONNECTIONS: usize = 100;
const EACH: usize = 10;
/// A guard against waiting for ever; whatever it guards takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.attach(Cognito::fairing()).mount("/", routes![me]).register("/", rocket_cognito::catchers())
}

async fn launch(figment: Figment) -> Arc<Client> {
    Arc::new(Client::untracked(build(rocket::custom(figment))).await.expect("the app launches"))
}

async fn status(app: &Client, token: &str) -> u16 {
    let header = Header::new("Authorization", format!("Bearer {token}"));
    app.get("/me").header(header).dispatch().await.status().code
}

/// A JWKS of one key.
fn published(key: &Key) -> Answer {
    Answer::ok(json!({ "keys": [key.jwk()] }).to_string())
}

/// Requests as fast as they go, whose tokens are good but for a key that nobody has heard of.
struct Flood {
    sent: Arc<AtomicUsize>,
    ebbs: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Flood {
    fn on(app: &Arc<Client>, claims: &Value) -> Self {
        let (sent, ebbs) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let claims = base64url(claims.to_string());
        let task = |_| {
            let (app, claims, sent, ebbs) = (app.clone(), claims.clone(), sent.clone(), ebbs.clone());
            tokio::spawn(async move {
                while !ebbs.load(SeqCst) {
                    assert_eq!(status(&app, &unknown(&claims)).await, 401);
                    sent.fetch_add(1, SeqCst);
                    // Nothing above waits for anything: without this the others would never have a turn.
                    tokio::task::yield_now().await;
                }
            })
        };
        Flood { tasks: (0..8).map(task).collect(), sent, ebbs }
    }

    fn sent(&self) -> usize {
        assert!(!self.tasks.iter().any(JoinHandle::is_finished), "the flood goes on");
        self.sent.load(SeqCst)
    }

    async fn end(self) {
        self.ebbs.store(true, SeqCst);
        for task in self.tasks {
            task.await.expect("each got a 401");
        }
    }
}

/// A token with the longest `kid` there may be, and a signature of the right length.
fn unknown(claims: &str) -> String {
    let header = json!({ "kid": base64url(rand::random::<[u8; 96]>()), "alg": "RS256" });
    format!(
        "{}.{claims}.{}",
        base64url(header.to_string()),
        base64url([rand::random::<[u8; 32]>(); 8].concat())
    )
}

/// The memory of this process, where the system tells it.
fn resident_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kilobytes| kilobytes * 1024)
}

/// One fetch at launch, and one for each time that ten seconds were over.
fn assert_few(fetches: usize, since: Instant) {
    let seconds = since.elapsed().as_secs();
    let most = 2 + usize::try_from(seconds / 10).unwrap();
    assert!(fetches <= most, "{fetches} fetches in {seconds} seconds");
}

/// J1, J2, J3. One after the other: memory is that of the whole process, and what the others leave to the allocator would
/// hide what the first one loses.
#[rocket::async_test]
async fn floods_and_herds_are_withstood() {
    support::log::ignore();
    let scenarios = async {
        unknown_keys_cause_one_fetch_in_ten_seconds_and_leave_nothing_behind().await;
        a_new_key_is_found_amid_a_flood().await;
        a_herd_of_first_requests_causes_one_fetch().await;
    };
    timeout(PATIENCE, scenarios).await.expect("none of them hangs, for want of a fetch or otherwise");
}

/// J1.
async fn unknown_keys_cause_one_fetch_in_ten_seconds_and_leave_nothing_behind() {
    let since = Instant::now();
    let key = Key::new("pool");
    let endpoint = Stub::start(published(&key)).await;
    let app = launch(settings(&endpoint.url("/jwks.json"))).await;
    let (good, claims) = (key.token(&access_claims()), access_claims());

    let flood = Flood::on(&app, &claims);
    let mut early = None;
    // On a fast machine it takes more to see a fetch that the flood has caused.
    while flood.sent() < FLOOD || endpoint.requests() < 2 {
        assert_eq!(status(&app, &good).await, 200, "the flood holds nobody else up");
        if flood.sent() >= WARM_UP {
            early = early.or_else(resident_memory);
        }
        sleep(Duration::from_millis(1)).await;
    }
    let late = resident_memory();
    let (fetches, sent) = (endpoint.requests(), flood.sent());
    assert_few(fetches, since);
    flood.end().await;
    match early.zip(late) {
        Some((early, late)) => {
            let grown = late.saturating_sub(early);
            assert!(grown <= MEMORY, "{grown} bytes more after {sent} requests");
        }
        None => not_tested("memory, which this system does not tell"),
    }
}

/// J2, with a pool that really rotates.
async fn a_new_key_is_found_amid_a_flood() {
    let since = Instant::now();
    let client = LocalClient::new("shop").callback_url("http://localhost:8000/auth/callback");
    let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap();
    let figment = figment()
        .merge(("cognito.user_pool_id", pool.user_pool_id()))
        .merge(("cognito.client_id", "shop"))
        .merge(("cognito.domain", pool.base_url()))
        .merge(("cognito.issuer", pool.issuer()))
        .merge(("cognito.redirect_url", "http://localhost:8000/auth/callback"))
        .merge(("cognito.logout_url", "http://localhost:8000/"));
    let app = launch(figment).await;
    let access_token = || pool.sign_in("alice", "shop").unwrap().access_token;
    let fetches = || pool.requests(&format!("/{}/.well-known/jwks.json", pool.user_pool_id()));

    let claims = with(with(access_claims(), "iss", pool.issuer().into()), "client_id", "shop".into());
    let flood = Flood::on(&app, &claims);
    let old = access_token();
    pool.rotate_keys();
    let new = access_token();
    let found = async {
        while status(&app, &new).await != 200 {
            assert_eq!(status(&app, &old).await, 200, "the key in force before counts on");
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(30), found).await.expect("the flood does not keep the new key out");
    let sent = flood.sent();
    while flood.sent() < sent + 1_000 {
        assert_eq!((status(&app, &old).await, status(&app, &new).await), (200, 200));
    }
    assert_few(usize::try_from(fetches()).unwrap(), since);
    flood.end().await;
    pool.stop().await;
}

/// J3, over HTTP, with a pool that answers after all of them have asked.
async fn a_herd_of_first_requests_causes_one_fetch() {
    let key = Key::new("pool");
    let (gate, answer) = published(&key).held();
    let endpoint = Stub::start(answer).await;
    let app = Server::start(settings(&endpoint.url("/jwks.json")), build).await;
    let token = key.token(&access_claims());

    let request = |end: &str| {
        format!("GET /me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{end}\r\n")
    };
    let requests = request("").repeat(EACH - 1) + &request("Connection: close\r\n");
    let ask = async |_| {
        let mut stream = TcpStream::connect(("127.0.0.1", app.port)).await.unwrap();
        stream.write_all(requests.as_bytes()).await.unwrap();
        stream
    };
    let herd = join_all((0..CONNECTIONS).map(ask)).await;
    endpoint.asked(1).await;
    drop(gate);

    let answers = join_all(herd.into_iter().map(async |mut stream| {
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        answers
    }));
    let answers = answers.await.concat();
    assert_eq!(answers.matches("HTTP/1.1 ").count(), CONNECTIONS * EACH);
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), CONNECTIONS * EACH, "{answers:.400}");
    assert_eq!(endpoint.requests(), 1);
    app.stop().await;
}
